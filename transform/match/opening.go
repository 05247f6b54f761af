package match

// mostOpenings bounds the table of openings.
const mostOpenings = 1 << 12

// An opening is what the first comparisons of a pair tell together: those that
// look at no spelling, and of the words those that may keep records apart.
// There are few different ones, so what follows from each is found beforehand.
type opening struct {
	finding // without what rarity adds
	// apart tells that the rules can only keep such a pair apart, and stopped
	// is what had to be known for that.
	apart   bool
	stopped vector
}

// A firstStep is one of the first comparisons. It has a state for each of its
// levels, 0 for missing; words have 0, 1 for the same and 2 for two words.
type firstStep struct {
	*comparison
	number uint8
	states uint32
	word   bool
	// byFlags holds the states of flags, where these are few; the flags of both
	// records count.
	byFlags []uint8
}

// mostFlags is how many flags a table of their levels is made for.
const mostFlags = 8

// level returns the level that a state stands for.
func (s *firstStep) level(state uint32) uint8 {
	if s.word && state == 2 {
		return uint8(len(s.levels))
	}
	return uint8(state)
}

// openings chooses the first comparisons and finds what follows from them. Those
// that would make the table too large are left to be made in their turn.
func (c *compiler) openings() {
	p := c.plan
	total, full := uint32(1), false
	take := func(number uint8, word bool) bool {
		x := &p.comparisons[number]
		states := uint32(len(x.levels)) + 1
		if word {
			states = 3
		}
		if full = full || total*states > mostOpenings; full {
			return false
		}
		total *= states
		f := firstStep{comparison: x, number: number, states: states, word: word}
		if x.kind == flagsField && x.mask < 1<<mostFlags {
			for flags := range x.mask + 1 {
				f.byFlags = append(f.byFlags, flagLevel(x, flags))
			}
		}
		p.first = append(p.first, f)
		if x.rare != 0 {
			p.firstRare = append(p.firstRare, number)
		}
		return true
	}
	plain := 0 // how many of the first steps look at no words
	for len(p.plain) > 0 && take(p.plain[0], false) {
		p.plain = p.plain[1:]
		plain++
	}
	for p.decidingWords > 0 && take(p.words[0].comparison, true) {
		p.words = p.words[1:]
		p.decidingWords--
	}
	p.openings = make([]opening, total)
	for n := range p.openings {
		s := &p.openings[n]
		s.could = ^ruleSet(0)
		rest, left := total, uint32(n)
		pending := uint32(1)<<len(p.comparisons) - 1
		for k := range p.first {
			f := &p.first[k]
			rest /= f.states
			l := f.level(left / rest)
			left %= rest
			s.could &= p.fits[f.number][l]
			s.vector |= vector(l) << (4 * f.number)
			s.groups[f.groups[l]] += f.weights[l]
			pending &^= 1 << f.number
			s.unknown = p.asking(pending)
			if (k == plain-1 || k == len(p.first)-1) && !s.apart && p.keepApart(s.could, s.unknown) {
				s.apart, s.stopped = true, s.vector
			}
		}
	}
}

// opening returns the number of a pair's opening.
func (c *comparer) opening(a, b []uint32) (n uint32) {
	for k := range c.plan.first {
		s := &c.plan.first[k]
		n = n*s.states + c.state(s, s.of(a), s.of(b))
	}
	return n
}

// state returns the state of one of the first comparisons.
func (c *comparer) state(s *firstStep, va, vb uint32) uint32 {
	if s.word {
		return wordState(va, vb)
	}
	return uint32(c.plainLevel(int(s.number), s.comparison, va, vb))
}

// wordState asks nothing of the processor that it would have to guess.
func wordState(va, vb uint32) uint32 {
	there := notZero(va) & notZero(vb)
	return there << notZero(va^vb)
}

// notZero returns 1, or 0 for 0.
func notZero(x uint32) uint32 { return (x | -x) >> 31 }
