package match

import "slices"

// order puts the comparisons in the order in which they are made: first those
// that look at no spelling; of the words and of the texts, first those that may
// keep records apart; of the texts, the cheap before the dear.
func (c *compiler) order() {
	deciding := func(i uint8) bool { return c.plan.asks[i]&c.plan.ruleSets.apart != 0 }
	cost := func(i uint8) int {
		x := &c.plan.comparisons[i]
		n := len(x.levels)
		if x.across {
			n += mostLevels
		}
		if !deciding(i) {
			n += 2 * mostLevels
		}
		return n
	}
	for i := range c.plan.comparisons {
		if x := &c.plan.comparisons[i]; x.onlyWords() {
			c.plan.words = append(c.plan.words, newWordStep(i, x, &c.plan.fits[i]))
			if deciding(uint8(i)) {
				c.plan.decidingWords++
			}
		} else if x.plain {
			c.plan.plain = append(c.plan.plain, uint8(i))
		} else {
			c.plan.texts = append(c.plan.texts, uint8(i))
			c.plan.asksTexts |= c.plan.asks[i]
			if deciding(uint8(i)) {
				c.plan.deciding++
			} else {
				c.plan.asksRest |= c.plan.asks[i]
			}
		}
	}
	slices.SortStableFunc(c.plan.words, func(a, b wordStep) int {
		switch {
		case deciding(a.comparison) == deciding(b.comparison):
			return 0
		case deciding(a.comparison):
			return -1
		}
		return 1
	})
	slices.SortStableFunc(c.plan.texts, func(a, b uint8) int { return cost(a) - cost(b) })
}

// A wordStep is a comparison that only asks whether two words are the same,
// with all that follows from it at hand. What follows stands at 0 for a
// missing word, at 1 for the same and at 2 for two words.
type wordStep struct {
	at         int
	mask       uint32
	shift      uint8
	comparison uint8
	rare       bool // that words are the same weighs by how rare they are
	groups     [3]uint8
	weights    [3]int32
	fits       [3]ruleSet
	bits       [3]vector
	same       *level
}

// onlyWords tells whether a comparison only asks whether two words are the
// same.
func (x *comparison) onlyWords() bool {
	return x.plain && x.kind != flagsField && x.kind != dateField && x.key < 0 && x.levels[len(x.levels)-1].frequency == 0
}

func newWordStep(comparison int, x *comparison, fits *[16]ruleSet) wordStep {
	w := wordStep{at: x.at, mask: x.mask, shift: x.shift, comparison: uint8(comparison), same: &x.levels[0], rare: x.levels[0].frequency > 0}
	w.fits[0] = fits[0]
	for i, n := range []int{1, len(x.levels)} {
		l := &x.levels[n-1]
		w.groups[i+1], w.weights[i+1], w.fits[i+1], w.bits[i+1] = l.group, l.weight, fits[n], vector(n)<<(4*comparison)
	}
	return w
}

// words makes comparisons that only ask whether two words are the same.
func (c *comparer) words(f *finding, steps []wordStep, a, b []uint32) {
	could, found := f.could, f.vector
	for k := range steps {
		w := &steps[k]
		va, vb := a[w.at]>>(w.shift&31)&w.mask, b[w.at]>>(w.shift&31)&w.mask
		if va == 0 || vb == 0 {
			could &= w.fits[0]
			continue
		}
		n := 2
		if va == vb {
			n = 1
			if w.rare {
				f.groups[w.groups[1]%mostGroups] += c.rarity(int(w.comparison), w.same, va, vb)
			}
		}
		could &= w.fits[n]
		found |= w.bits[n]
		f.groups[w.groups[n]%mostGroups] += w.weights[n]
	}
	f.could, f.vector = could, found
}
