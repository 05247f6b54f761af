package sqlserver

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of one database. Its methods may be called at the
// same time; it uses one connection, for one statement at a time.
type Source struct {
	cfg Config

	// turn is held by whoever uses what follows it.
	turn    chan struct{}
	session *session // nil while there is none
	tables  []*table // nil until planned
	closed  bool

	mu     sync.Mutex
	report Report
}

// Report tells how a database was read.
type Report struct {
	// Snapshot tells that every row was read under snapshot isolation, else
	// READ COMMITTED.
	Snapshot bool
	// Views counts the views that were opened: under snapshot isolation, more
	// than one means that the source may have changed in between.
	Views int
	// Changed lists the tables that changed while they were read.
	Changed []Changed
}

// Changed is a table that was written to while it was read at READ COMMITTED.
type Changed struct {
	Table               string
	Before, Read, After int64 // rows counted before, read, and counted after
}

// New returns a source, or an error where the config contradicts itself. It
// does not yet connect.
func New(cfg Config) (*Source, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Source{cfg: cfg, turn: make(chan struct{}, 1)}, nil
}

// Report tells how the database was read up to now.
func (s *Source) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.report
	r.Changed = slices.Clone(r.Changed)
	return r
}

var (
	errClosed = errors.New("the source is closed")
	errEnough = errors.New("no more rows are wanted")
)

// use calls f when it is its turn, with a session that works and the plan.
func (s *Source) use(ctx context.Context, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case s.turn <- struct{}{}:
	}
	defer func() { <-s.turn }()
	if s.closed {
		return &Error{"", errClosed, ""}
	}
	if s.session == nil {
		c, err := connect(ctx, &s.cfg)
		if err != nil {
			return err
		}
		s.session = c
		s.mu.Lock()
		s.report.Views++
		s.report.Snapshot = c.snapshot && (s.report.Views == 1 || s.report.Snapshot)
		s.mu.Unlock()
	}
	err := s.plan(ctx)
	if err == nil {
		err = f(s.session)
	}
	if s.session.broken {
		s.session.close()
		s.session = nil
	}
	return err
}

// plan reads the catalogue, once: what a table is stays as it was.
func (s *Source) plan(ctx context.Context) error {
	if s.tables != nil {
		return nil
	}
	tables, err := s.session.catalogue(ctx)
	if err != nil {
		return wrap(ctx, "", "read the catalogue", err)
	}
	if len(tables) == 0 {
		return faultf("", "ask the administrator for GRANT SELECT", "the login sees no table in the database")
	}
	s.tables = tables
	return nil
}

// Tables lists the tables by schema and name. An error is an [*Error].
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	var out []extract.Table
	err := s.use(ctx, func(*session) error {
		for _, t := range s.tables {
			out = append(out, t.declare())
		}
		return nil
	})
	return out, err
}

// Close frees the connection. It waits for a statement that is running.
func (s *Source) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.closed = true
	if s.session != nil {
		s.session.close()
		s.session = nil
	}
	return nil
}
