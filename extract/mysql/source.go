package mysql

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a server in one view. Its methods may be called
// at the same time; its readings take turns on its connections.
type Source struct {
	login       *mysql.Config
	views       bool
	notice      func(string)
	remark      func(string)
	connections int
	locks       []string
	leaveOut    map[string][]string
	holds       [][2][]string
	// lockTime bounds how long the lock on all writers is waited for, and how
	// long it lasts. While it waits, the hospital's writers wait behind it.
	lockTime time.Duration
	lockWait time.Duration // for a table's definition; see connect
	pause    time.Duration // before a statement is tried again

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
	s := &Source{
		login: login, views: cfg.Views, notice: cfg.Notice, remark: cfg.Remark, connections: max(1, cfg.Connections), locks: cfg.AllowLock, leaveOut: cfg.LeaveOut, holds: holds,
		lockTime: 2 * time.Second, lockWait: 30 * time.Second, pause: 5 * time.Second,
	}
	if s.notice == nil {
		s.notice = func(string) {}
	}
	if s.remark == nil {
		s.remark = s.notice
	}
	return s, nil
}

// Tables lists the tables by name. It connects and opens the view where that
// is still to be done. An error is an [*Error], or that of ctx.
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	_, tables, err := s.plan(ctx, false)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Table, len(tables))
	for i, t := range tables {
		out[i] = t.declare()
	}
	return out, nil
}

// View tells of the view that rows are read in now. Where the one before is
// lost, it opens another, and reads the catalogue again.
func (s *Source) View(ctx context.Context) (extract.View, error) {
	v, tables, err := s.plan(ctx, true)
	if err != nil {
		return extract.View{}, err
	}
	out := extract.View{Opened: v.opened, Consistent: true}
	for _, t := range tables {
		if !t.steady {
			out.Unsteady = append(out.Unsteady, t.name)
		}
	}
	return out, nil
}

// plan opens a view and reads the catalogue, where there is none yet, or where
// it is lost and another may take its place.
func (s *Source) plan(ctx context.Context, again bool) (*view, []*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, fmt.Errorf("read mysql: %w", errClosed)
	case s.view != nil && (!again || s.view.alive()):
		return s.view, s.tables, nil
	}
	v, err := s.openView(ctx)
	if err != nil {
		return nil, nil, err
	}
	var tables []*table
	err = v.use(ctx, nil, func(one *session) error {
		tables, err = s.list(ctx, one)
		return err
	})
	if err != nil {
		v.close()
		return nil, nil, failed(ctx, "read the catalogue", err)
	}
	if len(tables) == 0 {
		v.close()
		return nil, nil, &Error{Op: "read the catalogue", Why: ErrRights, Err: errNoTable}
	}
	first := s.view == nil
	s.view, s.tables = v, tables
	if first {
		s.tell()
	}
	return v, tables, nil
}

// list reads what tables there are, and notes what nobody wants of them.
func (s *Source) list(ctx context.Context, one *session) ([]*table, error) {
	tables, err := one.catalogue(ctx, s.login.DBName, s.views)
	for _, t := range tables {
		t.leaveOut(s.leaveOut[t.name])
	}
	return tables, err
}

// tell says which tables the view does not hold, and which not wholly.
func (s *Source) tell() {
	engines, histories := lacking(s.tables)
	for _, engine := range sorted(engines) {
		s.notice(fmt.Sprintf("tables of the engine %s are never consistent with others, being without transactions: %s", engine, strings.Join(engines[engine], ", ")))
	}
	if len(histories) > 0 {
		s.remark("of tables that keep their history only the rows that hold now are read: " + strings.Join(histories, ", "))
	}
}

// lacking names the tables that are read and that no view holds, by their
// engines, and those of whose rows it holds only some.
func lacking(tables []*table) (engines map[string][]string, histories []string) {
	engines = map[string][]string{}
	for _, t := range tables {
		if t.out {
			continue
		}
		if !t.steady && !t.virtual {
			engines[t.engine] = append(engines[t.engine], t.name)
		}
		if t.history {
			histories = append(histories, t.name)
		}
	}
	return engines, histories
}

// Rows yields a table's rows in the order of its key; without a fit key, as
// the server has them. Nothing goes to reject: what a database holds is a row.
// A yielded error is an [*Error], or that of ctx. The strings of a row stay
// valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return s.RowsIn(ctx, name, extract.Range{})
}

// RowsIn yields, as Rows does, the rows of a table that lie in a range. The
// values of the range are as a reading gave them.
func (s *Source) RowsIn(ctx context.Context, name string, in extract.Range) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		err := s.read(ctx, name, in, func(row extract.Row) bool { return yield(row, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

func (s *Source) read(ctx context.Context, name string, in extract.Range, yield func(extract.Row) bool) error {
	r, err := s.reader(ctx, name)
	if err != nil {
		return err
	}
	r.in = in
	if err := r.fits(in); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if !r.steady && slices.Contains(s.locks, name) {
		v, err := s.locked(ctx, r.table)
		switch {
		case err == nil:
			defer v.close()
			r.view, r.held = v, true
		case ctx.Err() != nil:
			return failed(ctx, "lock "+name, err)
		default:
			s.notice("read without a lock: " + failed(ctx, "lock "+name, err).Error())
		}
	}
	how := r.once
	if r.order != nil {
		how = r.chunks
	}
	if err := how(ctx, yield); err != nil && !errors.Is(err, errStopped) {
		return failed(ctx, "read "+name, err)
	}
	return nil
}

// reader prepares the reading of a table.
func (s *Source) reader(ctx context.Context, name string) (*reader, error) {
	v, tables, err := s.plan(ctx, false)
	if err != nil {
		return nil, err
	}
	t := named(tables, name)
	if t == nil {
		return nil, fmt.Errorf("read mysql: no table %q", name)
	}
	if len(t.columns) == 0 {
		return nil, &Error{Op: "read " + name, Why: ErrBroken}
	}
	return &reader{view: v, table: t, notice: s.notice, pause: s.pause}, nil
}

// Count counts a table's rows in the present view.
func (s *Source) Count(ctx context.Context, name string) (int64, error) {
	r, err := s.reader(ctx, name)
	if err != nil {
		return 0, err
	}
	n, err := r.number(ctx)
	if err != nil {
		return 0, failed(ctx, "count "+name, err)
	}
	return n, nil
}

// Survey tells the size of each table as the catalogue has it: exact for
// MyISAM, an estimate of InnoDB's, which may be far off. A view has none.
func (s *Source) Survey(ctx context.Context) ([]extract.Size, error) {
	v, tables, err := s.plan(ctx, false)
	if err != nil {
		return nil, err
	}
	var sizes []extract.Size
	err = v.use(ctx, nil, func(one *session) error {
		sizes, err = one.survey(ctx, s.login.DBName, tables)
		return err
	})
	if err != nil {
		return nil, failed(ctx, "read the catalogue", err)
	}
	return sizes, nil
}

// Close ends the view and frees the connections.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.view != nil {
		s.view.close()
	}
	return nil
}

var _ extract.Database = (*Source)(nil)

// sorted gives the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
