// Package mysql is the unified store in a database of MySQL from 8.0.17 on,
// MariaDB from 10.6 on, or TiDB.
//
// Begin with [At]: a target's three places are three databases of one server. A
// load sends each chunk as a file straight into the tables, or as statements of
// many rows where the server takes no files; only where some of its rows are
// there already does it go by way of a temporary table. Indexes are made, and
// references checked, afterwards: that is [Store.Finish], without which a store
// is complete but slow to search.
package mysql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Store is an open store. It implements [store.Store].
type Store struct {
	store.Reader
	engine   *engine
	database string
	options  store.Options
	// session writes, and holds the lock that keeps other writers out; nil
	// where the store is only read, and after Close.
	session *session
	// free are the connections that read, and that nobody uses now: a query
	// within another's callback has its own.
	free    []*session
	closed  bool
	loaders map[*sih.Table]*loader
	// touched are the tables whose references this transaction may break,
	// unchecked those of which the store knows it already.
	touched, unchecked map[string]bool
	file               string // the name under which the driver finds sending
	sending            io.Reader
	limit              int // bytes of a chunk that are held at most
}

var _ store.Store = (*Store)(nil)

// heldBytes is how much of a chunk is held before it is sent.
const heldBytes = 16 << 20

// files counts the names that stores have with the driver.
var files atomic.Int64

// open opens the store in a database and creates it where there is none, or an
// empty one.
func open(ctx context.Context, e *engine, database string, o store.Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 2 * time.Second
	}
	s := &Store{engine: e, database: database, options: o, loaders: map[*sih.Table]*loader{}, unchecked: map[string]bool{}, limit: heldBytes}
	s.file = fmt.Sprintf("sihctl-%d", files.Add(1))
	mysql.RegisterReaderHandler(s.file, func() io.Reader { return s.sending })
	s.Reader = store.Reader{Ask: s.ask, Fault: s.fault, Counted: "COUNT(*)"}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, s.fault(ctx, "open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	conn, err := connect(ctx, s.engine.login, s.options.ReadOnly)
	if err != nil {
		return err
	}
	if s.options.ReadOnly {
		s.free = append(s.free, conn)
	} else {
		s.session = conn
		if err := claim(ctx, conn, s.database, s.options.Busy); err != nil {
			return err
		}
	}
	found, err := inspect(ctx, conn, s.database)
	switch {
	case err != nil:
		return err
	case found.foreign:
		return foreign(s.database)
	case !found.ours && s.options.ReadOnly:
		return store.Refuse(store.ErrUnreachable, "Load first, or correct the target.", errors.New("there is no such store"))
	case !found.there:
		if err := createDatabase(ctx, conn, s.database); err != nil {
			return err
		}
	}
	if err := enter(ctx, conn, s.database); err != nil {
		return err
	}
	now := sih.TimestampOf(s.options.Now())
	if !found.ours {
		return create(ctx, conn, s.database, found, now)
	}
	version, err := store.Recognise(store.MySQL, found.mark, s.options.ReadOnly)
	if err != nil || s.options.ReadOnly {
		return err
	}
	if err := upgrade(ctx, conn, version, now); err != nil {
		return err
	}
	return makeViews(ctx, conn, s.database, store.Mark(store.MySQL, store.Latest()))
}

// Dialect implements [store.Store].
func (s *Store) Dialect() *store.Dialect { return store.MySQL }

// Close frees the connections. What was committed is safe without it.
func (s *Store) Close() error {
	for _, conn := range append(s.free, s.session) {
		if conn != nil {
			conn.close()
		}
	}
	s.free, s.session, s.closed = nil, nil, true
	mysql.DeregisterReaderHandler(s.file)
	return nil
}
