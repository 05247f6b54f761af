package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
)

// lines rewrites a file of the site's source line by line; the first line is
// its heading.
func (s *site) lines(name string, fn func(n int, fields []string) [][]string) {
	s.t.Helper()
	end := "\n"
	text := s.content(name)
	if strings.Contains(text, "\r\n") {
		end = "\r\n"
	}
	var out []string
	for n, line := range strings.Split(strings.TrimSuffix(text, end), end) {
		if n == 0 {
			out = append(out, line)
			continue
		}
		for _, fields := range fn(n, strings.Split(line, ";")) {
			out = append(out, strings.Join(fields, ";"))
		}
	}
	if got := strings.Join(out, end) + end; got != text {
		s.write(name, got)
		return
	}
	s.t.Fatalf("%s was not changed", name)
}

// daysLater changes the source as a hospital does in a few days: rows are
// changed, removed and added; a patient is new and another is gone from the
// list of patients, with the stays still there.
func (s *site) daysLater() {
	s.t.Helper()
	s.lines("incoming/dedalus/SEJOUR.csv", func(n int, f []string) [][]string {
		if n%5 == 3 {
			f[11] = "Controle"
		}
		return [][]string{f}
	})
	s.lines("incoming/dedalus/CONSTANTE.csv", func(n int, f []string) [][]string {
		if n%9 == 4 {
			return nil
		}
		return [][]string{f}
	})
	var spare string
	s.lines("incoming/dedalus/PATIENT.csv", func(n int, f []string) [][]string {
		switch n {
		case 2: // gone: what hangs on it is not loaded any more
			return nil
		case 3:
			f[18] = "20100" // moved
		case 4:
			spare = f[0]
			fresh := slices.Clone(f)
			fresh[1], fresh[2], fresh[4], fresh[6], fresh[8], fresh[11], fresh[16] = "00990001", "ZEROUALI", "Itto", "03/02/1951", "ZZ990017", "", ""
			return [][]string{f, fresh}
		}
		return [][]string{f}
	})
	s.lines("incoming/dedalus/COUVERTURE.csv", func(n int, f []string) [][]string {
		if n == 1 {
			return [][]string{f, {"990001", spare, "00990001", "AMO TADAMON", "", "ASSURE", "04/05/2025", ""}}
		}
		return [][]string{f}
	})
}

// lively reads what a store says of the living rows: without those that have
// vanished, without what tells of runs, persons named by the least of their
// records.
func lively(t *testing.T, path string) map[string][]string {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{Options: store.Options{ReadOnly: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return livelyIn(t, s)
}

// livelyIn is lively for an open store.
func livelyIn(t *testing.T, s store.Store) map[string][]string {
	t.Helper()
	all := map[string][]sih.Entity{}
	gone := map[sih.ID]bool{}
	for _, table := range sih.Tables {
		for e, err := range s.Rows(context.Background(), table) {
			if err != nil {
				t.Fatal(err)
			}
			if table.Name == "source_record" && e.Get("state").String() == "gone" {
				gone[e.Values[0].ID()] = true
				continue
			}
			all[table.Name] = append(all[table.Name], e)
		}
	}
	name := map[sih.ID]sih.ID{}
	for _, e := range all["source_person"] { // in the order of ids
		if p := e.Get("person_id").ID(); !gone[e.Values[0].ID()] && name[p] == (sih.ID{}) {
			name[p] = e.Values[0].ID()
		}
	}
	out := map[string][]string{}
	for _, table := range sih.Tables {
		switch table.Name {
		case "migration_run", "load_chunk", "merge_decision", "count_check":
			continue
		}
		list := []string{}
		for _, e := range all[table.Name] {
			id := e.Values[0].ID()
			if table.Name == "person" && name[id] == (sih.ID{}) || table.Name != "person" && gone[id] {
				continue
			}
			var b strings.Builder
			for i, c := range table.Columns {
				v := e.Values[i]
				switch {
				case c.Clock, c.Name == "run_id", c.Name == "link_method", c.Name == "link_weight", c.Name == "row_hash" && table.Name == "person",
					table.Name == "field_provenance" && c.Name == "id":
					continue
				case v.Kind() == sih.KindID && name[v.ID()] != (sih.ID{}) && (c.Ref == "person" || table.Name == "person" || c.Name == "entity_id"):
					v = sih.IDValue(name[v.ID()])
				}
				fmt.Fprintf(&b, "%s=%q | ", c.Name, v.String())
			}
			list = append(list, b.String())
		}
		slices.Sort(list)
		out[table.Name] = list
	}
	return out
}

// deltaUpon migrates a region, and makes a second snapshot of one of its sources.
func deltaUpon(t *testing.T, r *province) *site {
	s := r.whole(t)
	s.edit("sihctl.yaml", "project:", "mode: final\nproject:")
	s.must(exitDone, "migrate", "--replace")
	s.daysLater()
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	s.must(exitDone, "extract", "dedalus", "--again")
	return s
}

// TestDelta holds that a full load and a delta leave the rows of a full load of
// the second snapshot, that persons keep their ids, and that it can be taken
// back.
func TestDelta(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := deltaUpon(t, r)
	before := identities(t, s.path("unified.db"))
	was, err := readTables(s.path("unified.db"))
	s.check(err)
	for _, stage := range []string{"transform", "match"} {
		s.must(exitDone, stage)
	}
	var report pipeline.LoadReport
	s.check(json.Unmarshal([]byte(s.must(exitDone, "load", "--output", "json").stdout), &report))
	d := report.Delta
	if d == nil || d.New == 0 || d.Changed == 0 || d.Vanished == 0 || len(d.Kept) != 0 || d.Unchanged < 10*(d.New+d.Changed) {
		t.Fatalf("the delta found %+v", d)
	}
	s.must(exitDone, "verify")
	whole := r.whole(t)
	whole.daysLater()
	whole.must(exitDone, "extract", "dedalus", "--again")
	whole.must(exitDone, "migrate")
	compare(t, "living rows", lively(t, whole.path("unified.db")), lively(t, s.path("unified.db")))
	for _, of := range []*site{s, whole} {
		of.must(exitDone, "reconcile")
	}
	compare(t, "sheet", sheetsOfLiving(t, whole), sheetsOfLiving(t, s))
	after := identities(t, s.path("unified.db"))
	for record, person := range before {
		if after[record] != person {
			t.Errorf("record %s was %s and is %s", record, person, after[record])
		}
	}
	if len(after) != len(before)+1 {
		t.Errorf("%d records after %d", len(after), len(before))
	}
	// Again, there is nothing to do.
	var again pipeline.LoadReport
	s.check(json.Unmarshal([]byte(s.must(exitDone, "load", "--output", "json").stdout), &again))
	if again.Skipped != again.Chunks {
		t.Errorf("loaded again: %+v", again)
	}
	// Taken back, the store is to the last clock as it was before; done once
	// more, it is as it has been.
	delta := lively(t, s.path("unified.db"))
	s.must(exitUsage, "rollback", d.Base) // the delta stands upon it
	s.must(exitDone, "rollback")
	back, err := readTables(s.path("unified.db"))
	s.check(err)
	compare(t, "after the rollback", was, back)
	s.must(exitDone, "load")
	compare(t, "loaded once more", delta, lively(t, s.path("unified.db")))
	s.must(exitDone, "verify")
	// A second delta, in which some of what had vanished is there again.
	for _, of := range []*site{s, whole} {
		for _, name := range []string{"incoming/dedalus/CONSTANTE.csv", "incoming/dedalus/PATIENT.csv"} {
			of.write(name, (&site{t: t, dir: r.dir}).content(name))
		}
		of.must(exitDone, "extract", "dedalus", "--again")
		of.must(exitDone, "migrate")
	}
	s.must(exitDone, "verify")
	compare(t, "living rows after a second delta", lively(t, whole.path("unified.db")), lively(t, s.path("unified.db")))
	s.must(exitDone, "rollback")
	compare(t, "the second delta taken back", delta, lively(t, s.path("unified.db")))
}

// sheetsOfLiving reads what a workbook counts in the store. The history of runs
// and of merges, and what is drawn by the run's id, are its own.
func sheetsOfLiving(t *testing.T, s *site) map[string][]string {
	t.Helper()
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	out := map[string][]string{}
	for _, name := range []string{"Control totals", "Amounts", "Sequences", "Hash totals", "Identifiers", "Dates and text", "Safety", "Codes", "Completeness"} {
		if len(cells[name]) == 0 {
			t.Errorf("there is no sheet %s", name)
		}
		out[name] = cells[name]
	}
	return withoutClocks(out)
}

// TestDeltaKeepsEdits holds that what somebody changes in the store is neither
// overwritten by a delta nor by its rollback.
func TestDeltaKeepsEdits(t *testing.T) {
	s := deltaUpon(t, sharedRegion(t))
	s.must(exitDone, "transform")
	s.must(exitDone, "match")
	id := s.ask("unified.db", "SELECT id FROM encounter WHERE source_system = 'dedalus' AND source_key LIKE '%200000003%'")
	s.execute("unified.db", "UPDATE encounter SET reason = 'theirs' WHERE id = '"+id+"'")
	e := s.must(exitDiffers, "load")
	e.oneSentence(t, "1 of the rows that the delta would change")
	if !strings.Contains(e.stdout, id) {
		t.Errorf("the row is not listed:\n%s", e.stdout)
	}
	if got := s.ask("unified.db", "SELECT reason FROM encounter WHERE id = '"+id+"'"); got != "theirs" {
		t.Errorf("their edit became %q", got)
	}
	s.must(exitDiffers, "verify")
	other := s.ask("unified.db", "SELECT id FROM encounter WHERE reason = 'Controle' LIMIT 1")
	s.execute("unified.db", "UPDATE encounter SET reason = 'theirs too' WHERE id = '"+other+"'")
	e = s.must(exitDiffers, "rollback")
	if !strings.Contains(e.stdout, other) || strings.Contains(e.stdout, id) {
		t.Errorf("not the row that was changed since is listed:\n%s", e.stdout)
	}
	// So is a row that they gave to another person, and one that they removed; not
	// one that the delta has not touched.
	moved := s.ask("unified.db", "SELECT id FROM encounter WHERE reason = 'Controle' LIMIT 1")
	s.execute("unified.db", "UPDATE encounter SET person_id = (SELECT min(id) FROM person) WHERE id = '"+moved+"'")
	lost := s.ask("unified.db", "SELECT id FROM encounter WHERE reason = 'Controle' AND id <> '"+moved+"' LIMIT 1")
	s.execute("unified.db", "DELETE FROM encounter WHERE id = '"+lost+"'; DELETE FROM immunization WHERE rowid = 1")
	var found struct{ Differences []store.Difference }
	s.check(json.Unmarshal([]byte(s.must(exitDiffers, "rollback", "--output", "json").stdout), &found))
	kinds := map[string]store.DifferenceKind{}
	for _, d := range found.Differences {
		kinds[d.ID] = d.Kind
	}
	if want := map[string]store.DifferenceKind{other: store.Changed, moved: store.Changed, lost: store.Missing}; !maps.Equal(kinds, want) {
		t.Errorf("listed are %v, want %v", kinds, want)
	}
	s.must(exitDone, "rollback", "--discard-edits")
	if got := s.ask("unified.db", "SELECT reason FROM encounter WHERE id = '"+id+"'"); got != "theirs" {
		t.Errorf("after the rollback their edit is %q", got)
	}
	s.must(exitUsage, "rollback", "--discard-edits", strings.Repeat("0", 26))
}

// identities tells who each record of a store is.
func identities(t *testing.T, path string) map[string]string {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{Options: store.Options{ReadOnly: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[string]string{}
	if err := s.Query(context.Background(), "SELECT id, person_id FROM source_person", nil, func(r store.Row) error {
		out[strings.Clone(r.Text(0))] = strings.Clone(r.Text(1))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// ask returns the one text that a query of a store yields.
func (s *site) ask(name, query string) (text string) {
	s.t.Helper()
	db, err := sqlite.Open(s.path(name), sqlite.Options{Options: store.Options{ReadOnly: true}})
	s.check(err)
	defer db.Close()
	n := 0
	s.check(db.Query(context.Background(), query, nil, func(r store.Row) error {
		text = strings.Clone(r.Text(0))
		n++
		return nil
	}))
	if n != 1 {
		s.t.Fatalf("%s: %d rows", query, n)
	}
	return text
}
