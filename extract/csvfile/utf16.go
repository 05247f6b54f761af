package csvfile

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// A UTF-16 file is read as UTF-8, in a form that can be turned back to its
// own bytes whatever it holds: a surrogate without its other half is written
// as if it were a character, which valid UTF-8 forbids, and a single last byte
// as oddMark and two bytes with four bits each.
const oddMark = 0xFF

// wideReader reads UTF-16 as UTF-8.
type wideReader struct {
	src     *bufio.Reader
	order   binary.ByteOrder
	pending []byte
	buf     [2 * utf8.UTFMax]byte
}

func newWideReader(src io.Reader, order binary.ByteOrder) *wideReader {
	return &wideReader{src: bufio.NewReaderSize(src, 64<<10), order: order}
}

// Read implements io.Reader.
func (w *wideReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(w.pending) > 0 {
			c := copy(p[n:], w.pending)
			w.pending = w.pending[c:]
			n += c
			continue
		}
		if err := w.decode(); err != nil {
			if n > 0 && err == io.EOF {
				return n, nil
			}
			return n, err
		}
	}
	return n, nil
}

// decode puts the next character into pending.
func (w *wideReader) decode() error {
	two, err := w.src.Peek(2)
	if len(two) == 0 {
		return err
	}
	if len(two) == 1 {
		if err != io.EOF {
			return err
		}
		w.pending = append(w.buf[:0], oddMark, 0x80|two[0]>>4, 0x80|two[0]&15)
		w.src.Discard(1)
		return nil
	}
	unit := rune(w.order.Uint16(two))
	w.src.Discard(2)
	if !utf16.IsSurrogate(unit) {
		w.pending = utf8.AppendRune(w.buf[:0], unit)
		return nil
	}
	if two, err = w.src.Peek(2); len(two) == 2 {
		if c := utf16.DecodeRune(unit, rune(w.order.Uint16(two))); c != utf8.RuneError {
			w.src.Discard(2)
			w.pending = utf8.AppendRune(w.buf[:0], c)
			return nil
		}
	} else if err != io.EOF {
		return err
	}
	w.pending = append(w.buf[:0], 0xE0|byte(unit>>12), 0x80|byte(unit>>6)&0x3F, 0x80|byte(unit)&0x3F)
	return nil
}

// wideLen returns the number of bytes that the file has for b.
func wideLen(b []byte) int {
	n := 0
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c < 0x80:
			i, n = i+1, n+2
		case c < 0xE0:
			i, n = i+2, n+2
		case c < 0xF0:
			i, n = i+3, n+2
		case c == oddMark:
			i, n = i+3, n+1
		default:
			i, n = i+4, n+4
		}
	}
	return n
}

// appendWide appends the bytes that the file has for b.
func appendWide(dst, b []byte, order binary.AppendByteOrder) []byte {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c < 0x80:
			dst, i = order.AppendUint16(dst, uint16(c)), i+1
		case c < 0xE0:
			dst, i = order.AppendUint16(dst, uint16(c&0x1F)<<6|uint16(b[i+1]&0x3F)), i+2
		case c < 0xF0:
			dst, i = order.AppendUint16(dst, uint16(c)<<12|uint16(b[i+1]&0x3F)<<6|uint16(b[i+2]&0x3F)), i+3
		case c == oddMark:
			dst, i = append(dst, b[i+1]<<4|b[i+2]&15), i+3
		default:
			r, _ := utf8.DecodeRune(b[i:])
			hi, lo := utf16.EncodeRune(r)
			dst, i = order.AppendUint16(order.AppendUint16(dst, uint16(hi)), uint16(lo)), i+4
		}
	}
	return dst
}
