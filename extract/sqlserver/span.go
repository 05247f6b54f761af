package sqlserver

import (
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// span is a part of a table that the server finds by one seek into an index,
// and reads from there without looking at a row too many: the rows whose first
// columns of the order equal some values, and whose next one lies between two.
// A range over several columns is cut into such spans; as one condition, with
// OR in it, the server would read a whole group of the first column for every
// chunk.
type span struct {
	equal extract.Row
	above *sih.Raw // the next column is greater; nil: open
	below *sih.Raw // and less; nil: open
	upTo  bool     // or equal to below

	// over and under bound the column at place, one of equal, once more: a
	// range whose ends stand in the wrong order has no rows.
	place       int
	over, under *sih.Raw
}

// split cuts a range over an order of n columns into spans, in that order.
// same is how many of the first values of after and upTo are equal.
func split(n int, in extract.Range, same int) []span {
	after, upTo := in.After, in.UpTo
	switch {
	case after == nil && upTo == nil:
		return []span{{}}
	case upTo == nil:
		return append(beyond(after, 1), span{above: &after[0]})
	case after == nil:
		return append([]span{{below: &upTo[0], upTo: n == 1}}, within(upTo, 1)...)
	case same == n:
		return nil
	}
	first, last := beyond(after, same+1), within(upTo, same+1)
	for i := range first {
		if first[i].place = same; !after[same].Null || upTo[same].Null { // NULL is less than any other
			first[i].under = &upTo[same]
		}
		last[i].place, last[i].over = same, &after[same]
	}
	middle := span{equal: after[:same], above: &after[same], below: &upTo[same], upTo: same == n-1}
	return append(append(first, middle), last...)
}

// beyond returns the spans of the rows behind key whose first columns, from
// as many as there are down to least, equal its values.
func beyond(key extract.Row, least int) []span {
	var out []span
	for i := len(key) - 1; i >= least; i-- {
		out = append(out, span{equal: key[:i], above: &key[i]})
	}
	return out
}

// within returns the spans of the rows up to key whose first columns, from
// least on, equal its values.
func within(key extract.Row, least int) []span {
	var out []span
	for i := least; i < len(key); i++ {
		out = append(out, span{equal: key[:i], below: &key[i], upTo: i == len(key)-1})
	}
	return out
}

// behind returns the spans of what of s lies behind key, a row of it.
func (s span) behind(key extract.Row) []span {
	at := len(s.equal)
	s.above = &key[at]
	return append(beyond(key, at+1), s)
}

// where returns the condition of a span and its parameters; nothing where the
// whole table is meant. No row can be in a span that is empty.
func (t *table) where(s span) (text string, args []any, empty bool, err error) {
	w := &condition{}
	for i, v := range s.equal {
		w.compare(t.order[i], " = ", v)
	}
	if s.over != nil {
		w.compare(t.order[s.place], " > ", *s.over)
	}
	if s.under != nil {
		w.compare(t.order[s.place], " < ", *s.under)
	}
	if s.above != nil {
		w.compare(t.order[len(s.equal)], " > ", *s.above)
	}
	if s.below != nil {
		c, op := t.order[len(s.equal)], " < "
		if s.upTo {
			op = " <= "
		}
		w.compare(c, op, *s.below)
		if last := len(w.terms) - 1; s.above == nil && c.nullable && !s.below.Null && w.err == nil {
			w.terms[last] = "(" + w.terms[last] + " OR " + quote(c.name) + " IS NULL)"
		}
	}
	return strings.Join(w.terms, " AND "), w.args, w.empty, w.err
}

// condition is one that is being written.
type condition struct {
	terms []string
	args  []any
	empty bool
	err   error
}

// compare adds a comparison with a value. NULL, which the server sorts before
// everything else, is compared as it is sorted; with any other value it is
// neither greater nor less.
func (w *condition) compare(c *column, op string, v sih.Raw) {
	if v.Null {
		switch op {
		case " = ", " <= ":
			w.terms = append(w.terms, quote(c.name)+" IS NULL")
		case " > ":
			w.terms = append(w.terms, quote(c.name)+" IS NOT NULL")
		default:
			w.empty = true
		}
		return
	}
	p, err := c.param(v)
	if err != nil {
		w.err = err
		return
	}
	w.args = append(w.args, p)
	w.terms = append(w.terms, quote(c.name)+op+c.bound(len(w.args)))
}
