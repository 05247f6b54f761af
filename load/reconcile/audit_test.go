package reconcile_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/load/reconcile"
)

func TestSequences(t *testing.T) {
	var s reconcile.Sequences
	add := func(facility string, year int, numbers ...string) {
		for _, n := range numbers {
			s.Add(reconcile.SeriesKey{Source: "a", Kind: "invoice", Facility: facility, Year: year}, n)
		}
	}
	// One count over two facilities: what the other gave is not missing.
	add("H1", 2024, "F-001", "F-003", "F-008")
	add("H2", 2024, "F-002", "F-005", "F-005")
	add("H2", 2025, "x", "", "99999999999999999999")
	key := func(facility string, year int, prefix string) reconcile.SeriesKey {
		return reconcile.SeriesKey{Source: "a", Kind: "invoice", Facility: facility, Year: year, Prefix: prefix}
	}
	want := []reconcile.SeriesLine{
		{SeriesKey: key("H1", 2024, "F-"), Count: 3, Smallest: 1, Largest: 8, Missing: 3, Gaps: []reconcile.Gap{{First: 4, Last: 4}, {First: 6, Last: 7}}},
		{SeriesKey: key("H2", 2024, "F-"), Count: 3, Smallest: 2, Largest: 5, Missing: 1, Gaps: []reconcile.Gap{{First: 4, Last: 4}}, Repeated: 2},
		{SeriesKey: key("H2", 2025, ""), Unnumbered: 3},
	}
	if diff := cmp.Diff(want, s.Lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSampleSize(t *testing.T) {
	tests := []struct {
		population            int64
		confidence, tolerable float64
		want                  int64
	}{
		{0, 0.95, 0.01, 0},
		{1, 0.95, 0.01, 1},
		{50, 0.95, 0.01, 48},          // one wrong one of fifty: all but two
		{30_000_000, 0.95, 0.01, 299}, // the figure of the auditors' tables
		{30_000_000, 0.95, 0.05, 59},
		{30_000_000, 0.99, 0.01, 459},
		{100, 1, 0.01, 100},
	}
	for _, tt := range tests {
		got := reconcile.SampleSize(tt.population, tt.confidence, tt.tolerable)
		if got != tt.want {
			t.Errorf("%d at %v, %v: got %d, want %d", tt.population, tt.confidence, tt.tolerable, got, tt.want)
		}
	}
	// By its definition, computed another way for a population of 500: with 6
	// wrong ones none is drawn with a chance of at most 5 %, and one fewer
	// would not do.
	n := reconcile.SampleSize(500, 0.95, 0.01)
	miss := func(n int64) float64 {
		p := 1.0
		for i := range int64(6) {
			p *= float64(500-n-i) / float64(500-i)
		}
		return p
	}
	if miss(n) > 0.05+1e-12 || miss(n-1) <= 0.05 {
		t.Errorf("%d of 500 miss with %v, one fewer with %v", n, miss(n), miss(n-1))
	}
}

func TestAllot(t *testing.T) {
	got := reconcile.Allot(10, []int64{0, 2, 10_000, 100, 1})
	var sum int64
	for _, n := range got {
		sum += n
	}
	if sum != 10 || got[0] != 0 || got[1] < 1 || got[1] > 2 || got[4] != 1 || got[2] <= got[3] {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff([]int64{3, 2}, reconcile.Allot(99, []int64{3, 2})); diff != "" {
		t.Errorf("more than there are (-want +got):\n%s", diff)
	}
}

// Every number is as likely as any other to be drawn.
func TestDraw(t *testing.T) {
	const n, k, rounds = 20, 5, 20_000
	var hits [n]float64
	for seed := range uint64(rounds) {
		drawn := reconcile.Draw(seed*7919+1, n, k)
		if len(drawn) != k {
			t.Fatalf("drew %v", drawn)
		}
		for i, x := range drawn {
			if x < 0 || x >= n || i > 0 && x <= drawn[i-1] {
				t.Fatalf("drew %v", drawn)
			}
			hits[x]++
		}
	}
	for x, h := range hits {
		if want := float64(rounds * k / n); math.Abs(h-want) > 5*math.Sqrt(want) {
			t.Errorf("%d was drawn %v times, not about %v", x, h, want)
		}
	}
	if diff := cmp.Diff([]int64{0, 1, 2}, reconcile.Draw(1, 3, 9)); diff != "" {
		t.Errorf("all of them (-want +got):\n%s", diff)
	}
}

func TestHands(t *testing.T) {
	var tally reconcile.Tally
	*tally.Rows(reconcile.RowsKey{Source: "a", Table: "T"}) = reconcile.RowsCount{Extracted: 1, Accepted: 1}
	declared, server := int64(10), int64(11)
	*tally.Control(reconcile.ControlKey{Source: "a", Measure: reconcile.Admissions}) = reconcile.ControlCount{Expected: 10, Found: 10, Hands: reconcile.Hands{Declared: &declared, Server: &server}}
	r := tally.Report(nil)
	var got []reconcile.Difference
	for d := range r.Differences() {
		got = append(got, d)
	}
	if diff := cmp.Diff([]reconcile.Difference{{Equation: reconcile.Server, Source: "a", Measure: "admissions", Value: 1}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Balanced() {
		t.Error("it is said to balance")
	}
	// Added twice, all four hands have twice as many.
	var sum reconcile.Tally
	sum.Add(r)
	sum.Add(r)
	c := sum.Report(nil).Controls[0]
	if *c.Declared != 20 || *c.Server != 22 || c.Expected != 20 {
		t.Errorf("got %+v", c)
	}
}

func TestScope(t *testing.T) {
	var tally reconcile.Tally
	for _, table := range []string{"claim", "document", "person"} {
		*tally.Entities(reconcile.EntitiesKey{Source: "a", Table: table}) = reconcile.EntitiesCount{Produced: 3, Inserted: 2, Rejected: 1}
	}
	r := tally.Report(nil)
	r.JudgeScope([]reconcile.ScopeRule{{Table: "person", Migrated: true}, {Table: "document", Why: "stays in the archive"}})
	got := map[string]int64{}
	for d := range r.Differences() {
		got[d.Table] += d.Value
	}
	if diff := cmp.Diff(map[string]int64{"document": 2, "claim": 2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.JudgeScope([]reconcile.ScopeRule{{Table: "*", Migrated: true}})
	for d := range r.Differences() {
		t.Errorf("with everything in scope: %+v", d)
	}
	if r.JudgeScope(nil); r.Scope != nil {
		t.Error("a scope that nobody declared")
	}
}
