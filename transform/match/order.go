package match

import "slices"

// order puts the comparisons of texts in the order in which their letters are
// looked at: first those that may keep records apart, and the cheap before the
// dear.
func (c *compiler) order() {
	cost := func(i uint8) int {
		x := &c.plan.comparisons[i]
		n := len(x.levels)
		if x.across {
			n += mostLevels
		}
		if c.plan.asks[i]&c.plan.ruleSets.apart == 0 {
			n += 2 * mostLevels
		}
		return n
	}
	for i := range c.plan.comparisons {
		if !c.plan.comparisons[i].plain {
			c.plan.texts = append(c.plan.texts, uint8(i))
		}
	}
	slices.SortStableFunc(c.plan.texts, func(a, b uint8) int { return cost(a) - cost(b) })
}
