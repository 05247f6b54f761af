package mysql

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/sihctl/sih/extract"
)

// reader reads one table.
type reader struct {
	*view
	*table
	in     extract.Range
	notice func(string)
	pause  time.Duration // before a statement is tried again
	held   bool          // nobody can write to the table meanwhile
	rows   int64
}

// errStopped ends a reading whose consumer wants no more.
var errStopped = errors.New("stopped")

// give hands the rows of a chunk to the consumer.
func (r *reader) give(ctx context.Context, c *chunk, yield func(extract.Row) bool) error {
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

// answer is what a statement gave.
type answer struct {
	*chunk
	err error
}

// chunks reads by the key, in short statements. One is under way while the
// consumer has the rows of the one before.
func (r *reader) chunks(ctx context.Context, yield func(extract.Row) bool) (err error) {
	empty, full, stop := make(chan *chunk, 2), make(chan answer), make(chan struct{})
	for range cap(empty) {
		empty <- newChunk(r.table)
	}
	go func() {
		defer close(full)
		err := r.ahead(ctx, empty, full, stop)
		if err != nil {
			select {
			case full <- answer{nil, err}:
			case <-stop:
			}
		}
	}()
	defer func() {
		close(stop)
		for range full { // the statement under way ends
		}
	}()
	for a := range full {
		if a.err != nil {
			return a.err
		}
		if err := r.give(ctx, a.chunk, yield); err != nil {
			return err
		}
		empty <- a.chunk
	}
	return r.recount(ctx, -1)
}

// ahead fills empty chunks with the rows of the range until there are no more
// rows, or stop is closed.
func (r *reader) ahead(ctx context.Context, empty <-chan *chunk, full chan<- answer, stop <-chan struct{}) error {
	from := r.in
	limit, bytes := 0, 0
	for {
		var c *chunk
		select {
		case c = <-empty:
		case <-stop:
			return nil
		}
		if limit == 0 {
			limit = c.first()
		}
		c.expect(limit, bytes)
		all, err := r.ask(ctx, c, func(s *session) string { return r.statement(s.hint, from, limit) }, maxChunkBytes)
		if err != nil {
			return err
		}
		if c.len() > 0 && slices.Equal(c.key(0, r.order), from.After) {
			return &Error{Op: "read " + r.table.name, Why: ErrCount, Err: errors.New("the server gives a key again that it was asked to go on behind")}
		}
		last := all && c.len() < limit
		if !last {
			from.After = c.key(c.len()-1, r.order)
			limit, bytes = c.next(limit), c.bytes()
		}
		select {
		case full <- answer{c, nil}:
		case <-stop:
			return nil
		}
		if last {
			return nil
		}
	}
}

// ask reads one statement's answer into c, as much of it as fits in limit
// bytes. It tells whether that was all.
func (r *reader) ask(ctx context.Context, c *chunk, query func(*session) string, limit int) (all bool, err error) {
	err = r.try(ctx, func(s *session) error {
		all, err = r.answer(ctx, s, c, query(s), limit)
		return err
	})
	return all, err
}

func (r *reader) answer(ctx context.Context, s *session, c *chunk, query string, limit int) (all bool, err error) {
	rows, err := s.query(ctx, query)
	if err != nil {
		return false, err
	}
	all, err = c.fill(rows, limit)
	return all, errors.Join(err, rows.Close())
}

// tries is how often a statement is tried.
const tries = 4

// transient are the server's errors after which the same statement may do:
// somebody had the table locked, or was in the way.
var transient = []uint16{1205, 1213}

// spent is the error of a statement some of whose rows were given away, so that
// it cannot be begun again.
type spent struct{ error }

// Unwrap returns what the server or the driver said.
func (s spent) Unwrap() error { return s.error }

// try lends a session to f, and another time where it fails for a reason that
// passes: somebody's lock was in the way, or the connection broke and another
// one sees the same view. An error that is spent it returns at once.
func (r *reader) try(ctx context.Context, f func(*session) error) error {
	for n := 1; ; n++ {
		err := r.use(ctx, nil, f)
		lost := errors.As(err, new(broken))
		switch {
		case err == nil || ctx.Err() != nil || errors.As(err, new(spent)):
			return err
		case lost && r.alive():
		case lost || n == tries || !slices.Contains(transient, number(err)):
			return err
		default:
			select {
			case <-time.After(time.Duration(n) * r.pause):
			case <-ctx.Done():
			}
		}
	}
}

// once reads without a key, between two counts.
func (r *reader) once(ctx context.Context, yield func(extract.Row) bool) error {
	before, err := r.number(ctx)
	if err != nil {
		return err
	}
	read := r.stream
	if r.plain() && !r.held { // which no cursor goes with
		read = r.walk
	}
	if err := read(ctx, yield); err != nil {
		return err
	}
	return r.recount(ctx, before)
}

// stream reads in one statement.
func (r *reader) stream(ctx context.Context, yield func(extract.Row) bool) error {
	c := newChunk(r.table)
	return r.try(ctx, func(s *session) error {
		rows, err := s.query(ctx, r.selection(s.hint))
		if err != nil {
			return err
		}
		for all := false; !all && err == nil; {
			if all, err = c.fill(rows, chunkBytes); err == nil {
				err = r.give(ctx, c, yield)
			}
		}
		if err = errors.Join(err, rows.Close()); err != nil && r.rows > 0 {
			err = spent{err}
		}
		return err
	})
}

// walk reads by a cursor of the server's, in the order of the table's file.
// An engine without transactions locks out whoever writes for as long as a
// statement gives rows, even from a buffered result; here each gives few.
func (r *reader) walk(ctx context.Context, yield func(extract.Row) bool) error {
	var home *session // a cursor is known on its own connection alone
	var cursor string
	err := r.use(ctx, nil, func(s *session) error {
		home = s
		s.cursors++
		cursor = "sihctl" + strconv.Itoa(s.cursors)
		return s.exec(ctx, "HANDLER "+r.from+" OPEN AS "+cursor)
	})
	if err != nil {
		return err
	}
	defer r.use(context.WithoutCancel(ctx), home, func(s *session) error {
		return s.exec(context.WithoutCancel(ctx), "HANDLER "+cursor+" CLOSE")
	})
	c := newChunk(r.table)
	to := " READ FIRST LIMIT "
	for limit := c.first(); ; limit = c.next(limit) {
		// The cursor does not go back: what it gives is never cut.
		query := "HANDLER " + cursor + to + strconv.Itoa(limit)
		err := r.use(ctx, home, func(s *session) error {
			_, err := r.answer(ctx, s, c, query, math.MaxInt)
			return err
		})
		if err != nil {
			return err
		}
		if err := r.give(ctx, c, yield); err != nil {
			return err
		}
		if c.len() < limit {
			return nil
		}
		to = " READ NEXT LIMIT "
	}
}

// number has the server count the rows of the range.
func (r *reader) number(ctx context.Context) (n int64, err error) {
	whole := r.in.After == nil && r.in.UpTo == nil
	if n, ok := r.known(r.table); ok && whole && r.alive() {
		return n, nil
	}
	defer func() {
		if err == nil && whole {
			r.counted(r.table, n)
		}
	}()
	err = r.try(ctx, func(s *session) error {
		if r.steady && s.blind {
			if err := s.unchanged(ctx, r.table); err != nil {
				return err
			}
		}
		n, err = s.count(ctx, r.census(r.in))
		return err
	})
	return n, err
}

// recount compares the rows read with the server's own count, and with that
// before where there was one. In the view they are equal, or rows were lost;
// outside it the hospital may have written meanwhile.
func (r *reader) recount(ctx context.Context, before int64) error {
	after, err := r.number(ctx)
	if err != nil {
		return err
	}
	if before < 0 {
		before = after
	}
	if r.rows == after && before == after {
		return nil
	}
	if r.steady || r.held {
		return &Error{Op: "read " + r.table.name, Why: ErrCount, Err: fmt.Errorf("%d rows read, %d counted", r.rows, after)}
	}
	r.notice(fmt.Sprintf("%s was written to while it was read: %d rows before, %d read, %d after", r.table.name, before, r.rows, after))
	return nil
}
