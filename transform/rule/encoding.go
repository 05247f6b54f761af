package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"

	"github.com/sihctl/sih"
)

type decoder struct {
	name string
	enc  encoding.Encoding // nil for UTF-8
}

// encodingByName knows the code pages that hospitals' servers have.
func encodingByName(n string) (decoder, bool) {
	n = strings.ToLower(strings.TrimSpace(n))
	n = strings.ReplaceAll(n, "_", "-")
	switch n {
	case "utf-8", "utf8", "utf8mb4":
		return decoder{"utf-8", nil}, true
	case "windows-1252", "cp1252":
		return decoder{"windows-1252", charmap.Windows1252}, true
	case "windows-1256", "cp1256":
		return decoder{"windows-1256", charmap.Windows1256}, true
	case "windows-1254", "cp1254":
		return decoder{"windows-1254", charmap.Windows1254}, true
	case "iso-8859-1", "latin1", "latin-1":
		return decoder{"iso-8859-1", charmap.ISO8859_1}, true
	case "iso-8859-15", "latin9":
		return decoder{"iso-8859-15", charmap.ISO8859_15}, true
	case "iso-8859-9", "latin5":
		return decoder{"iso-8859-9", charmap.ISO8859_9}, true
	case "iso-8859-6":
		return decoder{"iso-8859-6", charmap.ISO8859_6}, true
	case "cp850", "ibm850":
		return decoder{"cp850", charmap.CodePage850}, true
	case "cp437", "ibm437":
		return decoder{"cp437", charmap.CodePage437}, true
	case "utf-16le", "utf-16", "ucs-2":
		return decoder{"utf-16le", xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM)}, true
	}
	return decoder{}, false
}

func (s *Set) setEncodings(names []string) {
	if len(names) == 0 {
		names = []string{"utf-8", "windows-1252", "windows-1256"}
	}
	for _, n := range names {
		if d, ok := encodingByName(n); ok {
			s.decode = append(s.decode, d)
			s.arabic = s.arabic || d.name == "windows-1256"
		}
	}
}

// Decode reads bytes that were not text in their source's code page: the
// first declared encoding that has a character for each of them, repaired as
// the step text does. Bytes that none can read are lost, with a fault.
func (s *Set) Decode(b []byte) (string, Fault) {
	for _, d := range s.decode {
		if d.enc == nil {
			if utf8.Valid(b) {
				return s.repair(string(b)), Fault{}
			}
			continue
		}
		out, err := d.enc.NewDecoder().Bytes(b)
		if err != nil || strings.ContainsRune(string(out), utf8.RuneError) {
			continue
		}
		return s.repair(string(out)), Fault{}
	}
	return "", Fault{sih.R06, "no declared encoding reads the bytes"}
}

// repair undoes a wrong reading: UTF-8 that was read as a single-byte page,
// up to three times over, and windows-1256 that was read as windows-1252.
func (s *Set) repair(in string) string {
	for range 3 {
		b, ok := singleBytes(in)
		if !ok {
			return in
		}
		if utf8.Valid(b) {
			in = string(b)
			continue
		}
		if s.arabic {
			if out, ok := hiddenArabic(b); ok {
				return out
			}
		}
		return in
	}
	return in
}

// singleBytes returns the bytes that windows-1252, ISO 8859-1 or windows-1254
// would have read as s, if s is not ASCII and there are such bytes.
func singleBytes(s string) ([]byte, bool) {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return nil, false
	}
	var b []byte
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		switch {
		case ok:
		case r < 0x100:
			c = byte(r)
		default:
			if c, ok = charmap.Windows1254.EncodeRune(r); !ok {
				return nil, false
			}
		}
		if b == nil {
			b = make([]byte, 0, len(s))
		}
		b = append(b, c)
	}
	return b, true
}

// hiddenArabic decodes b as windows-1256 where it is plainly that: each word
// has either no high byte, or nothing but letters of the Arabic script, and
// one word at least has three of them. French in windows-1252 never has:
// windows-1256 keeps the accented small letters of French where they are.
func hiddenArabic(b []byte) (string, bool) {
	var out strings.Builder
	out.Grow(2 * len(b))
	longest, run, latin := 0, 0, false
	end := func() bool {
		if run > 0 && latin {
			return false
		}
		longest = max(longest, run)
		run, latin = 0, false
		return true
	}
	for _, c := range b {
		r := charmap.Windows1256.DecodeByte(c)
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			continue // it will go, and must part nothing before
		}
		out.WriteRune(r)
		switch {
		case unicode.Is(unicode.Arabic, r) || r >= 0x64b && r <= 0x652 || r == 'ـ':
			run++
		case unicode.IsLetter(r):
			latin = true
		case c < utf8.RuneSelf || unicode.IsSpace(r) || unicode.IsPunct(r):
			if !end() {
				return "", false
			}
		}
	}
	if !end() || longest < 3 {
		return "", false
	}
	return out.String(), true
}
