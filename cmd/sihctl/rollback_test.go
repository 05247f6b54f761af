package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// TestRollback goes back to the store before, and forth again.
func TestRollback(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := r.whole(t)
	want, err := readTables(s.path("unified.db"))
	s.check(err)
	// A final run keeps what was there.
	s.edit("sihctl.yaml", "project:", "mode: final\nproject:")
	s.must(exitFailed, "load")
	s.must(exitDone, "migrate", "--replace")
	second, err := readTables(s.path("unified.db"))
	s.check(err)

	s.execute("unified.db", "DELETE FROM payment WHERE rowid = 1")
	e := s.must(exitDiffers, "rollback")
	e.oneSentence(t, "was changed since it was loaded")
	if !strings.Contains(e.stdout, "payment") || !strings.Contains(e.stdout, "missing") {
		t.Errorf("what was changed is not listed:\n%s", e.stdout)
	}
	var got pipeline.RollbackReport
	s.check(json.Unmarshal([]byte(s.must(exitDone, "rollback", "--discard-edits", "--output", "json").stdout), &got))
	if len(got.Left) != 1 || got.Left[0] == got.Run {
		t.Errorf("got %+v", got)
	}
	back, err := readTables(s.path("unified.db"))
	s.check(err)
	compare(t, "the store before", withoutClocks(want), withoutClocks(back))

	s.must(exitUsage, "rollback", got.Run) // it is not in the store any more
	s.must(exitUsage, "rollback", "nonsense")
	s.must(exitDone, "load", "--replace")
	s.must(exitDone, "rollback") // of what nobody has changed
	s.must(exitDone, "load", "--replace")
	forth, err := readTables(s.path("unified.db"))
	s.check(err)
	for _, tables := range []map[string][]string{second, forth} { // reconcile writes these
		delete(tables, "count_check")
		tables["load_chunk"] = slices.DeleteFunc(tables["load_chunk"], func(line string) bool { return strings.Contains(line, "count check") })
	}
	compare(t, "the run again", withoutClocks(second), withoutClocks(forth))
}
