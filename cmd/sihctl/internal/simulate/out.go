package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// tableWriter takes the rows of one table, in order. A row may be used again
// after the call.
type tableWriter interface {
	Append(extract.Row) error
	Close() error
}

// database is where a system's tables are written: a snapshot, or files.
type database interface {
	Table(extract.Table) (tableWriter, error)
}

// out writes the rows of one table, value by value in the order of its
// columns: each value in the canonical text of its column's type, cut to its
// length, char(n) of SQL Server padded.
type out struct {
	table *Table
	to    tableWriter
	style []style
	buf   []byte
	ends  []int // where each value ends in buf
	row   extract.Row
	rows  int
	fail  *error // of the whole system; the first one stays
}

// style is how a column's type writes values.
type style struct {
	limit  int  // greatest length in characters; 0: none
	pad    bool // with blanks to the limit
	scale  int  // decimals
	comma  bool // decimal comma
	date   dateStyle
	bit    bool
	binary bool
}

type dateStyle uint8

const (
	isoDay dateStyle = iota
	isoSeconds
	isoMillis
	slashes
	dots
)

func newOut(l *Layout, t *Table, to tableWriter, fail *error) *out {
	o := &out{table: t, to: to, fail: fail}
	for _, c := range t.Columns {
		o.style = append(o.style, styleOf(l.Driver, c.Type))
	}
	o.ends, o.row = make([]int, 0, len(t.Columns)), make(extract.Row, len(t.Columns))
	return o
}

func styleOf(driver, typ string) style {
	s := style{comma: driver == "csv", date: slashes}
	base, rest, _ := strings.Cut(typ, "(")
	first, _, _ := strings.Cut(rest, ")")
	n, places, _ := strings.Cut(first, ",")
	size, _ := strconv.Atoi(n)
	switch base {
	case "char":
		s.limit, s.pad = size, driver == "sqlserver"
		fallthrough
	case "varchar", "nvarchar":
		s.limit, s.date = size, dots
		s.comma = true
	case "decimal":
		s.scale, _ = strconv.Atoi(places)
	case "money":
		s.scale = 4
	case "date":
		s.date = isoDay
	case "datetime", "datetime2":
		s.date = isoSeconds
		if driver == "sqlserver" && base == "datetime" {
			s.date = isoMillis
		}
	case "bit", "tinyint":
		s.bit = true
	case "binary":
		s.binary = true
	}
	if driver == "mysql" {
		s.comma = false
	}
	return s
}

// cell is the style of the value that comes next.
func (o *out) cell() style {
	if i := len(o.ends); i < len(o.style) {
		return o.style[i]
	}
	return style{}
}

// done ends a value; what was written of it begins at from.
func (o *out) done(from int) *out {
	if s := o.cell(); s.limit > 0 && len(o.buf)-from != s.limit {
		n := utf8.RuneCount(o.buf[from:])
		for ; n > s.limit; n-- {
			_, size := utf8.DecodeLastRune(o.buf[from:])
			o.buf = o.buf[:len(o.buf)-size]
		}
		for ; s.pad && n < s.limit; n++ {
			o.buf = append(o.buf, ' ')
		}
	}
	o.ends = append(o.ends, len(o.buf))
	return o
}

// null writes NULL.
func (o *out) null() *out {
	o.ends = append(o.ends, -1)
	return o
}

// str writes text, be it empty.
func (o *out) str(s string) *out {
	from := len(o.buf)
	o.buf = append(o.buf, s...)
	return o.done(from)
}

// opt writes text, or NULL where it is empty.
func (o *out) opt(s string) *out {
	if s == "" {
		return o.null()
	}
	return o.str(s)
}

// int writes a whole number.
func (o *out) int(n int) *out {
	from := len(o.buf)
	o.buf = strconv.AppendInt(o.buf, int64(n), 10)
	return o.done(from)
}

// id writes a reference: NULL for 0.
func (o *out) id(n int) *out {
	if n == 0 {
		return o.null()
	}
	return o.int(n)
}

// code writes a number after a prefix, filled up with zeros to width.
func (o *out) code(prefix string, n, width int) *out {
	from := len(o.buf)
	o.buf = appendPadded(append(o.buf, prefix...), int64(n), width)
	return o.done(from)
}

func appendPadded(b []byte, n int64, width int) []byte {
	for limit := int64(10); width > 1; width-- {
		if p := pow(limit, width-1); n < p {
			b = append(b, '0')
			continue
		}
		break
	}
	return strconv.AppendInt(b, n, 10)
}

func pow(base int64, n int) int64 {
	out := int64(1)
	for range n {
		out *= base
	}
	return out
}

// flag writes 1 or 0 in a bit or tinyint column, and yes or no elsewhere.
func (o *out) flag(v bool, yes, no string) *out {
	if o.cell().bit {
		yes, no = "1", "0"
	}
	if v {
		return o.str(yes)
	}
	return o.str(no)
}

// dec writes a decimal given as a whole number of its last place. Files write
// as many places as it is given with, databases as their type says.
func (o *out) dec(v int64, places int) *out {
	s, from := o.cell(), len(o.buf)
	scale := places
	if s.scale > 0 {
		scale = s.scale
	}
	o.buf = appendDecimal(o.buf, v, places, scale, s.comma)
	return o.done(from)
}

func appendDecimal(b []byte, v int64, places, scale int, comma bool) []byte {
	for ; places < scale; places++ {
		v *= 10
	}
	for ; places > scale; places-- {
		v /= 10
	}
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	p := pow(10, scale)
	b = strconv.AppendInt(b, v/p, 10)
	if scale == 0 {
		return b
	}
	if comma {
		b = append(b, ',')
	} else {
		b = append(b, '.')
	}
	return appendPadded(b, v%p, scale)
}

// day writes a day; NULL for the zero date.
func (o *out) day(d sih.Date) *out {
	if d == 0 {
		return o.null()
	}
	return o.moment(int64(d)*1440, true)
}

// at writes a moment, given in minutes; NULL for 0.
func (o *out) at(minute int64) *out {
	if minute == 0 {
		return o.null()
	}
	return o.moment(minute, false)
}

func (o *out) moment(minute int64, dayOnly bool) *out {
	s, from := o.cell(), len(o.buf)
	day := sih.Date(floorDiv(minute, 1440))
	y, m, d := day.Civil()
	o.buf = appendDay(o.buf, s.date, y, m, d)
	of := int(minute - int64(day)*1440)
	switch {
	case s.date == isoDay, dayOnly && s.date >= slashes:
		return o.done(from)
	}
	o.buf = append(o.buf, ' ')
	o.buf = appendPadded(o.buf, int64(of/60), 2)
	o.buf = append(o.buf, ':')
	o.buf = appendPadded(o.buf, int64(of%60), 2)
	if s.date < slashes {
		seconds := int64(0)
		if !dayOnly {
			seconds = minute * 37 % 60 // as good as any
		}
		o.buf = append(o.buf, ':')
		o.buf = appendPadded(o.buf, max(seconds, 0), 2)
		if s.date == isoMillis {
			o.buf = append(o.buf, ".000"...)
		}
	}
	return o.done(from)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func appendDay(b []byte, s dateStyle, y, m, d int) []byte {
	switch s {
	case slashes, dots:
		sep := byte('/')
		if s == dots {
			sep = '.'
		}
		b = append(appendPadded(b, int64(d), 2), sep)
		b = append(appendPadded(b, int64(m), 2), sep)
		return appendPadded(b, int64(y), 4)
	}
	b = append(appendPadded(b, int64(y), 4), '-')
	b = append(appendPadded(b, int64(m), 2), '-')
	return appendPadded(b, int64(d), 2)
}

// end writes the row.
func (o *out) end() {
	if *o.fail == nil && len(o.ends) != len(o.row) {
		*o.fail = fmt.Errorf("write %s: %d values for %d columns", o.table.Name, len(o.ends), len(o.row))
	}
	if *o.fail == nil {
		text, from := string(o.buf), 0
		for i, to := range o.ends {
			if to < 0 {
				o.row[i] = sih.Null
				continue
			}
			o.row[i] = sih.Raw{Text: text[from:to], Bytes: o.style[i].binary}
			from = to
		}
		if err := o.to.Append(o.row); err != nil {
			*o.fail = fmt.Errorf("write %s: %w", o.table.Name, err)
		}
		o.rows++
	}
	o.buf, o.ends = o.buf[:0], o.ends[:0]
}

// outputs are the tables of one system.
type outputs struct {
	layout Layout
	all    []*out
	fail   error
}

func openOutputs(l Layout, db database) (*outputs, error) {
	o := &outputs{layout: l}
	for _, t := range l.Tables {
		w, err := db.Table(t.Extract())
		if err != nil {
			return nil, fmt.Errorf("open %s.%s: %w", l.Source, t.Name, err)
		}
		o.all = append(o.all, newOut(&o.layout, t, w, &o.fail))
	}
	return o, nil
}

// table returns the output of a table of the layout.
func (o *outputs) table(name string) *out {
	for _, t := range o.all {
		if t.table.Name == name {
			return t
		}
	}
	o.fail = fmt.Errorf("the layout of %s has no table %s", o.layout.Source, name)
	return newOut(&o.layout, &Table{Name: name}, nil, &o.fail)
}

// close ends all tables, and returns the first error of the whole writing.
func (o *outputs) close() error {
	for _, t := range o.all {
		if err := t.to.Close(); err != nil && o.fail == nil {
			o.fail = fmt.Errorf("close %s: %w", t.table.Name, err)
		}
	}
	return o.fail
}

func (o *outputs) counts() map[string]int {
	m := map[string]int{}
	for _, t := range o.all {
		m[t.table.Name] = t.rows
	}
	return m
}

func (o *outputs) failure() error { return o.fail }
