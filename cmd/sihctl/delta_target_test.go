package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// TestDeltaTargets holds on every server that a full load and a delta leave the
// living rows of a full load of the second snapshot: with rows that are new,
// have changed or vanished, a person whom reviewers have parted and two whom
// they have joined in between; and that the delta is taken back to the last
// value.
func TestDeltaTargets(t *testing.T) {
	unraced(t)
	decide := func(s *site, verdicts ...string) {
		t.Helper()
		s.fill("review.xlsx", "decided.xlsx", "", verdicts...)
		s.must(exitDone, "review", "import", s.path("decided.xlsx"))
	}
	prepared := func() *site {
		s := sharedRegion(t).whole(t)
		s.must(exitDone, "review", "export", "--for", "vigilance", "--lang", "en", "--out", s.path("review.xlsx"))
		return s
	}
	whole := prepared()
	decide(whole, "not the same", "same")
	whole.daysLater()
	whole.must(exitDone, "extract", "dedalus", "--again")
	whole.stages()
	want := livelyIn(t, whole.live(embedded))
	for _, at := range servers(t) {
		t.Run(at.name, func(t *testing.T) {
			s := prepared()
			s.t = t
			decide(s, "same")
			s.into(at)
			s.stages()
			was := s.contents(at)
			decide(s, "not the same", "same")
			s.daysLater()
			s.edit("sihctl.yaml", "mode: final", "mode: delta")
			s.must(exitDone, "extract", "dedalus", "--again")
			s.must(exitDone, "transform")
			s.must(exitDone, "match")
			var report pipeline.LoadReport
			s.json(&report, "load")
			if d := report.Delta; d == nil || d.New == 0 || d.Changed == 0 || d.Vanished == 0 || len(d.Kept) != 0 {
				t.Fatalf("the delta found %+v", d)
			}
			s.must(exitDone, "verify")
			compare(t, "living rows", want, livelyIn(t, s.live(at)))
			delta := s.contents(at)
			s.must(exitDone, "rollback")
			if diff := cmp.Diff(was, s.contents(at)); diff != "" {
				t.Errorf("after the rollback (-before the delta +got):\n%.2000s", diff)
			}
			s.must(exitDone, "load")
			if diff := cmp.Diff(delta, s.contents(at)); diff != "" {
				t.Errorf("loaded once more (-first +second):\n%.2000s", diff)
			}
		})
	}
}
