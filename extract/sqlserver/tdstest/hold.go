package tdstest

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// store is what a server that holds rows has behind it: a file of SQLite, whose
// tables are called schema.table, with what SQLite has not beside them.
type store struct {
	dir string

	mu    sync.Mutex
	locks map[string]*connection // of sp_getapplock
	free  []*session             // which nobody has now
	pages int                    // the most that the file may have; 0 for any number
	last  int                    // number of the index made last
}

// Hold starts a server that holds what is written to it, by statements and in
// bulk. Of T-SQL it knows what a store of rows needs, each sentence in the form
// in which package load/store/sqlserver says it, and refuses what SQL Server
// would not understand but SQLite would.
func Hold(db Database) (*Server, error) {
	dir, err := os.MkdirTemp("", "tdstest")
	if err != nil {
		return nil, err
	}
	h := &store{dir: dir, locks: map[string]*connection{}}
	s, err := start(db, h)
	if err != nil {
		os.RemoveAll(dir)
	}
	return s, err
}

// LimitPages makes the disk full once the database has n pages of 4 KiB; 0
// lets it grow.
func (s *Server) LimitPages(n int) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.pages = n
}

// session is a connection's side of a store.
type session struct {
	conn     *sqlite.Conn
	describe bool // SET FMTONLY ON
	bulk     *bulk
}

const catalogueTables = `
CREATE TABLE IF NOT EXISTS "sys schemas" (schema_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS "sys references" (name TEXT, child TEXT, child_column TEXT, parent TEXT);
CREATE TABLE IF NOT EXISTS "sys properties" (relation TEXT, column_name TEXT, value TEXT);
`

const catalogueViews = `
CREATE TEMP VIEW sys_schemas AS SELECT schema_id, name FROM main."sys schemas";
CREATE TEMP VIEW sys_objects AS SELECT m.name AS object_id, s.schema_id, substr(m.name, length(s.name) + 2) AS name, CASE m.type WHEN 'view' THEN 'V ' ELSE 'U ' END AS type, 0 AS parent_object_id
  FROM main.sqlite_schema m JOIN main."sys schemas" s ON substr(m.name, 1, length(s.name) + 1) = s.name || '.' WHERE m.type IN ('table', 'view');
CREATE TEMP VIEW sys_foreign_keys AS SELECT r.name, r.child AS parent_object_id, o.schema_id FROM main."sys references" r JOIN sys_objects o ON o.object_id = r.child;
CREATE TEMP VIEW sys_indexes AS SELECT tbl_name AS object_id, substr(name, instr(name, '.') + 1) AS name FROM main.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL;
`

// open connects to the file, or gives what somebody else has left.
func (h *store) open() (*session, error) {
	h.mu.Lock()
	if n := len(h.free); n > 0 {
		s := h.free[n-1]
		h.free = h.free[:n-1]
		h.mu.Unlock()
		return s, nil
	}
	h.mu.Unlock()
	conn, err := sqlite.OpenConn(filepath.Join(h.dir, "held.db"), sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(patience)
	err = errors.Join(
		conn.SetCollation("Latin1_General_BIN2", compareUTF16),
		conn.CreateFunction("leftmost", &sqlite.FunctionImpl{NArgs: 2, Deterministic: true, AllowIndirect: true, Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			r := []rune(args[0].Text())
			return ofText(args[0], string(r[:min(len(r), args[1].Int())])), nil
		}}),
		conn.CreateFunction("iso126", &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, AllowIndirect: true, Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			return ofText(args[0], strings.Replace(args[0].Text(), " ", "T", 1)), nil
		}}),
		conn.CreateFunction("midnight", &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, AllowIndirect: true, Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			return ofText(args[0], args[0].Text()+" 00:00:00.000"), nil
		}}),
		sqlitex.ExecuteTransient(conn, "PRAGMA legacy_alter_table = ON", nil),
		sqlitex.ExecuteTransient(conn, "PRAGMA synchronous = OFF", nil),
		sqlitex.ExecuteScript(conn, catalogueTables+catalogueViews, nil),
	)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &session{conn: conn}, nil
}

// ofText is a text, or NULL where it is made of NULL.
func ofText(from sqlite.Value, text string) sqlite.Value {
	if from.Type() == sqlite.TypeNull {
		return sqlite.Value{}
	}
	return sqlite.TextValue(text)
}

// compareUTF16 compares as the collation does: by the units of UTF-16, the
// shorter text filled up with blanks.
func compareUTF16(a, b string) int {
	x, y := wide(a), wide(b)
	unit := func(w []byte, i int) int {
		if i >= len(w) {
			return ' '
		}
		return int(w[i]) | int(w[i+1])<<8
	}
	for i := 0; i < max(len(x), len(y)); i += 2 {
		if d := unit(x, i) - unit(y, i); d != 0 {
			return d
		}
	}
	return 0
}

// leave frees what a connection has; a transaction that is open is undone.
func (h *store) leave(c *connection) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, owner := range h.locks {
		if owner == c {
			delete(h.locks, name)
		}
	}
	if c.session != nil {
		if c.session.clear() == nil {
			h.free = append(h.free, c.session)
		} else {
			c.session.conn.Close()
		}
	}
}

// clear makes a session as one that was just opened.
func (s *session) clear() error {
	var drop []string
	if !s.conn.AutocommitEnabled() {
		drop = append(drop, "ROLLBACK")
	}
	err := s.ask("SELECT name FROM temp.sqlite_schema WHERE type = 'table'", func(stmt *sqlite.Stmt) {
		drop = append(drop, `DROP TABLE temp."`+stmt.ColumnText(0)+`"`)
	})
	for _, statement := range drop {
		if err == nil {
			err = sqlitex.ExecuteTransient(s.conn, statement, nil)
		}
	}
	s.describe, s.bulk = false, nil
	s.conn.SetBusyTimeout(patience)
	return err
}

// patience is how long a session waits for another where it does not say.
const patience = 30 * time.Second

// outcome is what a statement comes to.
type outcome struct {
	columns []result
	rows    [][]Value
	count   int
	counted bool
	env     byte // the change of a transaction, or 0
}

// result is a column of an outcome.
type result struct {
	name     string
	typ      sqlType
	nullable bool
}

// hold answers a statement of a server that holds rows. It tells whether the
// connection goes on.
func (c *connection) hold(text string, args []any, rpc bool) bool {
	c.server.mu.Lock()
	c.server.statements = append(c.server.statements, text)
	c.server.mu.Unlock()
	r := &reply{conn: c.conn}
	out, err := c.perform(text, args)
	if errors.Is(err, errDropped) {
		return false
	}
	status := 0
	switch {
	case err != nil:
		status = doneError
		c.fail(r, err)
	case out.counted:
		status = doneCount
	}
	if err == nil {
		if out.env != 0 {
			r.envTransaction(out.env, 1)
		}
		if out.columns != nil {
			status, out.count = doneCount, len(out.rows)
			r.byte(tokenColumns)
			r.u16(len(out.columns))
			for _, col := range out.columns {
				r.describe(col.name, col.typ, col.nullable)
			}
			for _, row := range out.rows {
				r.byte(tokenRow)
				for i, v := range row {
					var data []byte
					if !v.Null {
						if data, err = payload(out.columns[i].typ, v); err != nil {
							return false
						}
						if data == nil {
							data = []byte{}
						}
					}
					r.value(out.columns[i].typ, out.columns[i].nullable, data)
				}
				if r.flush(); r.err != nil {
					return false
				}
			}
		}
	}
	if rpc {
		r.done(tokenDoneInProc, status&^doneError|doneMore, uint64(out.count))
		r.byte(tokenReturnStatus)
		r.u32(0)
		r.done(tokenDoneProc, status&doneError, 0)
	} else {
		r.done(tokenDone, status, uint64(out.count))
	}
	r.end()
	return r.err == nil
}

// errDropped says that the server is gone in the midst of a statement.
var errDropped = errors.New("the server is gone")

// fail answers with an error of the server's. A deadlock's victim loses its
// transaction.
func (c *connection) fail(r *reply, err error) {
	number := refusalOf(err)
	if number == deadlock && c.session != nil && !c.session.conn.AutocommitEnabled() {
		sqlitex.ExecuteTransient(c.session.conn, "ROLLBACK", nil)
		r.envTransaction(envRollback, 1)
	}
	r.fail(number, 16, err.Error())
}

// refusalOf is the number by which the server tells of an error.
func refusalOf(err error) int {
	var known *refusal
	switch code := sqlite.ErrCode(err); {
	case errors.As(err, &known):
		return known.number
	case code == sqlite.ResultConstraintPrimaryKey, code == sqlite.ResultConstraintUnique:
		return 2627
	case code == sqlite.ResultConstraintCheck:
		return 547
	case code == sqlite.ResultConstraintNotNull:
		return 515
	case code.ToPrimary() == sqlite.ResultBusy, code.ToPrimary() == sqlite.ResultLocked:
		return 1222
	case code.ToPrimary() == sqlite.ResultFull:
		return 1105
	}
	return 102
}

var relationName = regexp.MustCompile(`\[((?:[^\]]|\]\])+)\]\.(?:\[((?:[^\]]|\]\])+)\]|(\w+))`)

// strike has the fault that is armed for a table happen to a statement that
// names it.
func (c *connection) strike(text string) error {
	for _, m := range relationName.FindAllStringSubmatch(text, -1) {
		fault, ok := c.server.strikes(m[1] + "." + m[2] + m[3])
		if !ok {
			continue
		}
		if fault.Kind == Fail {
			if fault.Number == 0 {
				fault.Number = deadlock
			}
			return &refusal{fault.Number, "The statement was stopped by the row of ZAHRA."}
		}
		c.conn.Close()
		return errDropped
	}
	return nil
}

var settings = []string{
	"XACT_ABORT OFF", "IMPLICIT_TRANSACTIONS OFF", "ARITHABORT ON", "ANSI_NULLS ON", "ANSI_PADDING ON", "ANSI_WARNINGS ON", "QUOTED_IDENTIFIER ON", "TEXTSIZE 2147483647", "ROWCOUNT 0",
	"NOCOUNT OFF", "DATEFORMAT ymd", "TRANSACTION ISOLATION LEVEL READ COMMITTED",
}
