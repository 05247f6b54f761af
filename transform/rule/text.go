package rule

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/name"
)

func (s *Set) textRules() []rule {
	return []rule{
		{Doc{"text", "", "Cleans text: composed characters, single blanks, no control or direction marks; Arabic that was read as Latin and UTF-8 that was read twice are put right.", []Example{
			{In: "  Hôpital\u00a0 régional ", Out: "Hôpital régional"},
			{In: "ÇáÞØÇÚ", Out: "القطاع"},
			{In: "HÃ´pital", Out: "Hôpital"},
			{In: "Fran?ois", Out: "Fran?ois", Reason: sih.R06},
		}}, plain(s.text)},
		{Doc{"name", "", "Cleans a name in Latin script and leaves it as it reads.", []Example{
			{In: " EL  ALAOUI ", Out: "EL ALAOUI"},
			{In: "M’hamed", Out: "M'hamed"},
			{In: "TEST PATIENT", Out: "TEST PATIENT", Reason: sih.R14},
		}}, plain(s.nameStep(name.Latin))},
		{Doc{"name_ar", "", "Cleans a name in Arabic script: letters for presentation forms, no tatweel, no vowel signs.", []Example{
			{In: "مُحَمَّد", Out: "محمد"},
			{In: "العـــلوي", Out: "العلوي"},
		}}, plain(s.nameStep(name.Arabic))},
		{Doc{"split_name", "family or given", "Takes one part of a cell that holds both names: the family name is in capitals, or before a comma, or what is no known given name, or first.", []Example{
			{Arg: "family", In: "EL ALAOUI Mohamed Amine", Out: "EL ALAOUI"},
			{Arg: "given", In: "EL ALAOUI Mohamed Amine", Out: "Mohamed Amine"},
			{Arg: "family", In: "BEN ALI FATIMA", Out: "BEN ALI"},
			{Arg: "given", In: "Idrissi, Sara", Out: "Sara"},
		}}, splitName},
		{Doc{"name_key", "", "The key of a name, the same in both scripts and all usual spellings.", []Example{
			{In: "Mohammed El Alaoui", Out: "mhmd alwy"},
			{In: "محمد العلوي", Out: "mhmd alwy"},
		}}, plain(func(in string) (string, Fault) { return name.Key(in), Fault{} })},
		{Doc{"trim", "", "Drops blanks at both ends.", []Example{{In: "  a b ", Out: "a b"}}},
			plain(func(in string) (string, Fault) { return strings.TrimSpace(in), Fault{} })},
		{Doc{"upper", "", "Makes capitals.", []Example{{In: "été", Out: "ÉTÉ"}}},
			plain(func(in string) (string, Fault) { return strings.ToUpper(in), Fault{} })},
		{Doc{"lower", "", "Makes small letters.", []Example{{In: "ÉTÉ", Out: "été"}}},
			plain(func(in string) (string, Fault) { return strings.ToLower(in), Fault{} })},
		{Doc{"digits", "", "Keeps the digits, of either script, in ASCII.", []Example{
			{In: "N° 12-34", Out: "1234"}, {In: "٠٦١٢", Out: "0612"},
		}}, plain(func(in string) (string, Fault) { return onlyDigits(in), Fault{} })},
	}
}

// text is the step of that name.
func (s *Set) text(in string) (string, Fault) {
	if cleanASCII(in) || cleanText(in) {
		return in, lossASCII(in)
	}
	out := tidy(s.repair(in))
	return out, loss(out)
}

// cleanASCII tells whether s is printable ASCII with single inner blanks.
func cleanASCII(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank
}

// cleanText tells whether s is text that needs no cleaning and can hide no
// wrong reading: letters of Latin and Arabic that compose with nothing, single
// blanks, and no two accented Latin letters in a row, which every wrong
// reading has.
func cleanText(s string) bool {
	blank, accent := true, false
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if r < ' ' || r == 0x7f || r == ' ' && blank {
				return false
			}
			accent = false
		case r >= 0xc0 && r < 0x180:
			if accent {
				return false
			}
			accent = true
		case r >= 0x621 && r <= 0x63a, r >= 0x641 && r <= 0x64a:
			accent = false
		default:
			return false
		}
		blank = r == ' '
	}
	return !blank
}

// tidy composes, drops controls and marks, and makes blanks single.
func tidy(s string) string {
	if cleanASCII(s) || cleanText(s) {
		return s
	}
	s = norm.NFC.String(s)
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = b.Len() > 0
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	// What was dropped may have stood between a letter and its mark.
	return norm.NFC.String(b.String())
}

var lost = Fault{sih.R06, "characters were lost"}

// loss finds what an encoding has lost: U+FFFD, and a question mark between
// letters or in a row.
func loss(s string) Fault {
	if strings.ContainsRune(s, utf8.RuneError) {
		return lost
	}
	prev, pending := rune(0), false // pending: prev is a mark that followed a letter
	for _, r := range s {
		mark := r == '?' || r == '¿'
		switch {
		case mark && (prev == '?' || prev == '¿'):
			return lost
		case !mark && pending && unicode.IsLetter(r):
			return lost
		}
		pending = mark && unicode.IsLetter(prev)
		prev = r
	}
	return Fault{}
}

// lossASCII is loss where it costs nothing.
func lossASCII(s string) Fault {
	if strings.IndexByte(s, '?') < 0 {
		return Fault{}
	}
	return loss(s)
}

// nameStep makes a step of a cleaner of names. A test patient's name is kept
// with a warning.
func (s *Set) nameStep(clean func(string) string) Step {
	return func(in string) (string, Fault) {
		text, fault := s.text(in)
		out := clean(text)
		if fault.OK() && name.Test(out) {
			fault = Fault{sih.R14, "the name is a test's"}
		}
		return out, fault
	}
}

func splitName(arg string) (Step, error) {
	part, err := oneOf(arg, "family", "given")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		family, given := name.Split(in)
		if part == 0 {
			return family, Fault{}
		}
		return given, Fault{}
	}, nil
}

// asciiDigits makes ASCII of the digits of both Arabic series, and a plain
// blank of every other.
func asciiDigits(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(asciiDigit, s)
		}
	}
	return s
}

func asciiDigit(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	case r == '٫':
		return '.'
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// onlyDigits keeps the digits of s.
func onlyDigits(s string) string {
	s = asciiDigits(s)
	clean := true
	for i := range len(s) {
		clean = clean && isDigit(s[i])
	}
	if clean {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if isDigit(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// argument formats an error about an argument.
func argument(format string, a ...any) error { return fmt.Errorf("argument "+format, a...) }
