package rule

import (
	"strings"
)

// A layout is a pattern such as dd/MM/yyyy HH:mm, cut into fields and the
// signs between them.
type layout struct {
	special string // excel1900, excel1904 or hijri instead of a pattern
	fields  []layoutField
	timed   bool // has an hour
	dated   bool // has a day
}

type layoutField struct {
	kind  byte // y, M, d, H, m, s, f, X (zone), or 0 for a literal
	width int  // of the pattern
	sign  byte // the literal
}

// parseLayout reads one pattern. yyyy, yy, MM, dd, HH, mm and ss are the
// parts, MMM a month's name, fff a fraction, X a zone (Z or +01:00); every
// other character stands for itself.
func parseLayout(s string) (layout, error) {
	switch s {
	case "excel1900", "excel1904", "hijri":
		return layout{special: s, dated: true}, nil
	case "":
		return layout{}, argument("has an empty layout")
	}
	var l layout
	year := false
	for i := 0; i < len(s); {
		c := s[i]
		j := i + 1
		switch c {
		case 'y', 'M', 'd', 'H', 'm', 's', 'f':
			for j < len(s) && s[j] == c {
				j++
			}
			w := j - i
			if w == 3 && c != 'M' && c != 'f' || w > 4 || w > 3 && c != 'y' || c == 'y' && w == 1 {
				return layout{}, argument("has %q, which is no part of a date", s[i:j])
			}
			year = year || c == 'y'
			l.timed = l.timed || c == 'H'
			l.dated = l.dated || c == 'd'
			l.fields = append(l.fields, layoutField{kind: c, width: w})
		case 'X':
			l.fields = append(l.fields, layoutField{kind: 'X'})
		case '-', '/', '.', ' ', ':', 'T', 'h', ',', '_':
			l.fields = append(l.fields, layoutField{sign: c})
		default:
			return layout{}, argument("has %q, which no layout of a date has", s[i:j])
		}
		i = j
	}
	if !year {
		return layout{}, argument("has a layout without a year")
	}
	return l, nil
}

// parseLayouts reads a list of patterns separated by commas.
func parseLayouts(arg, otherwise string) ([]layout, error) {
	if arg == "" {
		arg = otherwise
	}
	var list []layout
	for p := range strings.SplitSeq(arg, ",") {
		l, err := parseLayout(strings.TrimSpace(p))
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// reading is what a layout found in a text. Parts that were not there, or
// were zero, are zero.
type reading struct {
	year, month, day int
	two              bool // the year had two digits
	ms               int64
	zoned            bool // offset was given
	offset           int64
	hours            bool // a time of day was given
}

// read matches s, which has no blanks around it, against the layout. A time
// of day may follow where the layout has none.
func (l *layout) read(s string) (r reading, ok bool) {
	i := 0
	number := func(most int) (int, bool) {
		n, start := 0, i
		for i < len(s) && i-start < most && isDigit(s[i]) {
			n = n*10 + int(s[i]-'0')
			i++
		}
		return n, i > start
	}
	var h, m, sec, frac int
	for fi, f := range l.fields {
		switch f.kind {
		case 0:
			if i >= len(s) || s[i] != f.sign {
				return r, false
			}
			i++
			continue
		case 'X':
			if r.offset, i, ok = readOffset(s, i); !ok {
				return r, false
			}
			r.zoned = true
			continue
		}
		start, most := i, 2
		if f.kind == 'y' && f.width == 4 {
			most = 4
		}
		if f.kind == 'M' && f.width == 3 {
			if r.month, i = readMonth(s, i); r.month == 0 {
				return r, false
			}
			continue
		}
		if f.kind == 'f' {
			most = 9
		}
		n, ok := number(most)
		if !ok {
			return r, false
		}
		// Years have all their digits. Days and months may lack a leading zero
		// where a sign follows; packed digits may not.
		packed := fi+1 < len(l.fields) && l.fields[fi+1].kind != 0 || fi > 0 && l.fields[fi-1].kind != 0
		if i-start != most && f.kind != 'f' && (f.kind == 'y' || packed) {
			return r, false
		}
		switch f.kind {
		case 'y':
			r.year, r.two = n, f.width == 2
		case 'M':
			r.month = n
		case 'd':
			r.day = n
		case 'H':
			h, r.hours = n, true
		case 'm':
			m = n
		case 's':
			sec = n
			frac = readFraction(s, &i)
		case 'f':
			frac = milliseconds(s[start:i])
		}
	}
	if i < len(s) && !l.timed {
		if h, m, sec, frac, i, ok = readTime(s, i); !ok {
			return r, false
		}
		r.hours = true
	}
	if i != len(s) || h > 23 || m > 59 || sec > 59 {
		return r, false
	}
	r.ms = int64(h*3600+m*60+sec)*1000 + int64(frac)
	return r, true
}

// readTime reads " HH:mm", " HH:mm:ss" and fractions of it.
func readTime(s string, i int) (h, m, sec, frac, end int, ok bool) {
	if s[i] != ' ' && s[i] != 'T' {
		return
	}
	for i++; i < len(s) && s[i] == ' '; i++ {
	}
	var parts [3]int
	n := 0
	for n < 3 {
		start := i
		for i < len(s) && i-start < 2 && isDigit(s[i]) {
			parts[n] = parts[n]*10 + int(s[i]-'0')
			i++
		}
		if i == start {
			return
		}
		n++
		if i == len(s) || s[i] != ':' {
			break
		}
		i++
	}
	if n < 2 {
		return
	}
	if n == 3 {
		frac = readFraction(s, &i)
	}
	return parts[0], parts[1], parts[2], frac, i, true
}

// readFraction reads ".123" at i, if it is there, as milliseconds.
func readFraction(s string, i *int) int {
	if *i >= len(s) || s[*i] != '.' && s[*i] != ',' {
		return 0
	}
	j := *i + 1
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	if j == *i+1 {
		return 0
	}
	f := milliseconds(s[*i+1 : j])
	*i = j
	return f
}

func milliseconds(digits string) int {
	f := 0
	for k := range 3 {
		f *= 10
		if k < len(digits) {
			f += int(digits[k] - '0')
		}
	}
	return f
}

// readOffset reads Z, +01:00, +0100 or +01 at i, in seconds.
func readOffset(s string, i int) (offset int64, end int, ok bool) {
	if i >= len(s) {
		return 0, i, false
	}
	if s[i] == 'Z' || s[i] == 'z' {
		return 0, i + 1, true
	}
	if s[i] != '+' && s[i] != '-' {
		return 0, i, false
	}
	neg := s[i] == '-'
	n, digits := 0, 0
	for i++; i < len(s) && digits < 4; i++ {
		if s[i] == ':' && digits == 2 {
			continue
		}
		if !isDigit(s[i]) {
			break
		}
		n = n*10 + int(s[i]-'0')
		digits++
	}
	if digits == 2 {
		n *= 100
	} else if digits != 4 {
		return 0, i, false
	}
	if n/100 > 14 || n%100 > 59 {
		return 0, i, false
	}
	offset = int64(n/100*3600 + n%100*60)
	if neg {
		offset = -offset
	}
	return offset, i, true
}
