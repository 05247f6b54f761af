package tdstest

import (
	"cmp"
	"encoding/hex"
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

func textValue(s string) Value { return Value{Raw: sih.Text(s)} }

// condition tells whether a row is wanted.
type condition func(row []Value) bool

var errWhere = errors.New("a condition that is not known here")

// where reads comparisons of columns with parameters, joined by AND, OR and
// brackets. AND binds closer.
func where(t *Table, s string, params []string) (condition, error) {
	p := &whereParser{t, s, params}
	c, err := p.or()
	if err == nil && p.rest != "" {
		err = errWhere
	}
	return c, err
}

type whereParser struct {
	table  *Table
	rest   string
	params []string
}

func (p *whereParser) cut(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *whereParser) or() (condition, error) {
	a, err := p.and()
	for err == nil && p.cut(" OR ") {
		left := a
		var b condition
		b, err = p.and()
		a = func(row []Value) bool { return left(row) || b(row) }
	}
	return a, err
}

func (p *whereParser) and() (condition, error) {
	a, err := p.comparison()
	for err == nil && p.cut(" AND ") {
		left := a
		var b condition
		b, err = p.comparison()
		a = func(row []Value) bool { return left(row) && b(row) }
	}
	return a, err
}

func (p *whereParser) comparison() (condition, error) {
	if p.cut("(") {
		c, err := p.or()
		if err == nil && !p.cut(")") {
			err = errWhere
		}
		return c, err
	}
	x, rest, err := parseTerm(p.table, p.rest)
	if err != nil || !x.bare {
		return nil, errWhere
	}
	p.rest = rest
	switch {
	case p.cut(" IS NULL"):
		return func(row []Value) bool { return row[x.column].Null }, nil
	case p.cut(" IS NOT NULL"):
		return func(row []Value) bool { return !row[x.column].Null }, nil
	}
	for _, op := range []string{" = ", " > ", " < ", " <= "} {
		if !p.cut(op) {
			continue
		}
		v, err := p.bound(x)
		return func(row []Value) bool {
			if row[x.column].Null { // is unknown, whatever it is compared with
				return false
			}
			switch c := compare(x.typ, row[x.column], v); op {
			case " = ":
				return c == 0
			case " > ":
				return c > 0
			case " < ":
				return c < 0
			default:
				return c <= 0
			}
		}, err
	}
	return nil, errWhere
}

// bound reads CONVERT(type, @pN …), whose type must be the column's own, so
// that the server would seek into its index.
func (p *whereParser) bound(x term) (Value, error) {
	want := p.table.Columns[x.column].Type
	if want == "timestamp" {
		want = "binary(8)"
	}
	if !p.cut("CONVERT(" + want + ", @p") {
		return Value{}, errWhere
	}
	end := strings.IndexAny(p.rest, " ,)")
	if end < 0 {
		return Value{}, errWhere
	}
	n, err := strconv.Atoi(p.rest[:end])
	if err != nil || n < 1 || n > len(p.params) {
		return Value{}, errWhere
	}
	style, rest, ok := strings.Cut(p.rest[end:], ")")
	if !ok {
		return Value{}, errWhere
	}
	p.rest = rest
	v := p.params[n-1]
	switch x.typ.name {
	case "char", "varchar":
		if style != " COLLATE "+collationName(x.typ.page) {
			return Value{}, errWhere
		}
	case "binary", "varbinary", "timestamp":
		b, err := hex.DecodeString(strings.TrimPrefix(v, "0x"))
		if err != nil || style != ", 1" {
			return Value{}, errWhere
		}
		v = string(b)
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		if style != ", 121" {
			return Value{}, errWhere
		}
	default:
		if style != "" {
			return Value{}, errWhere
		}
	}
	return textValue(v), nil
}

// compare orders two values of a type: NULL first, numbers by their size, all
// else by its text, blanks at the end and the case of letters left out.
func compare(t sqlType, a, b Value) int {
	if a.Null || b.Null {
		return cmp.Compare(notNull(a), notNull(b))
	}
	switch t.name {
	case "tinyint", "smallint", "int", "bigint", "bit", "decimal", "numeric", "money", "smallmoney", "float", "real":
		if m, err := strconv.ParseInt(a.Text, 10, 64); err == nil {
			if n, err := strconv.ParseInt(b.Text, 10, 64); err == nil {
				return cmp.Compare(m, n)
			}
		}
		x, ok := new(big.Rat).SetString(a.Text)
		y, also := new(big.Rat).SetString(b.Text)
		if ok && also {
			return x.Cmp(y)
		}
	case "binary", "varbinary", "timestamp":
		return cmp.Compare(a.Text, b.Text)
	}
	return cmp.Compare(strings.ToUpper(strings.TrimRight(a.Text, " ")), strings.ToUpper(strings.TrimRight(b.Text, " ")))
}

func notNull(v Value) int {
	if v.Null {
		return 0
	}
	return 1
}
