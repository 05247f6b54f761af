package main

import (
	"fmt"
	"testing"
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
