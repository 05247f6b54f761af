package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/load/store"
)

// TestVerify changes one value of every column of every table, takes a row
// from each and adds one to each, and holds that verify names exactly these.
func TestVerify(t *testing.T) {
	s := sharedRegion(t).whole(t)
	whole := s.verify(exitDone)
	if len(whole.Tables) > 0 || whole.Rows < 5000 {
		t.Fatalf("an untouched store: %d rows, differences in %v", whole.Rows, whole.Tables)
	}
	want := map[string]int{}
	note := func(d store.Difference) { want[fmt.Sprint(d.Table, " ", d.Kind, " ", d.Columns)]++ }
	var script []string
	columns := 0
	for _, table := range sih.Tables {
		rows := s.count("SELECT count(*) FROM " + table.Name)
		if !store.KeyedByID(table) || table.Name == "migration_run" || rows < int64(len(table.Columns))+2 {
			continue
		}
		at := 0
		row := func() string {
			at++
			return fmt.Sprintf("(SELECT rowid FROM %s ORDER BY rowid LIMIT 1 OFFSET %d)", table.Name, at-1)
		}
		seen := map[int]bool{}
		for _, p := range table.Physical() {
			c := &table.Columns[p.Column]
			if seen[p.Column] || c.Clock || c.Name == "run_id" || slices.Contains(table.Key, c.Name) {
				continue
			}
			// Another row's value is a fit one.
			of := row()
			if s.count(fmt.Sprintf("SELECT count(DISTINCT %s) FROM %s", p.Name, table.Name)) < 2 || c.Kind == sih.KindPDate {
				continue
			}
			seen[p.Column] = true
			columns++
			script = append(script, fmt.Sprintf("UPDATE %[1]s SET %[2]s = (SELECT o.%[2]s FROM %[1]s o WHERE o.%[2]s IS NOT (SELECT i.%[2]s FROM %[1]s i WHERE i.rowid = %[3]s) AND o.%[2]s IS NOT NULL LIMIT 1) WHERE rowid = %[3]s", table.Name, p.Name, of))
			note(store.Difference{Table: table.Name, Kind: store.Changed, Columns: []string{c.Name}})
		}
		script = append(script,
			fmt.Sprintf("CREATE TEMP TABLE copy AS SELECT * FROM %[1]s WHERE rowid = %[2]s; UPDATE copy SET %[3]s = '7zzzzzzzzzzzzzzzzzzzzzzzzz'%[4]s; INSERT INTO %[1]s SELECT * FROM copy; DROP TABLE copy",
				table.Name, row(), table.Key[0], map[bool]string{true: ", slot = 'again'"}[table.Has("slot")]),
			fmt.Sprintf("DELETE FROM %s WHERE rowid = %s", table.Name, row()))
		note(store.Difference{Table: table.Name, Kind: store.Foreign})
		note(store.Difference{Table: table.Name, Kind: store.Missing})
	}
	if columns < 200 {
		t.Errorf("only %d columns are tried", columns)
	}
	s.execute("unified.db", strings.Join(script, ";\n"))
	r := s.verify(exitDiffers)
	got := map[string]int{}
	for _, d := range r.Differences {
		got[fmt.Sprint(d.Table, " ", d.Kind, " ", d.Columns)]++
		if len(d.ID) != sih.IDLength {
			t.Errorf("a difference in %s names no row", d.Table)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || r.More {
		t.Errorf("more: %v, differences (-want +got):\n%s", r.More, diff)
	}
	s.must(exitDiffers, "verify").oneSentence(t, "the store differs from the stage")
}

// TestVerifyAgainst compares two projects' stores.
func TestVerifyAgainst(t *testing.T) {
	r := sharedRegion(t)
	a, b := r.whole(t), r.whole(t)
	if got := a.verify(exitDone, "--against", b.dir); len(got.Tables) > 0 {
		t.Errorf("two equal stores differ in %v", got.Tables)
	}
	b.execute("unified.db", "DELETE FROM payment WHERE rowid = 1")
	got := a.verify(exitDiffers, "--against", b.dir)
	if len(got.Differences) != 1 || got.Differences[0].Table != "payment" || got.Differences[0].Kind != store.Foreign {
		t.Errorf("a payment that the other store lacks: %+v", got.Differences)
	}
}

// verify runs sihctl verify.
func (s *site) verify(want int, args ...string) (r pipeline.VerifyReport) {
	s.t.Helper()
	e := s.must(want, append([]string{"verify", "--output", "json"}, args...)...)
	s.check(json.Unmarshal([]byte(e.stdout), &r))
	return r
}
