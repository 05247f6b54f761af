package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/load/store"
)

// TestChangingOver follows the list "Changing over" of docs/operations.md on
// PostgreSQL: rehearsals in a schema of their own, which is dropped, the final
// load, deltas while the hospital works, the last one after the freeze, the
// sign-off, and the way back.
func TestChangingOver(t *testing.T) {
	unraced(t)
	at := postgresTarget(t)
	s := sharedRegion(t).fresh(t)
	s.write("target.dsn", at.dsn+"\n")
	s.edit("sihctl.yaml", "target: "+embedded.config, "target: {driver: postgres, dsn_file: target.dsn, schema: rehearsal}")
	engine, err := at.engine(s)
	s.check(err)
	defer engine.Close()
	live := func() bool {
		there, err := engine.Exists(t.Context(), store.Live)
		s.check(err)
		return there
	}

	// Rehearse: the second takes the place of the first unasked.
	s.must(exitDone, "migrate")
	s.edit("sihctl.yaml", "project:", "wave: rehearsed\nproject:")
	s.must(exitDone, "migrate")
	runs := regexp.MustCompile(`[a-z0-9]{26}\.json`).FindAllString(s.files("runs"), -1)
	if len(runs) != 2 {
		t.Fatalf("two rehearsals have left %v", runs)
	}
	s.must(exitDone, "rejects")
	s.must(exitDone, "review", "export", "--out", s.path("review.xlsx"))
	s.must(exitDone, "compare", runs[0][:26], runs[1][:26])
	s.must(exitDone, "rollback", "--discard-edits")
	s.must(exitUsage, "verify")
	if live() {
		t.Error("a rehearsal has touched the place of the live store")
	}

	// The night before, the first snapshot and the final load.
	s.edit("sihctl.yaml", "schema: rehearsal}", "schema: unified}")
	s.edit("sihctl.yaml", "wave: rehearsed\n", "mode: final\n")
	s.must(exitDone, "doctor")
	s.must(exitDone, "migrate")
	s.must(exitDone, "verify")

	// A delta while the hospital works, and the last one after the freeze.
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	patients := s.content("incoming/dedalus/PATIENT.csv")
	s.daysLater()
	s.write("incoming/dedalus/PATIENT.csv", patients) // nobody may be lost
	s.must(exitDone, "extract", "--again")
	s.must(exitDone, "migrate")
	s.must(exitDone, "verify")
	before := s.contents(at)
	s.lines("incoming/dedalus/SEJOUR.csv", func(n int, f []string) [][]string {
		if n == 1 {
			f[11] = "Sortie"
		}
		return [][]string{f}
	})
	s.must(exitDone, "extract", "--again")
	s.must(exitDone, "migrate")
	s.must(exitDone, "verify")

	// Sign-off, and the way back to before the last delta.
	s.must(exitDone, "reconcile")
	s.must(exitDone, "audit", "head")
	s.must(exitDone, "export", "crosswalk", "--out", s.path("crosswalk.csv"))
	s.must(exitDone, "rollback")
	if diff := cmp.Diff(before, s.contents(at)); diff != "" {
		t.Errorf("after the last delta was taken back (-before it +got):\n%.2000s", diff)
	}
}

// files lists the names in a folder of the site.
func (s *site) files(name string) (list string) {
	s.t.Helper()
	entries, err := os.ReadDir(s.path(name))
	s.check(err)
	for _, e := range entries {
		list += e.Name() + "\n"
	}
	return list
}
