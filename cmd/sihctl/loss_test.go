package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sihctl/sih/load/reconcile"
)

// TestPlantedLoss takes from the store what nobody but reconcile could miss,
// and holds that it is missed, by name and to the centime.
func TestPlantedLoss(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	tests := []struct {
		name, sql string
		want      []reconcile.Difference // without facility, payer, year and month
	}{
		{"a row", "DELETE FROM diagnosis WHERE id = (SELECT min(id) FROM diagnosis WHERE source_system = 'hosix')",
			[]reconcile.Difference{{Equation: reconcile.Entities, Source: "hosix", Table: "diagnosis", Value: 1}}},
		{"a row too many", `CREATE TEMP TABLE copy AS SELECT * FROM diagnosis WHERE id = (SELECT min(id) FROM diagnosis WHERE source_system = 'hosix');
			UPDATE copy SET id = '00000000000000000000000001', slot = 'again'; INSERT INTO diagnosis SELECT * FROM copy; DROP TABLE copy`,
			[]reconcile.Difference{{Equation: reconcile.Entities, Source: "hosix", Table: "diagnosis", Value: -1}}},
		{"an admission", "DELETE FROM encounter WHERE id = (SELECT min(id) FROM encounter WHERE source_system = 'enova' AND class = 'AMB')",
			[]reconcile.Difference{
				{Equation: reconcile.Entities, Source: "enova", Table: "encounter", Value: 1},
				{Equation: reconcile.Controls, Source: "enova", Measure: "outpatient_consultations", Value: 1},
			}},
		{"a centime of a bill", "UPDATE claim SET total = total - 1 WHERE id = (SELECT min(id) FROM claim WHERE source_system = 'dedalus' AND status = 'active' AND total > 1)",
			[]reconcile.Difference{
				{Equation: reconcile.Amounts, Source: "dedalus", Measure: "billed", Value: 1},
				{Equation: reconcile.Amounts, Source: "dedalus", Measure: "remaining", Value: 1},
			}},
		{"a centime too many of a receipt", "UPDATE payment SET amount = amount + 1 WHERE id = (SELECT min(p.id) FROM payment p JOIN claim c ON c.id = p.claim_id WHERE p.source_system = 'bilmed' AND p.cancelled IS NOT 1)",
			[]reconcile.Difference{
				{Equation: reconcile.Controls, Source: "bilmed", Measure: "receipts", Value: -1},
				{Equation: reconcile.Amounts, Source: "bilmed", Measure: "received", Value: -1},
				{Equation: reconcile.Amounts, Source: "bilmed", Measure: "remaining", Value: 1},
			}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := r.whole(t)
			s.execute("unified.db", test.sql)
			e := s.must(exitDiffers, "reconcile", "--lang", "en", "--output", "json")
			e.oneSentence(t, "the equations do not balance")
			var got reconcileResult
			if err := json.Unmarshal([]byte(e.stdout), &got); err != nil {
				t.Fatal(err)
			}
			if got.Balanced {
				t.Error("it is said to balance")
			}
			if diff := cmp.Diff(test.want, got.Differences, cmpopts.IgnoreFields(reconcile.Difference{}, "Facility", "Payer", "Year", "Month"),
				cmpopts.SortSlices(func(a, b reconcile.Difference) bool {
					return a.Equation+reconcile.Equation(a.Measure) < b.Equation+reconcile.Equation(b.Measure)
				})); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if i == 0 {
				text := s.must(exitDiffers, "reconcile", "--lang", "en").stdout
				if name := test.want[0].Table; !strings.Contains(text, name) {
					t.Errorf("the summary does not name %s:\n%s", name, text)
				}
			}
			cells, err := readCells(s.path("reconciliation.xlsx"))
			s.check(err)
			verdict := strings.Join(cells["Summary"][:10], "\n")
			if !strings.Contains(verdict, "DIFFERENCE: see the checks in red") || strings.Contains(verdict, "BALANCED") {
				t.Errorf("the Summary begins with\n%s", verdict)
			}
			if before := strings.Join(r.cells["Summary"][:10], "\n"); !strings.Contains(before, "BALANCED: no difference") {
				t.Errorf("without a loss the Summary begins with\n%s", before)
			}
		})
	}
}

// TestControlThatCountsNothing holds that a measure which the mapping declares
// is compared with the store, even where its condition takes in no row.
func TestControlThatCountsNothing(t *testing.T) {
	s := sharedRegion(t).whole(t)
	s.editMapping("sejour.yaml", "TYPE == 'EXT'", "TYPE == 'NONE'")
	e := s.must(exitDiffers, "migrate", "--lang", "en", "--output", "json")
	if !strings.Contains(e.stdout, "outpatient_consultations") {
		t.Errorf("the difference is not named:\n%s", e.stdout)
	}
}

// TestColumnThatNobodyMapped holds that a column which the mapping neither
// reads nor ignores is told.
func TestColumnThatNobodyMapped(t *testing.T) {
	s := sharedRegion(t).whole(t)
	s.editMapping("sejour.yaml", "MOTIF", "CCMU")
	e := s.must(0, "transform")
	if !strings.Contains(e.stderr, "table SEJOUR has columns that are neither mapped nor ignored: MOTIF") {
		t.Errorf("it is not told:\n%s", e.stderr)
	}
}
