package postgres

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// page is the 8-bit code page of a database. Nil is UTF-8, or bytes of which
// nobody says what they are.
type page = charmap.Charmap

// pages are those that can be decoded here, by PostgreSQL's names. Databases of
// other encodings are converted by the server.
var pages = map[string]*page{
	"LATIN1": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4,
	"LATIN5": charmap.ISO8859_9, "LATIN6": charmap.ISO8859_10, "LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14,
	"LATIN9": charmap.ISO8859_15, "LATIN10": charmap.ISO8859_16, "ISO_8859_5": charmap.ISO8859_5, "ISO_8859_6": charmap.ISO8859_6,
	"ISO_8859_7": charmap.ISO8859_7, "ISO_8859_8": charmap.ISO8859_8, "WIN866": charmap.CodePage866, "WIN874": charmap.Windows874,
	"WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251, "WIN1252": charmap.Windows1252, "WIN1253": charmap.Windows1253,
	"WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255, "WIN1256": charmap.Windows1256, "WIN1257": charmap.Windows1257,
	"WIN1258": charmap.Windows1258, "KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U,
}

// clientEncoding is what a connection to a database of that encoding speaks.
// Text in SQL_ASCII is whatever a program once wrote: as UTF8 the server would
// refuse to give what is none.
func clientEncoding(server string) (encoding string, _ *page) {
	if server == "SQL_ASCII" {
		return server, nil
	}
	if p := pages[server]; p != nil {
		return server, p
	}
	return "UTF8", nil
}

// appendText appends the text that raw stands for, and raw itself where that
// is none.
func appendText(b []byte, p *page, raw []byte) (_ []byte, isBytes bool) {
	if p == nil {
		return append(b, raw...), !utf8.Valid(raw)
	}
	begin := len(b)
	for _, c := range raw {
		if c < utf8.RuneSelf {
			b = append(b, c)
			continue
		}
		r := p.DecodeByte(c)
		if back, ok := p.EncodeRune(r); r == utf8.RuneError || !ok || back != c {
			return append(b[:begin], raw...), true
		}
		b = utf8.AppendRune(b, r)
	}
	return b, false
}

// encode returns the bytes of a text that was decoded under p.
func encode(p *page, text string) string {
	if p == nil {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if c, ok := p.EncodeRune(r); ok {
			b.WriteByte(c)
		} else {
			b.WriteRune(r) // was not decoded under p, and is in no table
		}
	}
	return b.String()
}

// decode returns a name of the catalogue as it is told.
func decode(p *page, raw string) string {
	b, isBytes := appendText(nil, p, []byte(raw))
	if isBytes {
		return strings.ToValidUTF8(raw, "?")
	}
	return string(b)
}
