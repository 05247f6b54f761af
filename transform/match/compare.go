package match

import "math"

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
// stop, as soon as a level is found that alone keeps the records apart, or the
// weight can no longer reach least; the rest is then of no use.
//
// What words, dates, equal codes and missing fields tell is taken first.
// Unequal texts stand with the most that they may add until it is their turn:
// most pairs of a block are settled before a text is looked at.
func (c *comparer) levels(a, b []uint32, least int32) (v vector, weight int32, stop bool) {
	var groups [mostGroups]int32
	var open [mostComparisons]int32 // the bound of each comparison still to be made
	var pending uint32
	for _, i := range c.plan.order {
		x := &c.plan.comparisons[i]
		va, vb := x.of(a), x.of(b)
		if x.kind == flagsField {
			if va|vb == 0 {
				// No flag: the last level, which is the same for everybody.
				n := len(x.levels)
				v |= vector(n) << (4 * i)
				groups[x.levels[n-1].group] += x.levels[n-1].weight
				continue
			}
		} else if va == 0 || vb == 0 {
			if x.across {
				open[i] = x.acrossMost
				groups[x.group] += open[i]
				pending |= 1 << i
			}
			continue
		} else if va != vb && x.kind == textField {
			open[i] = c.most(int(i), x, va, vb, a, b)
			groups[x.group] += open[i]
			pending |= 1 << i
			continue
		} else if va == vb && x.sameFirst {
			l := &x.levels[0]
			v |= 1 << (4 * i)
			groups[l.group] += l.weight
			if l.frequency > 0 {
				groups[l.group] += c.rarity(int(i), l, va, va)
			}
			continue
		}
		if c.settle(int(i), a, b, &v, &groups) {
			return v, 0, true
		}
	}
	if c.total(&groups) < least {
		return v, 0, true
	}
	for _, i := range c.plan.order {
		if pending>>i&1 == 0 {
			continue
		}
		groups[c.plan.comparisons[i].group] -= open[i]
		if c.settle(int(i), a, b, &v, &groups) || c.total(&groups) < least {
			return v, 0, true
		}
	}
	return v, c.total(&groups), false
}

// settle makes a comparison and adds what it found. It tells whether that
// alone keeps the records apart.
func (c *comparer) settle(i int, a, b []uint32, v *vector, groups *[mostGroups]int32) (apart bool) {
	x := &c.plan.comparisons[i]
	n, wa, wb := c.compare(i, a, b)
	if n == 0 {
		return false
	}
	*v |= vector(n) << (4 * i)
	l := &x.levels[n-1]
	groups[l.group] += l.weight + c.rarity(i, l, wa, wb)
	return x.apart>>n&1 != 0 && !c.thorough
}

// total adds up the groups, each within its cap.
func (c *comparer) total(groups *[mostGroups]int32) int32 {
	weight := groups[0]
	for g := 1; g < len(c.plan.caps); g++ {
		weight += min(groups[g], c.plan.caps[g])
	}
	return weight
}

// most returns a weight that a comparison of unequal codes cannot exceed.
func (c *comparer) most(i int, x *comparison, va, vb uint32, a, b []uint32) int32 {
	w := x.most
	switch {
	case x.same != nil && c.equal(x, va, vb):
		w = max(x.same.weight+c.rarity(i, x.same, va, vb), x.mostBeside)
	case x.also >= 0 && a[x.also]|b[x.also] != 0:
		w = max(w, x.sameMost)
	case x.adjusted:
		w += max(0, min(c.rarities[i][va], c.rarities[i][vb]))
	}
	if x.mixed {
		w = max(w, 0)
	}
	return w
}

// equal tells whether two values, neither missing, are the same.
func (c *comparer) equal(x *comparison, va, vb uint32) bool {
	if va == vb {
		return true
	}
	if x.kind != textField || x.key < 0 {
		return false
	}
	code := c.dictionaries[x.texts].forms[x.key].code
	return code[va] != 0 && code[va] == code[vb]
}

// rarity is what a level adds for a value rarer than usual, or takes away for
// a common one.
func (c *comparer) rarity(i int, l *level, a, b uint32) int32 {
	if l.frequency == 0 || a == 0 || b == 0 {
		return 0
	}
	r := c.rarities[i]
	return int32(l.frequency * float64(min(r[a], r[b])))
}

// compare returns the level of the i-th comparison, from 1, or 0 for missing,
// and the two values that have it.
func (c *comparer) compare(i int, a, b []uint32) (n uint8, va, vb uint32) {
	x := &c.plan.comparisons[i]
	va, vb = x.of(a), x.of(b)
	switch x.kind {
	case flagsField:
		return flagLevel(x, va|vb), va, vb
	case textField:
		return c.textLevel(i, x, a, b)
	}
	if va == 0 || vb == 0 {
		return 0, va, vb
	}
	if x.kind == dateField {
		days := c.calendars[x.texts].days
		return dateLevel(x, &days[va], &days[vb], va == vb), va, vb
	}
	for n := range x.levels {
		if x.levels[n].test == testElse || va == vb {
			return uint8(n + 1), va, vb
		}
	}
	return 0, va, vb
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
	if !both && !x.across {
		return 0, va, vb
	}
	t := textPair{c: c, x: x, d: c.dictionaries[x.texts], common: c.common[i], similar: -1}
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

func dateLevel(x *comparison, a, b *day, same bool) uint8 {
	for i := range x.levels {
		l := &x.levels[i]
		holds := false
		switch l.test {
		case testSame:
			holds = same && a.exact
		case testDigit:
			holds = a.exact && b.exact && nearDigits(a.digits, b.digits)
		case testDayMonth:
			holds = a.exact && b.exact && a.year == b.year && a.month == b.date && a.date == b.month
		case testOverlap:
			holds = !(a.exact && b.exact) && a.first <= b.last && b.first <= a.last
		case testYears:
			holds = yearsApart(a, b) <= int32(l.n)
		case testElse:
			holds = true
		}
		if holds {
			return uint8(i + 1)
		}
	}
	return 0
}

// yearsApart returns the full years that lie at least between two dates.
func yearsApart(a, b *day) int32 {
	if a.first > b.first {
		a, b = b, a
	}
	return max(0, b.first-a.last) * 400 / 146097
}

// nearDigits tells whether two dates, written yyyymmdd, differ in one digit
// or by two neighbours that are swapped.
func nearDigits(a, b int32) bool {
	var differ, swapped, lastA, lastB int32 = 0, 0, -1, -1
	for range 8 {
		da, db := a%10, b%10
		if da != db {
			differ++
			if da == lastB && db == lastA {
				swapped++
			}
			lastA, lastB = da, db
		} else {
			lastA, lastB = -1, -1
		}
		a, b = a/10, b/10
	}
	return differ == 1 || differ == 2 && swapped == 1
}

// verdict returns the first rule that holds for a pair's levels, numbered
// from 1, or 0. posterior is the pair's log-odds.
func (p *plan) verdict(v vector, posterior int32) (rule int, _ Verdict) {
	for i := range p.rules {
		r := &p.rules[i]
		if (r.below == 0 || posterior < r.below) && r.holds(v) {
			return i + 1, r.verdict
		}
	}
	return 0, None
}
