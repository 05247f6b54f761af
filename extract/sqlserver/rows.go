package sqlserver

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// chunkBytes is about what a chunk may hold in memory. Rows with values of any
// length are read a few at first, then as many as their size allows.
const (
	chunkBytes   = 8 << 20
	firstOfLarge = 16
)

// Rows yields a table's rows in the order of its key, or, without one, of all
// columns that the server can sort by. No row is rejected. A table without a
// key is read by one statement, during which the source reads nothing else.
//
// The rows are counted: where snapshot isolation holds, a count other than the
// server's is an error; else it is told to [Config.Notice].
func (s *Source) Rows(ctx context.Context, name string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		r := &reading{source: s}
		err := s.use(ctx, func(c *session) (err error) {
			i := slices.IndexFunc(s.tables, func(t *table) bool { return t.full() == name })
			if i < 0 {
				return faultf("", "", "there is no table %q in the database", name)
			}
			r.table, r.view, r.steady = s.tables[i], s.views, c.snapshot
			r.before, err = c.count(ctx, r.table)
			return wrap(ctx, name, "count its rows", err)
		})
		more := err == nil
		switch {
		case err != nil:
		case r.table.key == nil:
			more, err = r.pass(ctx, yield)
		default:
			more, err = r.chunks(ctx, yield)
		}
		if more && err == nil {
			err = r.compare(ctx)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// reading is one reading of a table.
type reading struct {
	source *Source
	table  *table
	view   int   // that it began in
	steady bool  // the view does not change
	before int64 // rows counted before it
	read   int64
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

// fetched is a chunk: width fields per row.
type fetched struct {
	fields []sih.Raw
	width  int
	bytes  int
}

func (f *fetched) rows() int { return len(f.fields) / f.width }

// chunks reads the table along its key, and tells whether all rows were taken.
func (r *reading) chunks(ctx context.Context, yield func(extract.Row, error) bool) (bool, error) {
	t := r.table
	limit := r.firstLimit()
	f := &fetched{width: len(t.columns)}
	row := make(extract.Row, f.width)
	var after []any
	for {
		statement := t.statement(limit, after != nil)
		err := r.use(ctx, func(c *session) error {
			f.fields, f.bytes = f.fields[:0], 0
			return wrap(ctx, t.full(), "read a chunk", c.fetch(ctx, t, statement, after, f))
		})
		if err != nil {
			return false, err
		}
		n := f.rows()
		// The end is where nothing follows, and not where a chunk is short.
		if n == 0 {
			return true, nil
		}
		last := f.fields[(n-1)*f.width:]
		after = after[:0]
		for _, k := range t.key {
			p, err := k.param(last[slices.Index(t.columns, k)])
			if err != nil {
				return false, &Error{t.full(), err, "ask the administrator to mend the key"}
			}
			after = append(after, p)
		}
		for i := range n {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			copy(row, f.fields[i*f.width:])
			r.read++
			if !yield(row, nil) {
				return false, nil
			}
		}
		limit = min(max(1, chunkBytes*n/max(1, f.bytes)), 2*max(limit, firstOfLarge), r.source.cfg.ChunkRows)
	}
}

// firstLimit returns the rows of the first chunk.
func (r *reading) firstLimit() int {
	width := 0
	for _, c := range r.table.columns {
		if c.typ.large() {
			return min(firstOfLarge, r.source.cfg.ChunkRows)
		}
		width += c.width()
	}
	return max(1, min(r.source.cfg.ChunkRows, chunkBytes/max(1, width)))
}

// pass reads a table without a key by one statement.
func (r *reading) pass(ctx context.Context, yield func(extract.Row, error) bool) (bool, error) {
	t, more := r.table, true
	err := r.use(ctx, func(c *session) error {
		f := &fetched{width: len(t.columns), fields: make([]sih.Raw, len(t.columns))}
		cells := f.cells(t, f.fields)
		err := c.query(ctx, t.statement(0, false), nil, func(rows *sql.Rows) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := rows.Scan(cells...); err != nil {
				return err
			}
			r.read++
			if more = yield(f.fields, nil); !more {
				return errEnough
			}
			return nil
		})
		if !more {
			return nil
		}
		return wrap(ctx, t.full(), "read it in one pass", err)
	})
	return more, err
}

// compare holds what was read against the server's count, and against another
// where the view may have changed.
func (r *reading) compare(ctx context.Context) error {
	name := r.table.full()
	if r.steady {
		if r.read == r.before {
			return nil
		}
		return faultf(name, "extract again; if it happens twice, report it", "%d rows came where the server counts %d", r.read, r.before)
	}
	return r.use(ctx, func(c *session) error {
		after, err := c.count(ctx, r.table)
		if err == nil && (r.read != r.before || r.read != after) {
			r.source.cfg.Notice(fmt.Sprintf("%s was written to while it was read: %d rows before, %d read, %d after", name, r.before, r.read, after))
		}
		return wrap(ctx, name, "count its rows", err)
	})
}

// fetch reads a chunk.
func (s *session) fetch(ctx context.Context, t *table, statement string, args []any, f *fetched) error {
	buf := make([]sih.Raw, f.width)
	cells := f.cells(t, buf)
	return s.query(ctx, statement, args, func(rows *sql.Rows) error {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		f.fields = append(f.fields, buf...)
		return nil
	})
}

// cells returns what a row is scanned into to stand in buf.
func (f *fetched) cells(t *table, buf []sih.Raw) []any {
	var out []any
	for i, c := range t.columns {
		x := &cell{column: c, out: &buf[i], size: &f.bytes}
		out = append(out, x)
		if c.form == asVariant {
			typ := new(variantType)
			out = append(out, typ, &variantScale{x, typ})
		}
	}
	return out
}
