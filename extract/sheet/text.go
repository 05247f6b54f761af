package sheet

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// textReader reads the text of an si or is element: its t elements, alone or
// in rich text runs, but not those of phonetic hints.
type textReader struct{ buf []byte }

// read reads up to the end of the element, whose start was the last token.
func (x *textReader) read(t *tokens, element string) error {
	x.buf = x.buf[:0]
	inText, hints := false, 0
	for {
		kind, err := t.next()
		if err != nil {
			return err
		}
		switch kind {
		case tokenEOF:
			return io.ErrUnexpectedEOF
		case tokenStart:
			switch string(t.name) {
			case "t":
				inText = true
			case "rPh":
				hints++
			}
		case tokenText:
			if inText && hints == 0 {
				x.buf = t.appendText(x.buf)
			}
		case tokenEnd:
			switch string(t.name) {
			case "t":
				inText = false
			case "rPh":
				hints--
			case element:
				x.buf = unescapeUnits(x.buf)
				return nil
			}
		}
	}
}

// unescapeUnits resolves, in place, the escapes of ECMA-376 part 1, 22.9.2.19
// (ST_Xstring): _xHHHH_ stands for the UTF-16 unit that XML cannot hold, and
// _x005F_ for an underscore that would begin such an escape. A pair of
// surrogates is one character; half of one, which is none, stays as written.
func unescapeUnits(b []byte) []byte {
	i := bytes.Index(b, []byte("_x"))
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		u, ok := unit(b[i:])
		if !ok {
			out = append(out, b[i])
			i++
			continue
		}
		n := 7
		if utf16.IsSurrogate(u) {
			low, ok := unit(b[i+n:])
			c := utf16.DecodeRune(u, low)
			if !ok || c == utf8.RuneError {
				out = append(out, b[i])
				i++
				continue
			}
			u, n = c, 14
		}
		out = utf8.AppendRune(out, u)
		i += n
	}
	return out
}

// unit reads an escape at the head of b.
func unit(b []byte) (rune, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
