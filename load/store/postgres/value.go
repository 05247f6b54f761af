package postgres

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// row is a row of an answer. It implements [store.Answer].
type row struct {
	fields []pgconn.FieldDescription
	cells  [][]byte
}

// Null tells whether the cell is NULL.
func (r *row) Null(column int) bool { return r.cells[column] == nil }

// Int returns a whole number, also of a decimal or a text that is one; 0 of what is none.
func (r *row) Int(column int) int64 {
	cell := r.cells[column]
	switch {
	case r.fields[column].DataTypeOID == boolOID && string(cell) == "t":
		return 1
	case bytes.IndexByte(cell, '.') >= 0:
		return int64(r.Float(column))
	}
	n, _ := strconv.ParseInt(string(cell), 10, 64)
	return n
}

// Float returns a number, also of a text that is one; 0 of what is none.
func (r *row) Float(column int) float64 {
	f, _ := strconv.ParseFloat(string(r.cells[column]), 64)
	return f
}

// Text returns what a column of SQLite would hold: a moment as ISO writes it,
// a decimal without zeros at its end.
func (r *row) Text(column int) string {
	cell := r.cells[column]
	switch r.fields[column].DataTypeOID {
	case boolOID:
		return strconv.FormatInt(r.Int(column), 10)
	case timestamptzOID:
		return store.ISOTime(cell)
	case numericOID:
		if bytes.IndexByte(cell, '.') >= 0 {
			return string(bytes.TrimRight(bytes.TrimRight(cell, "0"), "."))
		}
	}
	return unescape(cell)
}

// unescape returns a text with U+0000 where it was.
func unescape(cell []byte) string {
	if bytes.Contains(cell, []byte(nul)) {
		return strings.ReplaceAll(string(cell), nul, "\x00")
	}
	return string(cell)
}

// Value implements [store.Answer].
func (r *row) Value(cell int, t *sih.Table, column int, _ sih.Value) (sih.Value, error) {
	c, text := &t.Columns[column], r.cells[cell]
	if text == nil {
		return sih.Value{}, nil
	}
	switch c.Kind {
	case sih.KindPDate:
		return store.PartialDate(string(text), string(r.cells[cell+1]), string(r.cells[cell+2]))
	case sih.KindTS:
		return sih.ParseValue(c, store.ISOTime(text))
	case sih.KindBool:
		return sih.BoolValue(string(text) == "t"), nil
	case sih.KindCode:
		return sih.CodeValue(unescape(text)), nil
	case sih.KindStr:
		return sih.StrValue(unescape(text)), nil
	case sih.KindText:
		return sih.TextValue(unescape(text)), nil
	}
	return sih.ParseValue(c, string(text))
}
