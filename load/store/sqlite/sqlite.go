// Package sqlite is the unified store in one SQLite file, without cgo.
//
// Begin with [Open], or with [At] for a target. A load is fast because it writes every row once, in
// transactions of a whole chunk, and makes the indexes afterwards: that is
// [Store.Finish], without which a store is complete but slow to search.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// applicationID marks our files, at offset 68 of the header: "SIHu".
const applicationID = 0x53494875

// pageSize is in bytes. Loading a million results, 8 KiB was the fastest of 4 to
// 32, by 5 to 15 %.
const pageSize = 8192

// Options say how a store is opened. The zero value opens it for loading.
type Options struct {
	store.Options
	// CacheMiB is the memory for pages, 128 where it is 0. The allocator rounds
	// pages up, so that it takes about twice that.
	CacheMiB int
}

// Store is an open store. It implements [store.Store].
type Store struct {
	store.Reader
	conn    *sqlite.Conn
	path    string
	options Options
	loaders map[*sih.Table]*loader
	resting bool // no log is kept: Finish has been here
	holds   int  // values to hold back at most
	// unchecked are the tables whose references Finish has not looked at since
	// rows were written to them. Rows are never deleted, so a table that nothing
	// was written to keeps what it points at.
	unchecked map[*sih.Table]bool
	// few are the rows of other tables that are to be looked at: those that
	// chunks of a delta have brought.
	few map[*sih.Table][]sih.ID
}

var _ store.Store = (*Store)(nil)

// Open opens the store at path and creates it where there is no file, or an
// empty one. What it refuses is a *store.Error.
func Open(path string, o Options) (*Store, error) {
	if o.CacheMiB == 0 {
		o.CacheMiB = 128
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 2 * time.Second
	}
	s := &Store{path: path, options: o, loaders: map[*sih.Table]*loader{}, holds: heldValues, unchecked: map[*sih.Table]bool{}, few: map[*sih.Table][]sih.ID{}}
	s.Reader = store.Reader{Ask: s.ask, Fault: func(_ context.Context, op string, err error) error { return s.fault(op, err) }, Counted: "count(*)"}
	if err := s.open(); err != nil {
		if s.conn != nil {
			s.conn.Close()
		}
		return nil, s.fault("open", err)
	}
	return s, nil
}

func (s *Store) open() error {
	if dir, err := os.Stat(filepath.Dir(s.path)); err != nil {
		return store.Refuse(store.ErrUnreachable, "Create the folder first, or correct the target's path.", err)
	} else if !dir.IsDir() {
		return store.Refuse(store.ErrUnreachable, "The target's path leads through a file.", nil)
	}
	flags := sqlite.OpenReadWrite | sqlite.OpenCreate
	if s.options.ReadOnly {
		flags = sqlite.OpenReadOnly
	}
	var err error
	if s.conn, err = sqlite.OpenConn(s.path, flags); err != nil {
		return err
	}
	s.conn.SetBusyTimeout(s.options.Busy)
	cache := fmt.Sprint("cache_size = ", -1024*s.options.CacheMiB)
	if s.options.ReadOnly {
		err := s.pragmas(cache)
		if sqlite.ErrCode(err) == sqlite.ResultReadOnlyRollback && s.rollBack() == nil {
			err = s.pragmas(cache)
		}
		if err == nil {
			_, err = s.recognise()
		}
		return err
	}
	// The page size must be set before anything is written, and the locking
	// mode before the log is first used, so that the log's index stays in
	// memory and nobody else reads half a load. Temporary files hold patients'
	// data too: they belong beside the store.
	if err := s.pragmas(
		fmt.Sprint("page_size = ", pageSize),
		"locking_mode = EXCLUSIVE",
		cache,
		"foreign_keys = OFF", // Finish checks them all at once
		// Every list of codes in a CHECK becomes a temporary tree for every
		// row: with them, loading takes four times as long. store.Checker has
		// looked at the same lists before; the constraints are there for who
		// changes the store by other means.
		"ignore_check_constraints = ON",
	); err != nil {
		return err
	}
	// SQLite looks at once whether it may write there.
	if err := s.pragmas("temp_store_directory = '" + strings.ReplaceAll(filepath.Dir(s.path), "'", "''") + "'"); err != nil {
		return store.Refuse(store.ErrReadOnly, "Look at the permissions of the file and of its folder.", err)
	}
	fresh, err := s.empty()
	if err != nil {
		return err
	}
	if !fresh {
		version, err := s.recognise()
		if err == nil {
			err = s.upgrade(version)
		}
		if err != nil {
			return err
		}
	}
	// A finished store stays at rest until there is something to load.
	s.resting = true
	if !fresh {
		if err := s.distrust(); err != nil {
			return err
		}
		return s.claim()
	}
	if err := s.wake(); err != nil {
		return err
	}
	return s.create()
}

// rollBack lets a connection that may write put back what a killed program left
// half-written; one that only reads may not do it.
func (s *Store) rollBack() error {
	writer, err := sqlite.OpenConn(s.path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	writer.SetBusyTimeout(s.options.Busy)
	// To read is enough.
	err = sqlitex.ExecuteTransient(writer, "SELECT count(*) FROM sqlite_schema", nil)
	return errors.Join(err, writer.Close())
}

// checkpointPages is the length of the log, in pages, from which a commit
// moves it into the file. Random ids dirty most pages of a key's index with each
// chunk; the longer the log, the fewer times each is written to the file. On
// two million results, with a cache an eighth of the usual, 256 MiB took 13 %
// less processor time than 64.
const checkpointPages = 256 << 20 / pageSize

// wake makes the file ready to be written to. With a log and synchronous
// NORMAL, a commit survives the program's death, and a loss of power costs at
// most the last commits, whole chunks of them.
func (s *Store) wake() error {
	if !s.resting {
		return nil
	}
	s.resting = false
	return s.pragmas("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", fmt.Sprint("wal_autocheckpoint = ", checkpointPages))
}

// distrust marks every table as unchecked where the file was left by a load
// that did not come to its end: Finish leaves one without a log.
func (s *Store) distrust() error {
	mode := ""
	err := sqlitex.ExecuteTransient(s.conn, "PRAGMA journal_mode", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { mode = stmt.ColumnText(0); return nil },
	})
	if mode == "delete" {
		return err
	}
	for _, t := range sih.Tables {
		s.unchecked[t] = true
	}
	return err
}

// empty tells whether the file holds nothing at all.
func (s *Store) empty() (bool, error) {
	id, err := s.number("PRAGMA application_id")
	if err != nil {
		return false, err
	}
	n, err := s.number("SELECT count(*) FROM sqlite_schema")
	return id == 0 && n == 0, err
}

// recognise tells which version of the schema the file has, and refuses what is
// no store, or of none that can be worked with.
func (s *Store) recognise() (version int, err error) {
	id, err := s.number("PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	if id != applicationID {
		return 0, store.Refuse(store.ErrForeign, "Name a new file, or one that sihctl has made.", nil)
	}
	mark, err := s.number("PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	return store.Recognise(store.SQLite, int32(mark), s.options.ReadOnly)
}

// create makes the tables, in one transaction: a killed program leaves an
// empty file or a whole schema.
func (s *Store) create() (err error) {
	defer sqlitex.Save(s.conn)(&err)
	schema := store.SchemaAt(store.Latest())
	if err := s.run(append(schema.CreateDDL(store.SQLite), store.Log(store.SQLite, schema.Version, s.now()))...); err != nil {
		return err
	}
	return s.pragmas(fmt.Sprint("application_id = ", applicationID), mark(schema.Version))
}

// upgrade brings a store of an older version to the present one, a version in
// a transaction.
func (s *Store) upgrade(from int) error {
	step := func(u store.Upgrade) (err error) {
		defer sqlitex.Save(s.conn)(&err)
		if err := s.run(append(u.Statements, store.Log(store.SQLite, u.Version, s.now()))...); err != nil {
			return fmt.Errorf("version %d of the schema: %w", u.Version, err)
		}
		return s.pragmas(mark(u.Version))
	}
	for _, u := range store.Upgrades(store.SQLite, from) {
		if err := step(u); err != nil {
			return err
		}
	}
	return nil
}

// mark is the pragma by which a file of a version is known.
func mark(version int) string {
	return fmt.Sprint("user_version = ", store.Mark(store.SQLite, version))
}

func (s *Store) now() sih.Timestamp { return sih.TimestampOf(s.options.Now()) }

// run runs statements.
func (s *Store) run(list ...string) error {
	for _, statement := range list {
		if err := sqlitex.ExecuteTransient(s.conn, statement, nil); err != nil {
			return err
		}
	}
	return nil
}

// claim finds out whether the file can be written to: SQLite opens one that
// cannot be without a word.
func (s *Store) claim() error {
	return s.pragmas(mark(store.Latest()))
}

// Close closes the file. What was committed is safe without it.
func (s *Store) Close() error {
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn = nil
	if err != nil {
		return s.fault("close", err)
	}
	return nil
}

func (s *Store) pragmas(list ...string) error {
	for _, p := range list {
		if err := sqlitex.ExecuteTransient(s.conn, "PRAGMA "+p, nil); err != nil {
			return fmt.Errorf("pragma %s: %w", p, err)
		}
	}
	return nil
}

// number returns the single number that a query yields.
func (s *Store) number(query string, args ...any) (n int64, err error) {
	err = sqlitex.ExecuteTransient(s.conn, query, &sqlitex.ExecOptions{
		Args:       args,
		ResultFunc: func(stmt *sqlite.Stmt) error { n = stmt.ColumnInt64(0); return nil },
	})
	return n, err
}

// during lets ctx interrupt what the connection does until the returned
// function is called.
func (s *Store) during(ctx context.Context) func() {
	old := s.conn.SetInterrupt(ctx.Done())
	return func() { s.conn.SetInterrupt(old) }
}
