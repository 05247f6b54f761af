package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/extract"
)

// reader reads one table, or a range of it.
type reader struct {
	*view
	*table
	in   extract.Range
	rows int64
}

// errStopped ends a reading whose consumer wants no more.
var errStopped = errors.New("stopped")

// yield hands the rows of a chunk to the consumer.
func (r *reader) yield(ctx context.Context, c *chunk, yield func(extract.Row) bool) error {
	for i := range c.len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.rows++
		if !yield(c.at(i)) {
			return errStopped
		}
	}
	return nil
}

// chunks reads by the key, in short statements.
func (r *reader) chunks(ctx context.Context, yield func(extract.Row) bool) error {
	selection := r.selection()
	c := newChunk(r.table, r.first.page)
	rest := r.in
	for limit := firstRows; ; limit = c.next(limit) {
		query := r.after(selection, r.within(c.page, rest), limit)
		err := r.do(ctx, func(s *session) error {
			return s.within(ctx, query, func(answer *pgconn.ResultReader) error { c.fill(answer, maxChunkBytes); return nil })
		})
		if err != nil {
			return err
		}
		if c.len() == 0 {
			break
		}
		// Keys are not compared here; that the server gives one again is seen.
		if rest.After != nil && slices.Equal(c.key(0, r.order), rest.After) {
			return &Error{Op: "read " + r.name, Why: ErrCount, Err: errors.New("the server gives a key again that it was asked to go on behind")}
		}
		rest.After = c.key(c.len()-1, r.order)
		all := c.len() < limit && !c.cut
		if err := r.yield(ctx, c, yield); err != nil {
			return err
		}
		if all {
			break
		}
	}
	return r.do(ctx, func(s *session) error {
		var n counted
		if err := s.within(ctx, r.count(r.within(s.page, r.in)), n.read); err != nil {
			return err
		}
		return r.recount(n)
	})
}

// once reads without a key, by a cursor. It holds its session until the end.
func (r *reader) once(ctx context.Context, yield func(extract.Row) bool) error {
	return r.do(ctx, func(s *session) (err error) {
		if err := s.run(ctx, hold+"; DECLARE sihctl NO SCROLL CURSOR FOR "+r.selection(), nil); err != nil {
			s.mend(ctx)
			return err
		}
		defer func() { err = errors.Join(err, s.release(ctx)) }()
		c := newChunk(r.table, s.page)
		for limit := firstRows; ; limit = c.next(limit) {
			// A cursor does not go back: what it gives is never cut.
			fetch := "FETCH FORWARD " + strconv.Itoa(limit) + " FROM sihctl"
			if err := s.run(ctx, fetch, func(answer *pgconn.ResultReader) error { c.fill(answer, maxInt); return nil }); err != nil {
				return err
			}
			if err := r.yield(ctx, c, yield); err != nil {
				return err
			}
			if c.len() < limit {
				break
			}
		}
		var n counted
		if err := s.run(ctx, r.count(""), n.read); err != nil {
			return err
		}
		return r.recount(n)
	})
}

const maxInt = int(^uint(0) >> 1)

// release lets go of what a cursor held, also after an error.
func (s *session) release(ctx context.Context) error {
	if s.lost() {
		return nil // told already
	}
	err := s.run(context.WithoutCancel(ctx), letGo, nil)
	if err != nil {
		s.close()
	}
	return err
}

// counted is what the server counts.
type counted struct {
	rows int64
	same bool // the table is still that which the view knows
}

func (n *counted) read(answer *pgconn.ResultReader) (err error) {
	for answer.NextRow() && err == nil {
		n.rows, err = strconv.ParseInt(string(answer.Values()[0]), 10, 64)
		n.same = string(answer.Values()[1]) == "t"
	}
	return err
}

// recount compares the rows read with the server's own count. A foreign part
// is in no view: it may change between the two.
func (r *reader) recount(n counted) error {
	switch {
	case !n.same:
		return &Error{Op: "read " + r.name, Why: ErrChanged}
	case n.rows != r.rows && !r.abroad && r.relkind != "v":
		return &Error{Op: "read " + r.name, Why: ErrCount, Err: fmt.Errorf("%d rows read, %d counted", r.rows, n.rows)}
	}
	return nil
}
