package sqlserver

import (
	"strconv"
	"strings"
)

// statement returns the SELECT of at most limit rows, 0 for all, under a
// condition, which may be empty.
func (t *table) statement(limit int, where string) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	if limit > 0 {
		b.WriteString("TOP (" + strconv.Itoa(limit) + ") ")
	}
	for i, c := range t.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.selected())
	}
	b.WriteString(" FROM " + t.quoted())
	if t.path != "" {
		b.WriteString(" WITH (INDEX(" + quote(t.path) + "))")
	}
	if where != "" {
		b.WriteString(" WHERE " + where)
	}
	for i, c := range t.sorted() {
		if i == 0 {
			b.WriteString(" ORDER BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(quote(c.name))
	}
	return b.String()
}

// counting returns the SELECT that counts the rows under a condition, which
// may be empty.
func (t *table) counting(where string) string {
	s := "SELECT COUNT_BIG(*) FROM " + t.quoted()
	if where != "" {
		s += " WHERE " + where
	}
	return s
}

// sortBytes is what a row may hold to be sorted by: a page has room for 8,060
// bytes, some of which the server needs itself.
const sortBytes = 7000

// sorted returns what rows are sorted by: the order, or else the columns from
// the first on that the server can sort by, as many as fit.
func (t *table) sorted() []*column {
	if t.order != nil {
		return t.order
	}
	var out []*column
	room := sortBytes
	for _, c := range t.columns {
		if c.sorts() && !c.out && c.width() <= room {
			out = append(out, c)
			room -= c.width()
		}
	}
	return out
}
