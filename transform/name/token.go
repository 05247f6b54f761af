package name

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A token is one word of a name, in lower-case ASCII letters or, for Arabic,
// in Buckwalter's transliteration, which has one byte per letter.
type token struct {
	start, end int
	arabic     bool
}

// maxTokens bounds the words of a name; what follows is cut.
const maxTokens = 12

// tokens is a name cut into words. It lives on the caller's stack.
type tokens struct {
	buf  [256]byte
	list [maxTokens]token
	n    int // of list
	len  int // of buf
}

func (t *tokens) bytes(i int) []byte { return t.buf[t.list[i].start:t.list[i].end] }

// buckwalter holds Buckwalter's letter of each Arabic rune from U+0620, with
// the forms that writers do not keep apart already folded: every alef is A,
// hamza on a seat is its seat, hamza alone is nothing.
var buckwalter = func() (t [0x100]byte) {
	for r, b := range map[rune]byte{
		'ا': 'A', 'أ': 'A', 'إ': 'A', 'آ': 'A', 'ٱ': 'A', 'ؤ': 'w', 'ئ': 'y',
		'ب': 'b', 'پ': 'b', 'ة': 'p', 'ت': 't', 'ث': 'v', 'ج': 'j', 'چ': 'j', 'ح': 'H', 'خ': 'x',
		'د': 'd', 'ذ': '*', 'ر': 'r', 'ز': 'z', 'س': 's', 'ش': '$', 'ص': 'S', 'ض': 'D',
		'ط': 'T', 'ظ': 'Z', 'ع': 'E', 'غ': 'g', 'ف': 'f', 'ڤ': 'f', 'ڥ': 'f', 'ق': 'q', 'ڨ': 'k',
		'ك': 'k', 'ک': 'k', 'گ': 'k', 'ڭ': 'k', 'ڪ': 'k', 'ل': 'l', 'م': 'm', 'ن': 'n',
		'ه': 'h', 'ھ': 'h', 'ہ': 'h', 'و': 'w', 'ي': 'y', 'ی': 'y', 'ى': 'Y', 'ې': 'y',
	} {
		t[r-0x600] = b
	}
	return t
}()

// latinBase holds the plain letter of each rune from U+00C0 to U+017F.
var latinBase = func() (t [0x180 - 0xc0]byte) {
	for r := rune(0xc0); r < 0x180; r++ {
		if d := norm.NFD.String(string(r)); d[0] < utf8.RuneSelf {
			t[r-0xc0] = d[0] | 0x20
		}
	}
	for r, b := range map[rune]byte{'ç': 's', 'Ç': 's', 'æ': 'e', 'Æ': 'e', 'œ': 'e', 'Œ': 'e', 'ø': 'o', 'Ø': 'o', 'ß': 's', 'ı': 'i', 'ł': 'l', 'Ł': 'l', 'đ': 'd', 'Đ': 'd', 'ð': 'd', 'þ': 't', 'ħ': 'h', 'Ħ': 'h'} {
		t[r-0xc0] = b
	}
	return t
}()

// split cuts s into words. Blanks, hyphens, dots and every other sign part
// them; an apostrophe joins, but for the article in L'Houssaine.
func (t *tokens) split(s string) {
	start, arabic, acute := 0, false, false
	flush := func() {
		if t.len == start {
			return
		}
		if acute && t.len-start > 2 {
			t.buf[t.len-1] = 'a' // Khadidjé: a final é is a ta marbuta
		}
		if t.n < maxTokens {
			t.list[t.n] = token{start, t.len, arabic}
			t.n++
		}
		start = t.len
	}
	put := func(b byte, ar bool) {
		if ar != arabic {
			flush()
			arabic = ar
		}
		if t.len-start < maxToken && t.len < len(t.buf) {
			t.buf[t.len] = b
			t.len++
		}
		acute = false
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c >= 'a' && c <= 'z':
				put(c, false)
			case c >= 'A' && c <= 'Z':
				put(c|0x20, false)
			case c == '\'' || c == '`':
				t.apostrophe(start, arabic)
			default:
				flush()
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r >= 0x620 && r <= 0x6ff:
			if b := buckwalter[r-0x600]; b != 0 {
				put(b, true)
			}
			// Hamza alone, tatweel, vowel signs and digits are nothing.
		case r >= 0xc0 && r < 0x180:
			if b := latinBase[r-0xc0]; b != 0 {
				put(b, false)
				acute = r == 'é' || r == 'É'
			}
		case r == '’' || r == '‘' || r == 'ʼ' || r == 'ʿ' || r == 'ʾ' || r == '´':
			t.apostrophe(start, arabic)
		case r >= 0x300 && r < 0x370 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == utf8.RuneError:
			// Combining accents, direction marks and what a decoder lost part nothing.
		case isArabicRune(r) || r >= 0x1e00 && r < 0x1f00:
			d := norm.NFKD.String(string(r))
			for _, r := range d {
				switch {
				case r >= 0x600 && r <= 0x6ff && buckwalter[r-0x600] != 0:
					put(buckwalter[r-0x600], true)
				case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
					put(byte(r)|0x20, false)
				}
			}
		default:
			flush()
		}
	}
	flush()
}

// apostrophe drops the article of L'Houssaine and opens M'hamed, which is
// another name than Mohamed, with a vowel.
func (t *tokens) apostrophe(start int, arabic bool) {
	if arabic || t.len-start != 1 || t.len == len(t.buf) {
		return
	}
	switch t.buf[start] {
	case 'l', 'd':
		t.len = start
	case 'm':
		t.buf[start], t.buf[start+1] = 'a', 'm'
		t.len = start + 2
	}
}
