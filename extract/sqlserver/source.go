package sqlserver

import (
	"context"
	"errors"
	"reflect"

	"github.com/sihctl/sih"
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
	views   int      // that were opened
	closed  bool

	// buffers holds room for rows that no reading uses now.
	buffers chan []sih.Raw
}

// New returns a source, or an error where the config contradicts itself. It
// does not yet connect.
func New(cfg Config) (*Source, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Source{cfg: cfg, turn: make(chan struct{}, 1), buffers: make(chan []sih.Raw, spareBuffers)}, nil
}

// spareBuffers are those of one reading.
const spareBuffers = 2

// buffer returns room for rows, some where there is some.
func (s *Source) buffer() []sih.Raw {
	select {
	case b := <-s.buffers:
		return b
	default:
		return nil
	}
}

// keep takes room back, without what stood there.
func (s *Source) keep(b []sih.Raw) {
	clear(b[:cap(b)])
	select {
	case s.buffers <- b[:0]:
	default:
	}
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
		s.views++
		s.tellView()
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

// tellView says what the view that was just opened does not hold.
func (s *Source) tellView() {
	switch {
	case s.views > 1 && s.session.steady():
		s.cfg.Notice("a second view was opened: what is read from here on may be newer than what was read before")
	case s.views > 1:
	case !s.session.steady():
		s.cfg.Notice("the database does not allow snapshot isolation: its tables are read one after the other, at READ COMMITTED, and may not agree with each other; last night's backup restored on another instance would")
	}
	if s.views == 1 && s.cfg.Encrypt != EncryptAll {
		remark := s.cfg.Remark
		if remark == nil {
			remark = s.cfg.Notice
		}
		remark("the way to the server is not encrypted: whoever is on the network can read along")
	}
}

// plan reads the catalogue, once in each view: what a table is must stay as it
// was. As the first statement of a transaction it also fixes the view.
func (s *Source) plan(ctx context.Context) error {
	if s.session.planned {
		return nil
	}
	tables, err := s.session.catalogue(ctx)
	switch {
	case err != nil:
		return wrap(ctx, "", "read the catalogue", err)
	case len(tables) == 0:
		return faultf("", "ask the administrator for GRANT SELECT", "the login sees no table in the database")
	case s.tables == nil:
		s.tables = tables
	case !reflect.DeepEqual(s.tables, tables):
		s.session.broken = true
		return faultf("", "extract again into a new snapshot", "the tables were altered while they were read")
	}
	s.session.planned = true
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

var _ extract.Database = (*Source)(nil)
