package sqlserver

import (
	"strconv"
	"strings"
)

// statement returns the SELECT of a chunk of at most limit rows, 0 for all,
// after the key that is given as parameters.
func (t *table) statement(limit int, after bool) string {
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
	if after {
		b.WriteString(" WHERE ")
		// The first column stands alone before the rest, so that the server
		// seeks into its index.
		if len(t.key) > 1 {
			b.WriteString(quote(t.key[0].name) + " >= " + t.key[0].bound(1) + " AND (")
		}
		for i := range t.key {
			if i > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString(t.behind(i))
		}
		if len(t.key) > 1 {
			b.WriteString(")")
		}
	}
	for i, c := range t.order() {
		if i == 0 {
			b.WriteString(" ORDER BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(quote(c.name))
	}
	return b.String()
}

// sortBytes is what a row may hold to be sorted by: a page has room for 8,060
// bytes, some of which the server needs itself.
const sortBytes = 7000

// order returns what rows are sorted by: the key, or else the columns from the
// first on that the server can sort by, as many as fit.
func (t *table) order() []*column {
	if t.key != nil {
		return t.key
	}
	var out []*column
	room := sortBytes
	for _, c := range t.columns {
		if c.sorts() && c.width() <= room {
			out = append(out, c)
			room -= c.width()
		}
	}
	return out
}

// behind returns the condition that the key's columns before the one at n
// equal the parameters and that one is greater.
func (t *table) behind(n int) string {
	var b strings.Builder
	b.WriteString("(")
	for i, k := range t.key[:n+1] {
		op := " = "
		if i > 0 {
			b.WriteString(" AND ")
		}
		if i == n {
			op = " > "
		}
		b.WriteString(quote(k.name) + op + k.bound(i+1))
	}
	b.WriteString(")")
	return b.String()
}
