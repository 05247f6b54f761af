package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a database in one view. Its methods may be called
// at the same time; readings beyond its connections take turns.
type Source struct {
	login       *pgconn.Config
	connections int
	views       bool
	leaveOut    map[string][]string
	notice      func(string)
	remark      func(string)

	mu     sync.Mutex
	view   *view // nil until opened
	tables []*table
	closed bool
}

var errClosed = errors.New("read postgres: the source is closed")

// New returns a source. It does not connect yet.
func New(cfg Config) (*Source, error) {
	login, err := cfg.login()
	if err != nil {
		return nil, err
	}
	s := &Source{login: login, connections: max(1, cfg.Connections), views: cfg.Views, leaveOut: cfg.LeaveOut, notice: cfg.Notice, remark: cfg.Remark}
	if s.notice == nil {
		s.notice = func(string) {}
	}
	if s.remark == nil {
		s.remark = s.notice
	}
	return s, nil
}

// Tables lists the tables by name. It connects and opens the view. An error is
// an [*Error], or that of ctx.
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	_, tables, err := s.plan(ctx)
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
func (s *Source) plan(ctx context.Context) (*view, []*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, errClosed
	case s.view != nil:
		return s.view, s.tables, nil
	}
	v, err := openView(ctx, s.login, s.connections, s.remark)
	if err != nil {
		return nil, nil, err
	}
	all, err := v.first.catalogue(ctx, s.views)
	if err != nil {
		v.close()
		return nil, nil, failed(ctx, "read the catalogue", err)
	}
	if len(all.tables) == 0 {
		v.close()
		return nil, nil, &Error{Op: "read the catalogue", Why: ErrRights, Err: errors.New("no table to be seen")}
	}
	for _, t := range all.tables {
		t.leaveOut(s.leaveOut[t.name])
	}
	s.view, s.tables = v, all.tables
	all.tell(s.notice, s.remark)
	return v, all.tables, nil
}

// tell says what is not read, and what is read otherwise than one might think.
func (c *catalogue) tell(notice, remark func(string)) {
	say := func(tell func(string), list []*table, is func(*table) bool, sentence string) {
		var names []string
		for _, t := range list {
			if is(t) {
				names = append(names, t.name)
			}
		}
		if names != nil {
			tell(sentence + ": " + strings.Join(names, ", "))
		}
	}
	any := func(*table) bool { return true }
	say(remark, c.foreign, any, "left out, being tables of another server, which is to be read itself")
	say(remark, c.absent, any, "left out, being unlogged tables, which a standby server does not have")
	say(remark, c.denied, any, "left out, since the login has no right to read them")
	say(notice, c.tables, func(t *table) bool { return t.abroad }, "have parts on another server, which are outside the view")
	say(remark, c.tables, func(t *table) bool { return t.heirs }, "read without the tables that inherit from them, which are read as their own")
	for _, t := range c.tables {
		if len(t.denied) > 0 {
			remark(fmt.Sprintf("%s is read without the columns that the login has no right to: %s", t.name, strings.Join(t.denied, ", ")))
		}
		if len(t.objects) > 0 {
			remark(fmt.Sprintf("%s may point at large objects, whose content is not read: %s", t.name, strings.Join(t.objects, ", ")))
		}
	}
}

// find returns a table by name.
func (s *Source) find(ctx context.Context, name string) (*view, *table, error) {
	v, tables, err := s.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
	if i < 0 {
		return nil, nil, fmt.Errorf("read postgres: no table %q", name)
	}
	return v, tables[i], nil
}

// Rows yields a table's rows in the order of its key; without a fit key, as
// the server has them. Nothing goes to reject: what a database holds is a row.
// A yielded error is an [*Error], or that of ctx. The strings of a row stay
// valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		v, t, err := s.find(ctx, name)
		if err != nil {
			yield(nil, err)
			return
		}
		r := &reader{view: v, table: t}
		read := r.once
		if t.order != nil {
			read = r.chunks
		}
		r.deliver(ctx, read, yield)
	}
}

// RowsIn yields those rows of a table with an Order that lie in a range.
func (s *Source) RowsIn(ctx context.Context, name string, in extract.Range) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		v, t, err := s.find(ctx, name)
		if err == nil {
			err = t.takes(in)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		r := &reader{view: v, table: t, in: in}
		r.deliver(ctx, r.chunks, yield)
	}
}

// takes tells whether a range is one of the table's keys.
func (t *table) takes(in extract.Range) error {
	if t.order == nil {
		return fmt.Errorf("read %s: it has no key that its rows can be read by", t.name)
	}
	for _, key := range []extract.Row{in.After, in.UpTo} {
		if key != nil && len(key) != len(t.order) {
			return fmt.Errorf("read %s: a key of %d values, not %d", t.name, len(key), len(t.order))
		}
		for _, v := range key {
			if v.Null {
				return fmt.Errorf("read %s: a key with NULL", t.name)
			}
		}
	}
	return nil
}

// deliver hands rows to the consumer, and the error at the end.
func (r *reader) deliver(ctx context.Context, read func(context.Context, func(extract.Row) bool) error, yield func(extract.Row, error) bool) {
	err := read(ctx, func(row extract.Row) bool { return yield(row, nil) })
	if err != nil && !errors.Is(err, errStopped) {
		yield(nil, r.table.failed(ctx, "read "+r.name, err))
	}
}

// failed gives an error its reason. A policy and a right that is missing are
// one to the server.
func (t *table) failed(ctx context.Context, op string, err error) error {
	err = failed(ctx, op, err)
	var known *Error
	if t.guarded && errors.As(err, &known) && known.Why == ErrRights {
		known.Why = ErrPolicy
	}
	return err
}

// View tells of the view. It connects where that is still to be done.
func (s *Source) View(ctx context.Context) (extract.View, error) {
	v, tables, err := s.plan(ctx)
	if err != nil {
		return extract.View{}, err
	}
	out := extract.View{Opened: v.opened, Consistent: true}
	for _, t := range tables {
		if t.abroad {
			out.Unsteady = append(out.Unsteady, t.name)
		}
	}
	return out, nil
}

// Count counts a table's rows in the view.
func (s *Source) Count(ctx context.Context, name string) (int64, error) {
	v, t, err := s.find(ctx, name)
	if err != nil {
		return 0, err
	}
	var n counted
	err = v.do(ctx, func(s *session) error { return s.within(ctx, t.count(""), n.read) })
	if err == nil && !n.same {
		err = &Error{Op: "count " + name, Why: ErrChanged}
	}
	if err != nil {
		return 0, t.failed(ctx, "count "+name, err)
	}
	return n.rows, nil
}

// Close ends the view and frees the connections. It waits for readings that
// are at work.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.view != nil {
		s.view.close()
		s.view = nil
	}
	return nil
}

var _ extract.Database = (*Source)(nil)
