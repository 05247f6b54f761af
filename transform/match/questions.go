package match

import (
	"cmp"
	"slices"
)

// questions returns the pairs that a human should look at, one for any two
// clusters, the strongest. Where A is B and B is C nobody needs to be asked
// about A and C: pairs that would close such a circle come last. Otherwise the
// strongest is first.
func (c *clustering) questions(pairs []Pair) []Pair {
	type question struct {
		Pair
		x, y uint32 // the clusters, by their founders
	}
	var list []question
	for _, p := range pairs {
		x, y := c.founder[p.A], c.founder[p.B]
		if p.Band != BandMerge && p.Band != BandKnown && x != y {
			list = append(list, question{p, min(x, y), max(x, y)})
		}
	}
	slices.SortFunc(list, func(p, q question) int {
		return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y), p.before(q.Pair))
	})
	list = slices.CompactFunc(list, func(p, q question) bool { return p.x == q.x && p.y == q.y })
	slices.SortFunc(list, func(p, q question) int { return p.before(q.Pair) })
	tied := newForest(len(c.ids))
	out, last := make([]Pair, 0, len(list)), []Pair(nil)
	for _, q := range list {
		if tied.join(q.x, q.y) {
			out = append(out, q.Pair)
		} else {
			last = append(last, q.Pair)
		}
	}
	return append(out, last...)
}
