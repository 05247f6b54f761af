package rule

import (
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

func (s *Set) numberRules() []rule {
	return []rule{
		{Doc{"money", "", "An amount of dirhams, in centimes.", []Example{
			{In: "1 234,50", Out: "123450"},
			{In: "1.234,50 DH", Out: "123450"},
			{In: "1,234.50", Out: "123450"},
			{In: "1234.5000", Out: "123450"},
			{In: "-12", Out: "-1200"},
			{In: "-"},
			{In: "gratuit", Reason: sih.R08},
			{In: "12.345,678", Reason: sih.R08},
		}}, plain(money)},
		{Doc{"decimal", "", "A decimal number, with a point, of at most four places.", []Example{
			{In: "12,5", Out: "12.5"}, {In: "1 234.50", Out: "1234.5"}, {In: "+0,70", Out: "0.7"}, {In: "< 5", Reason: sih.R08},
		}}, plain(decimal)},
		{Doc{"int", "", "A whole number.", []Example{
			{In: "007", Out: "7"}, {In: "12,00", Out: "12"}, {In: "1 234", Out: "1234"}, {In: "1.5", Reason: sih.R08},
		}}, plain(integer)},
		{Doc{"coefficient", "", "A tariff's coefficient: a decimal number above zero.", []Example{
			{In: "K 20", Out: "20"}, {In: "x1,5", Out: "1.5"}, {In: "0", Reason: sih.R08},
		}}, plain(coefficient)},
	}
}

var notNumber = Fault{sih.R08, "not a number"}

// number cleans a written number to digits with a point: blanks and a
// currency go, marks of thousands go where they stand as such. The last of
// two different marks is the decimal mark; one that comes more than once is
// not. A single mark is the decimal mark.
func number(in string) (out string, ok bool) {
	s := strings.TrimSpace(asciiDigits(in))
	if canonical(s) {
		return s, true
	}
	var buf [40]byte
	b := buf[:0]
	point, comma, apostrophe := 0, 0, 0
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c):
		case c == '.':
			point++
		case c == ',':
			comma++
		case c == '\'':
			apostrophe++
			continue
		case c == ' ' || c == '_':
			continue
		case (c == '-' || c == '+') && len(b) == 0:
			if c == '+' {
				continue
			}
		default:
			return "", false
		}
		if len(b) == cap(buf[:]) {
			return "", false
		}
		b = append(b, c)
	}
	mark := byte(0)
	switch lastPoint, lastComma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ','); {
	case point > 0 && comma > 0:
		mark = '.'
		if lastComma > lastPoint {
			mark = ','
		}
		if mark == '.' && point > 1 || mark == ',' && comma > 1 {
			return "", false
		}
	case point == 1:
		mark = '.'
	case comma == 1:
		mark = ','
	}
	if !grouped(b, mark) {
		return "", false
	}
	j, digits := 0, 0
	for _, c := range b {
		switch {
		case c == mark:
			c = '.'
		case c == '.' || c == ',':
			continue
		case isDigit(c):
			digits++
		}
		b[j] = c
		j++
	}
	return string(b[:j]), digits > 0
}

// grouped tells whether every mark of thousands in b stands three digits
// before the next mark, or the end.
func grouped(b []byte, mark byte) bool {
	since, open := 0, false
	for _, c := range b {
		switch {
		case isDigit(c):
			since++
		case c == mark && mark != 0:
			return !open || since == 3
		case c == '.' || c == ',':
			if open && since != 3 || since == 0 {
				return false
			}
			since, open = 0, true
		}
	}
	return !open || since == 3
}

// canonical tells whether s is already digits with a sign and a point.
func canonical(s string) bool {
	digits, point := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case c == '.' && !point && digits > 0:
			point = true
		case c == '-' && i == 0:
		default:
			return false
		}
	}
	return digits > 0 && s[len(s)-1] != '.'
}

// dash tells whether s is what a form has in an empty cell.
func dash(s string) bool { return strings.Trim(s, " -–—_.") == "" }

func money(in string) (string, Fault) {
	s := strings.TrimSpace(in)
	if dash(s) {
		return "", Fault{}
	}
	if !isDigit(s[len(s)-1]) {
		s = withoutCurrency(strings.ToLower(s))
	}
	text, ok := number(s)
	if !ok {
		return "", notNumber
	}
	n, err := sih.ParseDecimal(text, 2)
	if err != nil {
		return "", Fault{sih.R08, "more than two places, or too great"}
	}
	return strconv.FormatInt(n, 10), Fault{}
}

// withoutCurrency drops the name of a dirham or dinar after an amount.
func withoutCurrency(s string) string {
	for _, unit := range []string{"dirhams", "dirham", "dhs", "dh", "mad", "درهم", "د.م.", "da", "dzd", "د.ج"} {
		if cut, ok := strings.CutSuffix(s, unit); ok {
			return cut
		}
	}
	return s
}

func decimal(in string) (string, Fault) {
	if dash(in) {
		return "", Fault{}
	}
	text, ok := number(in)
	if !ok {
		return "", notNumber
	}
	n, err := sih.ParseDecimal(text, 4)
	if err != nil {
		return "", Fault{sih.R08, "more than four places, or too great"}
	}
	out := sih.NumValue(n).String()
	if out == in {
		return in, Fault{}
	}
	return out, Fault{}
}

func integer(in string) (string, Fault) {
	if dash(in) {
		return "", Fault{}
	}
	text, ok := number(in)
	if !ok {
		return "", notNumber
	}
	n, err := sih.ParseDecimal(text, 0)
	if err != nil {
		return "", Fault{sih.R08, "not a whole number"}
	}
	return strconv.FormatInt(n, 10), Fault{}
}

func coefficient(in string) (string, Fault) {
	out, f := decimal(strings.TrimLeft(in, " xX*KkZzBb×"))
	if f.OK() && (out == "0" || strings.HasPrefix(out, "-")) {
		return "", Fault{sih.R08, "not above zero"}
	}
	return out, f
}
