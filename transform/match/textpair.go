package match

import (
	"bytes"
	"slices"
)

// A textPair is a comparison of texts at work.
type textPair struct {
	c       *comparer
	i       int // number of the comparison
	x       *comparison
	d       *dictionary
	values  *values
	similar int // of the two values, or -1 before it is known
}

// holds tests two values, neither missing.
func (t *textPair) holds(l *level, va, vb uint32) bool {
	switch l.test {
	case testSame:
		return t.c.equal(t.i, va, vb)
	case testShared:
		return va == vb && t.d.isShared(va)
	case testKnown:
		return t.twoNames(va, vb)
	case testDistinct:
		return t.distinct(va, vb)
	}
	if !l.common && t.distinct(va, vb) {
		return false
	}
	if l.test == testForm {
		code := t.d.forms[l.n].code
		return code[va] != 0 && code[va] == code[vb]
	}
	if l.test == testWithin {
		return t.within(va, vb)
	}
	sa, sb := &t.values.spelled[va], &t.values.spelled[vb]
	switch l.test {
	case testJaro:
		if t.similar < 0 {
			if !mayReach(sa, sb, t.values.text, l.n) {
				return false
			}
			t.similar = t.c.scratch.jaroWinkler(t.values.letters(sa), t.values.letters(sb))
		}
		return t.similar >= l.n
	case testEdits:
		return mayBeWithin(sa, sb, l.n) && t.c.scratch.edits(t.values.letters(sa), t.values.letters(sb)) <= l.n
	case testStart:
		return startsWith(t.values.letters(sa), t.values.letters(sb), l.n)
	}
	return false
}

// distinct tells whether two values, which differ, are no misspellings of each
// other: both are common, or both are known for what they are.
func (t *textPair) distinct(va, vb uint32) bool {
	common := t.values.common
	return common != nil && common[va] && common[vb] || t.twoNames(va, vb)
}

// twoNames tells whether two values are known to be two names.
func (t *textPair) twoNames(va, vb uint32) bool {
	code := t.values.known
	return code != nil && code[va] != 0 && code[vb] != 0 && code[va] != code[vb]
}

// agree tells whether two values of different fields are the same or similar
// enough.
func (t *textPair) agree(va, vb uint32, least int) bool {
	if va == 0 || vb == 0 {
		return false
	}
	if t.c.equal(t.i, va, vb) {
		return true
	}
	if t.twoNames(va, vb) {
		return false
	}
	sa, sb := &t.values.spelled[va], &t.values.spelled[vb]
	return mayReach(sa, sb, t.values.text, least) && t.c.scratch.jaroWinkler(t.values.letters(sa), t.values.letters(sb)) >= least
}

// mostWords is the greatest number of words that two names together have.
const mostWords = 12

// within tells whether one value begins with all words of the other, by their
// keys: Fatima Zahra and Fatima.
func (t *textPair) within(va, vb uint32) bool {
	x, y := t.d.letters(t.x.key, va), t.d.letters(t.x.key, vb)
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) > 0 && len(x) < len(y) && y[len(x)] == ' ' && bytes.HasPrefix(y, x)
}

// whole tells whether two pairs of values hold the same words, in whatever
// order and however split: a register keeps the whole name in one cell, and
// nobody knows where the family name ends.
func (t *textPair) whole(form int, va, wa, vb, wb uint32) bool {
	bags := t.d.forms[form].bags
	if bags[va]+bags[wa] != bags[vb]+bags[wb] {
		return false
	}
	var bufA, bufB [mostWords][]byte
	x := words(words(bufA[:0], t.d.maybe(form, va)), t.d.maybe(form, wa))
	y := words(words(bufB[:0], t.d.maybe(form, vb)), t.d.maybe(form, wb))
	if len(x) != len(y) || len(x) < 2 {
		return false
	}
	for _, w := range x {
		i := 0
		for i < len(y) && !bytes.Equal(w, y[i]) {
			i++
		}
		if i == len(y) {
			return false
		}
		y[i] = y[len(y)-1]
		y = y[:len(y)-1]
	}
	return true
}

// among tells whether one value has all words of the other, in some form: then
// the rest of it stands in another field of the other record.
func (t *textPair) among(form int, va, vb uint32) bool {
	var bufA, bufB [mostWords][]byte
	x, y := words(bufA[:0], t.d.maybe(form, va)), words(bufB[:0], t.d.maybe(form, vb))
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range x {
		if !slices.ContainsFunc(y, func(v []byte) bool { return bytes.Equal(v, w) }) {
			return false
		}
	}
	return len(x) > 0
}

// words appends the words of a text, as many as there is room for.
func words(out [][]byte, text []byte) [][]byte {
	for len(text) > 0 && len(out) < cap(out) {
		w, rest, _ := bytes.Cut(text, []byte{' '})
		if len(w) > 0 {
			out = append(out, w)
		}
		text = rest
	}
	return out
}

// other tells whether a value agrees with another field of the other record,
// or two such fields with each other.
func (t *textPair) other(l *level, a, b []uint32) bool {
	own := t.x.at
	for _, f := range l.fields {
		if t.agree(a[own], b[f], l.n) || t.agree(a[f], b[own], l.n) {
			return true
		}
		for _, g := range l.fields {
			if t.agree(a[f], b[g], l.n) {
				return true
			}
		}
	}
	return false
}

// cross tells whether a value is the same as another field of the other record.
func (t *textPair) cross(l *level, a, b []uint32) bool {
	own := t.x.at
	for _, f := range l.fields {
		if a[own] != 0 && b[f] != 0 && t.c.equal(t.i, a[own], b[f]) || b[own] != 0 && a[f] != 0 && t.c.equal(t.i, b[own], a[f]) {
			return true
		}
	}
	return false
}

// level finds the level of two values, of which one may be missing.
func (t *textPair) level(va, vb uint32, a, b []uint32) uint8 {
	x := t.x
	both := va != 0 && vb != 0
	for n := range x.levels {
		l := &x.levels[n]
		holds := false
		switch {
		case l.test == testOther:
			holds = t.other(l, a, b)
		case l.test == testCross:
			holds = t.cross(l, a, b)
		case !both:
		case l.test == testSwap:
			f := l.fields[0]
			holds = t.agree(va, b[f], l.n) && t.agree(a[f], vb, l.n)
		case l.test == testWhole:
			f := l.fields[0]
			// Where the other halves agree, these can be compared by themselves.
			holds = (a[f] == 0 || b[f] == 0 || !t.c.equal(t.i, a[f], b[f])) && (!t.twoNames(va, vb) || t.among(l.n, va, vb)) && t.whole(l.n, va, a[f], vb, b[f])
		case l.test == testElse:
			if x.shareable && (t.d.isShared(va) || t.d.isShared(vb)) {
				return 0
			}
			holds = true
		default:
			holds = t.holds(l, va, vb)
		}
		if holds {
			return uint8(n + 1)
		}
	}
	return 0
}

// plain finds the level of two values by the tests that look at nothing else,
// if there is one before the given level.
func (t *textPair) plain(va, vb uint32, before uint8) uint8 {
	for n := range t.x.levels[:before-1] {
		l := &t.x.levels[n]
		switch l.test {
		case testSame, testForm, testJaro, testEdits, testStart, testWithin:
			if t.holds(l, va, vb) {
				return uint8(n + 1)
			}
		}
	}
	return 0
}
