package match

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
