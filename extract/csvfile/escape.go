package csvfile

import (
	"bytes"
	"encoding/hex"

	"github.com/sihctl/sih"
)

// Files with escapes are those that MySQL writes for LOAD DATA (SELECT … INTO
// OUTFILE, mysqldump --tab), and that the batch of sihctl extract script
// writes. Within a field
//
//	\N   alone is NULL
//	\X   and pairs of hexadecimal digits to the field's end are bytes that are
//	     no text; MySQL itself never writes it
//	\t \n \r \b \0 \Z   are TAB, LF, CR, BS, NUL, 0x1A
//	\    before any other character is that character: a backslash, a
//	     separator, also the end of a line
//
// so that an empty field is an empty text, and every value can be told.

// openEscape is the fault of a record that ends after a backslash: it goes on
// in the next line.
const openEscape fault = "a backslash stands at its end"

// runEscaped is run for files with escapes.
func (p *splitter) runEscaped(rec []byte) fault {
	for {
		end := len(rec)
		if !p.noSep {
			if n := bytes.IndexByte(rec[p.pos:], p.sep); n >= 0 {
				end = p.pos + n
			}
		}
		if n := bytes.IndexByte(rec[p.pos:end], '\\'); n >= 0 {
			p.pos += n
			if p.pos+1 == len(rec) {
				return openEscape
			}
			p.escaped = true
			p.pos += 2
			continue
		}
		p.fields = append(p.fields, span{start: p.start, end: end, escaped: p.escaped})
		p.escaped = false
		if end == len(rec) {
			p.pos = end
			return ""
		}
		p.pos = end + 1
		p.start = p.pos
	}
}

// unescaped returns the value of a field that holds escapes.
func (m *rowMaker) unescaped(field []byte) sih.Raw {
	if string(field) == `\N` {
		return sih.Null
	}
	if digits, ok := bytes.CutPrefix(field, []byte(`\X`)); ok {
		if data, err := hex.DecodeString(string(digits)); err == nil {
			return sih.Raw{Text: string(data), Bytes: true}
		}
	}
	text, ok := m.codec.appendText(nil, unescape(nil, field))
	return sih.Raw{Text: string(text), Bytes: !ok}
}

// unescape appends what the escapes of a field stand for.
func unescape(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 == len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		c := b[i+1]
		switch c {
		case 't':
			c = '\t'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 'b':
			c = '\b'
		case '0':
			c = 0
		case 'Z':
			c = 0x1A
		}
		dst = append(dst, c)
		b = b[i+2:]
	}
}
