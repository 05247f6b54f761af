package csvfile

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// codec is how a file's bytes are text.
type codec struct {
	page *codePage // nil for the Unicode encodings
	wide binary16  // nil unless UTF-16
	name string    // for messages
	bom  int       // length of the byte order mark
}

type binary16 interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// codePage holds the UTF-8 of each byte; nothing where the page has no
// character for it.
type codePage [256]string

const knownEncodings = "utf-8, utf-16le, utf-16be, windows-1252, windows-1254, windows-1256, iso-8859-1, iso-8859-6, iso-8859-15, ibm850"

// codecNamed finds an encoding by its name: the web's, the IANA's or the
// short one (cp1252), in any case, with or without hyphens. ISO 8859-1 is
// taken at its word and not for windows-1252.
func codecNamed(name string) (codec, bool) {
	n := foldName(name)
	switch n {
	case "", "utf8", "utf8bom", "ascii", "usascii":
		return codec{name: "utf-8"}, true
	case "utf16", "utf16le", "unicode":
		return codec{name: "utf-16le", wide: binary.LittleEndian}, true
	case "utf16be":
		return codec{name: "utf-16be", wide: binary.BigEndian}, true
	case "latin1", "l1":
		n = "iso88591"
	case "latin9":
		n = "iso885915"
	case "ansi": // as Windows names the page of western Europe and the Maghreb's French
		n = "windows1252"
	}
	for _, prefix := range []string{"cp", "ibm", "win", "dos", ""} {
		if digits, ok := strings.CutPrefix(n, prefix); ok && len(digits) >= 3 && strings.Trim(digits, "0123456789") == "" {
			n = "ibmcodepage" + digits
			if strings.HasPrefix(digits, "125") {
				n = "windows" + digits
			}
		}
	}
	for _, e := range charmap.All {
		cm, ok := e.(*charmap.Charmap)
		if ok && foldName(cm.String()) == n {
			page, ok := newCodePage(cm)
			return codec{name: name, page: page}, ok
		}
	}
	return codec{}, false
}

func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// newCodePage returns the page's table, and false where its first half is not
// ASCII: separators and line ends would be elsewhere.
func newCodePage(cm *charmap.Charmap) (*codePage, bool) {
	page := new(codePage)
	for i := range page {
		r := cm.DecodeByte(byte(i))
		if i < utf8.RuneSelf && r != rune(i) {
			return nil, false
		}
		if back, ok := cm.EncodeRune(r); ok && back == byte(i) {
			page[i] = string(r)
		}
	}
	return page, true
}

// marked returns the encoding that a byte order mark at the head of a file
// names, or c.
func (c codec) marked(head []byte) codec {
	switch {
	case strings.HasPrefix(string(head), "\xEF\xBB\xBF"):
		return codec{name: "utf-8", bom: 3}
	case strings.HasPrefix(string(head), "\xFF\xFE"):
		return codec{name: "utf-16le", wide: binary.LittleEndian, bom: 2}
	case strings.HasPrefix(string(head), "\xFE\xFF"):
		return codec{name: "utf-16be", wide: binary.BigEndian, bom: 2}
	}
	return c
}

// plain tells whether b is the UTF-8 of its own text.
func (c *codec) plain(b []byte) bool {
	if c.page == nil {
		return utf8.Valid(b)
	}
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, x := range b {
		if x >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendText appends the text of b to dst. Where b is no text it appends the
// bytes that the file has and returns false.
func (c *codec) appendText(dst, b []byte) ([]byte, bool) {
	if c.page == nil {
		if utf8.Valid(b) {
			return append(dst, b...), true
		}
		return c.appendBytes(dst, b), false
	}
	start := len(dst)
	for _, x := range b {
		text := c.page[x]
		if text == "" {
			return append(dst[:start], b...), false
		}
		dst = append(dst, text...)
	}
	return dst, true
}

// appendBytes appends the bytes that the file has for b.
func (c *codec) appendBytes(dst, b []byte) []byte {
	if c.wide != nil {
		return appendWide(dst, b, c.wide)
	}
	return append(dst, b...)
}
