package mapping_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

var stays = mapping.Table{Name: "SEJOUR", Columns: []string{"ID", "IPP", "SITE", "TYPE", "ENTREE", "SORTIE", "ETAT", "N° lit"}}

const staysMapping = `
system: x
from: SEJOUR
key: [ID]
facility: SITE
where: "ETAT != 'X'"
excluded: deleted
to:
  encounter:
    source_person_id: {of: PATIENT, key: [IPP]}
    organisation_id: {facility: true}
    class: {from: TYPE, code: codes/type.csv}
    status: {value: finished}
    start_ts: {from: ENTREE, steps: [{datetime: yyyy-MM-dd HH:mm}]}
    end_ts: {from: SORTIE, null_if: ["-"], steps: [{datetime: yyyy-MM-dd HH:mm}]}
    reason: {from: [TYPE, ETAT], with: "/"}
  diagnosis:
    - slot: note
      needs: ["N° lit"]
      when: 'col("N° lit") startsWith "D"'
      source_person_id: {of: PATIENT, key: [IPP]}
      encounter_id: {self: encounter}
      role: {value: principal}
      code_system: {value: local}
      label: N° lit
controls:
  admissions: {count: rows, where: "TYPE == 'H'", date: ENTREE, facility: SITE}
  bed_days: {days: [ENTREE, SORTIE], date: SORTIE}
`

func setting() mapping.Setting {
	return mapping.Setting{
		Source: "s", Rules: rule.New(rule.Profile{}),
		Files: fstest.MapFS{
			"codes/open.csv":  {Data: []byte("code,label,target,status,approver\nH,stay,IMP,approved,dr\n\"")},
			"codes/short.csv": {Data: []byte("code,label,target,status,approver\nH,stay\n")},
			"codes/type.csv":  {Data: []byte("code,label,target,status,approver\nH,stay,IMP,approved,dr\nC,visit,AMB,draft,\n")}},
		Facilities: func(local string) (string, sih.ID, bool) {
			return "F" + local, sih.NewID("f", "", local, "", ""), local != "9"
		},
	}
}

func compileStays(t *testing.T, text string, table mapping.Table) *mapping.Plan {
	t.Helper()
	f, err := mapping.Parse("sejour.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := mapping.Compile(f, table, setting())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fields are the fields of a line, NULL where it says so.
func fields(line string) (row []sih.Raw) {
	for _, s := range strings.Split(line, ";") {
		if s == "NULL" {
			row = append(row, sih.Null)
		} else {
			row = append(row, sih.Text(s))
		}
	}
	return row
}

// run maps rows of texts, in which "NULL" is NULL, and reads the chunk back.
func run(t *testing.T, p *mapping.Plan, rows ...string) *stage.Reader {
	t.Helper()
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{Source: "s"})
	r := p.NewRunner(w, time.UTC)
	for n, line := range rows {
		r.Row(n, fields(line))
	}
	r.Flush()
	path := filepath.Join(t.TempDir(), "x.stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	out, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

func TestFatesOfRows(t *testing.T) {
	r := run(t, compileStays(t, staysMapping, stays),
		"1;7;1;H;2024-01-02 10:00;2024-01-05 09:00;A;D12", // two entities
		"2;7;1;C;2024-12-31 23:30;-;A;",                   // one; the local year is 2025 in no zone but UTC+1
		"3;7;1;H;2024-01-02 10:00;NULL;X;",                // excluded
		"4;7;1;H;2024-01-02 10:00;NULL;NULL;",             // a NULL in where: excluded
		"5;7;1;Z;2024-01-02 10:00;NULL;A;",                // unknown code in a required column
		"6;7;1;H;2024-02-31 10:00;NULL;A;",                // impossible date in a required column
		"7;7;9;H;2024-01-02 10:00;NULL;A;",                // no such facility
		" ;7;1;H;2024-01-02 10:00;NULL;A;",                // no key
		"8;7;1;H;2024-01-02 10:00;2024-13-01 00:00;A;",    // a warning
	)
	m := r.Meta
	got := map[string]int64{"rows": m.Rows, "accepted": m.Accepted, "rejected": m.Rejected, "excluded": m.Excluded, "warnings": m.Warnings, "encounter": m.Entities["encounter"], "diagnosis": m.Entities["diagnosis"]}
	want := map[string]int64{"rows": 9, "accepted": 3, "rejected": 4, "excluded": 2, "warnings": 1, "encounter": 3, "diagnosis": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	left, notes, err := r.Notes()
	if err != nil {
		t.Fatal(err)
	}
	var fates []string
	for _, l := range left {
		fates = append(fates, fmt.Sprint(l.Row, " ", l.State, " ", l.Reason))
	}
	wantFates := []string{"2 excluded deleted", "3 excluded deleted", "4 rejected R03", "5 rejected R02", "6 rejected R04", "7 rejected R01"}
	if diff := cmp.Diff(wantFates, fates); diff != "" {
		t.Error(diff)
	}
	for _, n := range notes {
		if strings.Contains(n.Detail, "2024") || strings.Contains(n.Detail, "Z") {
			t.Errorf("detail %q holds a value", n.Detail)
		}
	}
	if want := `{"ENTREE":"2024-01-02 10:00","ETAT":null,"ID":"4","IPP":"7","N° lit":"","SITE":"1","SORTIE":null,"TYPE":"H"}`; left[1].Content != want {
		t.Errorf("content is %s, want %s", left[1].Content, want)
	}
}

func TestEntities(t *testing.T) {
	r := run(t, compileStays(t, staysMapping, stays), "1;7 ;1;H;2024-01-02 10:00;2024-01-05 09:00;A;D12")
	patient := sih.NewID("s", "PATIENT", "7", "source_person", "")
	stay := sih.NewID("s", "SEJOUR", "1", "encounter", "")
	n := 0
	for e, err := range r.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if got := e.Get("source_person_id").ID(); got != patient {
			t.Errorf("%s points at patient %v, want %v", e.Table.Name, got, patient)
		}
		if e.Facility != "F1" || e.Get("source_key").String() != "1" {
			t.Errorf("facility %q, key %q", e.Facility, e.Get("source_key"))
		}
		switch e.Table.Name {
		case "encounter":
			if e.Values[0].ID() != stay || !e.Primary || e.Get("class").String() != "IMP" || e.Get("reason").String() != "H/A" {
				t.Errorf("encounter is %v", e.Values)
			}
			// Casablanca is an hour ahead of UTC in January 2024.
			if got := e.Get("start_ts").String(); got != "2024-01-02T09:00:00.000Z" {
				t.Errorf("start_ts is %s", got)
			}
		case "diagnosis":
			if e.Get("encounter_id").ID() != stay || e.Get("slot").String() != "note" || e.Primary {
				t.Errorf("diagnosis is %v", e.Values)
			}
		}
	}
	if n != 2 {
		t.Errorf("%d entities, want 2", n)
	}
}

func TestControls(t *testing.T) {
	plan := compileStays(t, staysMapping, stays)
	rows := []string{
		"1;7;1;H;2024-01-02 10:00;2024-01-05 09:00;A;",
		"2;7;1;H;2024-01-02 10:00;2024-01-02 19:00;X;", // excluded rows count too
		"3;7;1;C;2024-01-02 10:00;NULL;A;",
		"4;7;1;H;garbage;2024-01-02 19:00;A;",
	}
	r := run(t, plan, rows...)
	got, err := r.Controls()
	if err != nil {
		t.Fatal(err)
	}
	want := []stage.Control{
		{Row: 0, Measure: "admissions", Facility: "F1", Year: 2024, Amount: 1},
		{Row: 0, Measure: "bed_days", Year: 2024, Amount: 3},
		{Row: 1, Measure: "admissions", Facility: "F1", Year: 2024, Amount: 1},
		{Row: 1, Measure: "bed_days", Year: 2024, Amount: 1},
		{Row: 3, Measure: "admissions undated", Facility: "F1", Amount: 1},
		{Row: 3, Measure: "admissions", Facility: "F1", Amount: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Who only counts comes to the same.
	var again []stage.Control
	c := plan.NewCounter(func(x stage.Control) { again = append(again, x) })
	if c.Idle() {
		t.Error("the counter has nothing to count")
	}
	for i, text := range rows {
		c.Row(i, fields(text))
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("counted again: %s", diff)
	}
}

func TestFaultsOfMappings(t *testing.T) {
	for _, c := range []struct{ change, to, want string }{
		{"from: SEJOUR", "form: SEJOUR", `sejour.yaml:3:1: "form" is not known here; did you mean "from"?`},
		{"key: [ID]", "key: [IDX]", `sejour.yaml:4:6: key: table SEJOUR has no column "IDX"; did you mean "ID"?`},
		{"start_ts:", "start_tz:", `sejour.yaml:14:5: encounter has no column "start_tz" that a mapping may fill; did you mean "start_ts"?`},
		{"    class: {from: TYPE, code: codes/type.csv}\n", "", "encounter.class is required and not mapped"},
		{"{value: finished}", "{value: done}", "status allows"},
		{"{value: finished}", "{value: finished, from: TYPE}", "just one of"},
		{"{self: encounter}", "{self: claim}", "points at encounter, not at claim"},
		{"ETAT != 'X'", "ETAT != 1", "expression: "},
		{"ETAT != 'X'", "ETATS != 'X'", `sejour.yaml:6:8: where: table SEJOUR has no column "ETATS"; did you mean "ETAT"?`},
		{"{datetime: yyyy-MM-dd HH:mm}", "dattime", "did you mean"},
		{"encounter:", "encounters:", `no unified table is called "encounters"; did you mean "encounter"?`},
		{"excluded: deleted", "", "where needs excluded"},
		{"codes/type.csv", "codes/typ.csv", "code list"},
		{"role: {value: principal}", "role: {value: principal}\n      role: TYPE", "stands here twice"},
		{"count: rows, where", "where", "just one of count, sum and days"},
		{"{value: finished}", "{value: [", "sejour.yaml:12:1: not YAML: did not find"},
		{"codes/type.csv", "codes/open.csv", "codes/open.csv:3:2: "},
		{"codes/type.csv", "codes/short.csv", "codes/short.csv:2:1: wrong number of fields"},
	} {
		text := strings.Replace(staysMapping, c.change, c.to, 1)
		if text == staysMapping {
			t.Fatalf("%q is not in the mapping", c.change)
		}
		f, err := mapping.Parse("sejour.yaml", []byte(text))
		if err == nil {
			_, err = mapping.Compile(f, stays, setting())
		}
		var fault *mapping.Error
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", c.to, err, c.want)
		} else if !errors.As(err, &fault) && !strings.Contains(err.Error(), "code list") {
			t.Errorf("%s: %v has no place", c.to, err)
		}
	}
}

func TestRowsThatAreNoRowsBalance(t *testing.T) {
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{})
	r := compileStays(t, staysMapping, stays).NewRunner(w, time.UTC)
	r.Broken(0, "SEJOUR.csv:7", 99, "3 fields for 8", []byte("a;b;\xe9"), false)
	r.Broken(1, "A.xlsx Feuil1 row 90", 0, "a single cell is filled", []byte("Total"), true)
	if m := w.Meta; m.Rows != 2 || m.Rejected != 1 || m.Excluded != 1 {
		t.Errorf("rows %d, rejected %d", m.Rows, m.Rejected)
	}
}

// FuzzParse holds that no text makes the parser panic.
func FuzzParse(f *testing.F) {
	f.Add(staysMapping)
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := mapping.Parse("x.yaml", []byte(text)); err == nil {
			_, _ = mapping.Compile(file, stays, setting())
		}
	})
}
