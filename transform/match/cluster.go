package match

import (
	"cmp"
	"context"
	"slices"
)

// A clustering joins records, strongest pair first. Two clusters are joined
// only when no rule keeps any of their members apart and the mean weight
// between them is high enough: every pair across is compared, whether or not a
// pass had found it. A rule that asks for review says that a pair proves too
// little, not that it proves the contrary; it does not stand in the way.
type clustering struct {
	*runner
	comparer comparer
	founder  []uint32 // per record; the smallest record of its cluster
	next     []uint32 // the members of a cluster, in a ring
	size     []uint32 // at founders
	// up holds, per record, the pair that ties it to the next one on the way
	// to its founder, as position+1 among the pairs; 0 at founders.
	up []uint32
}

// cluster joins the pairs and fills the result.
func (res *Result) cluster(ctx context.Context, pairs []Pair) error {
	n := len(res.ids)
	c := clustering{comparer: comparer{frozen: res.frozen}, runner: res.runner,
		founder: make([]uint32, n), next: make([]uint32, n), size: make([]uint32, n), up: make([]uint32, n)}
	for i := range uint32(n) {
		c.founder[i], c.next[i], c.size[i] = i, i, 1
	}
	for i := range pairs {
		p := &pairs[i]
		if i%perTask == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if p.Band != BandMerge || c.founder[p.A] == c.founder[p.B] {
			continue
		}
		if rule, ok := c.compatible(c.founder[p.A], c.founder[p.B]); !ok {
			p.Band = BandRefused
			if rule > 0 {
				p.Rule = uint8(rule)
			}
			res.Stats.Refused++
			continue
		}
		c.join(pairs, i)
	}
	res.founder = c.founder
	res.gather(&c, pairs)
	return nil
}

// compatible tells whether two clusters may be joined; when a rule says no,
// it returns the rule's number.
func (c *clustering) compatible(x, y uint32) (rule int, ok bool) {
	if c.size[x]+c.size[y] > uint32(c.model.Thresholds.Largest) {
		return 0, false
	}
	sum := int64(0)
	for a := range c.members(x) {
		rowA := c.row(a)
		for b := range c.members(y) {
			rowB := c.row(b)
			if c.across >= 0 && rowA[c.across] == rowB[c.across] {
				return 0, false
			}
			v, weight, _ := c.comparer.levels(rowA, rowB)
			if rule, verdict := c.plan.verdict(v); verdict >= Conflict {
				return rule, false
			}
			sum += int64(weight) + int64(c.prior)
		}
	}
	return 0, sum >= int64(c.link)*int64(c.size[x])*int64(c.size[y])
}

// members yields a cluster's records, its founder first.
func (c *clustering) members(founder uint32) func(func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for at := founder; ; {
			if !yield(at) {
				return
			}
			if at = c.next[at]; at == founder {
				return
			}
		}
	}
}

// join joins the clusters of a pair. The smaller founder stays; the other
// cluster's tree is turned so that it hangs from the pair.
func (c *clustering) join(pairs []Pair, i int) {
	a, b := pairs[i].A, pairs[i].B
	if c.founder[a] > c.founder[b] {
		a, b = b, a
	}
	x, y := c.founder[a], c.founder[b]
	tie := uint32(i + 1)
	for at := b; tie != 0; {
		tie, c.up[at] = c.up[at], tie
		if tie != 0 {
			at = pairs[tie-1].A ^ pairs[tie-1].B ^ at
		}
	}
	for at := range c.members(y) {
		c.founder[at] = x
	}
	c.size[x] += c.size[y]
	c.next[x], c.next[y] = c.next[y], c.next[x]
}

// gather keeps what is to be told: one merge per joined record, and one
// doubtful pair, the strongest, for two clusters.
func (res *Result) gather(c *clustering, pairs []Pair) {
	for i := range uint32(len(res.ids)) {
		switch {
		case c.up[i] != 0:
			res.merges = append(res.merges, Join{Record: i, Pair: pairs[c.up[i]-1]})
		case c.size[i] > 1:
			res.Stats.Clusters++
		}
	}
	res.Stats.Merged = len(res.merges)
	var doubtful []Pair
	for _, p := range pairs {
		if p.Band != BandMerge && c.founder[p.A] != c.founder[p.B] {
			doubtful = append(doubtful, p)
		}
	}
	between := func(p Pair) (uint32, uint32) {
		x, y := c.founder[p.A], c.founder[p.B]
		return min(x, y), max(x, y)
	}
	slices.SortFunc(doubtful, func(p, q Pair) int {
		px, py := between(p)
		qx, qy := between(q)
		return cmp.Or(cmp.Compare(px, qx), cmp.Compare(py, qy), p.before(q))
	})
	doubtful = slices.CompactFunc(doubtful, func(p, q Pair) bool {
		px, py := between(p)
		qx, qy := between(q)
		return px == qx && py == qy
	})
	slices.SortFunc(doubtful, Pair.before)
	res.doubtful = slices.Clip(doubtful)
	res.Stats.Doubtful = len(doubtful)
}
