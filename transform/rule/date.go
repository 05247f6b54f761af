package rule

import (
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

func (s *Set) timeRules() []rule {
	return []rule{
		{Doc{"date", "layouts", "A day, read by the first layout that fits; a time of day after it is dropped. Days that stand for none, 0000-00-00 and 1900-01-01 among them, are NULL.", []Example{
			{Arg: "dd/MM/yyyy", In: "7/3/1985", Out: "1985-03-07"},
			{Arg: "yyyy-MM-dd", In: "2024-02-29 00:00:00.000", Out: "2024-02-29"},
			{Arg: "dd.MM.yyyy,yyyyMMdd", In: "20240229", Out: "2024-02-29"},
			{Arg: "dd/MM/yyyy", In: "31/02/1985", Reason: sih.R02},
			{Arg: "yyyy-MM-dd", In: "0000-00-00"},
			{Arg: "excel1900", In: "45351", Out: "2024-02-29"},
			{Arg: "d MMM yyyy", In: "3 févr. 2024", Out: "2024-02-03"},
		}}, s.dateStep},
		{Doc{"datetime", "layouts", "A moment: local time of the source's zone, in UTC.", []Example{
			{Arg: "yyyy-MM-dd HH:mm:ss", In: "2024-06-01 12:30:00", Out: "2024-06-01T11:30:00.000Z"},
			{Arg: "dd/MM/yyyy HH:mm", In: "20/01/2024 12:30", Out: "2024-01-20T11:30:00.000Z"},
			{Arg: "yyyy-MM-ddTHH:mm:ssX", In: "2024-06-01T12:30:00+02:00", Out: "2024-06-01T10:30:00.000Z"},
			{Arg: "excel1900", In: "45351.5", Out: "2024-02-29T11:00:00.000Z"},
		}}, s.datetimeStep},
		{Doc{"end_after", "layouts of the beginning", "The moment so many minutes after another: the beginning and the minutes, parted by a bar. Hours and minutes are read too.", []Example{
			{Arg: "yyyy-MM-dd HH:mm:ss", In: "2024-06-01 12:30:00|20", Out: "2024-06-01T11:50:00.000Z"},
			{Arg: "dd/MM/yyyy HH:mm", In: "20/01/2024 23:30|1:15", Out: "2024-01-20T23:45:00.000Z"},
			{Arg: "dd/MM/yyyy HH:mm", In: "20/01/2024 23:30|"},
			{Arg: "dd/MM/yyyy HH:mm", In: "20/01/2024 23:30|long", Reason: sih.R08},
		}}, s.endAfterStep},
		{Doc{"pdate", "layouts", "A date as far as it is known: a day or month of 00 is not. A Hijri year is a range.", []Example{
			{Arg: "dd/MM/yyyy,yyyy", In: "00/00/1934", Out: "1934"},
			{Arg: "yyyy-MM-dd", In: "1934-05-00", Out: "1934-05"},
			{Arg: "yyyy-MM", In: "1934-05", Out: "1934-05"},
			{Arg: "dd/MM/yyyy,hijri", In: "1370", Out: "1950-10-12/1951-10-02"},
		}}, s.pdateStep},
		{Doc{"birth", "layouts, and registered=YEAR", "A date of birth. Before registration became general, about 1976, the days 01/01, 31/12 and 01/07 stand for a year alone; the last century is taken for a two-digit year that would lie ahead.", []Example{
			{Arg: "dd/MM/yyyy", In: "01/01/1950", Out: "1950"},
			{Arg: "dd/MM/yyyy", In: "02/01/1950", Out: "1950-01-02"},
			{Arg: "dd/MM/yyyy", In: "01/01/1990", Out: "1990-01-01"},
			{Arg: "dd/MM/yyyy,registered=1995", In: "01/01/1990", Out: "1990"},
			{Arg: "dd/MM/yy", In: "05/06/44", Out: "1944-06-05"},
			{Arg: "dd/MM/yyyy", In: "05/06/2144", Reason: sih.R02},
		}}, s.birthStep},
		{Doc{"age", "the day it was stated, YYYY-MM-DD; today without", "The dates of birth that an age leaves open, in years, or in months or days where it says so.", []Example{
			{Arg: "2024-06-15", In: "34 ans", Out: "1989-06-16/1990-06-15"},
			{Arg: "2024-06-15", In: "8 mois", Out: "2023-09-16/2023-10-15"},
			{Arg: "2024-06-15", In: "3 j", Out: "2024-06-12"},
			{Arg: "2024-06-15", In: "340", Reason: sih.R08},
		}}, s.ageStep},
		{Doc{"age_on", "layouts of the day", "The dates of birth that an age leaves open on the day it was stated: the age and the day, parted by a bar.", []Example{
			{Arg: "dd/MM/yyyy", In: "34 ans|15/06/2024", Out: "1989-06-16/1990-06-15"},
			{Arg: "dd/MM/yyyy", In: "34 ans|", Reason: sih.R02},
			{Arg: "dd/MM/yyyy", In: "vieux|15/06/2024", Reason: sih.R08},
		}}, s.ageOnStep},
	}
}

var (
	unreadable = Fault{sih.R02, "not a date of the declared layouts"}
	impossible = Fault{sih.R02, "no such day"}
	ahead      = Fault{sih.R02, "lies ahead"}
	unlikely   = Fault{sih.R02, "year out of range"}
	partial    = Fault{sih.R02, "only a part of the date is known"}
)

// The years that a record's date may have. Hijri years lie below.
const leastYear, mostYear = 1800, 2150

func (s *Set) dateStep(arg string) (Step, error) {
	list, err := parseLayouts(arg, "yyyy-MM-dd")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		if d, ok := canonicalDay(in, list); ok {
			return d, Fault{}
		}
		p, _, f := s.read(in, list)
		switch {
		case !f.OK() || p.Precision == sih.Unknown:
			return "", f
		case p.Precision != sih.Day:
			return "", partial
		}
		return p.First.String(), Fault{}
	}, nil
}

// canonicalDay returns in itself where it is the canonical text of an
// ordinary day and the first layout is that text's.
func canonicalDay(in string, list []layout) (string, bool) {
	l := list[0].fields
	if len(in) != 10 || len(l) != 5 || l[0].width != 4 || l[1].sign != '-' || l[2].kind != 'M' || l[2].width != 2 || l[3].sign != '-' || l[4].kind != 'd' {
		return "", false
	}
	d, err := sih.ParseDate(in)
	if y := d.Year(); err != nil || y <= 1900 || y > mostYear {
		return "", false
	}
	return in, true
}

func (s *Set) datetimeStep(arg string) (Step, error) {
	list, err := parseLayouts(arg, "yyyy-MM-dd HH:mm:ss")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		p, r, f := s.read(in, list)
		switch {
		case !f.OK() || p.Precision == sih.Unknown:
			return "", f
		case p.Precision != sih.Day:
			return "", partial
		}
		t := sih.Timestamp(int64(p.First)*86400000 + r.ms - r.offset*1000)
		if !r.zoned {
			t = s.clock.utc(p.First, r.ms)
		}
		return t.String(), Fault{}
	}, nil
}

func (s *Set) pdateStep(arg string) (Step, error) {
	list, err := parseLayouts(arg, "yyyy-MM-dd,yyyy-MM,yyyy")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		p, _, f := s.read(in, list)
		return p.String(), f
	}, nil
}

// generalRegistration is the year from which a birth on the first of January
// is taken at its word, where the mapping states none.
const generalRegistration = 1976

func (s *Set) birthStep(arg string) (Step, error) {
	registered := generalRegistration
	var layouts []string
	for p := range strings.SplitSeq(arg, ",") {
		p = strings.TrimSpace(p)
		if y, ok := strings.CutPrefix(p, "registered="); ok {
			n, err := strconv.Atoi(y)
			if err != nil || n < leastYear || n > mostYear {
				return nil, argument("registered= is a year")
			}
			registered = n
			continue
		}
		if p != "" {
			layouts = append(layouts, p)
		}
	}
	list, err := parseLayouts(strings.Join(layouts, ","), "yyyy-MM-dd,yyyy-MM,yyyy")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		p, _, f := s.read(in, list)
		if !f.OK() || p.Precision == sih.Unknown {
			return "", f
		}
		y, m, d := p.First.Civil()
		switch {
		case p.First > s.p.Today:
			return "", ahead
		case y < s.p.Today.Year()-oldest:
			return "", unlikely
		case p.Precision == sih.Day && y < registered && (m == 1 && d == 1 || m == 12 && d == 31 || m == 7 && d == 1):
			return sih.YearDate(y).String(), Fault{}
		}
		return p.String(), Fault{}
	}, nil
}

// oldest is the greatest age in years that a record is believed. The oldest
// age ever verified is 122.
const oldest = 130

// read reads a date by the first layout that fits and yields a day that there
// is. A date of which nothing is known is one that stands for none.
func (s *Set) read(in string, list []layout) (sih.PartialDate, reading, Fault) {
	in = strings.TrimSpace(asciiDigits(in))
	fault := unreadable
	for i := range list {
		l := &list[i]
		if l.special != "" {
			p, r, f := readSpecial(in, l.special)
			if f.OK() {
				return p, r, f
			}
			if f != unreadable {
				fault = f
			}
			continue
		}
		r, ok := l.read(in)
		if !ok {
			continue
		}
		p, f := s.settle(&r)
		if f.OK() {
			return p, r, f
		}
		fault = f
	}
	if fault == unreadable && blankDate(in) {
		return sih.PartialDate{}, reading{}, Fault{}
	}
	return sih.PartialDate{}, reading{}, fault
}

// blankDate tells whether s is only the form's own signs: "__/__/____", "-".
func blankDate(s string) bool { return strings.Trim(s, "0-/._: ") == "" }

// settle makes a date of what was read.
func (s *Set) settle(r *reading) (sih.PartialDate, Fault) {
	if r.two && (r.month > 0 || r.day > 0 || r.year > 0) {
		century := s.p.Today.Year() / 100 * 100
		if d, ok := sih.DateOf(century+r.year, max(r.month, 1), max(r.day, 1)); century+r.year > s.p.Today.Year() || ok && d > s.p.Today {
			century -= 100
		}
		r.year += century
	}
	y, m, d := r.year, r.month, r.day
	switch {
	// What systems write for no date: MySQL's zero, SQL Server's least, Excel's
	// and Delphi's zero, forms' 1900-01-01, and the end of time.
	case y == 0 && m == 0 && d == 0, y == 1 && m == 1 && d == 1, y == 1753 && m == 1 && d == 1, y == 1899 && m == 12 && (d == 30 || d == 31),
		y == 1900 && m <= 1 && d <= 1, y == 9999:
		return sih.PartialDate{}, Fault{}
	case m > 12 || d > 31:
		return sih.PartialDate{}, impossible
	case y < leastYear || y > mostYear:
		return sih.PartialDate{}, unlikely
	case m == 0:
		return sih.YearDate(y), Fault{}
	case d == 0:
		return sih.MonthDate(y, m), Fault{}
	}
	day, ok := sih.DateOf(y, m, d)
	if !ok {
		return sih.PartialDate{}, impossible
	}
	return sih.DayDate(day), Fault{}
}

// readSpecial reads a serial number of a spreadsheet or a Hijri year.
func readSpecial(in, kind string) (sih.PartialDate, reading, Fault) {
	if kind == "hijri" {
		p, f := readHijri(in)
		return p, reading{}, f
	}
	whole, frac, _ := strings.Cut(in, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 0 || whole[0] == '+' || !allDigits(frac) || len(frac) > 17 {
		return sih.PartialDate{}, reading{}, unreadable
	}
	// In the 1900 system, 60 is a 29 February 1900 that never was: Lotus
	// counted it, and Excel after it.
	base := sih.Date(-25569) // 1899-12-30
	switch {
	case kind == "excel1904":
		base = -24107 // 1904-01-01
	case n <= 1: // the zero, and the 1900-01-01 of empty cells
		return sih.PartialDate{}, reading{}, Fault{}
	case n == 60:
		return sih.PartialDate{}, reading{}, impossible
	case n < 60:
		base++
	}
	if n > 100000 { // the year 2173
		return sih.PartialDate{}, reading{}, unlikely
	}
	var r reading
	if frac != "" {
		f, err := strconv.ParseFloat("0."+frac, 64)
		if err != nil {
			return sih.PartialDate{}, r, unreadable
		}
		// A serial holds about a tenth of a second's truth: round to it.
		r.ms = int64(f*864000+0.5) * 100
		r.hours = true
		if r.ms >= 86400000 {
			r.ms -= 86400000
			n++
		}
	}
	return sih.DayDate(base + sih.Date(n)), r, Fault{}
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func (s *Set) ageStep(arg string) (Step, error) {
	asOf := s.p.Today
	if arg != "" {
		d, err := sih.ParseDate(arg)
		if err != nil {
			return nil, argument("is a day, YYYY-MM-DD")
		}
		asOf = d
	}
	return func(in string) (string, Fault) { return born(in, asOf) }, nil
}

func (s *Set) ageOnStep(arg string) (Step, error) {
	list, err := parseLayouts(arg, "yyyy-MM-dd")
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		age, day, _ := strings.Cut(in, "|")
		if strings.TrimSpace(day) == "" {
			return "", Fault{sih.R02, "the day of the age is missing"}
		}
		on, _, f := s.read(day, list)
		switch {
		case !f.OK():
			return "", f
		case on.Precision != sih.Day:
			return "", partial
		}
		return born(age, on.First)
	}, nil
}

// born returns the dates of birth that an age leaves open on a day.
func born(age string, asOf sih.Date) (string, Fault) {
	notAge := Fault{sih.R08, "not an age"}
	age = strings.ToLower(strings.TrimSpace(asciiDigits(age)))
	i := 0
	for i < len(age) && isDigit(age[i]) {
		i++
	}
	n, err := strconv.Atoi(age[:i])
	if err != nil {
		return "", notAge
	}
	var first, last sih.Date
	switch strings.Trim(age[i:], " .") {
	case "", "a", "an", "ans", "année", "années", "y", "year", "years", "año", "años", "yaş", "سنة", "سنوات":
		if n > oldest {
			return "", notAge
		}
		first, last = monthsBefore(asOf, 12*(n+1))+1, monthsBefore(asOf, 12*n)
	case "m", "mois", "month", "months", "mes", "meses", "ay", "شهر", "أشهر":
		if n > 12*oldest {
			return "", notAge
		}
		first, last = monthsBefore(asOf, n+1)+1, monthsBefore(asOf, n)
	case "j", "jr", "jour", "jours", "d", "day", "days", "día", "días", "gün", "يوم", "أيام":
		if n > 366*oldest {
			return "", notAge
		}
		first = asOf - sih.Date(n)
		last = first
	default:
		return "", notAge
	}
	return sih.RangeDate(first, last).String(), Fault{}
}

// monthsBefore returns the day n months before d, or the last day of that
// month where it is shorter.
func monthsBefore(d sih.Date, n int) sih.Date {
	y, m, day := d.Civil()
	total := y*12 + m - 1 - n
	y, m = total/12, total%12+1
	for ; ; day-- {
		if out, ok := sih.DateOf(y, m, day); ok || day < 1 {
			return out
		}
	}
}
