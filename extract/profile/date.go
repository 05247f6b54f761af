package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxDate is the greatest length of a date with its time, zone and fraction.
const maxDate = 40

// layout is how a date is written.
type layout struct {
	order order
	sep   byte
	short bool // a day or month of one digit
	t     bool // T before the time
	clock clock
	zone  bool
}

type order uint8

const (
	yearFirst order = iota
	dayFirst
	monthFirst
	dayFirstShortYear
	compact
)

type clock uint8

const (
	noClock clock = iota
	minutes
	seconds
	fraction
)

// String returns the layout in the words of mappings.
func (l layout) String() string {
	d, m, sep := "dd", "MM", string(rune(l.sep))
	if l.short {
		d, m = "d", "M"
	}
	var s string
	switch l.order {
	case yearFirst:
		s = strings.Join([]string{"yyyy", m, d}, sep)
	case dayFirst:
		s = strings.Join([]string{d, m, "yyyy"}, sep)
	case monthFirst:
		s = strings.Join([]string{m, d, "yyyy"}, sep)
	case dayFirstShortYear:
		s = strings.Join([]string{d, m, "yy"}, sep)
	case compact:
		s = "yyyyMMdd"
	}
	if l.clock > noClock {
		s += map[bool]string{false: " ", true: "T"}[l.t] + [...]string{minutes: "HH:mm", seconds: "HH:mm:ss", fraction: "HH:mm:ss.SSS"}[l.clock]
	}
	if l.zone {
		s += " zone"
	}
	return s
}

// date is what is seen of a date.
type date struct {
	layout           layout
	year, month, day int
	ambiguous        bool
}

// parseDate reads what is written like a date, whether it exists or not. Where
// day and month could be exchanged it takes the day to come first, as is the
// custom.
func parseDate(s string) (d date, ok bool) {
	if len(s) < 6 || s[0] < '0' || s[0] > '9' {
		return d, false
	}
	a, n, rest := digits(s)
	if n == 8 {
		d = date{layout: layout{order: compact}, year: a / 10000, month: a / 100 % 100, day: a % 100}
		// Any eight digits could be a number: only what can be a birth or a
		// visit counts.
		return d, rest == "" && d.year >= 1850 && d.year <= 2100 && d.exists()
	}
	if n > 4 || n == 3 || rest == "" {
		return d, false
	}
	sep := rest[0]
	if sep != '-' && sep != '/' && sep != '.' {
		return d, false
	}
	b, nb, rest := digits(rest[1:])
	if nb == 0 || nb > 2 || rest == "" || rest[0] != sep {
		return d, false
	}
	c, nc, rest := digits(rest[1:])
	d.layout.sep = sep
	d.layout.short = nb == 1 || n == 1 || nc == 1
	switch {
	case n == 4 && (nc == 1 || nc == 2):
		d.year, d.month, d.day = a, b, c
	case n <= 2 && (nc == 4 || nc == 2):
		d.layout.order, d.day, d.month, d.year = dayFirst, a, b, c
		if nc == 2 {
			d.layout.order = dayFirstShortYear
		}
		switch {
		case nc == 4 && b > 12 && b <= 31 && a >= 1 && a <= 12:
			d.layout.order, d.day, d.month = monthFirst, b, a
		case a >= 1 && a <= 12 && b >= 1 && b <= 12 && a != b:
			d.ambiguous = true
		}
	default:
		return d, false
	}
	return d, d.layout.time(rest)
}

// time reads what follows a date, and tells whether it is nothing or a time.
func (l *layout) time(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != ' ' && s[0] != 'T' {
		return false
	}
	l.t = s[0] == 'T'
	_, n, s := digits(s[1:])
	for l.clock = noClock; n == 2 && l.clock < seconds && s != "" && s[0] == ':'; l.clock++ {
		_, n, s = digits(s[1:])
	}
	if n != 2 || l.clock == noClock {
		return false
	}
	if l.clock == seconds && s != "" && (s[0] == '.' || s[0] == ',') {
		_, n, s = digits(s[1:])
		l.clock = fraction
		if n == 0 {
			return false
		}
	}
	if s = strings.TrimPrefix(s, " "); s == "" {
		return true
	}
	l.zone = true
	if s == "Z" {
		return true
	}
	return len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':'
}

// digits reads at most nine digits at the start of s: their number, how many
// they are, and what follows.
func digits(s string) (v, n int, rest string) {
	for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		n++
	}
	return v, n, s[n:]
}

// partial tells whether a part of the date is zero. A year of two digits may
// be.
func (d date) partial() bool {
	return d.month == 0 || d.day == 0 || d.year == 0 && d.layout.order != dayFirstShortYear
}

// exists tells whether the calendar has the day.
func (d date) exists() bool {
	if d.month < 1 || d.month > 12 || d.day < 1 {
		return false
	}
	last := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[d.month-1]
	if d.month == 2 && d.year%4 == 0 && (d.year%100 != 0 || d.year%400 == 0) {
		last = 29
	}
	return d.day <= last
}

// span is what is known of the dates in one layout.
type span struct {
	count, partial, impossible, ambiguous int64
	first, last                           int // yyyymmdd; 0 while there is none
}

func newSpan() *span { return new(span) }

func (s *span) add(d date, n int64) {
	s.count += n
	switch {
	case d.partial():
		s.partial += n
		return
	case !d.exists():
		s.impossible += n
		return
	case d.ambiguous:
		s.ambiguous += n
	}
	if d.layout.order == dayFirstShortYear {
		return
	}
	day := d.year*10000 + d.month*100 + d.day
	if s.first == 0 || day < s.first {
		s.first = day
	}
	s.last = max(s.last, day)
}

// spans lists the layouts, the most frequent first.
func spans(all map[layout]*span) (out []Dates) {
	for l, s := range all {
		out = append(out, Dates{
			Layout: l.String(), Count: s.count, First: iso(s.first), Last: iso(s.last),
			Partial: s.partial, Impossible: s.impossible, Ambiguous: s.ambiguous,
		})
	}
	slices.SortFunc(out, func(a, b Dates) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Layout, b.Layout))
	})
	return out
}

func iso(day int) string {
	if day == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100)
}
