package rule

import (
	"strings"
	"unicode"

	"github.com/sihctl/sih"
)

func (s *Set) identifierRules() []rule {
	phone := moroccanPhone
	if s.p.Country == "dz" {
		phone = algerianPhone
	}
	return []rule{
		{Doc{"cin", "", "The Moroccan identity card's number in its normal form. A filler is no number; a malformed one is kept with a warning.", []Example{
			{In: "ab 123456", Out: "AB123456"},
			{In: "K-1O4567", Out: "K104567"},
			{In: "AB0O1234", Out: "AB001234"},
			{In: "AA111111", Reason: sih.R07},
			{In: "12345", Out: "12345", Reason: sih.R07},
		}}, plain(cinStep)},
		{Doc{"cin_grade", "", "How an identity card's number looks: valid, atypical, invalid or filler.", []Example{
			{In: "AB123456", Out: "valid"}, {In: "A12345", Out: "atypical"}, {In: "ABC", Out: "invalid"}, {In: "SANS", Out: "filler"},
		}}, plain(func(in string) (string, Fault) { _, grade := CIN(in); return grade, Fault{} })},
		{Doc{"idcs", "", "The Moroccan population register's number: ten digits. A check digit that is not Verhoeff's, or a first digit below 2, is a warning.", []Example{
			{In: "2 345 678 906", Out: "2345678906"},
			{In: "2345678905", Out: "2345678905", Reason: sih.R07},
			{In: "12345", Reason: sih.R07},
		}}, plain(idcs)},
		{Doc{"nin", "", "The Algerian national identification number: eighteen digits.", []Example{
			{In: "10 9850 1234 00012 01 23", Reason: sih.R07},
			{In: "109850123400012012", Out: "109850123400012012"},
		}}, plain(nin)},
		{Doc{"passport", "", "A passport's number: capitals and digits.", []Example{
			{In: "ab 1234567", Out: "AB1234567"}, {In: "X", Reason: sih.R07},
		}}, plain(document(5, 12))},
		{Doc{"residence", "", "A foreigner's residence card's number: capitals and digits.", []Example{
			{In: "a 123456 k", Out: "A123456K"},
		}}, plain(document(5, 14))},
		{Doc{"amo", "", "A health insurance number: about nine digits, the household's.", []Example{
			{In: "123 456 789", Out: "123456789"}, {In: "123456", Out: "123456", Reason: sih.R07}, {In: "000000000", Reason: sih.R07},
		}}, plain(amo)},
		{Doc{"phone", "", "A telephone number in E.164, of the profile's country where it names none.", s.phoneExamples()}, plain(phone)},
	}
}

// The grades of an identifier, as person_identifier.grade has them.
const (
	Valid    = "valid"
	Atypical = "atypical"
	Invalid  = "invalid"
	Filler   = "filler"
)

// CIN returns the normal form of a Moroccan identity card's number and how it
// looks. The number is one or two letters, which name the office of first
// issue, and digits, eight characters at most; usual are one letter and six
// digits, two and five, two and six. No check character is known. Letters
// that look like digits are digits in the tail only: O, I, S and B are letters
// of offices too. Leading zeros stay; [CINKey] drops them.
func CIN(s string) (norm, grade string) {
	var buf [24]byte
	b := buf[:0]
	changed := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
			changed = true
		default:
			if d := asciiDigit(r); d >= '0' && d <= '9' {
				r = d
				changed = true
				break
			}
			if unicode.IsLetter(r) {
				return otherCIN(s)
			}
			changed = true
			continue
		}
		if len(b) == cap(buf[:]) {
			return otherCIN(s)
		}
		b = append(b, byte(r))
	}
	if len(b) == 0 || fillerWord(string(b)) {
		return "", Filler
	}
	head := 0
	for head < len(b) && head < 2 && b[head] >= 'A' {
		head++
	}
	tail := b[head:]
	grade = Invalid
	if digits := foldTail(tail, &changed); digits && len(tail) > 0 {
		switch n := len(tail); {
		case allSame(tail):
			grade = Filler
		case head == 0:
		case head == 1 && n == 6, head == 2 && (n == 5 || n == 6):
			grade = Valid
		case n >= 3 && head+n <= 8:
			grade = Atypical
		}
	}
	if !changed {
		return s, grade
	}
	return string(b), grade
}

// otherCIN is CIN for what holds letters that no card has.
func otherCIN(s string) (string, string) {
	up := strings.ToUpper(strings.Join(strings.Fields(s), ""))
	if fillerWord(up) {
		return "", Filler
	}
	return up, Invalid
}

// foldTail makes digits of the letters that look like digits, if that leaves
// nothing but digits and there are some already.
func foldTail(tail []byte, changed *bool) bool {
	digits := 0
	for _, c := range tail {
		switch {
		case isDigit(c):
			digits++
		case c != 'O' && c != 'I' && c != 'S' && c != 'B':
			return false
		}
	}
	if digits == 0 {
		return false
	}
	for i, c := range tail {
		d := c
		switch c {
		case 'O':
			d = '0'
		case 'I':
			d = '1'
		case 'S':
			d = '5'
		case 'B':
			d = '8'
		}
		if d != c {
			tail[i] = d
			*changed = true
		}
	}
	return true
}

// CINKey returns the form of a normal CIN that comparison uses: without the
// zeros that lead its digits.
func CINKey(norm string) string {
	i := 0
	for i < len(norm) && !isDigit(norm[i]) {
		i++
	}
	j := i
	for j < len(norm)-1 && norm[j] == '0' {
		j++
	}
	if i == j {
		return norm
	}
	return norm[:i] + norm[j:]
}

// fillerWord tells whether s, in capitals without blanks, stands for no
// number. The words are those of registers in French, Spanish, Turkish and
// Arabic.
func fillerWord(s string) bool {
	switch s {
	case "X", "XX", "XXX", "XXXX", "XXXXX", "XXXXXX", "XXXXXXX", "XXXXXXXX", "SANS", "SANSCIN", "SANSCNI", "NEANT", "NÉANT", "INCONNU", "INCONNUE", "AUCUN", "AUCUNE", "NON", "NP", "NC", "ND", "NA", "RAS",
		"NUL", "NULL", "VIDE", "PASDECIN", "MINEUR", "ENFANT", "BEBE", "SIN", "NINGUNO", "DESCONOCIDO", "YOK", "BILINMIYOR", "BİLİNMİYOR", "UNKNOWN", "NONE", "TEST",
		"بدون", "لايوجد", "مجهول", "قاصر", "غيرمعروف":
		return true
	}
	return false
}

// allSame tells whether b is one character, again and again.
func allSame[T string | []byte](b T) bool {
	for i := 1; i < len(b); i++ {
		if b[i] != b[0] {
			return false
		}
	}
	return len(b) > 1
}

var (
	isFiller  = Fault{sih.R07, "a filler"}
	malformed = Fault{sih.R07, "malformed"}
)

func cinStep(in string) (string, Fault) {
	norm, grade := CIN(in)
	switch {
	case grade == Filler:
		return "", isFiller
	case grade == Invalid && len(norm) > 20:
		return "", malformed
	case grade == Invalid:
		return norm, malformed
	}
	return norm, Fault{}
}

// Guardian tells whether a CIN on a record of that birth date is taken for a
// guardian's: under sixteen with certainty on the day, when no card is owed
// and hospitals ask for a parent's. A birth of which nothing is known proves
// nothing.
func Guardian(birth sih.PartialDate, asOf sih.Date) bool {
	if birth.Precision == sih.Unknown {
		return false
	}
	y, m, d := birth.First.Civil()
	sixteen, ok := sih.DateOf(y+16, m, d)
	if !ok { // born on a 29 February
		sixteen, _ = sih.DateOf(y+16, 3, 1)
	}
	return asOf < sixteen
}

func idcs(in string) (string, Fault) {
	d := onlyDigits(in)
	switch {
	case len(d) != 10 || hasLetter(in):
		return "", malformed
	case allSame(d):
		return "", isFiller
	case d[0] < '2' || !verhoeff(d):
		return d, Fault{sih.R07, "check digit or first digit is unusual"}
	}
	return d, Fault{}
}

// nin checks the Algerian number's structure: two digits for sex and kind of
// record, three for the year, four for the commune, five for the record, two
// for the register, two of control, whose algorithm is not public.
func nin(in string) (string, Fault) {
	d := onlyDigits(in)
	switch {
	case len(d) != 18 || hasLetter(in):
		return "", malformed
	case allSame(d):
		return "", isFiller
	}
	return d, Fault{}
}

func amo(in string) (string, Fault) {
	d := onlyDigits(in)
	switch {
	case hasLetter(in) || len(d) < 6 || len(d) > 13:
		return "", malformed
	case allSame(d):
		return "", isFiller
	case len(d) < 8 || len(d) > 10:
		return d, Fault{sih.R07, "of unusual length"}
	}
	return d, Fault{}
}

// document makes the step of a number of capitals and digits, of a length
// between two bounds and with a digit.
func document(least, most int) Step {
	return func(in string) (string, Fault) {
		b := make([]byte, 0, len(in))
		digit := false
		for _, r := range in {
			switch {
			case r >= 'a' && r <= 'z':
				r -= 'a' - 'A'
			case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			case unicode.IsLetter(r):
				return "", malformed
			default:
				if r = asciiDigit(r); r < '0' || r > '9' {
					continue
				}
			}
			digit = digit || r <= '9'
			b = append(b, byte(r))
		}
		switch {
		case len(b) == 0 || fillerWord(string(b)) || allSame(b):
			return "", isFiller
		case len(b) < least || len(b) > most || !digit:
			return "", malformed
		}
		if string(b) == in {
			return in, Fault{}
		}
		return string(b), Fault{}
	}
}

func hasLetter(s string) bool {
	return strings.IndexFunc(s, unicode.IsLetter) >= 0
}
