package simulate

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encoded is an accented text as ENOVA has it: sometimes encoded twice.
func (g *generator) encoded(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			if hit(g.rand, g.rates.DoubleUTF8) {
				g.count.DoubleUTF8++
				return latin1Text(s)
			}
			break
		}
	}
	return s
}

// latin1Arabic is an Arabic name in ENOVA's latin1 column: old rows hold
// cp1256 bytes, some were lost, the newer ones are as they should be.
func (g *generator) latin1Arabic(s string) string {
	switch {
	case s == "":
		return s
	case hit(g.rand, g.rates.OldEncoding):
		g.count.OldEncoding++
		raw := make([]byte, 0, len(s))
		for _, c := range s {
			b, ok := charmap.Windows1256.EncodeRune(c)
			if !ok {
				b = '?'
			}
			raw = append(raw, b)
		}
		return latin1Text(string(raw))
	case hit(g.rand, g.rates.LostText):
		g.count.LostText++
		return lost(s)
	}
	return s
}

// latin1Text reads bytes as MySQL's latin1, which is cp1252 with its five
// empty places filled by control characters.
func latin1Text(s string) string {
	var b strings.Builder
	for i := range len(s) {
		r := charmap.Windows1252.DecodeByte(s[i])
		if r == utf8.RuneError {
			r = rune(s[i])
		}
		b.WriteRune(r)
	}
	return b.String()
}

// lost is an Arabic text after a program without Arabic: question marks.
func lost(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		return '?'
	}, s)
}
