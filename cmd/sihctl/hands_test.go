package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sihctl/sih/load/reconcile"
)

// declareReceipts adds to the project what a hospital declared and what its
// people counted on the server: dedalus's receipts of a year at a facility, in
// dirhams, each with so many centimes too many.
func (s *site) declareReceipts(declared, server int64) {
	s.t.Helper()
	type figure struct {
		facility string
		year     int
		amount   int64
	}
	var f figure
	for _, l := range s.reconciled().Controls {
		if l.Source == "dedalus" && l.Measure == reconcile.Receipts && l.Expected > 0 {
			f = figure{l.Facility, l.Year, l.Expected}
			break
		}
	}
	if f.amount == 0 {
		s.t.Fatal("dedalus has no receipts")
	}
	for name, n := range map[string]int64{"declared.csv": f.amount + declared, "server.csv": f.amount + server} {
		text := fmt.Sprintf("measure;facility;year;month;payer;amount\nreceipts;%s;%d;;;%d,%02d\nbilled;%s;%d;3;x;1,00\n", f.facility, f.year, n/100, n%100, f.facility, f.year)
		s.check(os.WriteFile(s.path(name), []byte(text), 0o600))
	}
	s.editConfig("path: incoming/dedalus", "path: incoming/dedalus\n    declared: declared.csv\n    server_totals: server.csv")
}

// reconciled returns the counts that load has left.
func (s *site) reconciled() *reconcile.Report {
	s.t.Helper()
	data, err := os.ReadFile(s.path("load/result.json"))
	s.check(err)
	var l struct{ Counts *reconcile.Report }
	s.check(json.Unmarshal(data, &l))
	return l.Counts
}

func (s *site) editConfig(old, new string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path("sihctl.yaml"))
	s.check(err)
	if !strings.Contains(string(data), old) {
		s.t.Fatalf("sihctl.yaml has no %q", old)
	}
	s.check(os.WriteFile(s.path("sihctl.yaml"), []byte(strings.Replace(string(data), old, new, 1)), 0o600))
}

// TestFourHands holds that a centime between the hospital's own figures and
// what was extracted is found, and that figures which agree are said to.
func TestFourHands(t *testing.T) {
	r := sharedRegion(t)
	for _, test := range []struct {
		name             string
		declared, server int64
		want             string
		code             int
	}{
		{"all agree", 0, 0, "", exitDone},
		{"a declared centime", 1, 0, "declared", exitDiffers},
		{"a centime on the server", 0, -1, "server", exitDiffers},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := r.whole(t)
			s.declareReceipts(test.declared, test.server)
			e := s.must(test.code, "migrate", "--lang", "en", "--output", "json")
			var got struct{ Reconcile reconcileResult }
			s.check(json.Unmarshal([]byte(e.stdout), &got))
			for _, d := range got.Reconcile.Differences {
				if string(d.Equation) != test.want || d.Measure != "receipts" || d.Value != test.declared+test.server {
					t.Errorf("got %+v", d)
				}
			}
			if n := len(got.Reconcile.Differences); n > 1 || n == 0 && test.want != "" {
				t.Errorf("got %d differences", n)
			}
			cells, err := readCells(s.path("reconciliation.xlsx"))
			s.check(err)
			red := strings.Contains(strings.Join(cells["Summary"][:10], "\n"), "DIFFERENCE: see the checks in red")
			if red != (test.want != "") {
				t.Errorf("red is %v", red)
			}
			if n := len(cells["Runs"]); n != 6 {
				t.Errorf("the history has %d rows, want 6: two runs below the heads", n)
			}
		})
	}
	t.Run("what cannot be read", func(t *testing.T) {
		s := r.whole(t)
		s.declareReceipts(0, 0)
		s.check(os.WriteFile(s.path("declared.csv"), []byte("measure,facility,year,amount\nreceipts,,2020,many\n"), 0o600))
		s.must(exitUsage, "migrate").oneSentence(t, "declared.csv:2: amount is no number")
	})
}

// TestScope holds that what the store has against the declared scope is red.
func TestScope(t *testing.T) {
	r := sharedRegion(t)
	for _, test := range []struct {
		name, scope, said string
		code              int
	}{
		{"all", "*,yes,,the region,2026-01-05\n", "", exitDone},
		{"without allergies", "allergy,no,not asked for,the region,2026-01-05\n*,yes,,the region,2026-01-05\n", "the equations do not balance", exitDiffers},
		{"nobody accepted it", "*,yes,,,\n", "scope.csv:2: who accepted it?", exitUsage},
		{"no such table", "patients,yes,,x,\n", `scope.csv:2: "patients" is no unified table`, exitUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := r.whole(t)
			s.check(os.WriteFile(s.path("scope.csv"), []byte("table,migrated,why,accepted_by,accepted_on\n"+test.scope), 0o600))
			s.editConfig("facilities: facilities.csv", "facilities: facilities.csv\nscope: scope.csv")
			e := s.must(test.code, "migrate", "--lang", "en")
			if test.said != "" {
				e.oneSentence(t, test.said)
			}
			if test.code == exitUsage {
				return
			}
			cells, err := readCells(s.path("reconciliation.xlsx"))
			s.check(err)
			if len(cells["Scope"]) < 5 {
				t.Errorf("the sheet of the scope has %d rows", len(cells["Scope"]))
			}
		})
	}
}

// TestReconcileAlone holds that a snapshot and a store are enough, that neither
// is written to, and that what is taken from the store is missed.
func TestReconcileAlone(t *testing.T) {
	s := sharedRegion(t).whole(t)
	out := s.t.TempDir() + "/alone.xlsx"
	args := []string{"reconcile", "--lang", "en", "--snapshot", s.path("snapshots/enova"), "--snapshot", s.path("snapshots/hosix"), "--store", s.path("unified.db"), "--out", out}
	before := s.content("unified.db")
	e := s.must(exitDone, args...)
	if s.content("unified.db") != before {
		t.Error("the store is another")
	}
	if !strings.Contains(e.stdout, "equations: balanced") {
		t.Errorf("got\n%s", e.stdout)
	}
	s.execute("unified.db", "DELETE FROM diagnosis WHERE id = (SELECT min(id) FROM diagnosis WHERE source_system = 'hosix')")
	s.must(exitDiffers, args...).oneSentence(t, "the equations do not balance")
	cells, err := readCells(out)
	s.check(err)
	if !strings.Contains(strings.Join(cells["Summary"][:10], "\n"), "DIFFERENCE: see the checks in red") {
		t.Error("the Summary is not red")
	}
	s.execute("unified.db", "UPDATE source_system SET snapshot_hash = 'another' WHERE id = 'hosix'")
	s.must(exitUsage, args...).oneSentence(t, "no source of the store was loaded from it")
}
