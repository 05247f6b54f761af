package match_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih/transform/match"
)

// BenchmarkSpelling compares two names of eight letters.
func BenchmarkSpelling(b *testing.B) {
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

// BenchmarkCompare compares a region's candidate pairs in all fields, on one
// core: as a run does, which gives up a pair once it is settled, and whole.
func BenchmarkCompare(b *testing.B) {
	score := link(b, loadPatient(b), newRegion(115_000, 3).records, match.Options{}).Scoring()
	for _, whole := range []bool{false, true} {
		name := map[bool]string{false: "until-settled", true: "whole"}[whole]
		b.Run(name, func(b *testing.B) {
			pairs, begin := uint64(0), processorTime(b)
			for b.Loop() {
				pairs += score(whole)
			}
			b.ReportMetric(float64(pairs)/(processorTime(b)-begin).Seconds(), "pairs/s/core")
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
			for b.Loop() {
				link(b, m, r.records, match.Options{})
			}
			b.ReportMetric(float64(len(r.records)), "records")
		})
	}
}
