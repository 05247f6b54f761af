package sqlserver_test

import (
	"bytes"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/sqlserver"
)

// FuzzDecodeWide holds the reading of UTF-16 against the standard library's.
func FuzzDecodeWide(f *testing.F) {
	for _, s := range []string{"", "a\x00", "a", "=\xd8\x00\xde", "=\xd8a\x00", "\x00\xdc", "\xfd\xff", "=\xd8"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := sqlserver.DecodeWide(b)
		if got.Bytes {
			if got.Text != string(b) {
				t.Error("the bytes are not what they were")
			}
			return
		}
		back := []byte{}
		for _, u := range utf16.Encode([]rune(got.Text)) {
			back = append(back, byte(u), byte(u>>8))
		}
		if !utf8.ValidString(got.Text) || !bytes.Equal(back, b) {
			t.Errorf("%x became %q, which is %x", b, got.Text, back)
		}
	})
}

// TestDecodePage turns every byte of every page into text, as golang.org/x/text
// has it, or leaves it as it is.
func TestDecodePage(t *testing.T) {
	for number, cm := range map[int]*charmap.Charmap{850: charmap.CodePage850, 1252: charmap.Windows1252, 1256: charmap.Windows1256, 1255: charmap.Windows1255} {
		for i := range 256 {
			got := sqlserver.DecodePage(number, []byte{'a', byte(i)})
			want := sih.Text("a" + string(cm.DecodeByte(byte(i))))
			if cm.DecodeByte(byte(i)) == utf8.RuneError {
				want = sih.Raw{Text: string([]byte{'a', byte(i)}), Bytes: true}
				if i < 0xA0 {
					want = sih.Text("a" + string(rune(i)))
				}
			}
			if got != want {
				t.Errorf("page %d, byte %#x: got %+v, want %+v", number, i, got, want)
			}
		}
	}
}
