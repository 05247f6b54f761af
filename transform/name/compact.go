package name

// Compact returns the normal form of a name for comparing strings within one
// script: no articles, titles, blanks or marks; Latin in upper-case ASCII with
// its spelling kept, Arabic with the letters folded that writers do not keep
// apart. It is one word, so that Abdel Rahim and Abdelrahim differ in nothing.
func Compact(s string) string {
	var t tokens
	t.split(s)
	if t.n == 0 {
		return ""
	}
	t.arrange()
	var buf [2 * 256]byte
	b := buf[:0]
	for i := range t.n {
		w := t.bytes(i)
		if t.list[i].arabic {
			if len(w) >= 5 && w[0] == 'A' && w[1] == 'l' {
				w = w[2:]
			}
			for _, c := range w {
				b = append(b, arabicText[c&127]...)
			}
			continue
		}
		if n := latinArticle(w); n > 0 && w[0] == 'e' {
			w = w[n:]
		}
		for _, c := range w {
			b = append(b, c&^0x20)
		}
	}
	return string(b)
}

// arabicText holds the Arabic letter of each letter of Buckwalter's, final
// forms folded.
var arabicText = func() (t [128]string) {
	for i, b := range buckwalter {
		if b != 0 && t[b] == "" {
			t[b] = string(rune(0x600 + i))
		}
	}
	t['A'], t['w'], t['y'], t['Y'], t['p'], t['h'] = "ا", "و", "ي", "ي", "ه", "ه"
	t['k'], t['j'], t['f'], t['b'] = "ك", "ج", "ف", "ب"
	return t
}()

// Phonetic returns a looser key than [Key], to block on: consonants only, and
// those that ears and clerks confuse are one: t and d, s and z, k, g and x, m
// and n. A short name keeps what would leave nothing of it.
func Phonetic(s string) string {
	key := Key(s)
	var buf [192]byte
	b := buf[:0]
	for i := 0; i < len(key); i++ {
		if i > 0 && key[i-1] == ' ' {
			b = append(b, ' ')
		}
		start := len(b)
		for ; i < len(key) && key[i] != ' '; i++ {
			c := key[i]
			switch c {
			case 'a', 'e', 'i', 'o', 'u', 'y', 'w', 'h':
				continue
			case 'd':
				c = 't'
			case 'z':
				c = 's'
			case 'g', 'x', 'q':
				c = 'k'
			case 'n':
				c = 'm'
			}
			if len(b) > start && b[len(b)-1] == c {
				continue
			}
			b = append(b, c)
		}
		if len(b)-start < 2 {
			b = b[:start]
			end := i
			for i = end; i > 0 && key[i-1] != ' '; i-- {
			}
			b = append(b, key[i:end]...)
			i = end
		}
	}
	return string(b)
}
