package match

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
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
	// contradicted counts known pairs that a decision keeps apart.
	contradicted int
}

// cluster joins the pairs and fills the result. Records that are tied by no
// chain of pairs do not touch each other: each such component is worked on by
// itself.
func (res *Result) cluster(ctx context.Context, pairs []Pair) error {
	res.learnLikenesses(pairs)
	if !res.byWeight {
		res.doubtStrangers(pairs)
	}
	c := newClustering(res.runner)
	order, ends := c.components(pairs)
	var next atomic.Int64
	var torn, contradicted atomic.Int64
	res.Stats.Largest = c.largest(pairs, order, ends)
	group, ctx := errgroup.WithContext(ctx)
	const task = 256
	for range min(res.workers, len(ends)/task+1) {
		group.Go(func() error {
			w := *c
			w.comparer = comparer{frozen: c.frozen}
			for {
				start := int(next.Add(task)) - task
				if start >= len(ends) {
					contradicted.Add(int64(w.contradicted))
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				for i := start; i < min(start+task, len(ends)); i++ {
					first := uint32(0)
					if i > 0 {
						first = ends[i-1]
					}
					torn.Add(int64(w.component(pairs, order[first:ends[i]])))
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	res.Stats.Torn, res.Stats.Contradicted = int(torn.Load()), int(contradicted.Load())
	res.founder, res.pairs = c.founder, pairs
	res.gather(c, pairs)
	return nil
}

// largest returns the size of the largest component.
func (c *clustering) largest(pairs []Pair, order, ends []uint32) int {
	most, from, to := uint32(0), uint32(0), uint32(0)
	for i, end := range ends {
		first := uint32(0)
		if i > 0 {
			first = ends[i-1]
		}
		if end-first > most {
			most, from, to = end-first, first, end
		}
	}
	seen := map[uint32]struct{}{}
	for _, i := range order[from:to] {
		seen[pairs[i].A], seen[pairs[i].B] = struct{}{}, struct{}{}
	}
	return len(seen)
}

// component joins what may be joined of one component. Records that fit two
// people equally well, and pairs that alone hold two groups together, are found
// by a first clustering and left out of the second. It returns how many records
// fit two.
func (c *clustering) component(pairs []Pair, order []uint32) int {
	before := c.contradicted
	c.run(pairs, order, nil, nil)
	torn, bridges := c.torn(pairs, order), c.bridges(pairs, order)
	if len(torn)+len(bridges) == 0 {
		return 0
	}
	c.contradicted = before
	for _, i := range order {
		for _, r := range [...]uint32{pairs[i].A, pairs[i].B} {
			c.founder[r], c.next[r], c.size[r], c.up[r] = r, r, 1, 0
			if c.known != nil && c.known.person != nil {
				c.known.person[r] = c.known.start[r]
			}
		}
	}
	c.run(pairs, order, torn, bridges)
	return len(torn)
}

func newClustering(r *runner) *clustering {
	n := len(r.ids)
	c := &clustering{runner: r,
		founder: make([]uint32, n), next: make([]uint32, n), size: make([]uint32, n), up: make([]uint32, n)}
	for i := range uint32(n) {
		c.founder[i], c.next[i], c.size[i] = i, i, 1
	}
	return c
}

// run joins what may be joined, strongest pair first, and notes in the others'
// bands why not. Records in torn join nobody, pairs in bridges join nothing.
func (c *clustering) run(pairs []Pair, order []uint32, torn, bridges map[uint32]bool) {
	var said map[question]uint8 // refusals
	for _, i := range order {
		p := &pairs[i]
		if p.Band == BandKnown {
			c.joinKnown(pairs, int(i))
			continue
		}
		p.Band, p.Against = BandMerge, 0
		switch {
		case torn[p.A] || torn[p.B]:
			p.Band = BandTorn
		case bridges[i]:
			p.Band = BandBridge
		case c.founder[p.A] == c.founder[p.B]:
		default:
			was, asked := said[c.question(*p)]
			if !asked {
				rule, ok := c.compatible(*p)
				if ok {
					c.join(pairs, int(i))
					continue
				}
				was = uint8(rule)
				if said == nil {
					said = map[question]uint8{}
				}
				said[c.question(*p)] = was
			}
			p.Band, p.Against = BandRefused, was
		}
	}
}

// A question is whether two clusters may be joined by a pair under a rule.
// Clusters only grow, so that their size tells whether it was asked of these
// before.
type question struct {
	x, y, size uint32
	rule       uint8
}

func (c *clustering) question(p Pair) question {
	x, y := c.founder[p.A], c.founder[p.B]
	return question{min(x, y), max(x, y), c.size[x] + c.size[y], p.Rule}
}

// tornMargin is by how much, in thousandths of a bit, a record must be closer
// to its own cluster than to one that conflicts with it: odds of 32 to 1.
const tornMargin = 5000

// torn returns the records that joined one cluster and would as well have
// joined another, between which a rule stands: a record without given name
// beside two twins. Whichever they joined, they are as likely the other's.
func (c *clustering) torn(pairs []Pair, order []uint32) map[uint32]bool {
	strongest := map[uint32]int32{}
	for _, i := range order {
		p := pairs[i]
		if p.Band == BandRefused && p.Against > 0 && p.Against < againstPerson {
			strongest[p.A], strongest[p.B] = 0, 0
		}
	}
	if len(strongest) == 0 {
		return nil
	}
	for _, i := range order {
		p := pairs[i]
		if p.Band != BandMerge {
			continue
		}
		for _, r := range [...]uint32{p.A, p.B} {
			if w, watched := strongest[r]; watched && p.Weight > w {
				strongest[r] = p.Weight
			}
		}
	}
	torn := map[uint32]bool{}
	for _, i := range order {
		p := pairs[i]
		if p.Band != BandRefused || p.Against == 0 || p.Against >= againstPerson {
			continue
		}
		for _, r := range [...]uint32{p.A, p.B} {
			if w := strongest[r]; w > 0 && w < p.Weight+tornMargin {
				torn[r] = true
			}
		}
	}
	return torn
}

// compatible tells whether the two clusters of a pair may be joined by it; when
// a rule says no, it returns the rule's number.
func (c *clustering) compatible(p Pair) (rule int, ok bool) {
	x, y := c.founder[p.A], c.founder[p.B]
	var unless ruleSet
	var apart differences
	if p.Rule > 0 && !c.byWeight {
		unless, apart.likeness = c.plan.rules[p.Rule-1].unless, c.likenesses[p.Rule]
	}
	if c.size[x]+c.size[y] > uint32(c.model.Thresholds.Largest) {
		return 0, false
	}
	if against := c.forbidden(x, y); against != 0 {
		return against, false
	}
	sum := int64(0)
	for a := range c.members(x) {
		rowA := c.row(a)
		for b := range c.members(y) {
			rowB := c.row(b)
			if c.across && c.lists[a] == c.lists[b] {
				return 0, false
			}
			v, weight, _ := c.comparer.levels(rowA, rowB, none)
			if rule, verdict := c.plan.verdict(v, weight+c.prior); verdict >= Conflict || rule > 0 && unless>>(rule-1)&1 != 0 {
				return rule, false
			}
			if apart.likeness != nil {
				apart.add(v)
			}
			sum += int64(c.clipped(weight))
		}
	}
	if l := apart.likeness; l != nil && apart.doubtful(c.comparer.rareness(l.rule, c.row(p.A), c.row(p.B))) {
		return int(p.Rule), false
	}
	return 0, sum >= c.least(min(c.size[x], c.size[y]))*int64(c.size[x])*int64(c.size[y])
}

// least returns the least mean weight at which two clusters are joined, of
// which the smaller has so many records. What a record lacks or has wrong is in
// all its pairs: the mean of a lone one says least, and is asked for least.
func (c *clustering) least(smaller uint32) int64 {
	return int64(c.link) + int64(c.lone-c.link)/int64(smaller)
}

// clipped returns the log-odds of a pair within what a single pair may say for
// or against two clusters: so that a record that says little, or wildly wrong
// things, does not outweigh the others of its person.
func (c *clustering) clipped(weight int32) int32 {
	w := weight + c.prior
	if c.clip > 0 {
		w = min(max(w, -c.clip), c.clip)
	}
	return w
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
	if c.known != nil && c.known.person != nil && c.known.person[x] == 0 {
		c.known.person[x] = c.known.person[y]
	}
	c.next[x], c.next[y] = c.next[y], c.next[x]
}

// gather keeps what is to be told: one merge per joined record, and the pairs
// that a human should look at.
func (res *Result) gather(c *clustering, pairs []Pair) {
	for i := range uint32(len(res.ids)) {
		switch {
		case c.up[i] != 0:
			p := pairs[c.up[i]-1]
			res.merges = append(res.merges, Join{Record: i, Pair: p})
			if p.Band != BandKnown {
				res.Stats.ExpectedWrong += res.wrong(p)
			}
		case c.size[i] > 1:
			res.Stats.Clusters++
		}
	}
	res.Stats.Merged = len(res.merges)
	for _, p := range pairs {
		if p.Band == BandRefused {
			res.Stats.Refused++
		}
	}
	res.doubtful = c.questions(pairs)
	for _, p := range res.doubtful {
		res.Stats.ExpectedMissed += res.Probability(p)
	}
	res.Stats.Doubtful = len(res.doubtful)
}
