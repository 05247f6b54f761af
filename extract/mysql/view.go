package mysql

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
)

// view is one connection with one read-only transaction on it. One reader at a
// time has it.
type view struct {
	db   *sql.DB
	conn *sql.Conn
	// hint stands behind SELECT: SQL_NO_CACHE where the server has a cache of
	// queries, which a reading of everything would only empty.
	hint string
	turn chan struct{} // holds one token
	// cursors counts those that were opened; each has a name of its own.
	cursors atomic.Int64
}

// patience is what the session asks of the server, in seconds: that it waits
// for a reader that is busy elsewhere, between statements and within one. The
// wait for a lock on a table's definition is short: behind a reader that waits
// for an ALTER TABLE, the whole hospital would wait.
const session = "SET SESSION sql_mode='', time_zone='+00:00', net_write_timeout=86400, wait_timeout=86400, lock_wait_timeout=30"

// savepoint is gone back to after each statement, which frees the table's
// definition for the hospital's ALTER TABLE; the view stays.
const savepoint = "SAVEPOINT sihctl"

// openView connects and opens the view.
func openView(ctx context.Context, login *mysql.Config) (_ *view, err error) {
	connector, err := mysql.NewConnector(login)
	if err != nil {
		return nil, &Error{Op: "read the DSN", Why: ErrDSN, Err: errDSN}
	}
	v := &view{db: sql.OpenDB(connector), turn: make(chan struct{}, 1)}
	v.turn <- struct{}{}
	defer func() {
		if err != nil {
			v.db.Close()
		}
	}()
	if v.conn, err = v.db.Conn(ctx); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, connecting(login, err)
	}
	var version string
	if err := v.conn.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return nil, failed(ctx, "ask for the server's version", err)
	}
	if cachesQueries(version) {
		v.hint = "SQL_NO_CACHE "
	}
	for _, statement := range []string{session, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"} {
		if _, err := v.conn.ExecContext(ctx, statement); err != nil {
			return nil, failed(ctx, "set up the session", err)
		}
	}
	if err := v.begin(ctx); err != nil {
		return nil, failed(ctx, "open a consistent view", err)
	}
	return v, nil
}

// begin opens the transaction. Read-only ones are known since MySQL 5.6.5 and
// MariaDB 10.0; before, nothing but our own statements keeps it so.
func (v *view) begin(ctx context.Context) error {
	_, err := v.conn.ExecContext(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
	var answer *mysql.MySQLError
	if errors.As(err, &answer) && answer.Number == 1064 {
		_, err = v.conn.ExecContext(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
	}
	if err == nil {
		_, err = v.conn.ExecContext(ctx, savepoint)
	}
	return err
}

// cachesQueries tells whether a server of that version has a cache of queries:
// MariaDB, and MySQL before 8.
func cachesQueries(version string) bool {
	major, err := strconv.Atoi(strings.SplitN(version, ".", 2)[0])
	return strings.Contains(version, "MariaDB") || err == nil && major < 8
}

// take waits for the connection.
func (v *view) take(ctx context.Context) error {
	select {
	case <-v.turn:
		if ctx.Err() != nil {
			v.turn <- struct{}{}
		}
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give hands the connection on.
func (v *view) give() { v.turn <- struct{}{} }

// release frees what the last statement held of a table's definition.
func (v *view) release(ctx context.Context) error {
	_, err := v.conn.ExecContext(ctx, "ROLLBACK TO "+savepoint)
	return err
}

// do runs a statement that gives no rows.
func (v *view) do(ctx context.Context, statement string) error {
	if err := v.take(ctx); err != nil {
		return err
	}
	defer v.give()
	_, err := v.conn.ExecContext(ctx, statement)
	return err
}

// number asks for one number.
func (v *view) number(ctx context.Context, query string) (n int64, err error) {
	if err := v.take(ctx); err != nil {
		return 0, err
	}
	defer v.give()
	if err := v.conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, err
	}
	return n, v.release(ctx)
}

// records asks for rows of texts; NULL is an empty one.
func (v *view) records(ctx context.Context, query string) ([][]string, error) {
	rows, err := v.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	cells, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	var out [][]string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		record := make([]string, len(cells))
		for i, c := range cells {
			record[i] = c.String
		}
		out = append(out, record)
	}
	return out, rows.Err()
}

// close ends the view. The server ends its transaction with the connection,
// which may be gone already.
func (v *view) close() error {
	v.conn.Close()
	return v.db.Close()
}
