package name

import (
	"strings"
	"unicode"
)

// Split parts a cell that holds both names, the family name first: before a
// comma; or the leading words in capitals where others are not; or the first
// word with the particles before it. A cell of one word is a family name.
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
		n = 1
		for n < len(words) && particle(words[n-1]) {
			n++
		}
	}
	n = min(n, len(words))
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
	var t tokens
	t.split(w)
	if t.n != 1 {
		return false
	}
	kind := roleOf(t.bytes(0), t.list[0].arabic)
	return kind == article || kind == joined
}
