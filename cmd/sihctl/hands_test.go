package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
)

// A figure is a line of what a hospital tells of its dedalus.
type figure struct {
	measure, facility string
	year, month       int
	payer             string // as the source calls it
	amount            int64  // a count, or centimes
}

func (f figure) money() bool { return strings.HasPrefix(f.measure, "rece") || f.isAmount() }

func (f figure) isAmount() bool {
	return slices.Contains(reconcile.Items, reconcile.Item(f.measure))
}

// figures are what dedalus's hospital would tell if nothing were lost: what
// load has counted on its rows.
func (s *site) figures() []figure {
	s.t.Helper()
	files, _ := mappings.System("dedalus")
	lists, err := mapping.LoadCodes(files)
	s.check(err)
	local := map[string]string{"": ""}
	for _, c := range lists["codes/organisme.csv"].Codes() {
		local[c.Target] = c.Code
	}
	var out []figure
	for _, l := range s.reconciled().Controls {
		if l.Source == "dedalus" {
			out = append(out, figure{string(l.Measure), l.Facility, l.Year, 0, "", l.Expected})
		}
	}
	for _, l := range s.reconciled().Amounts {
		if l.Source == "dedalus" && l.Item != reconcile.Remaining {
			f := figure{measure: string(l.Item), payer: local[l.Payer], amount: l.Expected}
			_, err := fmt.Sscanf(l.Month, "%4d-%2d", &f.year, &f.month)
			s.check(err)
			out = append(out, f)
		}
	}
	return out
}

// tell has the hospital's two files say these figures: the one that it declared
// as somebody types it, the other as its server answers totals.sql.
func (s *site) tell(declared, server []figure) {
	s.t.Helper()
	var a, b bytes.Buffer
	a.WriteString("\ufeffMeasure;Facility;Year;Amount\r\n")
	for _, f := range declared {
		switch {
		case f.isAmount():
		case f.money():
			fmt.Fprintf(&a, "%s;%s;%d;%d,%02d\r\n", f.measure, f.facility, f.year, f.amount/100, f.amount%100)
		default:
			fmt.Fprintf(&a, "%s;%s;%d;%d\r\n", f.measure, f.facility, f.year, f.amount)
		}
	}
	const head = "measure,facility,report_year,report_month,payer,amount\n"
	b.WriteString(head)
	last := ""
	for _, f := range server {
		if f.measure != last { // one statement's answer below the other's
			b.WriteString(head)
			last = f.measure
		}
		year, amount := fmt.Sprint(f.year), fmt.Sprint(f.amount)
		if f.year == 0 {
			year = "NULL"
		}
		if f.money() {
			amount = fmt.Sprintf("%d.%02d00", f.amount/100, f.amount%100)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%d,%s,%s\n", f.measure, f.facility, year, f.month, f.payer, amount)
	}
	s.check(os.WriteFile(s.path("declared.csv"), a.Bytes(), 0o600))
	s.check(os.WriteFile(s.path("server.csv"), b.Bytes(), 0o600))
	s.editConfig("path: incoming/dedalus", "path: incoming/dedalus\n    declared: declared.csv\n    server_totals: server.csv")
}

// change adds n to the first figure of a measure that is not 0.
func change(list []figure, measure string, n int64) []figure {
	list = slices.Clone(list)
	i := slices.IndexFunc(list, func(f figure) bool { return f.measure == measure && f.amount > 1 })
	list[i].amount += n
	return list
}

// without leaves out the first figure of a measure.
func without(list []figure, measure string) []figure {
	i := slices.IndexFunc(list, func(f figure) bool { return f.measure == measure && f.amount > 0 })
	return slices.Delete(slices.Clone(list), i, i+1)
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

// forgetHands takes what enova's hospital has told out of the config.
func (s *site) forgetHands() {
	s.t.Helper()
	for _, line := range []string{"    server_totals: incoming/enova/server.tsv\n", "    declared: incoming/enova/declared.csv\n"} {
		s.editConfig(line, "")
	}
}

// TestFourHands plants the loss of a row and of a centime at each of the four
// hands, and holds that each is found: by name, in red, and with the exit code.
func TestFourHands(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	type difference struct {
		by      reconcile.Equation
		measure string
		value   int64
	}
	for _, test := range []struct {
		name             string
		declared, server func([]figure) []figure
		source           func(*site) // what is lost before it is extracted
		store            string      // SQL
		want             []difference
	}{
		{name: "all agree"},
		{name: "a declared row", declared: func(l []figure) []figure { return change(l, "admissions", 1) },
			want: []difference{{reconcile.Declared, "admissions", 1}}},
		{name: "a declared centime", declared: func(l []figure) []figure { return change(l, "receipts", -1) },
			want: []difference{{reconcile.Declared, "receipts", -1}}},
		{name: "a row on the server", server: func(l []figure) []figure { return change(l, "laboratory_acts", -1) },
			want: []difference{{reconcile.Server, "laboratory_acts", -1}}},
		{name: "a centime on the server", server: func(l []figure) []figure { return change(l, "insurer_part", 1) },
			want: []difference{{reconcile.Server, "insurer_part", 1}}},
		{name: "all of a year on the server", server: func(l []figure) []figure { return without(l, "patients") },
			want: []difference{{reconcile.Server, "patients", 0}}}, // 0: by how much is not held
		{name: "a row before it is extracted", source: func(s *site) { s.dropLine("incoming/dedalus/RESULTAT_LABO.csv") },
			want: []difference{{reconcile.Declared, "laboratory_acts", 1}, {reconcile.Server, "laboratory_acts", 1}}},
		{name: "a centime before it is extracted", source: func(s *site) { s.addCentime("incoming/dedalus/REGLEMENT.csv", 5) },
			want: []difference{{reconcile.Declared, "receipts", -1}, {reconcile.Server, "receipts", -1}, {reconcile.Server, "received", -1}}},
		{name: "a row of the store", store: "DELETE FROM observation WHERE id = (SELECT min(id) FROM observation WHERE source_system = 'dedalus' AND category = 'laboratory')",
			want: []difference{{reconcile.Entities, "", 1}, {reconcile.Controls, "laboratory_acts", 1}}},
		{name: "a centime of the store", store: "UPDATE payment SET amount = amount - 1 WHERE id = (SELECT min(id) FROM payment WHERE source_system = 'dedalus' AND cancelled IS NOT 1)",
			want: []difference{{reconcile.Controls, "receipts", 1}, {reconcile.Amounts, "received", 1}, {reconcile.Amounts, "remaining", -1}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := r.whole(t)
			declared := s.figures()
			server := declared
			if test.declared != nil {
				declared = test.declared(declared)
			}
			if test.server != nil {
				server = test.server(server)
			}
			s.tell(declared, server)
			if test.source != nil {
				test.source(s)
				s.remove("snapshots/dedalus")
			}
			if test.store != "" {
				s.execute("unified.db", test.store)
			}
			command, code := "reconcile", exitDone
			if test.source != nil {
				command = "migrate"
			}
			if test.want != nil {
				code = exitDiffers
			}
			e := s.must(code, command, "--lang", "en", "--output", "json")
			var got reconcileResult
			if command == "migrate" {
				var all struct{ Reconcile reconcileResult }
				s.check(json.Unmarshal([]byte(e.stdout), &all))
				got = all.Reconcile
			} else {
				s.check(json.Unmarshal([]byte(e.stdout), &got))
			}
			for _, d := range got.Differences {
				if d.Source != "dedalus" || !slices.ContainsFunc(test.want, func(w difference) bool {
					return w.by == d.Equation && w.measure == d.Measure && (w.value == d.Value || w.value == 0)
				}) {
					t.Errorf("got %+v", d)
				}
			}
			if len(got.Differences) != len(test.want) {
				t.Errorf("got %d differences, want %d", len(got.Differences), len(test.want))
			}
			s.isRed("reconciliation.xlsx", test.want != nil)
		})
	}
	t.Run("what cannot be read", func(t *testing.T) {
		s := r.whole(t)
		s.tell(nil, nil)
		for text, want := range map[string]string{
			"measure,facility,year,amount\nreceipts,,2020,many\n":        "declared.csv:2: amount is no number",
			"measure,facility,year,amount\nbilled,,2020,1.00\n":          "declared.csv:2: billed is compared by month and payer, and there is no column month",
			"measure,facility,year,amount\nreceipts,,MMXX,1\n":           "declared.csv:2: year is no year",
			"measure,facility,year,amount\nreceptions,,2020,1\n":         `declared.csv:2: measure "receptions" is not known`,
			"measure,facility,amount\n":                                  "declared.csv:1: there is no column year",
			"measure,facility,year,month,payer,amount\nbilled,,20,13,,1": "declared.csv:2: month is no month",
		} {
			s.write("declared.csv", text)
			s.must(exitUsage, "reconcile").oneSentence(t, want)
		}
		// It is told before anything is read, not after a night of it.
		s.remove("snapshots/dedalus")
		for _, command := range []string{"migrate", "status"} {
			s.must(exitUsage, command).oneSentence(t, "declared.csv:")
		}
		if _, err := os.Stat(s.path("snapshots/dedalus")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it was extracted all the same: %v", err)
		}
	})
}

// isRed holds the Summary of a workbook to its verdict.
func (s *site) isRed(name string, want bool) {
	s.t.Helper()
	if !filepath.IsAbs(name) {
		name = s.path(name)
	}
	cells, err := readCells(name)
	s.check(err)
	if red := strings.Contains(strings.Join(cells["Summary"][:10], "\n"), "DIFFERENCE: see the checks in red"); red != want {
		s.t.Errorf("the Summary is red: %v", red)
	}
}

// keep returns what puts a file back as it is.
func (s *site) keep(name string) func() {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	s.check(err)
	return func() { s.check(os.WriteFile(s.path(name), data, 0o600)) }
}

// dropLine removes the last line of a file.
func (s *site) dropLine(name string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	s.check(err)
	data = bytes.TrimRight(data, "\r\n")
	s.check(os.WriteFile(s.path(name), data[:bytes.LastIndexByte(data, '\n')+1], 0o600))
}

// addCentime adds one to the amount in a column of the first line of a file that
// is not cancelled.
func (s *site) addCentime(name string, column int) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	s.check(err)
	lines := strings.Split(string(data), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(strings.TrimRight(l, "\r"), ";N") })
	fields := strings.Split(lines[i], ";")
	var dirhams, centimes int
	_, err = fmt.Sscanf(fields[column], "%d,%d", &dirhams, &centimes)
	s.check(err)
	fields[column] = fmt.Sprintf("%d,%02d", dirhams+(centimes+1)/100, (centimes+1)%100)
	lines[i] = strings.Join(fields, ";")
	s.check(os.WriteFile(s.path(name), []byte(strings.Join(lines, "\n")), 0o600))
}

// TestDetailsInEveryLanguage holds that the workbook can say what rules say of
// the region's faults.
func TestDetailsInEveryLanguage(t *testing.T) {
	met := map[string]bool{}
	for _, sheet := range [...]string{"Reject rows", "Excluded rows"} {
		before := len(met)
		for _, line := range sharedRegion(t).cells[sheet][4:] {
			cells := strings.Split(line, "\" \"")
			met[strings.TrimSuffix(cells[len(cells)-1], "\"]")] = true
		}
		if len(met) == before {
			t.Fatalf("no details on %s", sheet)
		}
	}
	for detail := range met {
		for _, lang := range workbook.Languages() {
			if _, ok := workbook.SayDetail(lang, detail); !ok {
				t.Errorf("%s has no words for %q", lang, detail)
			}
		}
	}
}

// TestScope holds that what the store has against the declared scope is red.
func TestScope(t *testing.T) {
	unraced(t)
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

// TestReconcileAlone holds that snapshots and a store are enough, that neither
// is written to, that what is counted again is what the project counts, and that
// what is taken from the store is missed.
func TestReconcileAlone(t *testing.T) {
	s := sharedRegion(t).whole(t)
	out := s.t.TempDir() + "/alone.xlsx"
	args := []string{"reconcile", "--lang", "en", "--store", s.path("unified.db"), "--out", out}
	for _, source := range []string{"bilmed", "dedalus", "enova", "essp", "hosix"} {
		args = append(args, "--snapshot", s.path("snapshots/"+source))
	}
	with := func(more ...string) []string { return append(slices.Clone(args), more...) }
	before := s.content("unified.db")
	for _, config := range []bool{false, true} {
		e := s.must(exitDone, args...)
		if config {
			e = s.must(exitDone, with("--config", s.path("sihctl.yaml"))...)
		}
		if !strings.Contains(e.stdout, "equations: balanced") {
			t.Errorf("got\n%s", e.stdout)
		}
		s.isRed(out, false)
		cells, err := readCells(out)
		s.check(err)
		sheets := []string{"Row counts", "Amounts", "Sequences", "Hash totals"}
		if config {
			sheets = append(sheets, "Control totals", "Tolerances")
		}
		for _, sheet := range sheets {
			want, got := s.region.cells[sheet], cells[sheet]
			if sheet == "Amounts" && !config { // without it nobody knows what the hospital has told
				enova := func(line string) bool { return strings.HasPrefix(line, `["enova"`) }
				want, got = slices.DeleteFunc(slices.Clone(want), enova), slices.DeleteFunc(slices.Clone(got), enova)
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) < 6 {
				t.Errorf("config %v, sheet %s (-project +alone):\n%s", config, sheet, diff)
			}
		}
	}
	if s.content("unified.db") != before {
		t.Error("the store is another")
	}
	if left, err := filepath.Glob(filepath.Dir(out) + "/.*"); err != nil || len(left) > 0 {
		t.Errorf("left beside the workbook: %v, %v", left, err)
	}

	// What was agreed is enforced, by whoever holds the file.
	kept := s.keep("unified.db")
	s.edit("sihctl.yaml", `"*": {rejected: 2%}`, `"*": {rejected: 0%}`)
	s.execute("unified.db", `DELETE FROM diagnosis WHERE id = (SELECT min(id) FROM diagnosis WHERE source_system = 'hosix');
		UPDATE count_check SET inserted = inserted - 1, rejected = rejected + 1 WHERE rowid = (SELECT min(rowid) FROM count_check
			WHERE measure = 'entities' AND source_system = 'hosix' AND table_name = 'diagnosis')`)
	s.must(exitDone, args...)
	s.write("scope.csv", "table,migrated,why,accepted_by,accepted_on\nallergy,no,not asked for,the region,2026-01-05\n*,yes,,the region,2026-01-05\n")
	s.must(exitDiffers, with("--config", s.path("sihctl.yaml"))...).oneSentence(t, "more was rejected than was agreed")
	kept()
	s.editConfig("facilities: facilities.csv", "facilities: facilities.csv\nscope: scope.csv")
	s.must(exitDiffers, with("--config", s.dir)...).oneSentence(t, "the equations do not balance")

	// Another mapping counts otherwise.
	own := s.t.TempDir()
	files, _ := mappings.System("bilmed")
	s.check(os.CopyFS(own+"/bilmed", files))
	name := own + "/bilmed/hasta.yaml"
	text, err := os.ReadFile(name)
	s.check(err)
	s.check(os.WriteFile(name, []byte(strings.Replace(string(text), `where: "SILINDI != '1'"`, `where: "SILINDI == '1'"`, -1)), 0o600))
	s.must(exitDiffers, with("--mapping", own)...).oneSentence(t, "the equations do not balance")

	for _, sql := range []string{
		"DELETE FROM diagnosis WHERE id = (SELECT min(id) FROM diagnosis WHERE source_system = 'hosix')",
		"UPDATE claim SET total = total - 1 WHERE id = (SELECT min(id) FROM claim WHERE source_system = 'enova' AND status = 'active' AND total > 1)",
	} {
		kept := s.keep("unified.db")
		s.execute("unified.db", sql)
		s.must(exitDiffers, args...).oneSentence(t, "the equations do not balance")
		s.isRed(out, true)
		kept()
	}
	s.execute("unified.db", "UPDATE source_system SET snapshot_hash = 'another' WHERE id = 'hosix'")
	s.must(exitUsage, args...).oneSentence(t, "no source of the store was loaded from it")
	s.execute("unified.db", "UPDATE source_system SET vendor_system = 'unheard-of' WHERE id = 'bilmed'")
	s.must(exitUsage, args...).oneSentence(t, `there is no mapping of a system called "unheard-of"`)
}
