package batch_test

import (
	"encoding/binary"
	"unicode/utf16"
)

// wide is a text in UTF-16, the lower byte first.
func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
