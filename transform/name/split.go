package name

import (
	"strings"
	"unicode"
)

// Split parts a cell that holds both names, in either order. The family name is
// what stands before a comma; or the leading words in capitals where others are
// not. Otherwise names that names.txt knows as given, at one end only, are the
// given name; and where that tells nothing the first word, with the particles
// before it, is the family name. A cell of one word is a family name.
func Split(s string) (family, given string) {
	if IsArabic(s) {
		s = Arabic(s)
	} else {
		s = Latin(s)
	}
	if f, g, ok := strings.Cut(s, ","); ok {
		return strings.TrimSpace(f), strings.TrimSpace(g)
	}
	words := strings.Fields(s)
	n := 0
	for n < len(words) && capitals(words[n]) {
		n++
	}
	if n == 0 || n == len(words) {
		return splitKnown(words)
	}
	return strings.Join(words[:n], " "), strings.Join(words[n:], " ")
}

// splitKnown parts words by what is known of given names.
func splitKnown(words []string) (family, given string) {
	var ends []int // of each name: a word with the particles before and the suffix after it
	for i, w := range words {
		if i == len(words)-1 || !particle(w) && partOf(words[i+1]) != suffix {
			ends = append(ends, i+1)
		}
	}
	known := func(i int) bool {
		start := 0
		if i > 0 {
			start = ends[i-1]
		}
		return names.given[Key(strings.Join(words[start:ends[i]], " "))]
	}
	if len(ends) == 0 {
		return "", ""
	}
	last := len(ends) - 1
	first, end := known(0), known(last)
	n := ends[0]
	switch {
	case first && !end:
		i := 0
		for i < last && known(i) {
			i++
		}
		return strings.Join(words[ends[i-1]:], " "), strings.Join(words[:ends[i-1]], " ")
	case end && !first:
		i := last
		for i > 1 && known(i-1) {
			i--
		}
		n = ends[i-1]
	}
	return strings.Join(words[:n], " "), strings.Join(words[n:], " ")
}

// capitals tells whether w has a capital and no small letter.
func capitals(w string) bool {
	some := false
	for _, r := range w {
		if unicode.IsLower(r) || unicode.IsLetter(r) && !unicode.IsUpper(r) {
			return false
		}
		some = some || unicode.IsUpper(r)
	}
	return some
}

// particle tells whether a family name does not end with w.
func particle(w string) bool {
	kind := partOf(w)
	return kind == article || kind == joined
}

// partOf tells what part a word of a name plays.
func partOf(w string) role {
	var t tokens
	t.split(w)
	if t.n != 1 {
		return word
	}
	return roleOf(t.bytes(0), t.list[0].arabic)
}
