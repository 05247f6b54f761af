package match_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sihctl/sih/transform/match"
)

// TestVerdict holds the rules as sets of bits against the rules as the model
// writes them, read one after the other.
func TestVerdict(t *testing.T) {
	m := loadPatient(t)
	verdict, err := match.Verdicts(m)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	levels := make([]uint8, len(m.Comparisons))
	found := map[int]int{}
	for range 400_000 {
		for i, c := range m.Comparisons {
			levels[i] = uint8(rng.IntN(len(c.Levels) + 1))
			if rng.IntN(3) == 0 { // the rules are mostly about what is the same
				levels[i] = 1
			}
		}
		posterior := int32(rng.IntN(60_000) - 20_000)
		want := plainVerdict(m, levels, posterior)
		if got := verdict(levels, posterior); got != want {
			t.Fatalf("levels %v: got rule %d, want %d", levels, got, want)
		}
		found[want]++
	}
	if len(found) < len(m.Rules)*2/3 {
		t.Errorf("only %d of %d rules were ever first", len(found), len(m.Rules))
	}
}

func plainVerdict(m *match.Model, levels []uint8, posterior int32) int {
	fits := func(comparison string, allowed []string) bool {
		i := slices.IndexFunc(m.Comparisons, func(c match.Comparison) bool { return c.Name == comparison })
		level := "missing"
		if n := levels[i]; n > 0 {
			level = m.Comparisons[i].Levels[n-1].Name
		}
		if len(allowed) > 0 && allowed[0] == "not" {
			return !slices.Contains(allowed[1:], level)
		}
		return slices.Contains(allowed, level)
	}
	for n, r := range m.Rules {
		all, some := true, len(r.Any) == 0
		for comparison, allowed := range r.When {
			all = all && fits(comparison, allowed)
		}
		for comparison, allowed := range r.Any {
			some = some || fits(comparison, allowed)
		}
		if r.Below > 0 && float64(posterior) >= math.Round(1000*math.Log2(r.Below/(1-r.Below))) {
			continue
		}
		if all && some {
			return n + 1
		}
	}
	return 0
}
