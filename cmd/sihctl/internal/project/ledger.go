package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// LedgerFile is the ledger's name in the project.
const LedgerFile = "sihctl.db"

// ledgerID marks our files, at offset 68 of the header: "SIHl".
const ledgerID = 0x5349486c

// ledgerSteps lead from each version of the schema to the next; how many there
// are is the version, the file's user_version. Times are UTC, to the second, as
// RFC 3339.
var ledgerSteps = [...]string{`
CREATE TABLE run (
	id       INTEGER PRIMARY KEY,
	command  TEXT NOT NULL,          -- its name, without arguments
	started  TEXT NOT NULL,
	finished TEXT,                   -- NULL while it runs, or where it was killed
	outcome  TEXT,                   -- done, failed, interrupted, …
	note     TEXT NOT NULL DEFAULT ''
) STRICT;
`, `
CREATE TABLE extraction (
	source TEXT PRIMARY KEY,
	plan   TEXT NOT NULL             -- see Plan
) STRICT;

CREATE TABLE extraction_chunk (
	source   TEXT NOT NULL,
	path     TEXT NOT NULL,          -- its file in the snapshot
	sha256   TEXT NOT NULL,          -- of the file
	last_key TEXT NOT NULL,          -- of its last row, as JSON
	digest   BLOB NOT NULL,          -- of its rows
	marks    BLOB NOT NULL,          -- see Mark
	PRIMARY KEY (source, path)
) STRICT;
`, `
CREATE TABLE audit_log (
	seq  INTEGER PRIMARY KEY,
	line TEXT NOT NULL               -- see package audit
) STRICT;
`, `
CREATE TABLE review_pair (
	key      TEXT PRIMARY KEY,       -- of its row in a workbook
	a        TEXT NOT NULL,          -- source persons, the smaller id first
	b        TEXT NOT NULL,
	evidence TEXT NOT NULL,          -- hash of what the two records said
	cells    BLOB NOT NULL           -- hashes of the row's cells
) STRICT;

CREATE TABLE decision (
	id       INTEGER PRIMARY KEY,
	a        TEXT NOT NULL,          -- source persons, the smaller id first
	b        TEXT NOT NULL,
	verdict  TEXT NOT NULL,          -- same, apart or unsure
	evidence TEXT NOT NULL,          -- hash of what the two records said
	reviewer TEXT NOT NULL,
	comment  TEXT NOT NULL,
	decided  TEXT NOT NULL,
	ended    TEXT,                   -- NULL as long as it holds
	why      TEXT NOT NULL DEFAULT '' -- it ended: undone or replaced
) STRICT;

CREATE UNIQUE INDEX decision_holds ON decision (a, b, reviewer) WHERE ended IS NULL;
`}

// Ledger is what a project remembers of its runs, and of an extraction what the
// clear files of its snapshot must not hold. Any goroutine may use it. How far
// each stage has come is told by the files that it has finished.
type Ledger struct {
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time

	dir  string // the project's
	mu   sync.Mutex
	conn *sqlite.Conn
}

// LedgerError tells that sihctl.db is not a ledger that this program can use.
type LedgerError struct {
	Path    string
	Message string
	Advice  string
}

// Error names the file.
func (e *LedgerError) Error() string { return e.Path + ": " + e.Message }

// Hint says what to do.
func (e *LedgerError) Hint() string { return e.Advice }

// OpenLedger opens the project's ledger and makes one, private to its user,
// where there is none. Processes may share it; what a unit of work means to
// two runs at once, the project's lock decides.
func (p *Project) OpenLedger() (*Ledger, error) {
	name := filepath.Join(p.Dir, LedgerFile)
	// SQLite gives its journal the permissions of the file itself.
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	conn, err := sqlite.OpenConn(name, sqlite.OpenReadWrite)
	if err != nil {
		return nil, ledgerError("open ledger", err)
	}
	l := &Ledger{dir: p.Dir, conn: conn}
	if err := l.prepare(name); err != nil {
		conn.Close()
		return nil, err
	}
	return l, nil
}

// prepare makes the tables of a new file and refuses one that is not ours.
func (l *Ledger) prepare(name string) (err error) {
	l.conn.SetBusyTimeout(10 * time.Second)
	// What is written is on the disk before the next step is taken: the journal
	// of a snapshot never knows a chunk that the ledger has lost. What is deleted
	// is overwritten, since it may have been a key.
	for _, pragma := range []string{"journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"} {
		if err := l.exec("PRAGMA "+pragma, nil); err != nil {
			if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultNotADB {
				return foreign(name)
			}
			return ledgerError("open ledger", err)
		}
	}
	end, err := sqlitex.ImmediateTransaction(l.conn)
	if err != nil {
		return ledgerError("open ledger", err)
	}
	defer func() {
		failed := err != nil
		if end(&err); err != nil && !failed {
			err = ledgerError("open ledger", err)
		}
	}()
	var id, version, tables int64
	for query, to := range map[string]*int64{
		"PRAGMA application_id":              &id,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := l.exec(query, func(s *sqlite.Stmt) { *to = s.ColumnInt64(0) }); err != nil {
			return fmt.Errorf("open ledger: %w", err)
		}
	}
	known := int64(len(ledgerSteps))
	switch {
	case id == 0 && tables == 0:
		version = 0
	case id != ledgerID || version < 1:
		return foreign(name)
	case version > known:
		return &LedgerError{name, fmt.Sprintf("a ledger of version %d; this program knows %d", version, known),
			"use the newer sihctl that has written it"}
	case version == known:
		return nil
	}
	script := strings.Join(ledgerSteps[version:], "") + fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", ledgerID, known)
	if err := sqlitex.ExecuteScript(l.conn, script, nil); err != nil {
		return ledgerError("make ledger", err)
	}
	return nil
}

// fullError tells that the project's disk is full.
type fullError struct{}

// Error names the folder by what it is and not by its path.
func (fullError) Error() string { return "no space left in the project's folder" }

// Hint says what to do.
func (fullError) Hint() string {
	return "make room on the disk, then run the same command again: it goes on where it stopped"
}

// ledgerError says what was being done. SQLite has words of its own for a full
// disk, one of them an I/O error, where it maps its shared memory.
func ledgerError(what string, err error) error {
	if code := sqlite.ErrCode(err); code.ToPrimary() == sqlite.ResultFull || code == sqlite.ResultIOErrSHMSize {
		err = fmt.Errorf("%w: %w", fullError{}, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func foreign(name string) error {
	return &LedgerError{name, "not a ledger of sihctl", "put the file aside: what it should hold is then found out again"}
}

// Close closes the ledger.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.conn.Close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

func (l *Ledger) now() string {
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	return now().UTC().Format(time.RFC3339)
}

// exec runs a statement and calls row, where it is not nil, with each of its
// rows. The caller holds l.mu, or is alone.
func (l *Ledger) exec(query string, row func(*sqlite.Stmt), args ...any) error {
	opts := &sqlitex.ExecOptions{Args: args}
	if row != nil {
		opts.ResultFunc = func(s *sqlite.Stmt) error { row(s); return nil }
	}
	return sqlitex.Execute(l.conn, query, opts)
}

// do is exec for the methods: it takes the lock and wraps the error.
func (l *Ledger) do(what, query string, row func(*sqlite.Stmt), args ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.exec(query, row, args...); err != nil {
		return ledgerError(what+" in ledger", err)
	}
	return nil
}
