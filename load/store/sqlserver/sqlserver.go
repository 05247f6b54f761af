// Package sqlserver is the unified store in a schema of a database of SQL
// Server from 2016 on, or of Azure SQL.
//
// Begin with [At]: a target's three places are three schemas of one database. A
// load copies each chunk in bulk straight into the tables; only where some of
// its rows are there already does it go by way of a temporary table. Indexes and
// references are made afterwards: that is [Store.Finish], without which a store
// is complete but slow to search.
package sqlserver

import (
	"context"
	"errors"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Store is an open store. It implements [store.Store].
type Store struct {
	store.Reader
	engine  *engine
	schema  string
	options store.Options
	// session writes, and holds the lock that keeps other writers out; nil
	// where the store is only read, and after Close.
	session *session
	// free are the connections that read, and that nobody uses now: a query
	// within another's callback has its own.
	free    []*session
	closed  bool
	loaders map[*sih.Table]*loader
	bound   map[string]bool // references that are declared, by constraint
	untied  []string        // those that the transaction took away
	loading bool            // within a transaction
	limit   int             // bytes of a chunk that are held at most
}

var _ store.Store = (*Store)(nil)

// heldBytes is how much of a chunk is held before it is sent.
const heldBytes = 32 << 20

// open opens the store in a schema and creates it where there is none, or an
// empty one.
func open(ctx context.Context, e *engine, schema string, o store.Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 2 * time.Second
	}
	s := &Store{engine: e, schema: schema, options: o, loaders: map[*sih.Table]*loader{}, bound: map[string]bool{}, limit: heldBytes}
	s.Reader = store.Reader{Ask: s.ask, Fault: s.fault, Counted: "COUNT_BIG(*)"}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, s.fault(ctx, "open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	conn, err := s.engine.connect(ctx)
	if err != nil {
		return err
	}
	if s.options.ReadOnly {
		s.free = append(s.free, conn)
	} else {
		s.session = conn
		if err := claim(ctx, conn, s.schema, s.options.Busy); err != nil {
			return err
		}
	}
	found, err := inspect(ctx, conn, s.schema)
	switch {
	case err != nil:
		return err
	case found.foreign:
		return foreign(s.schema)
	case !found.ours && s.options.ReadOnly:
		return store.Refuse(store.ErrUnreachable, "Load first, or correct the target.", errors.New("there is no such store"))
	case !found.ours:
		return create(ctx, conn, s.schema, found, sih.TimestampOf(s.options.Now()))
	}
	version, err := store.Recognise(store.SQLServer, found.version, s.options.ReadOnly)
	if err != nil || s.options.ReadOnly {
		return err
	}
	if err := upgrade(ctx, conn, s.schema, version, sih.TimestampOf(s.options.Now())); err != nil {
		return err
	}
	list, err := constraints(ctx, conn, s.schema)
	for _, c := range list {
		s.bound[c.name] = true
	}
	return err
}

// Dialect implements [store.Store].
func (s *Store) Dialect() *store.Dialect { return store.SQLServer }

// Close frees the connections. What was committed is safe without it.
func (s *Store) Close() error {
	for _, conn := range append(s.free, s.session) {
		if conn != nil {
			conn.close()
		}
	}
	s.free, s.session, s.closed = nil, nil, true
	return nil
}
