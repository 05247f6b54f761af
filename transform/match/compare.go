package match

import (
	"math"
	"math/bits"
)

// A comparer compares the rows of a table that no longer changes. Each worker
// has its own, for the scratch.
type comparer struct {
	*frozen
	scratch scratch
	// thorough compares every pair in every respect, as training needs.
	thorough bool
}

// none is a weight below all that count.
const none = math.MinInt32 / 4

// levels compares two rows in every respect. It gives up, and then returns
// stop, as soon as the rules can only keep the records apart, or the weight
// can no longer reach least; the rest is then of no use.
//
// What is seen at first sight is taken first. Unequal texts stand with the
// most that they may add until it is their turn: most pairs of a block are
// settled before a letter is looked at.
func (c *comparer) levels(a, b []uint32, least int32) (v vector, weight int32, stop bool) {
	p := c.plan
	f := finding{could: ^ruleSet(0)}
	for k := range p.views {
		view := &p.views[k]
		f.join(&c.look(view, a, b).finding, len(p.caps))
		if !c.thorough && p.keepApart(f.could, f.unknown|view.later) {
			return f.vector, 0, true
		}
	}
	for rare := f.rare; rare != 0; rare &= rare - 1 {
		i := bits.TrailingZeros32(rare) % mostComparisons
		x := &p.comparisons[i]
		c.weigh(&f, i, x, x.of(a), x.of(b))
	}
	return c.finish(&f, a, b, least)
}

// weigh adjusts the weight of a level, which stands, for the rarity of the
// values.
func (c *comparer) weigh(f *finding, i int, x *comparison, va, vb uint32) {
	n := f.vector.level(i)
	f.groups[x.groups[n]%mostGroups] += c.rarity(i, &x.levels[n-1], va, vb)
}

// finish compares what the views of a pair have left open.
func (c *comparer) finish(f *finding, a, b []uint32, least int32) (v vector, weight int32, stop bool) {
	if f.open == 0 {
		weight = c.total(&f.groups)
		return f.vector, weight, weight < least
	}
	p := c.plan
	var most [mostComparisons]int32 // what the comparisons left open may add
	for open := f.open; open != 0; open &= open - 1 {
		i := bits.TrailingZeros32(open) % mostComparisons
		x := &p.comparisons[i]
		most[i] = c.most(i, x, a, b)
		f.groups[x.group%mostGroups] += most[i]
	}
	for _, i := range p.texts {
		if f.open>>i&1 == 0 {
			continue
		}
		if c.apart(f) || c.total(&f.groups) < least {
			return f.vector, 0, true
		}
		x := &p.comparisons[i%mostComparisons]
		f.groups[x.group%mostGroups] -= most[i%mostComparisons]
		n, va, vb := c.textLevel(int(i), x, a, b)
		c.add(f, int(i), x, n, va, vb)
		f.open &^= 1 << i
		f.unknown = p.asking(f.open)
	}
	weight = c.total(&f.groups)
	return f.vector, weight, weight < least || c.apart(f)
}

// join adds what another view tells, of so many groups.
func (f *finding) join(o *finding, groups int) {
	f.vector |= o.vector
	f.could &= o.could
	f.unknown |= o.unknown
	f.open |= o.open
	f.rare |= o.rare
	for g := range groups {
		f.groups[g%mostGroups] += o.groups[g%mostGroups]
	}
}

// apart tells whether what is known of a pair keeps it apart.
func (c *comparer) apart(f *finding) bool {
	return !c.thorough && c.plan.keepApart(f.could, f.unknown)
}

// add notes the level of the i-th comparison; va and vb are the values that
// have it.
func (c *comparer) add(f *finding, i int, x *comparison, n uint8, va, vb uint32) {
	n &= 15
	f.could &= c.plan.fits[i][n]
	f.vector |= vector(n) << (4 * i)
	w := x.weights[n]
	if x.rare>>n&1 != 0 {
		w += c.rarity(i, &x.levels[n-1], va, vb)
	}
	f.groups[x.groups[n]%mostGroups] += w
}

// total adds up the groups, each within its cap.
func (c *comparer) total(groups *[mostGroups]int32) int32 {
	weight := groups[0]
	for g := 1; g < len(c.plan.caps); g++ {
		weight += min(groups[g%mostGroups], c.plan.caps[g])
	}
	return weight
}

// most returns a weight that a comparison of texts which is left open cannot
// exceed.
func (c *comparer) most(i int, x *comparison, a, b []uint32) int32 {
	va, vb := x.of(a), x.of(b)
	if va == 0 || vb == 0 {
		return x.acrossMost
	}
	w, same := x.most, false
	switch {
	case x.same == nil:
	case c.equal(i, va, vb):
		w, same = max(x.same.weight+c.rarity(i, x.same, va, vb), x.mostBeside), true
	case x.also >= 0 && c.equalBeside(i, x, va, vb, a, b):
		w, same = max(w, x.sameMost), true
	}
	if x.adjusted && !same {
		ua, ub := uint32(0), uint32(0)
		if x.also >= 0 {
			ua, ub = a[x.also], b[x.also]
		}
		r := c.values[i].rarities
		w += max(0, min(max(r[va], r[ua]), max(r[vb], r[ub])))
	}
	if x.mixed {
		w = max(w, 0)
	}
	return w
}

// equalBeside tells whether the field that may hold a value too makes two
// values, which differ, the same.
func (c *comparer) equalBeside(i int, x *comparison, va, vb uint32, a, b []uint32) bool {
	ua, ub := a[x.also], b[x.also]
	return ua != 0 && c.equal(i, ua, vb) || ub != 0 && (c.equal(i, va, ub) || ua != 0 && c.equal(i, ua, ub))
}

// mayCross tells whether there is a value for a level that looks at other
// fields, though one of the records lacks the field itself.
func (x *comparison) mayCross(va, vb uint32, a, b []uint32) bool {
	for _, f := range x.beside {
		if va != 0 && b[f] != 0 || vb != 0 && a[f] != 0 || x.between && a[f]|b[f] != 0 {
			return true
		}
	}
	return false
}

// equal tells whether two values of the i-th comparison, neither missing, are
// the same.
func (f *frozen) equal(i int, va, vb uint32) bool {
	if va == vb {
		return true
	}
	keys := f.values[i].keys
	return keys != nil && keys[va] != 0 && keys[va] == keys[vb]
}

// rarity is what a level adds for a value rarer than usual, or takes away for
// a common one.
func (c *comparer) rarity(i int, l *level, a, b uint32) int32 {
	if l.frequency == 0 || a == 0 || b == 0 {
		return 0
	}
	r := c.values[i].rarities
	rarer := min(r[a], r[b])
	if l.frequency == 1 {
		return rarer
	}
	return int32(l.frequency * float64(rarer))
}

// compare returns the level of the i-th comparison, from 1, or 0 for missing,
// and the two values that have it.
func (c *comparer) compare(i int, a, b []uint32) (n uint8, va, vb uint32) {
	x := &c.plan.comparisons[i]
	va, vb = x.of(a), x.of(b)
	if x.plain {
		return c.plainLevel(i, x, va, vb), va, vb
	}
	return c.textLevel(i, x, a, b)
}

// plainLevel returns the level of a comparison that looks at no spelling.
func (c *comparer) plainLevel(i int, x *comparison, va, vb uint32) uint8 {
	switch {
	case x.kind == flagsField:
		return flagLevel(x, va|vb)
	case va == 0 || vb == 0:
		return 0
	case x.kind == dateField:
		days := c.calendars[x.texts].days
		return uint8(dateLevel(x, &days[va], &days[vb], va == vb))
	case c.equal(i, va, vb):
		return 1
	}
	return uint8(len(x.levels))
}

func flagLevel(x *comparison, flags uint32) uint8 {
	for i := range x.levels {
		if l := &x.levels[i]; l.test == testElse || l.flag&flags != 0 {
			return uint8(i + 1)
		}
	}
	return 0
}

func (c *comparer) textLevel(i int, x *comparison, a, b []uint32) (n uint8, va, vb uint32) {
	va, vb = x.of(a), x.of(b)
	both := va != 0 && vb != 0
	if !both && !(x.across && x.mayCross(va, vb, a, b)) {
		return 0, va, vb
	}
	t := textPair{c: c, i: i, x: x, d: c.dictionaries[x.texts], values: &c.values[i], similar: -1}
	n = t.level(va, vb, a, b)
	if x.also < 0 || n == 1 || !both {
		return n, va, vb
	}
	// The values written in another way: of all combinations the best.
	ua, ub := va, vb
	for _, w := range [...][2]uint32{{a[x.also], b[x.also]}, {ua, b[x.also]}, {a[x.also], ub}} {
		if w[0] == 0 || w[1] == 0 || w[0] == ua && w[1] == ub {
			continue
		}
		t.similar = -1
		if m := t.plain(w[0], w[1], n); m != 0 {
			n, va, vb = m, w[0], w[1]
		}
	}
	return n, va, vb
}

func dateLevel(x *comparison, a, b *day, same bool) uint32 {
	if !a.exact || !b.exact {
		// Of two such days no more is asked than whether they may be one.
		days := daysApart(a, b)
		level := x.period(days)
		if days == 0 && x.overlapAt != 0 {
			level = min(level, x.overlapAt)
		}
		return level
	}
	if unlike(a.digits^b.digits) != 0 {
		return x.period(daysApart(a, b))
	}
	for i := range x.levels {
		l := &x.levels[i]
		holds := false
		switch l.test {
		case testSame:
			holds = same
		case testDigit:
			holds = nearDigits(a.digits, b.digits)
		case testDayMonth:
			holds = a.year() == b.year() && a.month() == b.date() && a.date() == b.month()
		case testParts:
			holds = twoParts(a, b) && daysApart(a, b) <= int32(l.n)
		case testYears:
			holds = daysApart(a, b) <= int32(l.n)
		case testElse:
			holds = true
		}
		if holds {
			return uint32(i + 1)
		}
	}
	return 0
}

// period returns the level of two dates so many days apart of which neither is
// a slip of the other.
func (x *comparison) period(days int32) uint32 {
	level, before := x.periods[0].level, x.periods[0].days
	for _, p := range x.periods[1:] {
		next := p.level // read in any case, so that there is nothing to guess
		if days > before {
			level = next
		}
		before = p.days
	}
	return level
}

// unlike returns 1 for two dates, by what differs of their digits, of which
// neither is a slip of the other, else 0: the years differ, and so do the days
// of the year, and no two neighbours are swapped between them.
func unlike(x uint32) uint32 { return notZero(x>>16) & notZero(x&0xffff) & notZero(x&^0xff000) }

// daysApart returns the days that lie at least between two dates.
func daysApart(a, b *day) int32 { return max(0, b.first-a.last, a.first-b.last) }

// daysOf returns the most days that are no more than so many full years.
func daysOf(years int) int { return ((years+1)*146097 - 1) / 400 }

// twoParts tells whether of the year, the month and the day of two dates two
// are the same: what was mistyped is the third.
func twoParts(a, b *day) bool {
	if a.year() == b.year() {
		return a.month() == b.month() || a.date() == b.date()
	}
	return a.month() == b.month() && a.date() == b.date()
}

// nearDigits tells whether two dates, whose digits are four bits each, differ
// in one digit or by two neighbours that are swapped.
func nearDigits(a, b uint32) bool {
	x := a ^ b
	low := uint(bits.TrailingZeros32(x)) &^ 3 // where the first digit that differs is
	switch {
	case x == 0:
		return false
	case x>>low < 16:
		return true
	case x>>low >= 256:
		return false
	}
	a, b = a>>low, b>>low
	return a&15 == b>>4&15 && a>>4&15 == b&15
}
