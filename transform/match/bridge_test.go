package match_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// ties is a model in which records are joined by either of two codes: by a
// certainly, by b with a probability between merge and bridge.
const ties = `name: ties
columns: [a, b]
fields:
  - {name: a, kind: text, from: a}
  - {name: b, kind: text, from: b}
comparisons:
  - name: a
    field: a
    levels: [{name: same, when: same, m: 0.5, u: 0.000001}, {name: differ, when: else, m: 0.5, u: 0.999999}]
  - name: b
    field: b
    levels: [{name: same, when: same, m: 0.5, u: 0.01}, {name: differ, when: else, m: 0.5, u: 0.99}]
passes: [{name: a, key: [a]}, {name: b, key: [b]}]
thresholds: {expected: 1, merge: 0.5, review: 0.2, link: 0.0001, clip: 2, bridge: 0.999}
`

func tied(codes ...string) (out []patient) {
	for i, c := range codes {
		a, b, _ := strings.Cut(c, "/")
		out = append(out, patient{id: sih.ID{byte(i >> 16), byte(i >> 8), byte(i)}, values: map[string]string{"a": a, "b": b}})
	}
	return out
}

// TestBridge holds that a lone pair between two groups goes to review, unless
// it is certain or there is a way around it.
func TestBridge(t *testing.T) {
	for _, tt := range []struct {
		name    string
		records []patient
		bridges int
		sizes   string // of the clusters
	}{
		{"a lone pair", tied("x/1", "x/2", "y/2", "y/3"), 1, "2 2"},
		{"a chain of lone pairs ends in single records", tied("x/1", "x/2", "y/2", "z/3"), 0, "1 3"},
		{"two ways", tied("x/1", "x/2", "y/2", "y/1"), 0, "4"},
		{"three and three", tied("x/1", "x/2", "x/3", "y/3", "y/4", "y/5"), 1, "3 3"},
		{"certain", tied("x/1", "x/1", "x/2", "x/2"), 0, "4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := link(t, parse(t, ties), tt.records, match.Options{})
			bridges, size := 0, map[uint32]int{}
			for _, p := range res.Doubtful() {
				if p.Band == match.BandBridge {
					bridges++
				}
			}
			for i := range uint32(res.Len()) {
				size[res.Founder(i)]++
			}
			var sizes []string
			for n := 1; n <= res.Len(); n++ {
				for _, s := range size {
					if s == n {
						sizes = append(sizes, fmt.Sprint(n))
					}
				}
			}
			if got := strings.Join(sizes, " "); bridges != tt.bridges || got != tt.sizes {
				t.Errorf("%d bridges, clusters of %s; want %d and %s; %+v", bridges, got, tt.bridges, tt.sizes, res.Pairs())
			}
		})
	}
}

// TestMonstrousComponent holds that a chain that ties everybody together is
// cut, and ends.
func TestMonstrousComponent(t *testing.T) {
	const n = 30_000
	codes := make([]string, n)
	for i := range codes {
		codes[i] = fmt.Sprintf("%d/%d", i/2, (i+1)/2)
	}
	res := link(t, parse(t, ties), tied(codes...), match.Options{})
	if res.Stats.Largest > 10_000 {
		t.Errorf("a component of %d records", res.Stats.Largest)
	}
	if res.Stats.Merged < n/3 {
		t.Errorf("%d of %d records joined", res.Stats.Merged, n)
	}
}

// TestLone holds that of the mean of a lone record's pairs less is asked than
// of that between two groups, as far as the model says so.
func TestLone(t *testing.T) {
	// Of the pairs between the two, one in four agrees in b, the others in
	// nothing: means of -1 with a clip of 2, a probability of a third.
	one := tied("x/1", "x/2", "x/3", "x/4", "/4")
	two := tied("x/1", "x/2", "x/3", "x/4", "y/4", "y/4")
	for _, tt := range []struct {
		name, thresholds string
		records          []patient
		largest          int
	}{
		{"a lone record, a limit above the mean", "link: 0.4", one, 4},
		{"a lone record, one of its own below it", "link: 0.4, lone: 0.3", one, 5},
		{"two records, the same", "link: 0.4, lone: 0.3", two, 4},
		{"two records, below it", "link: 0.4, lone: 0.2", two, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(t, strings.Replace(strings.Replace(ties, "link: 0.0001", tt.thresholds, 1), ", bridge: 0.999", "", 1))
			res := link(t, m, tt.records, match.Options{})
			size, largest := map[uint32]int{}, 0
			for i := range uint32(res.Len()) {
				size[res.Founder(i)]++
				largest = max(largest, size[res.Founder(i)])
			}
			if largest != tt.largest {
				t.Errorf("a cluster of %d records, want %d; %+v", largest, tt.largest, res.Pairs())
			}
		})
	}
}
