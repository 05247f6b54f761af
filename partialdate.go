package sih

import (
	"errors"
	"strconv"
	"time"
)

// Date is a day, counted from 1970-01-01.
type Date int32

// DateOf returns the day of a year, month and day of the Gregorian calendar,
// and whether there is such a day. Years run from 1 to 9999.
func DateOf(year, month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return dateOf(year, month, day), true
}

// dateOf is the usual count of days from the civil calendar (Hinnant,
// "chrono-compatible low-level date algorithms"), for valid dates.
func dateOf(year, month, day int) Date {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	yoe := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return Date(era*146097 + doe - 719468)
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// Civil returns the year, month and day of d.
func (d Date) Civil() (year, month, day int) {
	z := int(d) + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// Year returns the year of d.
func (d Date) Year() int { y, _, _ := d.Civil(); return y }

// Time returns the start of d in loc.
func (d Date) Time(loc *time.Location) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, loc)
}

// String returns d as YYYY-MM-DD.
func (d Date) String() string { return string(d.AppendText(make([]byte, 0, 10))) }

// AppendText appends d as YYYY-MM-DD to b.
func (d Date) AppendText(b []byte) []byte {
	y, m, day := d.Civil()
	b = append(b, byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+day/10), byte('0'+day%10))
	return b
}

// What is said of a text that is no date, whatever the text.
var (
	errDate        = errors.New("not a date of the form YYYY-MM-DD")
	errPartialDate = errors.New("not a date of the form YYYY, YYYY-MM, YYYY-MM-DD or FIRST/LAST")
	errTimestamp   = errors.New("not a time of the form YYYY-MM-DDTHH:MM:SS.sssZ")
)

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:7])
		d, ok3 := digits(s[8:])
		if ok1 && ok2 && ok3 {
			if v, ok := DateOf(y, m, d); ok {
				return v, nil
			}
		}
	}
	return 0, errDate
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0
}

// Precision tells how much of a partial date is known.
type Precision uint8

// The precisions, from the finest to none.
const (
	Unknown Precision = iota // nothing is known; the zero PartialDate
	Day                      // one day
	Month                    // a month of a year
	Year                     // a year
	Range                    // some days that are neither a month nor a year, as a Hijri year is
)

var precisionNames = [...]string{"unknown", "day", "month", "year", "range"}

// String returns the word that the store keeps: day, month, year, range or
// unknown.
func (p Precision) String() string {
	if int(p) < len(precisionNames) {
		return precisionNames[p]
	}
	return "unknown"
}

// PartialDate is a date of which some part may not be known: all that is sure
// is that the day lies between First and Last, both included. The zero value
// is a date of which nothing is known.
type PartialDate struct {
	First, Last Date
	Precision   Precision
}

// DayDate returns the partial date of one known day.
func DayDate(d Date) PartialDate { return PartialDate{d, d, Day} }

// MonthDate returns the partial date of a month. It panics on no calendar
// month: callers have checked theirs.
func MonthDate(year, month int) PartialDate {
	return PartialDate{dateOf(year, month, 1), dateOf(year, month, daysIn(year, month)), Month}
}

// YearDate returns the partial date of a year.
func YearDate(year int) PartialDate {
	return PartialDate{dateOf(year, 1, 1), dateOf(year, 12, 31), Year}
}

// RangeDate returns the partial date of some days, the last included.
func RangeDate(first, last Date) PartialDate {
	if first == last {
		return DayDate(first)
	}
	return PartialDate{first, last, Range}
}

// String returns the date as far as it is known: 1934-05-02, 1934-05, 1934,
// 1981-10-30/1982-10-18 for a range, and nothing for an unknown date.
func (p PartialDate) String() string {
	switch p.Precision {
	case Day:
		return p.First.String()
	case Month:
		return p.First.String()[:7]
	case Year:
		return p.First.String()[:4]
	case Range:
		return p.First.String() + "/" + p.Last.String()
	}
	return ""
}

// ParsePartialDate reads what [PartialDate.String] writes.
func ParsePartialDate(s string) (PartialDate, error) {
	switch len(s) {
	case 0:
		return PartialDate{}, nil
	case 4:
		if y, ok := digits(s); ok && y > 0 {
			return YearDate(y), nil
		}
	case 7:
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:])
		if ok1 && ok2 && s[4] == '-' && y > 0 && m >= 1 && m <= 12 {
			return MonthDate(y, m), nil
		}
	case 10:
		d, err := ParseDate(s)
		return DayDate(d), err
	case 21:
		first, err1 := ParseDate(s[:10])
		last, err2 := ParseDate(s[11:])
		if err1 == nil && err2 == nil && s[10] == '/' && first < last {
			return PartialDate{first, last, Range}, nil
		}
	}
	return PartialDate{}, errPartialDate
}

// Timestamp is a moment in UTC, in milliseconds from 1970.
type Timestamp int64

// TimestampOf returns the moment of t, cut to milliseconds.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.UnixMilli()) }

// Time returns the moment in UTC.
func (t Timestamp) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// String returns the moment as YYYY-MM-DDTHH:MM:SS.sssZ.
func (t Timestamp) String() string { return string(t.AppendText(make([]byte, 0, 24))) }

// AppendText appends the moment as YYYY-MM-DDTHH:MM:SS.sssZ to b.
func (t Timestamp) AppendText(b []byte) []byte {
	const day = 24 * 3600 * 1000
	d := int64(t) / day
	ms := int64(t) % day
	if ms < 0 {
		d--
		ms += day
	}
	b = Date(d).AppendText(b)
	two := func(n int64, sep byte) { b = append(b, sep, byte('0'+n/10), byte('0'+n%10)) }
	two(ms/3600000, 'T')
	two(ms/60000%60, ':')
	two(ms/1000%60, ':')
	ms %= 1000
	return append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// ParseTimestamp reads YYYY-MM-DDTHH:MM:SS with an optional fraction and Z.
func ParseTimestamp(s string) (Timestamp, error) {
	if len(s) < 20 || s[10] != 'T' || s[len(s)-1] != 'Z' || s[13] != ':' || s[16] != ':' {
		return 0, errTimestamp
	}
	d, err := ParseDate(s[:10])
	h, ok1 := digits(s[11:13])
	m, ok2 := digits(s[14:16])
	sec, ok3 := digits(s[17:19])
	if err != nil || !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || sec > 59 {
		return 0, errTimestamp
	}
	ms := 0
	if f := s[19 : len(s)-1]; f != "" {
		if f[0] != '.' || len(f) > 4 {
			return 0, errTimestamp
		}
		if ms, err = strconv.Atoi((f[1:] + "000")[:3]); err != nil || ms < 0 {
			return 0, errTimestamp
		}
	}
	return Timestamp(((int64(d)*24+int64(h))*60+int64(m))*60000 + int64(sec)*1000 + int64(ms)), nil
}
