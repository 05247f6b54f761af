package mysql

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a server in one view. Its methods may be called
// at the same time; its readings take turns on the one connection.
type Source struct {
	login  *mysql.Config
	views  bool
	notice func(string)

	mu     sync.Mutex
	view   *view // nil until opened
	tables []*table
	closed bool
}

// New returns a source. It does not connect yet.
func New(cfg Config) (*Source, error) {
	login, err := cfg.login()
	if err != nil {
		return nil, err
	}
	s := &Source{login: login, views: cfg.Views, notice: cfg.Notice}
	if s.notice == nil {
		s.notice = func(string) {}
	}
	return s, nil
}

// Tables lists the tables by name. It connects and opens the view. An error is
// an [*Error], or that of ctx.
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Table, len(tables))
	for i, t := range tables {
		out[i] = t.declare()
	}
	return out, nil
}

// plan opens the view and reads the catalogue, once.
func (s *Source) plan(ctx context.Context) ([]*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errors.New("read mysql: the source is closed")
	case s.tables != nil:
		return s.tables, nil
	}
	v, err := openView(ctx, s.login)
	if err != nil {
		return nil, err
	}
	tables, err := v.catalogue(ctx, s.login.DBName, s.views)
	if err == nil {
		err = v.release(ctx)
	}
	if err != nil {
		v.close()
		return nil, failed(ctx, "read the catalogue", err)
	}
	if len(tables) == 0 {
		v.close()
		return nil, &Error{Op: "read the catalogue", Why: ErrRights, Err: errors.New("no table to be seen")}
	}
	s.view, s.tables = v, tables
	s.tellUnsteady()
	return tables, nil
}

// tellUnsteady says which tables the view does not hold.
func (s *Source) tellUnsteady() {
	engines := map[string][]string{}
	for _, t := range s.tables {
		if !t.steady && !t.virtual {
			engines[t.engine] = append(engines[t.engine], t.name)
		}
	}
	for _, engine := range slices.Sorted(maps.Keys(engines)) {
		s.notice(fmt.Sprintf("tables of the engine %s are never consistent with others, being without transactions: %s", engine, strings.Join(engines[engine], ", ")))
	}
}

// Rows yields a table's rows in the order of its key; without a fit key, as
// the server has them. Nothing goes to reject: what a database holds is a row.
// A yielded error is an [*Error], or that of ctx. The strings of a row stay
// valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		tables, err := s.plan(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			yield(nil, fmt.Errorf("read mysql: no table %q", name))
			return
		}
		r := &reader{s.view, tables[i], s.notice, 0}
		read := r.once
		if tables[i].order != nil {
			read = r.chunks
		}
		if err := read(ctx, func(row extract.Row) bool { return yield(row, nil) }); err != nil && err != errStopped {
			yield(nil, failed(ctx, "read "+name, err))
		}
	}
}

// errStopped ends a reading whose consumer wants no more.
var errStopped = errors.New("stopped")

// Close ends the view and frees the connection.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.view == nil {
		return nil
	}
	v := s.view
	s.view = nil
	return v.close()
}

// reader reads one table.
type reader struct {
	*view
	*table
	notice func(string)
	rows   int64
}

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
	selection, checks := r.selection(r.hint)
	c := newChunk(r.table, checks)
	var key []string
	for limit := firstRows; ; {
		all, err := r.ask(ctx, c, r.after(selection, key, limit), maxChunkBytes)
		if err != nil {
			return err
		}
		if !c.follows(key, r.order) {
			return &Error{Op: "read " + r.table.name, Why: ErrCount, Err: errors.New("the server gives a key again that it was asked to go on behind")}
		}
		last := all && c.len() < limit
		if !last {
			key = c.key(c.len()-1, r.order)
		}
		if err := r.yield(ctx, c, yield); err != nil {
			return err
		}
		if last {
			break
		}
		limit = c.next(limit)
	}
	return r.recount(ctx, -1)
}

// ask reads one statement's answer into c, as much of it as fits in limit
// bytes.
func (r *reader) ask(ctx context.Context, c *chunk, query string, limit int) (all bool, err error) {
	if err := r.take(ctx); err != nil {
		return false, err
	}
	defer r.view.give()
	rows, err := r.conn.QueryContext(ctx, query)
	if err != nil {
		return false, err
	}
	all, err = c.fill(rows, limit)
	if err := errors.Join(err, rows.Close()); err != nil {
		return false, err
	}
	return all, r.release(ctx)
}

// once reads without a key, between two counts.
func (r *reader) once(ctx context.Context, yield func(extract.Row) bool) error {
	before, err := r.number(ctx, "SELECT COUNT(*) FROM "+r.from)
	if err != nil {
		return err
	}
	read := r.stream
	if r.plain() {
		read = r.walk
	}
	if err := read(ctx, yield); err != nil {
		return err
	}
	return r.recount(ctx, before)
}

// stream reads in one statement.
func (r *reader) stream(ctx context.Context, yield func(extract.Row) bool) (err error) {
	query, checks := r.selection(r.hint)
	c := newChunk(r.table, checks)
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.view.give()
	rows, err := r.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for all := false; !all; {
		if all, err = c.fill(rows, chunkBytes); err != nil {
			return err
		}
		if err := r.yield(ctx, c, yield); err != nil {
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	return r.release(ctx)
}

// walk reads by a cursor of the server's, in the order of the table's file.
// An engine without transactions locks out whoever writes for as long as a
// statement gives rows, even from a buffered result; here each gives few.
func (r *reader) walk(ctx context.Context, yield func(extract.Row) bool) error {
	cursor := fmt.Sprintf("sihctl%d", r.cursors.Add(1))
	if err := r.do(ctx, "HANDLER "+r.from+" OPEN AS "+cursor); err != nil {
		return err
	}
	defer r.do(context.WithoutCancel(ctx), "HANDLER "+cursor+" CLOSE")
	c := newChunk(r.table, nil)
	to := " READ FIRST LIMIT "
	for limit := firstRows; ; limit = c.next(limit) {
		// The cursor does not go back: what it gives is never cut.
		if _, err := r.ask(ctx, c, "HANDLER "+cursor+to+strconv.Itoa(limit), math.MaxInt); err != nil {
			return err
		}
		if err := r.yield(ctx, c, yield); err != nil {
			return err
		}
		if c.len() < limit {
			return nil
		}
		to = " READ NEXT LIMIT "
	}
}

// recount compares the rows read with the server's own count, and with that
// before where there was one. In the view they are equal, or rows were lost;
// outside it the hospital may have written meanwhile.
func (r *reader) recount(ctx context.Context, before int64) error {
	after, err := r.number(ctx, "SELECT COUNT(*) FROM "+r.from)
	if err != nil {
		return err
	}
	if before < 0 {
		before = after
	}
	if r.rows == after && before == after {
		return nil
	}
	if r.steady {
		return &Error{Op: "read " + r.table.name, Why: ErrCount, Err: fmt.Errorf("%d rows read, %d counted", r.rows, after)}
	}
	r.notice(fmt.Sprintf("%s was written to while it was read: %d rows before, %d read, %d after", r.table.name, before, r.rows, after))
	return nil
}

var _ extract.Source = (*Source)(nil)
