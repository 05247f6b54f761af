// Package postgres is the unified store in a schema of a PostgreSQL database,
// from 11 on.
//
// Begin with [At]: a target's three places are three schemas of one database. A
// load copies each chunk straight into the tables; only where some of its rows
// are there already does it go by way of a temporary table. Indexes and
// references are made afterwards: that is [Store.Finish], without which a store
// is complete but slow to search.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Store is an open store. It implements [store.Store].
type Store struct {
	store.Reader
	engine  *engine
	schema  string
	options store.Options
	// conn writes, and holds the lock that keeps other writers out; nil where
	// the store is only read, and after Close.
	conn *pgconn.PgConn
	// free are the connections that read, and that nobody uses now: a query
	// within another's callback has its own.
	free    []*pgconn.PgConn
	closed  bool
	loaders map[*sih.Table]*loader
	bound   map[string]bool // references that are declared, by constraint
	untied  []string        // those that the transaction took away
	loading bool            // within a transaction
	limit   int             // bytes of a chunk that are held before they are sent
	sending chan error      // ends the sending of rows that is under way, if any
}

var _ store.Store = (*Store)(nil)

// heldBytes is how much of a chunk is held before it is sent; as much again is
// on its way meanwhile.
const heldBytes = 4 << 20

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
	s.Reader = store.Reader{Ask: s.ask, Fault: s.fault, Counted: "count(*)"}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, s.fault(ctx, "open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	conn, err := s.engine.connect(ctx, s.schema, s.options.ReadOnly)
	if err != nil {
		return err
	}
	if s.options.ReadOnly {
		s.free = append(s.free, conn)
	} else {
		s.conn = conn
		if err := claim(ctx, conn, s.schema, s.options.Busy); err != nil {
			return err
		}
	}
	found, err := inspect(ctx, conn, s.schema)
	switch {
	case err != nil:
		return err
	case found.foreign:
		return store.Refuse(store.ErrForeign, "Name another schema, or empty this one.", nil)
	case !found.ours && s.options.ReadOnly:
		return store.Refuse(store.ErrUnreachable, "Load first, or correct the target.", errors.New("there is no such store"))
	case !found.ours:
		return create(ctx, conn, s.schema, sih.TimestampOf(s.options.Now()))
	}
	version, err := store.Recognise(store.Postgres, found.mark, s.options.ReadOnly)
	if err == nil {
		err = upgrade(ctx, conn, s.schema, version, sih.TimestampOf(s.options.Now()))
	}
	if err != nil {
		return err
	}
	list, err := records(ctx, conn, "SELECT conname FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = $1", s.schema)
	for _, r := range list {
		s.bound[r[0]] = true
	}
	return err
}

// claimed is the number of the lock that a store's writer holds.
func claimed(schema string) string {
	return "hashtext(" + literal("sihctl unified store "+schema) + ")"
}

// claim keeps other writers out, until the connection ends.
func claim(ctx context.Context, conn *pgconn.PgConn, schema string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; {
		got, err := records(ctx, conn, "SELECT pg_try_advisory_lock("+claimed(schema)+")")
		if err != nil {
			return err
		}
		if got[0][0] == "t" {
			return nil
		}
		if time.Now().After(deadline) {
			return store.Refuse(store.ErrLocked, "Wait until the other program has closed the store.", nil)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state is what there is in a schema.
type state struct {
	there   bool // the schema is
	foreign bool // it holds what is no store
	ours    bool // it holds a store
	mark    int32
}

// label is the schema's comment, by which a store is recognised.
const label = "sihctl unified store, schema %08x"

// inspect looks at a schema.
func inspect(ctx context.Context, conn *pgconn.PgConn, schema string) (state, error) {
	list, err := records(ctx, conn, `SELECT COALESCE(obj_description(n.oid, 'pg_namespace'), ''), EXISTS (SELECT 1 FROM pg_class AS c WHERE c.relnamespace = n.oid)
 OR EXISTS (SELECT 1 FROM pg_proc AS p WHERE p.pronamespace = n.oid) FROM pg_namespace AS n WHERE n.nspname = $1`, schema)
	if err != nil || len(list) == 0 {
		return state{}, err
	}
	var mark uint32
	_, scanned := fmt.Sscanf(list[0][0], label, &mark)
	ours := scanned == nil
	return state{there: true, ours: ours, foreign: !ours && list[0][1] == "t", mark: int32(mark)}, nil
}

// create makes the tables, in one transaction: a killed program leaves nothing
// or a whole schema.
func create(ctx context.Context, conn *pgconn.PgConn, schema string, now sih.Timestamp) error {
	var list []string
	found, err := inspect(ctx, conn, schema)
	if err != nil {
		return err
	}
	if !found.there { // to make one takes a right on the database
		list = append(list, "CREATE SCHEMA "+quoteName(schema))
	}
	latest := store.SchemaAt(store.Latest())
	return reach(ctx, conn, schema, latest.Version, append(list, latest.CreateDDL(store.Postgres)...), now)
}

// upgrade brings a store of an older version to the present one.
func upgrade(ctx context.Context, conn *pgconn.PgConn, schema string, from int, now sih.Timestamp) error {
	for _, u := range store.Upgrades(store.Postgres, from) {
		if err := reach(ctx, conn, schema, u.Version, u.Statements, now); err != nil {
			return fmt.Errorf("version %d of the schema: %w", u.Version, err)
		}
	}
	return nil
}

// reach brings a schema to a version by statements, in one transaction.
func reach(ctx context.Context, conn *pgconn.PgConn, schema string, version int, statements []string, now sih.Timestamp) error {
	list := append([]string{"BEGIN"}, statements...)
	list = append(list, store.Log(store.Postgres, version, now),
		"COMMENT ON SCHEMA "+quoteName(schema)+" IS "+literal(fmt.Sprintf(label, uint32(store.Mark(store.Postgres, version)))), "COMMIT")
	for _, statement := range list {
		if err := run(ctx, conn, statement); err != nil {
			return errors.Join(err, run(context.WithoutCancel(ctx), conn, "ROLLBACK"))
		}
	}
	return nil
}

// Dialect implements [store.Store].
func (s *Store) Dialect() *store.Dialect { return store.Postgres }

// Close frees the connections. What was committed is safe without it.
func (s *Store) Close() error {
	for _, conn := range append(s.free, s.conn) {
		if conn != nil {
			hangUp(conn)
		}
	}
	s.free, s.conn, s.closed = nil, nil, true
	return nil
}
