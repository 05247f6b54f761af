package match

import "math/bits"

// A ruleSet is a set of the model's rules: the n-th is bit n.
type ruleSet uint64

// ruleSets are the rules seen from the levels: a pair's levels strike out the
// rules that they do not fit, a comparison at a time, and the first rule left
// decides.
type ruleSets struct {
	// fits holds, per comparison and level, the rules that accept the level.
	fits [mostComparisons][16]ruleSet
	// asks holds, per comparison, the rules that ask for it.
	asks [mostComparisons]ruleSet
	// beside holds, per comparison, the rules that accept a level which unequal
	// values may have.
	beside [mostComparisons]ruleSet
	// apart holds the rules that keep records apart; plainly, those of them
	// that ask for nothing but levels that all must fit.
	apart, plainly ruleSet
}

func newRuleSets(p *plan) (s ruleSets) {
	for i := range s.fits {
		for l := range s.fits[i] {
			s.fits[i][l] = 1<<len(p.rules) - 1
		}
	}
	for n, r := range p.rules {
		bit := ruleSet(1) << n
		for _, c := range r.when {
			s.asks[c.comparison] |= bit
			for l := range s.fits[c.comparison] {
				if c.allow>>l&1 == 0 {
					s.fits[c.comparison][l] &^= bit
				}
			}
		}
		if r.verdict == Apart {
			s.apart |= bit
			if len(r.any) == 0 && r.below == 0 {
				s.plainly |= bit
			}
		}
	}
	for i := range p.comparisons {
		x := &p.comparisons[i]
		if x.across || x.shareable {
			s.beside[i] = s.fits[i][0]
		}
		for n, l := range x.levels {
			if l.test != testSame && l.test != testShared {
				s.beside[i] |= s.fits[i][n+1]
			}
		}
	}
	return s
}

// asking returns the rules that ask for one of the comparisons whose bits are
// set.
func (s *ruleSets) asking(comparisons uint32) (r ruleSet) {
	for ; comparisons != 0; comparisons &= comparisons - 1 {
		r |= s.asks[bits.TrailingZeros32(comparisons)%mostComparisons]
	}
	return r
}

// keepApart tells whether the verdict on a pair can only be Apart, though some
// of its levels are not known. could holds the rules that the known levels
// leave, and unknown those that ask for a level not known.
func (s *ruleSets) keepApart(could, unknown ruleSet) bool {
	other := could &^ s.apart
	earlier := other&-other - 1 // than any other verdict's
	return could&s.plainly&^unknown&earlier != 0
}

// verdict returns the first rule that holds for a pair's levels, numbered
// from 1, or 0. posterior is the pair's log-odds.
func (p *plan) verdict(v vector, posterior int32) (rule int, _ Verdict) {
	left := ^ruleSet(0)
	for i := range p.comparisons {
		left &= p.fits[i][v.level(i)]
	}
	return p.first(left, v, posterior)
}

// first is verdict where the levels are known to leave these rules.
func (p *plan) first(left ruleSet, v vector, posterior int32) (rule int, _ Verdict) {
	for ; left != 0; left &= left - 1 {
		n := bits.TrailingZeros64(uint64(left))
		r := &p.rules[n]
		if (r.below == 0 || posterior < r.below) && r.anyOf(v) {
			return n + 1, r.verdict
		}
	}
	return 0, None
}

// anyOf tells whether one of the levels fits that any asks for.
func (r *rule) anyOf(v vector) bool {
	for _, c := range r.any {
		if c.allow>>v.level(c.comparison)&1 != 0 {
			return true
		}
	}
	return len(r.any) == 0
}
