package linkage

import (
	"cmp"
	"slices"

	"github.com/sihctl/sih/transform/match"
)

// A Trap is a kind of records that were made to be mistaken for another
// entity's, and how many of them were.
type Trap struct {
	Trap    string  `json:"trap"`
	Records int     `json:"records"`
	Joined  int     `json:"joined"` // with a record of another entity
	Apart   float64 `json:"apart"`  // the share of the others
}

// Traps counts the traps that the truth tells of, by name.
func (c *Clusters) Traps(truth *Truth) []Trap {
	first := map[uint32]string{} // per cluster, the entity of one of its records
	mixed := map[uint32]bool{}
	for i, group := range c.first {
		entity, ok := truth.entity[c.ids.at(uint32(i))]
		if !ok {
			continue
		}
		if was, ok := first[group]; !ok {
			first[group] = entity
		} else if was != entity {
			mixed[group] = true
		}
	}
	count := map[string]*Trap{}
	for i, group := range c.first {
		name := truth.trap[c.ids.at(uint32(i))]
		if name == "" {
			continue
		}
		t := count[name]
		if t == nil {
			t = &Trap{Trap: name}
			count[name] = t
		}
		t.Records++
		if mixed[group] {
			t.Joined++
		}
	}
	out := make([]Trap, 0, len(count))
	for _, t := range count {
		t.Apart = share(int64(t.Records-t.Joined), int64(t.Records))
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Trap) int { return cmp.Compare(a.Trap, b.Trap) })
	return out
}

// A Reason is what keeps pairs of records from being joined that are likely
// enough to be shown.
type Reason struct {
	Rule  string `json:"rule"` // or what else it is, in words
	Pairs int    `json:"pairs"`
	Same  int    `json:"same"` // of which one entity, where the truth is known
}

// What keeps a pair from being joined that is no rule.
const (
	tooLittle = "the weight"
	fitsTwo   = "fits two people"
	unlike    = "the clusters"
	lonePair  = "a bridge"
	notKept   = "not shown"
)

// Left counts the pairs that are not joined by what stands in the way, those
// first of which most are one entity. score is that of the clusters; its true
// pairs that are not among these, being too unlikely or kept apart by a rule,
// come last. Without a truth both are nil.
func (c *Clusters) Left(res *match.Result, truth *Truth, score *Score) []Reason {
	count := map[string]*Reason{}
	same := 0
	for _, p := range res.Pairs() {
		if res.Founder(p.A) == res.Founder(p.B) {
			continue
		}
		rule := cmp.Or(res.RuleName(p), tooLittle)
		switch p.Band {
		case match.BandTorn:
			rule = fitsTwo
		case match.BandRefused:
			rule = cmp.Or(res.AgainstName(p), unlike)
		case match.BandBridge:
			rule = lonePair
		}
		r := count[rule]
		if r == nil {
			r = &Reason{Rule: rule}
			count[rule] = r
		}
		r.Pairs++
		if truth == nil {
			continue
		}
		a, ok := truth.entity[c.ids.at(res.Input(p.A))]
		if b := truth.entity[c.ids.at(res.Input(p.B))]; ok && a == b {
			r.Same++
			same++
		}
	}
	out := make([]Reason, 0, len(count)+1)
	for _, r := range count {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Same, a.Same), cmp.Compare(b.Pairs, a.Pairs), cmp.Compare(a.Rule, b.Rule))
	})
	if score != nil {
		n := int(score.TruePairs-score.Right) - same
		out = append(out, Reason{Rule: notKept, Pairs: n, Same: n})
	}
	return out
}
