package name

// arabicKey appends the key of one word in Buckwalter's transliteration.
func arabicKey(b []byte, w []byte, depth int) []byte {
	if k, ok := arabicListed(w); ok {
		return append(b, k...)
	}
	if depth < maxDepth {
		n := len(w)
		switch {
		case n >= 5 && w[0] == 'A' && w[1] == 'l':
			return arabicKey(b, w[2:], depth+1)
		case n >= 5 && w[0] == 'l' && w[1] == 'E':
			return arabicKey(b, w[1:], depth+1)
		case n >= 6 && string(w[:3]) == "Ebd":
			rest := w[3:]
			if rest[0] == 'A' && rest[1] == 'l' && len(rest) >= 4 {
				rest = rest[2:]
			}
			switch string(rest) {
			case "lh":
				return append(b, "abdlah"...)
			}
			return join(b, "abd", func(b []byte) []byte { return arabicKey(b, rest, depth+1) })
		case n >= 7 && string(w[n-5:]) == "Aldyn":
			return append(arabicKey(b, w[:n-5], depth+1), "dyn"...)
		case n >= 6 && string(w[n-4:]) == "Allh":
			return append(arabicKey(b, w[:n-4], depth+1), "lah"...)
		case n >= 8 && string(w[:5]) == "bwEbd":
			return join(b, "bw", func(b []byte) []byte { return arabicKey(b, w[2:], depth+1) })
		}
		for _, p := range arabicPrefixes {
			if n >= len(p.text)+3 && string(w[:len(p.text)]) == p.text {
				return join(b, p.key, func(b []byte) []byte { return arabicKey(b, w[len(p.text):], depth+1) })
			}
		}
	}
	var buf [2 * maxToken]byte
	return skeleton(b, foldArabic(buf[:0], w))
}

// arabicPrefixes are the particles that are written together with a name.
var arabicPrefixes = []struct{ text, key string }{
	{"bn", "bn"}, {"bl", "bl"}, {"Ayt", "ayt"}, {"AwlAd", "wld"}, {"wld", "wld"}, {"wm", "wm"},
}

// arabicListed looks a word up in names.txt, where a final ta marbuta stands
// as h and a final alef maqsura as y: writers do not keep them apart.
func arabicListed(w []byte) (string, bool) {
	if len(w) > maxToken {
		return "", false
	}
	var buf [maxToken]byte
	k := append(buf[:0], w...)
	for i, c := range k {
		switch c {
		case 'p':
			k[i] = 'h'
		case 'Y':
			k[i] = 'y'
		}
	}
	key, ok := names.arabic[string(k)]
	return key, ok
}

// arabicLetter holds the letter of the common alphabet for each letter of
// Buckwalter's.
var arabicLetter = [128]byte{
	'A': 'a', 'b': 'b', 't': 't', 'v': 't', 'j': 'j', 'H': 'h', 'x': 'x', 'd': 'd', '*': 'd',
	'r': 'r', 'z': 'z', 's': 's', '$': 'c', 'S': 's', 'D': 'd', 'T': 't', 'Z': 'd', 'g': 'g',
	'f': 'f', 'q': 'k', 'k': 'k', 'l': 'l', 'm': 'm', 'n': 'n', 'h': 'h', 'w': 'u', 'y': 'i', 'Y': 'i',
}

// foldArabic appends the fold of a word in Buckwalter's transliteration.
func foldArabic(b []byte, w []byte) []byte {
	n := len(w)
	long := func(c byte) bool { return c == 'A' || c == 'w' || c == 'y' || c == 'Y' }
	for i, c := range w {
		last := i == n-1
		switch {
		case c == 'E':
			// Ain opens a word with a vowel, parts a long vowel from what
			// follows, as in Bouazza, and is silent elsewhere.
			if i == 0 && (n < 2 || w[1] != 'A') || i > 0 && !last && (w[i-1] == 'w' || w[i-1] == 'y') {
				b = append(b, 'a')
			}
		case c == 'p' || c == 'h' && last && n > 3 && !long(w[n-2]):
			switch {
			case !last:
				b = append(b, 't')
			case i > 0 && w[i-1] == 'A': // Hayat, Najat
				b = append(b, 't')
			default:
				b = append(b, 'a')
			}
		default:
			b = append(b, arabicLetter[c&127])
			if c == 'y' && i == 0 && n > 1 && !long(w[1]) {
				b = append(b, 'a') // a first ya is a consonant
			}
		}
		// خالد, طاهر, ناصري: the participle's i, which is not written.
		if i == 2 && w[1] == 'A' && n > 3 && !long(c) && !long(w[3]) && w[3] != 'p' &&
			(n == 4 && !(w[3] == 'h') || n == 5 && (w[4] == 'p' || w[4] == 'h' || w[4] == 'y')) {
			b = append(b, 'i')
		}
	}
	return b
}
