package match

import (
	"strconv"

	"github.com/sihctl/sih"
)

// A calendar numbers the distinct partial dates of a field, from 1.
type calendar struct {
	code map[day]uint32
	days []day
}

// A day is a partial date made ready for comparison.
type day struct {
	first, last int32
	digits      uint32 // yyyymmdd, of first or as written, four bits a digit
	exact       bool   // written to the day
}

// year, month and date return the parts of first, or of the day as written,
// four bits a digit.
func (d *day) year() uint32  { return d.digits >> 16 }
func (d *day) month() uint32 { return d.digits >> 8 & 0xff }
func (d *day) date() uint32  { return d.digits & 0xff }

func newCalendar() *calendar {
	return &calendar{code: map[day]uint32{}, days: make([]day, 1)}
}

func (c *calendar) add(d day) uint32 {
	code, ok := c.code[d]
	if !ok {
		code = uint32(len(c.days))
		c.days = append(c.days, d)
		c.code[d] = code
	}
	return code
}

// dayOf reads a date as [sih.PartialDate] writes it, or a day that no calendar
// has and a slip of the pen made, such as 1798-81-01. That one is compared by
// its digits, like any day; of when it was only the year is known, and the
// month if there is such a one.
func dayOf(v string) (d day, ok bool) {
	p, err := sih.ParsePartialDate(v)
	if err == nil {
		year, month, date := p.First.Civil()
		return day{int32(p.First), int32(p.Last), fourBits(year*10000 + month*100 + date), p.Precision == sih.Day}, true
	}
	if len(v) != len("1798-81-01") || v[7] != '-' {
		return day{}, false
	}
	if p, err = sih.ParsePartialDate(v[:7]); err != nil {
		p, err = sih.ParsePartialDate(v[:4])
	}
	digits, nerr := strconv.ParseUint(v[:4]+v[5:7]+v[8:], 10, 32)
	if err != nil || nerr != nil || v[4] != '-' {
		return day{}, false
	}
	return day{int32(p.First), int32(p.Last), fourBits(int(digits)), true}, true
}

// fourBits returns a number of at most eight decimal digits with four bits for
// each.
func fourBits(n int) (x uint32) {
	for shift := 0; n > 0; shift += 4 {
		x |= uint32(n%10) << shift
		n /= 10
	}
	return x
}
