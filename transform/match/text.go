package match

import (
	"bytes"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// longest is the greatest number of letters of a text that are compared; it
// is the width of a machine word, in which positions are bits.
const longest = 64

// A scratch is what one worker needs to compare texts. Texts are given as
// symbols, one byte per letter.
type scratch struct {
	// at holds, for each symbol, the positions where the first text has it.
	// It is all zero between calls.
	at [256]uint64
}

// jaroWinkler returns the similarity of two texts in ten-thousandths, rounded
// to the nearest, after Winkler (1990): the share of letters in common within
// half the longer length, less half the transpositions, raised by a tenth of
// the rest for each of up to four equal first letters where it exceeds 0.7.
// The arithmetic is in integers, so that every machine finds the same. Which
// letters are taken as common depends, for a few texts, on which is read
// first: that is the shorter, or the one earlier in the order of symbols.
func (s *scratch) jaroWinkler(a, b []byte) int {
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if len(a) > len(b) || len(a) == len(b) && bytes.Compare(a, b) > 0 {
		a, b = b, a
	}
	for i, c := range a {
		s.at[c] |= 1 << i
	}
	reach := max(len(a), len(b))/2 - 1
	if reach < 0 {
		reach = 0
	}
	// window has the bits of positions that the letter at j may match.
	window := uint64(1)<<(reach+1) - 1
	if reach >= 63 {
		window = ^uint64(0)
	}
	var usedA, usedB uint64
	for j, c := range b {
		hit := s.at[c] & window &^ usedA
		if hit != 0 {
			usedA |= hit & -hit
			usedB |= 1 << j
		}
		if j < reach {
			window = window<<1 | 1
		} else {
			window <<= 1
		}
	}
	for _, c := range a {
		s.at[c] = 0
	}
	if usedA == 0 {
		return 0
	}
	m, odd := int64(0), int64(0)
	for ua, ub := usedA, usedB; ua != 0; m++ {
		if a[bits.TrailingZeros64(ua)] != b[bits.TrailingZeros64(ub)] {
			odd++
		}
		ua &= ua - 1
		ub &= ub - 1
	}
	la, lb := int64(len(a)), int64(len(b))
	num := m*m*lb + m*m*la + (m-odd/2)*la*lb
	den := 3 * la * lb * m
	if 10*num > 7*den {
		prefix := int64(0)
		for prefix < 4 && prefix < la && prefix < lb && a[prefix] == b[prefix] {
			prefix++
		}
		num = 10*num + prefix*(den-num)
		den *= 10
	}
	return int((2*10000*num + den) / (2 * den))
}

// mayReach tells whether two texts, by the letters that they have, can be as
// similar as least. A letter that the other lacks matches nothing, and what is
// left of most pairs of names is too little, whatever they start with.
func mayReach(a, b *spelling, text []byte, least int) bool {
	la, lb := int(a.length), int(b.length)
	m := min(la-bits.OnesCount64(a.mask&^b.mask), lb-bits.OnesCount64(b.mask&^a.mask))
	if m <= 0 {
		return false
	}
	if la > longest || lb > longest {
		return true // the masks know of letters that are not compared
	}
	jaro := (10000*m/la+10000*m/lb+10000)/3 + 2
	raised := func(prefix int) bool { return jaro+prefix*(10000-jaro)/10+1 >= least }
	if !raised(4) {
		return false
	}
	prefix := 0
	for prefix < 4 && prefix < la && prefix < lb && text[int(a.at)+prefix] == text[int(b.at)+prefix] {
		prefix++
	}
	return raised(prefix)
}

// mayBeWithin tells whether two texts, by the letters that they have, can be
// so few edits apart, and whether there are two texts. An edit brings at most
// one letter that the other lacks, and takes away one.
func mayBeWithin(a, b *spelling, edits int) bool {
	if a.length == 0 || b.length == 0 {
		return false
	}
	if a.length > longest || b.length > longest {
		return true // the masks know of letters that are not compared
	}
	return max(a.length, b.length)-min(a.length, b.length) <= uint32(edits) &&
		bits.OnesCount64(a.mask&^b.mask) <= edits && bits.OnesCount64(b.mask&^a.mask) <= edits
}

// edits returns the number of letters to insert, delete, replace or swap with
// their neighbour that make b of a, each letter touched once (optimal string
// alignment), by Hyyrö's bit-parallel recurrence (2003).
func (s *scratch) edits(a, b []byte) int {
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	if len(a) == 0 || len(b) == 0 {
		return max(len(a), len(b))
	}
	for i, c := range a {
		s.at[c] |= 1 << i
	}
	distance := len(a)
	last := uint64(1) << (len(a) - 1)
	up, down := ^uint64(0), uint64(0)
	var diagonal, before uint64
	for _, c := range b {
		here := s.at[c]
		swap := (^diagonal & here) << 1 & before
		diagonal = (here&up + up) ^ up | here | down | swap
		right := down | ^(diagonal | up)
		left := diagonal & up
		if right&last != 0 {
			distance++
		} else if left&last != 0 {
			distance--
		}
		right = right<<1 | 1
		left <<= 1
		up = left | ^(diagonal | right)
		down = right & diagonal
		before = here
	}
	for _, c := range a {
		s.at[c] = 0
	}
	return distance
}

// JaroWinkler returns the Jaro-Winkler similarity of two texts, letter by
// letter, in ten-thousandths. Only the first 64 letters count.
func JaroWinkler(a, b string) int {
	x, y := spell(a, b)
	return new(scratch).jaroWinkler(x, y)
}

// Edits returns the optimal string alignment distance of two texts, letter by
// letter. Only the first 64 letters count.
func Edits(a, b string) int {
	x, y := spell(a, b)
	return new(scratch).edits(x, y)
}

// spell writes two texts as symbols of an alphabet of their own, in the order
// of Unicode. At most 64 letters of each are kept, so 256 symbols suffice.
func spell(a, b string) (x, y []byte) {
	r, s := []rune(a), []rune(b)
	r, s = r[:min(len(r), longest)], s[:min(len(s), longest)]
	letters := slices.Concat(r, s)
	slices.Sort(letters)
	letters = slices.Compact(letters)
	symbols := func(text []rune) []byte {
		out := make([]byte, len(text))
		for i, c := range text {
			n, _ := slices.BinarySearch(letters, c)
			out[i] = byte(n)
		}
		return out
	}
	return symbols(r), symbols(s)
}

// An alphabet gives each letter of a dictionary a symbol: ASCII stands for
// itself, and the other letters follow in the order of Unicode.
type alphabet map[rune]byte

// newAlphabet returns the alphabet of the letters beyond ASCII. A dictionary
// of names has a few dozen; past 128 the rarer scripts share the last symbol.
func newAlphabet(letters map[rune]struct{}) alphabet {
	sorted := make([]rune, 0, len(letters))
	for r := range letters {
		sorted = append(sorted, r)
	}
	slices.Sort(sorted)
	a := make(alphabet, len(sorted))
	for i, r := range sorted {
		a[r] = byte(min(utf8.RuneSelf+i, 255))
	}
	return a
}

func (al alphabet) appendSymbols(out, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		s = s[n:]
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		} else {
			out = append(out, al[r])
		}
	}
	return out
}
