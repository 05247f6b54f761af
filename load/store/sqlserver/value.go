package sqlserver

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// kept stands after a part of a key that ends in a blank: the server has texts
// equal that differ in blanks at their end.
const kept = "\uFDD0"

var (
	errKept = errors.New("a text that ends in the noncharacter U+FDD0, which stands for the end of a blank in this store")
	errText = errors.New("a text that is no UTF-8")
	errWide = errors.New("a text that is too long in UTF-16, in which letters beyond the first 65,536 count twice")
)

// fits tells whether the server can hold a value as it is, and how long its
// text is in bytes.
func (l *loader) fits(column int, v sih.Value) (n int, err error) {
	c := &l.table.Columns[column]
	switch v.Kind() {
	case sih.KindCode, sih.KindStr, sih.KindText:
	default:
		return 0, nil
	}
	s := v.String()
	switch {
	case isASCII(s): // most are
	case !utf8.ValidString(s):
		return 0, errText
	case strings.HasSuffix(s, kept):
		return 0, errKept
	case c.Kind == sih.KindStr && len(s) > c.Size && wide(s) > c.Size:
		return 0, errWide
	}
	return len(s), nil
}

// wide is the length of a text in UTF-16.
func wide(s string) (n int) {
	for _, r := range s {
		if n++; r >= 1<<16 {
			n++
		}
	}
	return n
}

// row appends a row that is held as a bulk copy takes it.
func (l *loader) row(out []any, h held) []any {
	for i := range l.table.Columns {
		c, v := &l.table.Columns[i], l.values[h.at+i]
		switch v.Kind() {
		case sih.KindNull:
			switch {
			case store.EmptyForNull(l.table, i):
				out = append(out, "")
			case c.Kind == sih.KindPDate:
				out = append(out, nil, nil, nil)
			default:
				out = append(out, nil)
			}
		case sih.KindPDate:
			d := v.PDate()
			out = append(out, day(d.First), day(d.Last), d.Precision.String())
		case sih.KindDate:
			out = append(out, day(sih.Date(v.Int())))
		case sih.KindTS:
			out = append(out, sih.Timestamp(v.Int()).Time())
		case sih.KindBool:
			out = append(out, v.Bool())
		case sih.KindMoney, sih.KindInt:
			out = append(out, v.Int())
		case sih.KindStr:
			if slices.Contains(l.table.Key, c.Name) {
				out = append(out, keyText(c, v))
			} else {
				out = append(out, v.String())
			}
		default:
			out = append(out, v.String())
		}
	}
	return out
}

// keyText is a part of a key as the server has it.
func keyText(c *sih.Column, v sih.Value) any {
	switch v.Kind() {
	case sih.KindInt:
		return v.Int()
	case sih.KindID:
		return v.ID()
	}
	if s := v.String(); c.Kind == sih.KindStr && strings.HasSuffix(s, " ") {
		return s + kept
	} else {
		return s
	}
}

// day is the moment at which a day begins.
func day(d sih.Date) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// plain is a value of the driver's as text; a moment as ISO writes it.
func plain(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return sih.TimestampOf(v).String()
	}
	return ""
}

// row is a row of an answer. It implements [store.Answer].
type row struct {
	types driver.RowsColumnTypeDatabaseTypeName
	cells []driver.Value
}

// Null tells whether the cell is NULL.
func (r *row) Null(column int) bool { return r.cells[column] == nil }

// Int returns a whole number, also of a decimal or a text that is one; 0 of what is none.
func (r *row) Int(column int) int64 {
	switch v := r.cells[column].(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	text := plain(r.cells[column])
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return int64(r.Float(column))
}

// Float returns a number, also of a text that is one; 0 of what is none.
func (r *row) Float(column int) float64 {
	f, _ := strconv.ParseFloat(plain(r.cells[column]), 64)
	return f
}

// Text returns what a column of SQLite would hold: a moment as ISO writes it,
// a decimal without zeros at its end.
func (r *row) Text(column int) string {
	switch v := r.cells[column].(type) {
	case time.Time:
		if r.types.ColumnTypeDatabaseTypeName(column) == "DATE" {
			return v.Format(time.DateOnly)
		}
	case []byte: // a decimal
		if bytes.IndexByte(v, '.') >= 0 {
			return string(bytes.TrimRight(bytes.TrimRight(v, "0"), "."))
		}
	}
	return strings.TrimSuffix(plain(r.cells[column]), kept)
}

// Value implements [store.Answer].
func (r *row) Value(cell int, t *sih.Table, column int, _ sih.Value) (sih.Value, error) {
	c := &t.Columns[column]
	switch v := r.cells[cell].(type) {
	case nil:
		return sih.Value{}, nil
	case int64:
		switch c.Kind {
		case sih.KindInt:
			return sih.IntValue(v), nil
		case sih.KindMoney:
			return sih.MoneyValue(v), nil
		}
	case bool:
		return sih.BoolValue(v), nil
	case time.Time:
		switch c.Kind {
		case sih.KindTS:
			return sih.TSValue(sih.TimestampOf(v)), nil
		case sih.KindDate:
			return sih.DateValue(dateOf(v)), nil
		case sih.KindPDate:
			last, _ := r.cells[cell+1].(time.Time)
			return store.PartialDate(v.Format(time.DateOnly), last.Format(time.DateOnly), plain(r.cells[cell+2]))
		}
	case string:
		switch c.Kind {
		case sih.KindCode:
			return sih.CodeValue(v), nil
		case sih.KindStr:
			if strings.HasSuffix(v, kept) && slices.Contains(t.Key, c.Name) {
				v = strings.TrimSuffix(v, kept)
			}
			return sih.StrValue(v), nil
		case sih.KindText:
			return sih.TextValue(v), nil
		}
		return sih.ParseValue(c, v)
	case []byte:
		return sih.ParseValue(c, string(v))
	}
	return sih.Value{}, fmt.Errorf("a value of type %T", r.cells[cell])
}

// dateOf is the day of a moment at which one begins.
func dateOf(t time.Time) sih.Date { return sih.Date(t.Unix() / 86400) }
