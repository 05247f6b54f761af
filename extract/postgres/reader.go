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

// ahead asks for the next rows while the consumer is at those before: next
// fills a chunk and tells whether it is the last. It waits for a statement that
// is under way when the consumer wants no more.
func (r *reader) ahead(ctx context.Context, next func(*chunk) (last bool, err error), yield func(extract.Row) bool) error {
	type answer struct {
		chunk *chunk
		last  bool
		err   error
	}
	answers, stop := make(chan answer), make(chan struct{})
	go func() {
		defer close(answers)
		// A chunk is taken only when the one before it is done with.
		free := [2]*chunk{newChunk(r.table, r.first.page), newChunk(r.table, r.first.page)}
		for turn := 0; ; turn++ {
			a := answer{chunk: free[turn%2]}
			a.last, a.err = next(a.chunk)
			select {
			case answers <- a:
			case <-stop:
				return
			}
			if a.last || a.err != nil {
				return
			}
		}
	}()
	defer func() {
		close(stop)
		for range answers {
		}
	}()
	for a := range answers {
		if a.err != nil {
			return a.err
		}
		for i := range a.chunk.len() {
			if err := ctx.Err(); err != nil {
				return err
			}
			r.rows++
			if !yield(a.chunk.at(i)) {
				return errStopped
			}
		}
	}
	return nil
}

// chunks reads by the key, in short statements.
func (r *reader) chunks(ctx context.Context, yield func(extract.Row) bool) error {
	selection, rest, limit := r.selection(), r.in, firstRows
	next := func(c *chunk) (last bool, err error) {
		err = r.do(ctx, func(s *session) error {
			query := r.after(selection, r.within(s.page, rest), limit)
			if err := s.within(ctx, query, c.part); !errors.Is(err, errLong) {
				return err
			}
			return nil // what came is whole
		})
		if err != nil || c.len() == 0 {
			return true, err
		}
		// Keys are not compared here; that the server gives one again is seen.
		if rest.After != nil && slices.Equal(c.key(0, r.order), rest.After) {
			return true, &Error{Op: "read " + r.name, Why: ErrCount, Err: errors.New("the server gives a key again that it was asked to go on behind")}
		}
		rest.After = c.key(c.len()-1, r.order)
		last = c.len() < limit && !c.cut
		limit = c.next(limit)
		return last, nil
	}
	if err := r.ahead(ctx, next, yield); err != nil {
		return err
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
		f := &fetch{session: s, limit: firstRows}
		defer f.stop(ctx)
		next := func(c *chunk) (last bool, err error) { return f.next(ctx, c) }
		if err := r.ahead(ctx, next, yield); err != nil || r.relkind == "v" {
			return err // to count a view is to run it again
		}
		var n counted
		if err := s.run(ctx, r.count(""), n.read); err != nil {
			return err
		}
		return r.recount(n)
	})
}

// fetch reads a cursor, which does not go back: what is too long for a chunk
// stays with the server until there is room for it.
type fetch struct {
	*session
	limit   int // of rows that the statement under way gives
	rows    int // that it gave
	results *pgconn.MultiResultReader
	answer  *pgconn.ResultReader
}

// next fills a chunk and tells whether it is the last.
func (f *fetch) next(ctx context.Context, c *chunk) (last bool, err error) {
	if f.results == nil {
		f.rows = 0
		f.results = f.conn.Exec(ctx, "FETCH FORWARD "+strconv.Itoa(f.limit)+" FROM sihctl")
		if !f.results.NextResult() {
			return true, f.end()
		}
		f.answer = f.results.ResultReader()
	}
	all := c.fill(f.answer)
	f.rows += c.len()
	if !all {
		return false, nil
	}
	last = f.rows < f.limit
	f.limit = c.next(f.limit)
	return last, f.end()
}

// stop gives up the statement that is under way, if one is.
func (f *fetch) stop(ctx context.Context) {
	if f.results != nil {
		f.cancel(context.WithoutCancel(ctx))
		f.end()
	}
}

// end waits for the end of the statement that is under way.
func (f *fetch) end() error {
	err := f.results.Close()
	f.results, f.answer = nil, nil
	if err != nil && f.server.words != nil {
		return f.server.words
	}
	return err
}

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
	case n.rows != r.rows && !r.abroad:
		return &Error{Op: "read " + r.name, Why: ErrCount, Err: fmt.Errorf("%d rows read, %d counted", r.rows, n.rows)}
	}
	return nil
}
