package profile

import (
	"unicode"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

// signs are what a text shows of code pages and clients that were at work.
type signs uint8

const (
	notText signs = 1 << iota
	arabic
	accented
	mojibake
	lost
	control
	padded
)

// count adds n to what t counts of each sign.
func (s signs) count(t *Text, n int64) {
	if s == 0 {
		return
	}
	for _, c := range [...]struct {
		sign signs
		to   *int64
	}{
		{notText, &t.NotText}, {arabic, &t.Arabic}, {accented, &t.Accented}, {mojibake, &t.Mojibake},
		{lost, &t.Lost}, {control, &t.Controls}, {padded, &t.Padded},
	} {
		if s&c.sign != 0 {
			*c.to += n
		}
	}
}

// The classes of characters, as patterns show them.
const (
	capital  = 'A'
	small    = 'a'
	digit    = '9'
	rtl      = 'R' // an Arabic letter; RTL letters in a pattern would turn it round
	letter   = 'X'
	hidden   = '·'
	more     = '…'
	maxRun   = 3  // of one class, before … stands for the rest
	maxDigit = 12 // the same of digits: dates and numbers are told by their count
	maxShape = 40 // characters of a pattern
)

// ascii holds the class of each ASCII character: punctuation is its own.
var ascii = func() (class [utf8.RuneSelf]rune) {
	for c := range class {
		r := rune(c)
		switch {
		case r >= 'A' && r <= 'Z':
			class[c] = capital
		case r >= 'a' && r <= 'z':
			class[c] = small
		case r >= '0' && r <= '9':
			class[c] = digit
		case r < ' ' || r == 0x7F:
			class[c] = hidden
		default:
			class[c] = r
		}
	}
	return class
}()

// scan is what is seen of a text in one pass.
type scan struct {
	pattern []byte
	length  int // characters
	digits  int
	signs   signs

	class rune // of the character before
	run   int  // how many of it
	shape int  // characters of the pattern
}

// text looks at a value. The pattern stays valid until the next.
func (s *scan) text(v sih.Raw) {
	*s = scan{pattern: s.pattern[:0]}
	if v.Bytes || !utf8.ValidString(v.Text) {
		s.signs = notText
		s.length = len(v.Text)
		s.pattern = append(s.pattern, "(bytes)"...)
		return
	}
	text := v.Text
	high := 0 // letters from À to ÿ in a row
	var before rune
	for i, r := range text {
		s.length++
		if r < utf8.RuneSelf {
			class := ascii[r]
			switch {
			case class == digit:
				s.digits++
			case class == hidden:
				s.signs |= control
			case before == '?' && (r == '?' || class == capital || class == small):
				s.signs |= lost
			}
			high = 0
			s.emit(class)
			before = r
			continue
		}
		switch {
		case r >= 0xC0 && r <= 0xFF:
			if high++; high == 3 {
				s.signs |= mojibake
			}
		default:
			if r == utf8.RuneError {
				s.signs |= lost
			}
			high = 0
		}
		if i > 0 && misread(before, r) {
			s.signs |= mojibake
		}
		s.emit(s.beyond(r, before))
		before = r
	}
	if blank(text[0]) || blank(text[len(text)-1]) {
		s.signs |= padded
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// misread tells whether two characters are the two bytes of a UTF-8 sequence,
// of a Latin or an Arabic letter, that was read as Windows-1252 or Latin-1.
// What that page has for 0x80 to 0x9F lies from U+0152 on, and in the general
// punctuation.
func misread(first, second rune) bool {
	switch first {
	case 'Ã', 'Â', 'Ø', 'Ù':
		return second >= 0x80 && second <= 0xBF || second >= 0x152 && second <= 0x192 ||
			second >= 0x2C6 && second <= 0x2DC || second >= 0x2013 && second <= 0x203A ||
			second == '€' || second == '™'
	}
	return false
}

// beyond returns the class of a character beyond ASCII and notes its signs.
func (s *scan) beyond(r, before rune) rune {
	switch {
	case unicode.IsDigit(r):
		s.digits++
		return digit
	case unicode.Is(unicode.Arabic, r), r == 0x640, r >= 0x64B && r <= 0x65F:
		if unicode.IsPunct(r) {
			return hidden
		}
		s.signs |= arabic
		return rtl
	case !unicode.IsLetter(r):
		if unicode.IsControl(r) {
			s.signs |= control
		}
		return hidden
	}
	s.signs |= accented
	if before == '?' {
		s.signs |= lost
	}
	switch {
	case !unicode.Is(unicode.Latin, r):
		return letter
	case unicode.IsUpper(r):
		return capital
	}
	return small
}

// emit adds a character's class to the pattern.
func (s *scan) emit(class rune) {
	limit := maxRun
	if class == digit {
		limit = maxDigit
	}
	if class != s.class {
		s.class, s.run = class, 0
	}
	s.run++
	switch {
	case s.shape > maxShape || s.run > limit+1:
		return
	case s.shape == maxShape:
		class = more
	case s.run == limit+1:
		// One of the class and … stand for the whole run.
		s.pattern = s.pattern[:len(s.pattern)-(limit-1)*utf8.RuneLen(class)]
		s.shape -= limit - 1
		class = more
	}
	s.shape++
	s.pattern = utf8.AppendRune(s.pattern, class)
}
