//go:build unix

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// TestDeltaDecides holds that what a human decides between two loads is done in
// the store by a delta: two persons become one, of whom the older id survives,
// and are two again when the decision is taken back or turned about. Each time
// the living rows are those of a full load under the same decisions.
func TestDeltaDecides(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := r.whole(t)
	s.into(embedded)
	s.must(exitDone, "load")
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	was := identities(t, s.path("unified.db"))
	apart := lively(t, s.path("unified.db"))

	decide := func(of *site, verdict string) {
		t.Helper()
		if verdict != "" {
			of.fill("review.xlsx", "decided.xlsx", "", verdict)
			of.must(exitDone, "review", "import", of.path("decided.xlsx"))
			return
		}
		var list reviewListResult
		of.json(&list, "review", "list")
		of.must(exitDone, "review", "undo", fmt.Sprint(list.Decisions[0].ID))
	}
	whole := r.whole(t)
	for _, of := range []*site{s, whole} {
		of.must(exitDone, "review", "export", "--for", "vigilance", "--lang", "en", "--out", of.path("review.xlsx"))
		decide(of, "same")
		of.stages()
		of.must(exitDone, "verify")
		of.must(exitDone, "reconcile")
	}
	same := lively(t, whole.path("unified.db"))
	compare(t, "decided to be one", same, lively(t, s.path("unified.db")))

	// One person went, to the one of the smaller id, and all that was theirs.
	var gone, stays string
	for record, person := range identities(t, s.path("unified.db")) {
		if was[record] != person {
			gone, stays = was[record], person
		}
	}
	if gone == "" || stays > gone {
		t.Fatalf("person %q was given to %q", gone, stays)
	}
	if got := s.ask("unified.db", "SELECT replaced_by FROM person WHERE active = 0"); got != stays {
		t.Errorf("the person who went is replaced by %q, want %q", got, stays)
	}
	for _, table := range []string{"source_person", "person_name", "encounter", "observation"} {
		if n := s.count("SELECT count(*) FROM " + table + " WHERE person_id = '" + gone + "'"); n != 0 {
			t.Errorf("%d rows of %s are still theirs", n, table)
		}
	}
	if n := s.count("SELECT count(*) FROM merge_decision WHERE method = 'human' AND decision = 'merge' AND person_id = '" + stays + "'"); n != 1 {
		t.Errorf("%d decisions tell of it, want 1", n)
	}

	// Turned about, done again, and taken back.
	for _, verdict := range []string{"not the same", "same", ""} {
		decide(s, verdict)
		s.stages()
		s.must(exitDone, "verify")
		want := apart
		if verdict == "same" {
			want = same
		}
		compare(t, fmt.Sprintf("then decided %q", verdict), want, lively(t, s.path("unified.db")))
	}
	for record, person := range identities(t, s.path("unified.db")) {
		if was[record] != person {
			t.Errorf("record %s was %s and is %s", record, was[record], person)
		}
	}
}

// TestVanishedFollow holds that what has vanished goes where its record goes:
// to the person whom a decision has made of two, with a record that has vanished
// itself too, and back; that a delta killed on the way comes to the same, and
// that it is taken back.
func TestVanishedFollow(t *testing.T) {
	unraced(t)
	// The shared region is too small for a doubt about a record that can vanish.
	s := &site{t: t, region: sharedRegion(t), dir: filepath.Join(t.TempDir(), "p")}
	var stdout, stderr bytes.Buffer
	if c := run([]string{"demo", "--dir", s.dir, "--patients", "500", "--seed", regionSeed, "--lang", "en"}, &stdout, &stderr); c != exitDone {
		t.Fatalf("demo ended with %d: %s", c, &stderr)
	}
	s.into(embedded)
	s.must(exitDone, "load")
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	var pairs pipeline.ReviewExportReport
	s.json(&pairs, "review", "export", "--for", "vigilance", "--lang", "en", "--out", s.path("review.xlsx"))
	was := identities(t, s.path("unified.db"))

	// Every stay vanishes, and all that hangs on one.
	s.lines("incoming/dedalus/SEJOUR.csv", func(n int, f []string) [][]string { return nil })
	s.must(exitDone, "extract", "dedalus", "--again")
	s.stages()
	const vanished = " FROM encounter o JOIN source_record g ON g.id = o.id AND g.state = 'gone' JOIN source_person p ON p.id = o.source_person_id"
	gone := s.count("SELECT count(*)" + vanished)
	if gone == 0 {
		t.Fatal("nothing vanished")
	}
	before := s.contents(embedded)

	decide := func(verdict string) {
		t.Helper()
		s.fill("review.xlsx", "decided.xlsx", "", slices.Repeat([]string{verdict}, pairs.Pairs)...)
		s.must(exitDone, "review", "import", s.path("decided.xlsx"))
		s.must(exitDone, "transform")
		s.must(exitDone, "match")
	}
	followed := func(what string) (elsewhere int) {
		t.Helper()
		s.must(exitDone, "verify")
		if n := s.count("SELECT count(*)" + vanished + " WHERE o.person_id <> p.person_id"); n != 0 {
			t.Errorf("%s: %d of %d vanished rows are not of their record's person", what, n, gone)
		}
		for record, person := range identities(t, s.path("unified.db")) {
			if was[record] != person && s.count("SELECT count(*)"+vanished+" WHERE p.id = '"+record+"'") > 0 {
				elsewhere++
			}
		}
		return elsewhere
	}
	decide("same")
	s.must(exitDone, "load")
	if followed("made one") == 0 {
		t.Error("no decision moved a record with vanished rows: nothing was shown")
	}
	joined := s.contents(embedded)
	s.must(exitDone, "rollback")
	if diff := cmp.Diff(before, s.contents(embedded)); diff != "" {
		t.Errorf("taken back (-before +got):\n%.2000s", diff)
	}
	for n := range 4 { // killed as the first, the third … chunk of rows that follow is in
		killWhen(t, func() bool { return s.images() > 2*n }, 0, "load", "--project", s.dir)
	}
	s.must(exitDone, "load")
	if diff := cmp.Diff(joined, s.contents(embedded)); diff != "" {
		t.Errorf("killed on its way (-undisturbed +got):\n%.2000s", diff)
	}
	decide("not the same")
	s.must(exitDone, "load")
	if n := followed("parted again"); n != 0 {
		t.Errorf("parted again: %d records are not who they were", n)
	}
}

// images counts what deltas have kept of how rows were.
func (s *site) images() int {
	list, err := filepath.Glob(s.path("runs/*.before/*.stage"))
	s.check(err)
	return len(list)
}
