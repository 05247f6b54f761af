package name

// Key returns the comparison key of a name: lower-case ASCII, one token per
// name, in their order, the same in Arabic and Latin script and in all usual
// spellings. Articles and titles are dropped; particles and compounds are one
// token with their name. A name that holds no letter has no key.
func Key(s string) string {
	var t tokens
	t.split(s)
	if t.n == 0 {
		return ""
	}
	t.arrange()
	var buf [192]byte
	b := buf[:0]
	for i := range t.n {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		if t.list[i].arabic {
			b = arabicKey(b, t.bytes(i), 0)
		} else {
			b = latinKey(b, t.bytes(i), 0)
		}
	}
	return string(b)
}

// maxDepth bounds how many particles may be taken off one word.
const maxDepth = 4

// latinKey appends the key of one word of lower-case ASCII letters.
func latinKey(b []byte, w []byte, depth int) []byte {
	var buf [2 * maxToken]byte
	f := foldLatin(buf[:0], w)
	if k, ok := names.latin[string(f)]; ok {
		return append(b, k...)
	}
	if n := len(f); n > 5 && f[n-1] == 'h' && f[n-2] == 'a' {
		if k, ok := names.latin[string(f[:n-1])]; ok {
			return append(b, k...)
		}
	}
	if depth < maxDepth {
		if n := latinArticle(w); n > 0 {
			return latinKey(b, w[n:], depth+1)
		}
		if rest, ok := latinAbd(w); ok {
			switch string(rest) {
			case "ah", "lah", "llah", "lh":
				return append(b, "abdlah"...)
			}
			return join(b, "abd", func(b []byte) []byte { return latinKey(b, rest, depth+1) })
		}
		for _, p := range latinPrefixes {
			if len(w) >= len(p.text)+3 && string(w[:len(p.text)]) == p.text {
				return join(b, p.key, func(b []byte) []byte { return latinKey(b, w[len(p.text):], depth+1) })
			}
		}
		if n := latinEddine(w); n > 0 {
			return append(latinKey(b, w[:n], depth+1), "dyn"...)
		}
		if n := len(w) - 5; n >= 2 && string(w[n+1:]) == "llah" && (w[n] == 'a' || w[n] == 'e' || w[n] == 'o') {
			return append(latinKey(b, w[:n], depth+1), "lah"...)
		}
		if len(w) >= 8 && string(w[:6]) == "bouabd" {
			return join(b, "bw", func(b []byte) []byte { return latinKey(b, w[3:], depth+1) })
		}
	}
	// Khaled, Nasser, Kacem, Fatema: the e is the i of the participle.
	if n := len(f); (n == 5 || n == 6 && isVowel(f[5])) && !isVowel(f[0]) && f[1] == 'a' && !isVowel(f[2]) && f[3] == 'e' && !isVowel(f[4]) {
		f[3] = 'i'
	} else if n == 4 && f[0] == 'a' && !isVowel(f[1]) && f[2] == 'e' && !isVowel(f[3]) {
		f[2] = 'i'
	}
	return skeleton(b, f)
}

// latinPrefixes are the particles that are written together with a name.
var latinPrefixes = []struct{ text, key string }{
	{"ben", "bn"}, {"bel", "bl"}, {"ait", "ayt"}, {"ayt", "ayt"}, {"oulad", "wld"}, {"ouled", "wld"}, {"awlad", "wld"}, {"ould", "wld"}, {"bent", "bnt"}, {"oum", "wm"},
}

// join appends a particle's key and its name's, without the vowel that the
// name may begin with and without doubling a consonant: Benali, Bennasser.
func join(b []byte, particle string, rest func([]byte) []byte) []byte {
	b = append(b, particle...)
	n := len(b)
	b = rest(b)
	if len(b) > n+1 && (b[n] == 'a' || b[n] == b[n-1]) {
		copy(b[n:], b[n+1:])
		b = b[:len(b)-1]
	}
	return b
}

// latinArticle returns the length of the article that w begins with, or 0.
func latinArticle(w []byte) int {
	n := len(w)
	vowel := func(i int) bool { return i < n && (isVowel(w[i]) || w[i] == 'o' || w[i] == 'y') }
	switch {
	case n < 5:
		return 0
	case w[0] == 'e' && w[1] == 'l' && n >= 6 && w[2] != 'l':
		return 2
	case w[0] == 'a' && w[1] == 'l' && n >= 6 && !vowel(2) && w[2] != 'l':
		return 2
	case w[0] == 'e' && w[1] == w[2] && isSun(w[1]):
		return 2
	case n >= 7 && string(w[:5]) == "echch":
		return 3
	case n >= 7 && string(w[:3]) == "ech" && vowel(3):
		return 1
	case w[0] == 'l' && w[1] == 'a' && w[2] == 'a' && n >= 6:
		return 1
	case w[0] == 'l' && !vowel(1) && w[1] != 'l' && vowel(2):
		return 1
	}
	return 0
}

// isSun tells whether the article's l is written as the letter that follows.
func isSun(c byte) bool {
	switch c {
	case 'r', 's', 'z', 'n', 'd', 't':
		return true
	}
	return false
}

// latinAbd returns what a word that begins with Abd, servant of, goes on
// with, without the article.
func latinAbd(w []byte) (rest []byte, ok bool) {
	if len(w) < 6 || string(w[:3]) != "abd" {
		return nil, false
	}
	rest = w[3:]
	vowels := 0
	for vowels < len(rest) && (rest[vowels] == 'e' || rest[vowels] == 'a' || rest[vowels] == 'o' || rest[vowels] == 'u') {
		vowels++
	}
	if rest = rest[vowels:]; len(rest) < 2 {
		return nil, false
	}
	switch {
	case vowels > 0 && rest[0] == 'l':
		rest = rest[1:]
	case rest[0] == rest[1]:
		rest = rest[1:]
	case len(rest) > 4 && string(rest[:4]) == "chch":
		rest = rest[2:]
	}
	return rest, len(rest) >= 2
}

// latinEddine returns the length of what precedes a final eddine, or 0.
func latinEddine(w []byte) int {
	n := len(w)
	if n > 4 && w[n-1] == 'e' {
		n--
	}
	if n < 5 || w[n-1] != 'n' || w[n-2] != 'i' && w[n-2] != 'y' || w[n-3] != 'd' {
		return 0
	}
	n -= 3
	double := w[n-1] == 'd'
	if double {
		n--
	}
	vowel := n > 2 && (isVowel(w[n-1]) || w[n-1] == 'o')
	if !double && !vowel && n < 3 {
		return 0
	}
	if vowel {
		n--
	}
	if n < 2 {
		return 0
	}
	return n
}
