package mysql

import (
	"errors"
	"slices"
	"strconv"

	"github.com/sihctl/sih/extract"
)

// selection is the part of a table's statements that stays the same: its
// columns, then the checks of those whose texts may not survive.
func (t *table) selection(hint string) string {
	b := []byte("SELECT " + hint)
	for i := range t.columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, t.columns[i].expression()...)
	}
	for _, at := range t.checked() {
		b = append(append(b, ','), t.columns[at].check()...)
	}
	return string(append(append(b, " FROM "...), t.from...))
}

// checked are the positions of the columns that the server checks.
func (t *table) checked() (at []int) {
	for i := range t.columns {
		if t.columns[i].checked() {
			at = append(at, i)
		}
	}
	return at
}

var errBound = errors.New("the range is not one of the table's order")

// fits tells whether a range is one of the table. It must be no more than that:
// a number stands in a statement as it is.
func (t *table) fits(in extract.Range) error {
	for _, end := range []extract.Row{in.After, in.UpTo} {
		if end == nil {
			continue
		}
		if len(t.order) == 0 || len(end) != len(t.order) {
			return errBound
		}
		for i, v := range end {
			if v.Null || !t.columns[t.order[i]].literate(v) {
				return errBound
			}
		}
	}
	return nil
}

// statement gives limit rows of a part of the table in the key's order.
func (t *table) statement(hint string, in extract.Range, limit int) string {
	b := t.where([]byte(t.selection(hint)), in)
	b = append(b, " ORDER BY "...)
	for i, at := range t.order {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quoteName(t.columns[at].Name)...)
	}
	return string(strconv.AppendInt(append(b, " LIMIT "...), int64(limit), 10))
}

// census counts the rows of a part of the table.
func (t *table) census(in extract.Range) string {
	b := []byte("SELECT COUNT(*) FROM " + t.from)
	if in.After != nil || in.UpTo != nil {
		b = t.where(b, in)
	}
	return string(b)
}

// where writes the condition of a part of the table. It is
//
//	a>=x AND (a>x OR (a=x AND b>y))
//
// because no MySQL reads (a,b)>(x,y) by the key.
func (t *table) where(b []byte, in extract.Range) []byte {
	b = append(b, " FORCE INDEX ("+quoteName(t.index)+")"...)
	word := " WHERE "
	for _, end := range []struct {
		key          extract.Row
		loose, tight string
		last         string
	}{{in.After, ">=", ">", ">"}, {in.UpTo, "<=", "<", "<="}} {
		if end.key == nil {
			continue
		}
		b = append(b, word...)
		if len(end.key) > 1 {
			b = append(t.compare(b, end.loose, end.key, 0), " AND "...)
		}
		b = t.beyond(b, end.tight, end.last, end.key, 0)
		word = " AND "
	}
	return b
}

// beyond writes the condition that the key's columns from i on lie on one side
// of the key's values; last compares the last of them.
func (t *table) beyond(b []byte, tight, last string, key extract.Row, i int) []byte {
	if i == len(key)-1 {
		return t.compare(b, last, key, i)
	}
	b = t.compare(append(b, '('), tight, key, i)
	b = t.compare(append(b, " OR ("...), "=", key, i)
	b = t.beyond(append(b, " AND "...), tight, last, key, i+1)
	return append(b, "))"...)
}

func (t *table) compare(b []byte, operator string, key extract.Row, i int) []byte {
	c := &t.columns[t.order[i]]
	b = append(append(b, quoteName(c.Name)...), operator...)
	return c.literal(b, key[i])
}

// named finds a table by the name that it is listed under.
func named(tables []*table, name string) *table {
	if i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name }); i >= 0 {
		return tables[i]
	}
	return nil
}
