package match

import (
	"math"
	"slices"
)

// A weight takes strangers to be alike by chance alone. There are more such
// pairs than that: names run in families, and families stay where they are.
// How many there are, and what they differ in, the records tell themselves: of
// the pairs that are alike and have a number that decides, some are two people.
//
// A likeness is what those pairs tell. A pair that has no such number is two
// people by the odds of all that are alike, and by the ratio u/m of each of its
// findings among them.
type likeness struct {
	rule  *strangersPlan
	share float64 // of the pairs that a number decides, those of two people
	told  bool    // whether there were enough of them to tell
	odds  int32   // of two people, in thousandths of a bit
	// ratio holds log2(u/m) per comparison and level.
	ratio [mostComparisons][16]int32
	// bounds divide what the rarity of values adds into classes, rarity holds
	// log2(u/m) of each.
	bounds [rarityClasses - 1]int32
	rarity [rarityClasses]int32
}

const (
	// fewestTelling is the least number of pairs that a likeness is learned
	// from; fewer tell too little. As many does the usual share count.
	fewestTelling = 1000
	// mostTelling is about how many pairs are looked at; more tell nothing new.
	mostTelling = 1 << 19
	// habitPairs is as how many pairs of one person, and of two, the model's own
	// m and u count. In what they are alike in, strangers are assumed to be like
	// one person's records, which counts as likePairs.
	habitPairs, likePairs = 5, 20
	// fewestStrangers is the least number of strangers who tell what else
	// strangers have in common: of fewer, nothing is taken for one person.
	fewestStrangers = 20
	// mistaken is the share of the pairs of one person that are assumed to have
	// two numbers, and counts as mistakenPairs of them.
	mistaken, mistakenPairs = 0.005, 200
	// rarityClasses is into how many classes, of equal size, pairs are divided by
	// how rare their values are.
	rarityClasses = 8
	// likeRounds is after how many rounds the estimate stands still.
	likeRounds = 30
)

// A likePair is a pair that is alike and has a number that decides.
type likePair struct {
	levels vector
	rarity int32 // what the values' rarity adds to the weight
	two    bool  // by its number
}

// learn finds what pairs tell that are alike as the rule says.
func (r *runner) learn(rule *strangersPlan, pairs []Pair) *likeness {
	l := &likeness{rule: rule, share: rule.usual}
	sample := r.telling(rule, pairs)
	if l.told = len(sample) >= fewestTelling; l.told {
		two := 0
		for _, p := range sample {
			if p.two {
				two++
			}
		}
		l.share = float64(two) / float64(len(sample))
		for i := range l.bounds {
			l.bounds[i] = sample[len(sample)*(i+1)/rarityClasses].rarity
		}
	} else {
		sample = nil
	}
	l.fit(r.model, sample)
	return l
}

// telling returns the pairs that are alike and have a number that decides, of
// those that would be joined without it, by their rarity.
func (r *runner) telling(rule *strangersPlan, pairs []Pair) []likePair {
	var out []likePair
	c := comparer{frozen: r.frozen}
	for i := 0; i < len(pairs); i += len(pairs)/mostTelling + 1 {
		p := &pairs[i]
		if p.Band == BandKnown {
			continue
		}
		a, b := r.row(p.A), r.row(p.B)
		v, weight, _ := c.levels(a, b, none)
		one, two := fits(v, rule.one), fits(v, rule.two)
		if one == two || !fits(v, rule.alike) {
			continue
		}
		for i := range r.plan.comparisons {
			if n := v.level(i); n > 0 && rule.deciding>>i&1 != 0 {
				weight -= r.plan.comparisons[i].levels[n-1].weight
			}
		}
		if weight+r.prior >= r.merge {
			out = append(out, likePair{v, c.rareness(rule, a, b), two})
		}
	}
	slices.SortStableFunc(out, func(p, q likePair) int { return int(p.rarity) - int(q.rarity) })
	return out
}

// fits tells whether the levels are among those of all conditions.
func fits(v vector, all []condition) bool {
	for _, c := range all {
		if c.allow>>v.level(c.comparison)&1 == 0 {
			return false
		}
	}
	return true
}

// rareness adds up what the rarity adds of the values that are alike.
func (c *comparer) rareness(rule *strangersPlan, a, b []uint32) (sum int32) {
	for _, cond := range rule.alike {
		if n, wa, wb := c.compare(cond.comparison, a, b); n > 0 {
			sum += c.rarity(cond.comparison, &c.plan.comparisons[cond.comparison].levels[n-1], wa, wb)
		}
	}
	return sum
}

// A likeCount is what has been seen so far, in pairs.
type likeCount struct {
	m, u         []tally // per comparison
	mRare, uRare [rarityClasses]float64
	one, two     float64
	mistaken     float64 // pairs of one person with two numbers
}

// habits returns what is assumed before pairs are seen.
func (l *likeness) habits(m *Model) (n likeCount) {
	n.m, n.u = make([]tally, len(m.Comparisons)), make([]tally, len(m.Comparisons))
	for i, x := range m.Comparisons {
		for j, level := range x.Levels {
			n.m[i][j+1], n.u[i][j+1] = habitPairs*level.M, habitPairs*level.U
			if l.rule.similar>>i&1 != 0 {
				n.u[i][j+1] = likePairs * level.M
			}
		}
	}
	for i := range rarityClasses {
		n.mRare[i], n.uRare[i] = likePairs/rarityClasses, likePairs/rarityClasses
	}
	n.one, n.two = fewestTelling*(1-l.rule.usual), fewestTelling*l.rule.usual
	n.mistaken = mistakenPairs * mistaken
	return n
}

// fit estimates the odds and ratios by expectation and maximisation. Whose
// number is the same is one person. Of two numbers one may be mistyped or
// somebody else's, as it is of a small share of the pairs of one person: what
// these pairs have else in common tells which.
func (l *likeness) fit(m *Model, sample []likePair) {
	two := make([]float64, len(sample)) // how likely each is
	for i, p := range sample {
		if p.two {
			two[i] = 0.5
		}
	}
	for range likeRounds {
		n := l.habits(m)
		for i, p := range sample {
			for c := range n.m {
				n.m[c][p.levels.level(c)] += 1 - two[i]
				n.u[c][p.levels.level(c)] += two[i]
			}
			class := l.class(p.rarity)
			n.mRare[class], n.uRare[class] = n.mRare[class]+1-two[i], n.uRare[class]+two[i]
			n.one, n.two = n.one+1-two[i], n.two+two[i]
			if p.two {
				n.mistaken += 1 - two[i]
			}
		}
		l.take(&n)
		for i, p := range sample {
			if p.two {
				two[i] = likely(inBits(l.of(p.levels, p.rarity)) - math.Log2(n.mistaken/n.one))
			}
		}
	}
}

// take sets the odds and ratios by what has been counted. The number itself has
// none; no level of what is alike speaks more against two people than the
// values' being the same, its first; and of the rest nothing does, until enough
// strangers tell.
func (l *likeness) take(n *likeCount) {
	l.odds = millibits(math.Log2(n.two / n.one))
	few := n.two < fewestTelling*l.rule.usual+fewestStrangers
	l.rarity = falling(n.mRare, n.uRare)
	for c := range n.m {
		if l.rule.deciding>>c&1 != 0 {
			continue
		}
		m, u := &n.m[c], &n.u[c]
		for i, all := 1, m.told()/u.told(); i < len(m); i++ {
			if m[i] > 0 && u[i] > 0 {
				l.ratio[c][i] = millibits(math.Log2(u[i] / m[i] * all))
			}
			switch {
			case l.rule.similar>>c&1 != 0:
				l.ratio[c][i] = max(l.ratio[c][i], l.ratio[c][1])
			case few:
				l.ratio[c][i] = max(l.ratio[c][i], 0)
			}
		}
	}
}

// falling returns log2(u/m) of classes of values ever rarer, such that it does
// not rise: strangers are not alike more often in a rarer name. Neighbours that
// say otherwise are taken together.
func falling(m, u [rarityClasses]float64) (out [rarityClasses]int32) {
	type block struct {
		m, u float64
		n    int
	}
	var blocks []block
	var allM, allU float64
	for i := range m {
		allM, allU = allM+m[i], allU+u[i]
		blocks = append(blocks, block{m[i], u[i], 1})
		for j := len(blocks) - 1; j > 0 && blocks[j].u*blocks[j-1].m > blocks[j-1].u*blocks[j].m; j-- {
			x, y := &blocks[j-1], blocks[j]
			x.m, x.u, x.n = x.m+y.m, x.u+y.u, x.n+y.n
			blocks = blocks[:j]
		}
	}
	list := out[:0]
	for _, b := range blocks {
		for range b.n {
			list = append(list, millibits(math.Log2(b.u/allU*allM/b.m)))
		}
	}
	return out
}

// class returns how rare values are that add so much, from 0 for common ones.
func (l *likeness) class(rarity int32) int {
	n := 0
	for n < len(l.bounds) && rarity >= l.bounds[n] {
		n++
	}
	return n
}

// of returns the log-odds that a pair is two people who are alike.
func (l *likeness) of(v vector, rarity int32) int32 {
	odds := l.odds + l.rarity[l.class(rarity)]
	for c := range l.ratio {
		odds += l.ratio[c][v.level(c)]
	}
	return odds
}
