package mysql

import "strconv"

// selection is the part of a table's statements that stays the same: its
// columns, then the checks of those whose texts may not survive.
func (t *table) selection(hint string) (query string, checks []int) {
	b := []byte("SELECT " + hint)
	for i := range t.columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, t.columns[i].expression()...)
	}
	for i := range t.columns {
		if c := &t.columns[i]; c.kind == kindText && !c.survives() {
			checks = append(checks, i)
			b = append(append(b, ','), c.check()...)
		}
	}
	return string(append(append(b, " FROM "...), t.from...)), checks
}

// after is the statement that goes on behind a key, from the start where there
// is none: limit rows in the key's order. It is written as
//
//	a>=x AND (a>x OR (a=x AND b>y))
//
// because no MySQL reads (a,b)>(x,y) by the key.
func (t *table) after(selection string, key []string, limit int) string {
	b := append([]byte(selection), " FORCE INDEX ("+quoteName(t.index)+")"...)
	if key != nil {
		b = append(b, " WHERE "...)
		if len(key) > 1 {
			b = append(t.compare(b, ">=", key, 0), " AND "...)
		}
		b = t.beyond(b, key, 0)
	}
	b = append(b, " ORDER BY "...)
	for i, at := range t.order {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quoteName(t.columns[at].Name)...)
	}
	return string(strconv.AppendInt(append(b, " LIMIT "...), int64(limit), 10))
}

// beyond writes the condition that the key's columns from i on are greater.
func (t *table) beyond(b []byte, key []string, i int) []byte {
	if i == len(key)-1 {
		return t.compare(b, ">", key, i)
	}
	b = t.compare(append(b, '('), ">", key, i)
	b = t.compare(append(b, " OR ("...), "=", key, i)
	b = t.beyond(append(b, " AND "...), key, i+1)
	return append(b, "))"...)
}

func (t *table) compare(b []byte, operator string, key []string, i int) []byte {
	c := &t.columns[t.order[i]]
	b = append(append(b, quoteName(c.Name)...), operator...)
	return c.literal(b, key[i])
}
