package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
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

// TestRollbackOfEarlierVersion takes back a delta that a version of the program
// loaded which knew less of the schema. Where it cannot be told how the rows
// were, nothing is touched.
func TestRollbackOfEarlierVersion(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.into(embedded)
	s.must(exitDone, "load")
	before := s.contents(embedded)
	s.daysLater()
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	s.must(exitDone, "extract", "dedalus", "--again")
	s.stages()
	after := s.contents(embedded)
	images, err := filepath.Glob(s.path("runs/*.before/*.stage"))
	s.check(err)
	if len(images) == 0 {
		t.Fatal("the delta kept nothing of how rows were")
	}
	for _, path := range images {
		s.check(asOfVersion(path, 2))
	}

	whole, err := os.ReadFile(images[0])
	s.check(err)
	damaged := slices.Clone(whole)
	damaged[20] ^= 1 // in its body
	s.check(os.WriteFile(images[0], damaged, 0o600))
	for range 2 { // it is there for the second try as well
		s.must(exitUsage, "rollback", "--discard-edits").oneSentence(t, "how the rows were before the run cannot be told", "hint: restore the file")
	}
	if diff := cmp.Diff(after, s.contents(embedded)); diff != "" {
		t.Errorf("after it was refused (-before +got):\n%.2000s", diff)
	}
	s.check(os.WriteFile(images[0], whole, 0o600))
	s.must(exitDone, "rollback")
	if diff := cmp.Diff(before, s.contents(embedded)); diff != "" {
		t.Errorf("taken back (-before the delta +got):\n%.2000s", diff)
	}
}

// asOfVersion writes a file of the stage's format anew, as a program would have
// that knew the schema of a version.
func asOfVersion(path string, version int) error {
	r, err := stage.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	var tables []*sih.Table
	for _, t := range store.SchemaAt(version).Tables {
		if sih.TableByName(t.Name) != nil {
			tables = append(tables, t)
		}
	}
	w := stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(r.Meta)
	clear(w.Meta.Entities)
	for e, err := range r.Entities() {
		if err != nil {
			return err
		}
		then := tables[slices.IndexFunc(tables, func(t *sih.Table) bool { return t.Name == e.Table.Name })]
		old := stage.Entity{Row: e.Row, Primary: e.Primary, Facility: e.Facility, Entity: sih.Entity{Table: then}}
		for _, c := range then.Columns {
			old.Values = append(old.Values, e.Values[e.Table.Column(c.Name)])
		}
		w.Entity(&old)
	}
	if _, err := w.Close(path); err != nil {
		return err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	mark := stage.FingerprintOf(tables)
	copy(file[8:], mark[:]) // behind the magic
	return os.WriteFile(path, file, 0o600)
}
