package match

// A view is what some comparisons tell of a pair at first sight: of dates and
// flags their level, of anything else whether the values are missing, the same
// or others. There are few such tellings, so what follows from each is found
// beforehand; letters are looked at only in what is then left open.
type view struct {
	looks []look
	told  []told  // by the number that the states of the looks make
	later ruleSet // the rules that ask for a comparison of a later view
}

// mostTold bounds what the first view can tell, which is found for all pairs of
// a block at once, and mostToldLater that of the others.
const (
	mostTold      = 1 << 12
	mostToldLater = 1 << 8
)

// A told is what a view tells.
type told struct {
	finding
	apart bool // the rules can only keep such a pair apart
}

// A finding is what is known of a pair while it is compared.
type finding struct {
	vector vector
	could  ruleSet // the rules that the levels leave
	// unknown holds the rules that ask for a comparison left open.
	unknown ruleSet
	groups  [mostGroups]int32 // what the levels of each weigh
	// open has the bits of comparisons left open, rare those of levels whose
	// weight is still to be adjusted for the values.
	open, rare uint32
}

// A look is a comparison at first sight. It has a state for each of its levels,
// 0 for missing; or, where only equality counts, the states below.
type look struct {
	*comparison
	number uint8
	dated  bool // its states are levels
	states uint32
	// closer has the bits of states, as they follow from the words alone, in
	// which more is to be looked at.
	closer uint8
	// crossing is the state of a missing value that other fields may have.
	crossing uint32
	// byFlags holds the states of flags, where these are few; the flags of both
	// records count.
	byFlags []uint8
}

// The states of values that are there, where only equality counts. Others may
// be the same as another field's that holds the value too, which sameBeside
// tells; the same may be a value that several people carry, which sameShared
// tells. No comparison has both.
const (
	stateSame = 1 + iota
	stateOther
	sameBeside
	sameShared = sameBeside
)

// mostFlags is how many flags a table of their levels is made for.
const mostFlags = 8

// newLook returns how a comparison looks at first sight.
func newLook(number uint8, x *comparison) look {
	s := look{comparison: x, number: number, dated: x.kind == dateField || x.kind == flagsField}
	switch {
	case s.dated:
		s.states = uint32(len(x.levels)) + 1
	case x.plain:
		s.states = stateOther + 1
	default:
		s.states = stateOther + 1
		if x.also >= 0 || x.sharedSettles {
			s.states++
		}
		if x.across {
			s.crossing, s.states = s.states, s.states+1
		}
	}
	switch {
	case s.dated:
		s.closer = 1<<stateOther<<1 - 1
	case x.across:
		s.closer |= 1 << 0
	}
	if x.sharedSettles {
		s.closer |= 1 << stateSame
	}
	if x.also >= 0 {
		s.closer |= 1 << stateOther
	}
	if x.kind == flagsField && x.mask < 1<<mostFlags {
		for flags := range x.mask + 1 {
			s.byFlags = append(s.byFlags, flagLevel(x, flags))
		}
	}
	return s
}

// tell adds to a finding what follows from a state.
func (s *look) tell(t *finding, p *plan, state uint32) {
	level := state
	switch {
	case s.dated || state == 0:
	case s.plain && state == stateOther:
		level = uint32(len(s.levels))
	case s.plain:
	case state == stateSame && s.sameSettles:
		level = uint32(s.sameAt)
	case state == sameShared && s.sharedSettles:
		level = uint32(s.sharedAt)
	default:
		if state == stateOther || state == s.crossing {
			t.could &= p.beside[s.number]
		}
		t.unknown |= p.asks[s.number]
		t.open |= 1 << s.number
		return
	}
	t.could &= p.fits[s.number][level]
	t.vector |= vector(level) << (4 * s.number)
	t.groups[s.groups[level]] += s.weights[level]
	t.rare |= uint32(s.rare>>level&1) << s.number
}

// views parts the comparisons into views: first those that look at no
// spelling, and of the others those that may keep records apart; then texts
// that may; then the rest.
func (c *compiler) views() {
	p := c.plan
	deciding := func(i uint8) bool { return p.asks[i]&p.ruleSets.apart != 0 }
	var first, texts, rest []uint8
	for n := range p.comparisons {
		switch i, x := uint8(n), &p.comparisons[n]; {
		case x.kind == dateField || x.kind == flagsField, x.plain && deciding(i):
			first = append(first, i)
		case x.plain:
			rest = append(rest, i)
		}
	}
	for _, i := range p.texts {
		if deciding(i) {
			texts = append(texts, i)
		} else {
			rest = append(rest, i)
		}
	}
	later := uint32(1)<<len(p.comparisons) - 1
	most := mostTold
	for _, numbers := range [][]uint8{first, texts, rest} {
		for len(numbers) > 0 || len(p.views) == 0 {
			v := view{}
			total := 1
			for len(numbers) > 0 {
				s := newLook(numbers[0], &p.comparisons[numbers[0]])
				if total*int(s.states) > most {
					break
				}
				total *= int(s.states)
				later &^= 1 << s.number
				v.looks, numbers = append(v.looks, s), numbers[1:]
			}
			v.later = p.asking(later)
			v.tell(p, total)
			p.views = append(p.views, v)
			most = mostToldLater
		}
	}
}

// tell finds what follows from all that a view can tell.
func (v *view) tell(p *plan, total int) {
	v.told = make([]told, total)
	for n := range v.told {
		t := &v.told[n]
		t.could = ^ruleSet(0)
		left := uint32(n)
		for k := range v.looks {
			s := &v.looks[len(v.looks)-1-k]
			s.tell(&t.finding, p, left%s.states)
			left /= s.states
		}
		t.apart = p.keepApart(t.could, t.unknown|v.later)
	}
}

// look returns what a view tells of a pair.
func (c *comparer) look(v *view, a, b []uint32) *told {
	n := uint32(0)
	for k := range v.looks {
		s := &v.looks[k]
		n = n*s.states + c.state(s, a, b)
	}
	return &v.told[n]
}

// state returns the state of a comparison.
func (c *comparer) state(s *look, a, b []uint32) uint32 {
	va, vb := s.of(a), s.of(b)
	if keys := c.values[s.number].keys; keys != nil {
		va, vb = sameAs(keys, va), sameAs(keys, vb)
	}
	state := wordState(va, vb)
	if s.closer>>state&1 != 0 {
		state = c.closer(s, state, a, b)
	}
	return state
}

// sameAs returns a number that two values have in common if they are the same.
func sameAs(keys []uint32, v uint32) uint32 {
	k := keys[v]
	if k == 0 && v != 0 {
		k = v | 1<<31 // no other's, and no key
	}
	return k
}

// closer returns the state of a comparison, where it does not follow from its
// values being there and the same.
func (c *comparer) closer(s *look, state uint32, a, b []uint32) uint32 {
	va, vb := s.of(a), s.of(b)
	switch {
	case s.dated:
		return uint32(c.plainLevel(int(s.number), s.comparison, va, vb))
	case state == 0:
		if s.mayCross(va, vb, a, b) {
			return s.crossing
		}
	case state == stateSame:
		if va == vb && c.dictionaries[s.texts].isShared(va) {
			return sameShared
		}
	case c.equalBeside(int(s.number), s.comparison, va, vb, a, b):
		return sameBeside
	}
	return state
}

// wordState is the state of two words that are the same by themselves. It asks
// nothing of the processor that it would have to guess.
func wordState(va, vb uint32) uint32 {
	there := notZero(va) & notZero(vb)
	return there << notZero(va^vb)
}

// notZero returns 1, or 0 for 0.
func notZero(x uint32) uint32 { return (x | -x) >> 31 }
