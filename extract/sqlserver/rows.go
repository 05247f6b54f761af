package sqlserver

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/sihctl/sih/extract"
)

// Rows yields a table's rows in its Order, or, without one, in that of all
// columns that the server can sort by. No row is rejected. A table without an
// Order is read by one statement, during which the source reads nothing else.
//
// The rows are counted: where snapshot isolation holds, a count other than the
// server's is an error; else it is told to [Config.Notice].
func (s *Source) Rows(ctx context.Context, name string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		r := &reading{source: s, before: unknown, spans: []span{{}}}
		err := s.use(ctx, func(c *session) (err error) {
			if err := r.begin(c, name); err != nil || r.steady {
				return err
			}
			r.before, err = c.count(ctx, r.table.counting(""), nil)
			return wrap(ctx, name, "count its rows", err)
		})
		more := err == nil
		switch {
		case err != nil:
		case r.table.order == nil:
			more, err = r.pass(ctx, yield)
		default:
			more, err = r.chunks(ctx, yield)
		}
		if more && err == nil {
			err = r.compare(ctx, extract.Range{}, 0)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// RowsIn yields, as Rows does, the rows of a part of a table that has an
// Order.
func (s *Source) RowsIn(ctx context.Context, name string, in extract.Range) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		r := &reading{source: s, before: unknown}
		err := s.use(ctx, func(c *session) error { return r.begin(c, name) })
		same := 0
		if err == nil {
			same, err = r.place(ctx, in)
		}
		more := err == nil
		if more {
			r.spans = split(len(r.table.order), in, same)
			more, err = r.chunks(ctx, yield)
		}
		if more && err == nil {
			err = r.compare(ctx, in, same)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// unknown stands for a number of rows that was not asked for.
const unknown = -1

// reading is one reading of a table.
type reading struct {
	source *Source
	table  *table
	view   int   // that it began in
	steady bool  // the view does not change
	before int64 // rows counted before it, or unknown
	read   int64

	spans []span // that are left to be read
	limit int    // rows of the next chunk
}

// begin finds the table and takes note of the view.
func (r *reading) begin(c *session, name string) error {
	t, err := r.source.table(name)
	r.table, r.view, r.steady = t, r.source.views, c.steady()
	return err
}

// use is as the source's, in the view that the reading began in: another
// reading may have lost it.
func (r *reading) use(ctx context.Context, f func(*session) error) error {
	return r.source.use(ctx, func(c *session) error {
		if r.steady && r.source.views != r.view {
			return faultf(r.table.full(), "run the same command again", "the view was lost in which it was read")
		}
		return f(c)
	})
}

// place holds a range against the table and returns how many of the first
// values of its two ends are equal.
func (r *reading) place(ctx context.Context, in extract.Range) (same int, err error) {
	t := r.table
	if t.order == nil {
		return 0, faultf(t.full(), "", "it has no order: it cannot be read in parts")
	}
	for _, end := range []extract.Row{in.After, in.UpTo} {
		if end != nil && len(end) != len(t.order) {
			return 0, faultf(t.full(), "", "a range has %d values where the order has %d columns", len(end), len(t.order))
		}
	}
	if in.After == nil || in.UpTo == nil {
		return 0, nil
	}
	for ; same < len(t.order); same++ {
		equal, err := r.equal(ctx, in, same)
		if err != nil || !equal {
			return same, err
		}
	}
	return same, nil
}

// equal tells whether two ends of a range that are equal up to a column are so
// in it too. The server alone knows which texts its collation takes for equal;
// it is asked for a row that equals both, and where there is none, it does not
// matter.
func (r *reading) equal(ctx context.Context, in extract.Range, at int) (equal bool, err error) {
	t, a, b := r.table, in.After[at], in.UpTo[at]
	if a == b || a.Null || b.Null || !t.order[at].manyForms() {
		return a == b, nil
	}
	where, args, _, err := t.where(span{equal: in.After[:at+1]})
	if err != nil {
		return false, &Error{t.full(), err, keyHint}
	}
	p, err := t.order[at].param(b)
	if err != nil {
		return false, &Error{t.full(), err, keyHint}
	}
	args = append(args, p)
	question := "SELECT TOP (1) 1 FROM " + t.quoted() + " WHERE " + where + " AND " + quote(t.order[at].name) + " = " + t.order[at].bound(len(args))
	err = r.use(ctx, func(c *session) error {
		n, err := c.count(ctx, question, args)
		equal = n == 1
		return wrap(ctx, t.full(), "compare two keys", err)
	})
	return equal, err
}

const keyHint = "ask the administrator to mend the key, or leave the table out"

// chunks reads the spans, and tells whether all rows were taken. While the
// rows of a chunk are taken, the next one is on its way.
func (r *reading) chunks(ctx context.Context, yield func(extract.Row, error) bool) (bool, error) {
	type result struct {
		chunk *chunk
		err   error
	}
	r.limit = r.firstLimit()
	ahead, waiting := make(chan result, 1), false
	ask := func(into *chunk) {
		waiting = true
		go func() {
			c, err := r.next(ctx, into)
			ahead <- result{c, err}
		}()
	}
	first := newChunk(r.table)
	first.fields, first.spare().fields = r.source.buffer(), r.source.buffer()
	defer func() {
		if waiting {
			<-ahead
		}
		r.source.keep(first.fields)
		r.source.keep(first.spare().fields)
	}()
	row := make(extract.Row, len(r.table.columns))
	for ask(first); ; {
		got := <-ahead
		waiting = false
		if got.err != nil || got.chunk == nil {
			return got.err == nil, got.err
		}
		ask(got.chunk.spare())
		for i := range got.chunk.rows() {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			copy(row, got.chunk.row(i))
			r.read++
			if !yield(row, nil) {
				return false, nil
			}
		}
	}
}

// next reads the next chunk that has rows; nil at the end, which is where
// nothing follows, and not where a chunk is short.
func (r *reading) next(ctx context.Context, into *chunk) (*chunk, error) {
	t := r.table
	for len(r.spans) > 0 {
		where, args, empty, err := t.where(r.spans[0])
		if err != nil {
			return nil, &Error{t.full(), err, keyHint}
		}
		if !empty {
			err = r.use(ctx, func(c *session) error {
				return wrap(ctx, t.full(), "read a chunk", c.fetch(ctx, t.statement(r.limit, where), args, into))
			})
		}
		if err != nil {
			return nil, err
		}
		if empty || into.rows() == 0 {
			r.spans = r.spans[1:]
			continue
		}
		r.spans = append(r.spans[0].behind(into.key()), r.spans[1:]...)
		r.adapt(into)
		return into, nil
	}
	return nil, nil
}

// firstLimit returns the rows of the first chunk.
func (r *reading) firstLimit() int {
	width := 0
	for _, c := range r.table.columns {
		if c.typ.large() && !c.out {
			return min(firstOfLarge, r.source.cfg.ChunkRows)
		}
		width += c.width() + fieldBytes
	}
	return max(1, min(r.source.cfg.ChunkRows, chunkBytes/max(1, width)))
}

// adapt sets the rows of the next chunk by the size of one that was full.
func (r *reading) adapt(last *chunk) {
	if n := last.rows(); n >= r.limit {
		r.limit = min(max(1, chunkBytes*n/max(1, last.bytes)), 2*max(r.limit, firstOfLarge), r.source.cfg.ChunkRows)
	}
}

// pass reads a table without an order by one statement.
func (r *reading) pass(ctx context.Context, yield func(extract.Row, error) bool) (more bool, err error) {
	more = true
	err = r.use(ctx, func(c *session) error {
		if r.mayLock() {
			return r.held(ctx, c, func() error { return r.stream(ctx, c, yield, &more) })
		}
		return r.stream(ctx, c, yield, &more)
	})
	if !more {
		return false, nil
	}
	return true, wrap(ctx, r.table.full(), "read it in one pass", err)
}

// mayLock tells whether the table is to be locked while it is read.
func (r *reading) mayLock() bool {
	return !r.steady && slices.ContainsFunc(r.source.cfg.AllowLock, func(name string) bool { return name == "*" || name == r.table.full() })
}

// held reads while nobody writes to the table: what is counted and what is read
// then are the same rows.
func (r *reading) held(ctx context.Context, c *session, read func() error) (err error) {
	r.table = r.table.locked()
	if err := c.query(ctx, "BEGIN TRANSACTION", nil, nil); err != nil {
		return err
	}
	c.transaction = true
	defer func() {
		c.transaction = false
		if c.broken {
			return // the transaction ended with it
		}
		if end := c.query(ctx, "COMMIT TRANSACTION", nil, nil); err == nil {
			err = end
		}
	}()
	if r.before, err = c.count(ctx, r.table.counting(""), nil); err != nil {
		return err
	}
	if err = read(); err == nil && r.read != r.before {
		err = fmt.Errorf("%d rows came where the server counts %d", r.read, r.before)
	}
	return err
}

// stream reads by one statement. More is set to false where no more rows are
// wanted.
func (r *reading) stream(ctx context.Context, c *session, yield func(extract.Row, error) bool, more *bool) error {
	one := newChunk(r.table)
	take := func(rows *sql.Rows) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		one.clear()
		if err := one.take(rows); err != nil {
			return err
		}
		r.read++
		if *more = yield(one.row(0), nil); !*more {
			return errEnough
		}
		return nil
	}
	return c.again(ctx, func() error {
		err := c.query(ctx, r.table.statement(0, ""), nil, take)
		// What was given away cannot be asked for again.
		c.broken = c.broken || err != nil && r.read > 0
		return err
	})
}

// compare holds what was read of a range against the server's count, and
// against another where the view may have changed.
func (r *reading) compare(ctx context.Context, in extract.Range, same int) error {
	name := r.table.full()
	if r.table.hint != "" {
		return nil // was done under the lock
	}
	after, err := r.count(ctx, in, same)
	switch {
	case err != nil:
		return err
	case r.read == after && (r.before == unknown || r.before == after):
	case r.steady:
		return faultf(name, "extract again; if it happens twice, report it", "%d rows came where the server counts %d", r.read, after)
	case r.before == unknown:
		r.source.cfg.Notice(fmt.Sprintf("%s was written to while a part of it was read: %d rows read, %d after", name, r.read, after))
	default:
		r.source.cfg.Notice(fmt.Sprintf("%s was written to while it was read: %d rows before, %d read, %d after", name, r.before, r.read, after))
	}
	return nil
}

// count asks the server how many rows a range has.
func (r *reading) count(ctx context.Context, in extract.Range, same int) (n int64, err error) {
	t := r.table
	for _, s := range split(max(1, len(t.order)), in, same) {
		where, args, empty, err := t.where(s)
		if err != nil {
			return 0, &Error{t.full(), err, keyHint}
		}
		if empty {
			continue
		}
		err = r.use(ctx, func(c *session) error {
			some, err := c.count(ctx, t.counting(where), args)
			n += some
			return wrap(ctx, t.full(), "count its rows", err)
		})
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// table finds a table of the plan by the name that it is listed under.
func (s *Source) table(name string) (*table, error) {
	i := slices.IndexFunc(s.tables, func(t *table) bool { return t.full() == name })
	if i < 0 {
		return nil, faultf("", "", "there is no table %q in the database", name)
	}
	return s.tables[i], nil
}
