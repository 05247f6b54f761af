package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// controlPlan counts records for a measure. It reads dates and amounts by
// itself and shares no code with the rules: the auditor's figure is taken by
// another hand.
type controlPlan struct {
	spec     *Control
	where    *expression
	sum      int
	days     [2]int
	date     int
	facility int
	payer    int
	codes    *CodeList
	day      func(s string, base1904 bool) (sih.Date, bool)
	base     int // the column that tells a sheet's base of dates, or -1
}

func (p *Plan) control(c *Control, lists map[string]*CodeList) (out controlPlan, err error) {
	out = controlPlan{spec: c, sum: -1, days: [2]int{-1, -1}, date: -1, facility: -1, payer: -1, base: -1}
	if c.Where != "" {
		if out.where, err = p.condition(c.Where); err != nil {
			return out, p.File.fault(c.pos, "%s: where: %w", c.Measure, err)
		}
	}
	set := func(to *int, name string) {
		if name == "" || err != nil {
			return
		}
		var at []int
		if at, err = p.columns(c.pos, c.Measure, []string{name}); err == nil {
			*to = at[0]
		}
	}
	set(&out.sum, c.Sum)
	set(&out.date, c.Date)
	set(&out.facility, c.Facility)
	set(&out.payer, c.Payer)
	for i, name := range c.Days {
		set(&out.days[i], name)
	}
	if err != nil {
		return out, err
	}
	if c.Code != "" {
		if out.codes, err = p.codes(c.Code, lists); err != nil {
			return out, p.File.fault(c.pos, "%s: %w", c.Measure, err)
		}
	}
	for i, col := range p.Table.Columns {
		if col == "_date1904" {
			out.base = i
		}
	}
	if out.day, err = dayReader(c.Layout); err != nil {
		return out, p.File.fault(c.pos, "%s: %w", c.Measure, err)
	}
	return out, nil
}

// dayReader returns a reader of days that are written in the layout. "excel"
// takes serial numbers, and text dd/MM/yyyy where there is a slash.
func dayReader(layout string) (func(string, bool) (sih.Date, bool), error) {
	if layout == "" {
		layout = "yyyy-MM-dd"
	}
	at := func(part string) int { return strings.Index(layout, part) }
	if layout == "excel" {
		text, err := dayReader("dd/MM/yyyy")
		return func(s string, base1904 bool) (sih.Date, bool) {
			if strings.Contains(s, "/") {
				return text(s, false)
			}
			n, err := strconv.ParseFloat(s, 64)
			if err != nil || n < 1 || n > 2958465 {
				return 0, false
			}
			// Day 0 of the 1900 base is 1899-12-30 from March 1900 on.
			zero, _ := sih.DateOf(1899, 12, 30)
			if base1904 {
				zero, _ = sih.DateOf(1904, 1, 1)
			}
			return zero + sih.Date(n), true
		}, err
	}
	y, m, d := at("yyyy"), at("MM"), at("dd")
	if y < 0 || m < 0 || d < 0 {
		return nil, fmt.Errorf("layout %q: yyyy, MM and dd are wanted, or excel", layout)
	}
	return func(s string, _ bool) (sih.Date, bool) {
		end := max(y+4, m+2, d+2)
		// Only a time may follow: what has more behind it is no date.
		if len(s) < end || strings.Trim(s[end:], "0123456789:. TZ") != "" {
			return 0, false
		}
		yy, err1 := strconv.Atoi(s[y : y+4])
		mm, err2 := strconv.Atoi(s[m : m+2])
		dd, err3 := strconv.Atoi(s[d : d+2])
		if err1 != nil || err2 != nil || err3 != nil {
			return 0, false
		}
		return sih.DateOf(yy, mm, dd)
	}, nil
}

// count adds the record to a measure.
func (r *Runner) count(c *controlPlan) {
	if c.where != nil {
		if ok, err := c.where.holds(r.row, r.env, &r.machine); err != nil || !ok {
			return
		}
	}
	out := stage.Control{Row: r.number, Measure: c.spec.Measure, Amount: 1}
	base1904 := c.base >= 0 && r.row[c.base].Text == "1"
	undated := false
	if c.date >= 0 {
		if d, ok := c.day(strings.TrimSpace(r.row[c.date].Text), base1904); ok {
			y, m, _ := d.Civil()
			out.Year = y
			if c.spec.Monthly {
				out.Month = m
			}
		} else {
			undated = strings.TrimSpace(r.row[c.date].Text) != ""
		}
	}
	out.Facility = r.plan.setting.Facility
	if c.facility >= 0 {
		out.Facility = ""
		if code, _, ok := r.plan.setting.Facilities(strings.TrimSpace(r.row[c.facility].Text)); ok {
			out.Facility = code
		}
	}
	if undated {
		// It is counted all the same, under no year; how many there are is told.
		r.out.Control(stage.Control{Row: r.number, Measure: c.spec.Measure + " undated", Facility: out.Facility, Amount: 1})
	}
	if c.payer >= 0 {
		out.Payer = strings.TrimSpace(r.row[c.payer].Text)
		if c.codes != nil {
			code, _ := c.codes.Lookup(out.Payer)
			out.Payer = code.Target
		}
	}
	if c.days[0] >= 0 {
		from, ok1 := c.day(strings.TrimSpace(r.row[c.days[0]].Text), base1904)
		to, ok2 := c.day(strings.TrimSpace(r.row[c.days[1]].Text), base1904)
		if !ok1 || !ok2 || to < from {
			return
		}
		out.Amount = max(int64(to-from), 1)
	}
	if c.sum >= 0 {
		f := r.row[c.sum]
		if f.Empty() {
			return
		}
		n, ok := centimes(f.Text, c.spec.Comma)
		if !ok {
			out.Measure += " unreadable"
			n = 1
		}
		out.Amount = n
	}
	r.out.Control(out)
}

// blanks drops the blanks that part thousands.
var blanks = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "")

// centimes reads an amount in dirhams.
func centimes(s string, comma bool) (int64, bool) {
	s = blanks.Replace(s)
	if comma {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	} else {
		s = strings.ReplaceAll(s, ",", "")
	}
	n, err := sih.ParseDecimal(s, 4)
	if err != nil || n%100 != 0 {
		return 0, false
	}
	return n / 100, true
}
