package mysql

import (
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

var errText = errors.New("a text that is no UTF-8")

// appendRow appends a row in the format of LOAD DATA.
func appendRow(b []byte, t *sih.Table, values []sih.Value) ([]byte, error) {
	for i, v := range values {
		if i > 0 {
			b = append(b, '\t')
		}
		switch v.Kind() {
		case sih.KindNull:
			switch {
			case store.EmptyForNull(t, i):
			case t.Columns[i].Kind == sih.KindPDate:
				b = append(b, `\N`+"\t"+`\N`+"\t"+`\N`...)
			default:
				b = append(b, `\N`...)
			}
		case sih.KindCode, sih.KindStr, sih.KindText:
			var err error
			if b, err = appendText(b, v.String()); err != nil {
				return b, &store.RowError{Table: t.Name, Column: t.Columns[i].Name, Err: err}
			}
		case sih.KindPDate:
			d := v.PDate()
			b = append(d.First.AppendText(b), '\t')
			b = append(d.Last.AppendText(b), '\t')
			b = append(b, d.Precision.String()...)
		case sih.KindBool:
			if v.Bool() {
				b = append(b, '1')
			} else {
				b = append(b, '0')
			}
		case sih.KindTS:
			b = appendTime(b, sih.Timestamp(v.Int()))
		default:
			b = v.AppendText(b)
		}
	}
	return append(b, '\n'), nil
}

// appendTime appends a moment as the server writes it: 2024-01-02 03:04:05.600.
func appendTime(b []byte, ts sih.Timestamp) []byte {
	at := len(b)
	b = ts.AppendText(b)
	b[at+len("2024-01-02")] = ' '
	return b[:len(b)-1]
}

// appendText appends a text, with what the format takes for its own escaped.
func appendText(b []byte, s string) ([]byte, error) {
	from, ascii := 0, true
	for i := range len(s) {
		var escape string
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
			continue
		case c == '\\':
			escape = `\\`
		case c == '\n':
			escape = `\n`
		case c == '\t':
			escape = `\t`
		case c == 0:
			escape = `\0`
		default:
			continue
		}
		b = append(append(b, s[from:i]...), escape...)
		from = i + 1
	}
	if !ascii && !utf8.ValidString(s) {
		return b, errText
	}
	return append(b, s[from:]...), nil
}

// plain is a value of the driver's as text.
func plain(v driver.Value) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
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
	case uint64:
		return int64(v)
	case []byte:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
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
	cell, ok := r.cells[column].([]byte)
	if !ok {
		return plain(r.cells[column])
	}
	switch r.types.ColumnTypeDatabaseTypeName(column) {
	case "DATETIME", "TIMESTAMP":
		return store.ISOTime(cell)
	case "DECIMAL":
		if text := string(cell); strings.Contains(text, ".") {
			return strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
	}
	return string(cell)
}

// Value implements [store.Answer].
func (r *row) Value(cell int, t *sih.Table, column int, last sih.Value) (sih.Value, error) {
	c := &t.Columns[column]
	var text []byte
	switch read := r.cells[cell].(type) {
	case nil:
		return sih.Value{}, nil
	case int64:
		switch c.Kind {
		case sih.KindBool:
			return sih.BoolValue(read != 0), nil
		case sih.KindInt:
			return sih.IntValue(read), nil
		case sih.KindMoney:
			return sih.MoneyValue(read), nil
		}
	case []byte:
		text = read
	}
	switch c.Kind {
	case sih.KindCode, sih.KindStr:
		if last.Kind() == c.Kind && string(text) == last.String() {
			return last, nil
		}
	}
	switch c.Kind {
	case sih.KindPDate:
		return store.PartialDate(plain(r.cells[cell]), plain(r.cells[cell+1]), plain(r.cells[cell+2]))
	case sih.KindTS:
		return sih.ParseValue(c, store.ISOTime(text))
	case sih.KindCode:
		return sih.CodeValue(string(text)), nil
	case sih.KindStr:
		return sih.StrValue(string(text)), nil
	case sih.KindText:
		return sih.TextValue(string(text)), nil
	}
	return sih.ParseValue(c, string(text))
}
