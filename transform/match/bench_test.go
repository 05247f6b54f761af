package match_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih/transform/match"
)

// BenchmarkCompare compares two names of eight letters.
func BenchmarkCompare(b *testing.B) {
	jaro, edits := match.Compare([]byte("mohammed"), []byte("mouhamed"))
	for _, bb := range []struct {
		name string
		run  func() int
	}{{"jaro-winkler", jaro}, {"edits", edits}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.run()
			}
		})
	}
}

// BenchmarkRun matches a region whole: adding the records, blocking, scoring
// and clustering.
func BenchmarkRun(b *testing.B) {
	for _, persons := range []int{20_000, 115_000} {
		b.Run(fmt.Sprintf("persons=%d", persons), func(b *testing.B) {
			r := newRegion(persons, 3)
			m := loadPatient(b)
			b.ReportAllocs()
			b.ResetTimer()
			var scored uint64
			for b.Loop() {
				res := link(b, m, r.records, match.Options{})
				for _, p := range res.Stats.Passes {
					scored += p.Scored
				}
			}
			b.ReportMetric(float64(len(r.records)), "records")
			b.ReportMetric(float64(scored)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}
