package postgres

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// row is a row of a query's result.
type row struct {
	fields []pgconn.FieldDescription
	cells  [][]byte
}

func (r row) Null(column int) bool { return r.cells[column] == nil }

func (r row) Int(column int) int64 {
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

func (r row) Float(column int) float64 {
	f, _ := strconv.ParseFloat(string(r.cells[column]), 64)
	return f
}

// Text returns what a column of SQLite would hold: a moment as ISO writes it,
// a decimal without zeros at its end.
func (r row) Text(column int) string {
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

// readValue reads the value of column c from the cells that begin with it, and
// how many it takes.
func readValue(cells [][]byte, c *sih.Column) (v sih.Value, width int, err error) {
	width = 1
	if c.Kind == sih.KindPDate {
		width = 3
	}
	cell := cells[0]
	if cell == nil {
		return sih.Value{}, width, nil
	}
	switch c.Kind {
	case sih.KindPDate:
		v, err = store.PartialDate(string(cells[0]), string(cells[1]), string(cells[2]))
	case sih.KindTS:
		v, err = sih.ParseValue(c, store.ISOTime(cell))
	case sih.KindBool:
		v = sih.BoolValue(string(cell) == "t")
	case sih.KindCode:
		v = sih.CodeValue(unescape(cell))
	case sih.KindStr:
		v = sih.StrValue(unescape(cell))
	case sih.KindText:
		v = sih.TextValue(unescape(cell))
	default:
		v, err = sih.ParseValue(c, string(cell))
	}
	if err != nil {
		return v, width, fmt.Errorf("column %s: %w", c.Name, err)
	}
	return v, width, nil
}
