package sqlserver

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih"
)

// codePage turns the bytes of a char, varchar or text into text.
type codePage struct {
	utf8 bool
	// text holds the UTF-8 of each byte; nothing where the page has no
	// character for it.
	text [256]string
}

// single are the pages of one byte per character that collations have. Those
// of several (932, 936, 949, 950) the server decodes itself.
var single = map[int]*charmap.Charmap{
	437: charmap.CodePage437, 850: charmap.CodePage850, 874: charmap.Windows874,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253,
	1254: charmap.Windows1254, 1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
}

var pages sync.Map // int → *codePage

// pageOf returns a collation's code page, or nil where it is to be decoded by
// the server.
func pageOf(number int) *codePage {
	if p, ok := pages.Load(number); ok {
		return p.(*codePage)
	}
	p := new(codePage)
	cm := single[number]
	switch {
	case number == 65001:
		p.utf8 = true
	case cm == nil:
		return nil
	default:
		for b := range p.text {
			r := cm.DecodeByte(byte(b))
			switch {
			case r != utf8.RuneError:
				p.text[b] = string(r)
			case b >= 0x80 && b < 0xA0:
				// Windows reads the gaps of its pages as control characters.
				p.text[b] = string(rune(b))
			}
		}
	}
	pages.Store(number, p)
	return p
}

// decode returns the text of b, or b itself where it is no text.
func (p *codePage) decode(b []byte) sih.Raw {
	if p.utf8 {
		return sih.Raw{Text: string(b), Bytes: !utf8.Valid(b)}
	}
	long := 0
	for _, x := range b {
		t := p.text[x]
		if t == "" {
			return sih.Raw{Text: string(b), Bytes: true}
		}
		long += len(t)
	}
	if long == len(b) { // ASCII
		return sih.Raw{Text: string(b)}
	}
	var s strings.Builder
	s.Grow(long)
	for _, x := range b {
		s.WriteString(p.text[x])
	}
	return sih.Raw{Text: s.String()}
}

// decodeWide returns the text of UTF-16, or its bytes where half a character
// stands in it: nchar takes anything.
func decodeWide(b []byte) sih.Raw {
	if len(b)%2 != 0 {
		return sih.Raw{Text: string(b), Bytes: true}
	}
	var s strings.Builder
	s.Grow(len(b)/2 + len(b)/8)
	for i := 0; i < len(b); i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		switch {
		case r < utf8.RuneSelf:
			s.WriteByte(byte(r))
			continue
		case r < 0xD800 || r > 0xDFFF:
		case r < 0xDC00 && i+3 < len(b) && b[i+3]&0xFC == 0xDC:
			low := rune(b[i+2]) | rune(b[i+3])<<8
			r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
			i += 2
		default:
			return sih.Raw{Text: string(b), Bytes: true}
		}
		s.WriteRune(r)
	}
	return sih.Raw{Text: s.String()}
}
