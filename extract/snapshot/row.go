package snapshot

import (
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

const hexDigits = "0123456789abcdef"

// appendRow appends row as one line: a JSON array of texts, nulls and
// {"b64":…} for bytes that are not text.
func appendRow(b []byte, row extract.Row) []byte {
	b = append(b, '[')
	for i, f := range row {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case f.Null:
			b = append(b, "null"...)
		case f.Bytes || !utf8.ValidString(f.Text):
			b = append(b, `{"b64":"`...)
			b = base64.StdEncoding.AppendEncode(b, []byte(f.Text))
			b = append(b, `"}`...)
		default:
			b = appendString(b, f.Text)
		}
	}
	return append(b, "]\n"...)
}

// appendString appends s as a JSON string: quotation marks, backslashes and
// control characters escaped, everything else as it is.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		for len(s)-i >= 8 && bare(s[i:i+8]) {
			i += 8
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// bare tells whether none of eight bytes is escaped. It looks at all of them
// at once: a byte that is less than n, or is c, has its highest bit set.
func bare(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((w-ones*0x20)&^w|(quote-ones)&^quote|(slash-ones)&^slash)&high == 0
}

var errRow = errors.New("not an array of texts, nulls and {\"b64\":…}")

// parseRow reads one line that appendRow wrote into row, which it reuses, and
// returns the rest of s after the line. The texts share s's memory.
func parseRow(s string, row extract.Row) (extract.Row, string, error) {
	row = row[:0]
	if s == "" || s[0] != '[' {
		return nil, s, errRow
	}
	s = s[1:]
	for {
		var f sih.Raw
		var err error
		switch {
		case s == "":
			return nil, s, errRow
		case s[0] == '"':
			f.Text, s, err = parseString(s)
		case len(s) >= 4 && s[:4] == "null":
			f, s = sih.Null, s[4:]
		case len(s) >= 7 && s[:7] == `{"b64":`:
			f.Text, s, err = parseString(s[7:])
			if err == nil {
				var raw []byte
				raw, err = base64.StdEncoding.DecodeString(f.Text)
				f.Text, f.Bytes = string(raw), true
			}
			if err != nil || s == "" || s[0] != '}' {
				return nil, s, errRow
			}
			s = s[1:]
		default:
			return nil, s, errRow
		}
		if err != nil || s == "" {
			return nil, s, errRow
		}
		row = append(row, f)
		switch {
		case s[0] == ',':
			s = s[1:]
		case s[0] == ']' && len(s) >= 2 && s[1] == '\n':
			return row, s[2:], nil
		default:
			return nil, s, errRow
		}
	}
}

// parseString reads a JSON string at the start of s and returns the rest.
func parseString(s string) (text, rest string, err error) {
	if s == "" || s[0] != '"' {
		return "", s, errRow
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:], nil
		case c == '\\':
			return parseEscaped(s, i)
		case c < 0x20:
			return "", s, errRow
		}
	}
	return "", s, errRow
}

// parseEscaped goes on with a JSON string at its first backslash.
func parseEscaped(s string, at int) (text, rest string, err error) {
	b := append(make([]byte, 0, at+32), s[1:at]...)
	for i := at; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			return string(b), s[i+1:], nil
		case c < 0x20:
			return "", s, errRow
		case c != '\\':
			b = append(b, c)
			continue
		}
		i++
		if i >= len(s) {
			break
		}
		switch s[i] {
		case '"', '\\', '/':
			b = append(b, s[i])
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			// The writer escapes control characters only.
			if i+4 >= len(s) || s[i+1] != '0' || s[i+2] != '0' {
				return "", s, errRow
			}
			hi, lo := unhex(s[i+3]), unhex(s[i+4])
			if hi < 0 || hi > 1 || lo < 0 {
				return "", s, errRow
			}
			b = append(b, byte(hi<<4|lo))
			i += 4
		default:
			return "", s, errRow
		}
	}
	return "", s, errRow
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
