package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSame holds that a region's store and workbook are the same to the last
// value, however often it is migrated and by however many workers, and that
// migrating what is migrated changes nothing.
func TestSame(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	for _, workers := range []string{"1", "8"} {
		s := r.fresh(t)
		s.demo("--workers", workers)
		s.equal(workers + " workers")
	}

	t.Run("from nothing", func(t *testing.T) {
		s := &site{t: t, region: r, dir: t.TempDir()}
		s.demo("--workers", "2")
		s.equal("the region made again, 2 workers")
	})

	t.Run("again", func(t *testing.T) {
		s := r.whole(t)
		e := s.demo("--output", "json")
		var got struct{ Migrate migrateResult }
		if err := json.Unmarshal([]byte(e.stdout), &got); err != nil {
			t.Fatal(err)
		}
		m := got.Migrate
		for _, x := range m.Extract {
			if !x.Skipped {
				t.Errorf("source %s was extracted again", x.Source)
			}
		}
		if m.Transform.Chunks == 0 || m.Transform.Skipped != m.Transform.Chunks {
			t.Errorf("got %d of %d chunks skipped by transform", m.Transform.Skipped, m.Transform.Chunks)
		}
		if !m.Match.Skipped {
			t.Error("the records were matched again")
		}
		if m.Load.Chunks == 0 || m.Load.Skipped != m.Load.Chunks {
			t.Errorf("got %d of %d chunks skipped by load", m.Load.Skipped, m.Load.Chunks)
		}
		s.equal("a second run")

		// The chunks are all in the store even where load has forgotten it.
		s.remove("load")
		s.demo()
		s.equal("a second load")
		s.must(exitDone, "migrate", "--lang", "en")
		s.must(exitDone, "transform")
		s.must(exitDone, "match")
		s.must(exitDone, "load")
		tables, err := readTables(s.path("unified.db"))
		s.check(err)
		for _, name := range []string{"migration_run", "load_chunk", "count_check"} {
			if got, want := len(tables[name]), len(r.tables[name]); got != want {
				t.Errorf("after migrate table %s has %d rows, want %d", name, got, want)
			}
		}
		compare(t, "after migrate: table", r.tables, tables)
	})

	if diff := strings.Join(r.tables["person"], ""); diff == "" {
		t.Error("there are no persons: nothing was compared")
	}
}
