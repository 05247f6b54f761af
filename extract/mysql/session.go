package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// session is one connection. It goes by the driver alone: database/sql would
// look at every value once more, and its pool would put another connection,
// which is another view, in the place of one that was lost.
type session struct {
	conn conn
	// view tells whether the session stands in a transaction with a savepoint
	// to go back to.
	view bool
	// hint stands behind SELECT: SQL_NO_CACHE where the server has a cache of
	// queries, which a reading of everything would only empty.
	hint string
	// blind says that the server gives no rows, and no error, of a table that
	// was made anew since the view was opened: InnoDB before MySQL 5.6.6.
	blind   bool
	cursors int // that were opened; each has a name of its own
	busy    bool
}

// conn is what the driver's connections are.
type conn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
}

// patience is what a session asks of the server: that it waits for a reader
// that is busy elsewhere, between statements and within one; and that it gives
// texts as it has them.
const patience = "SET SESSION character_set_results=NULL, sql_mode='', time_zone='+00:00', net_write_timeout=86400, wait_timeout=86400, lock_wait_timeout="

// savepoint is gone back to after each statement, which frees the table's
// definition for the hospital's ALTER TABLE; the view stays.
const savepoint = "SAVEPOINT sihctl"

// releaseTime is how long whoever has given up a reading waits for the server
// to go back to it.
const releaseTime = time.Second

// connect opens a connection and sets it up. It waits for a lock on a table's
// definition no longer than lockWait: behind a reader that waits for an ALTER
// TABLE, the whole hospital would wait.
func connect(ctx context.Context, login *mysql.Config, lockWait time.Duration) (_ *session, err error) {
	connector, err := mysql.NewConnector(login)
	if err != nil {
		return nil, &Error{Op: "read the DSN", Why: ErrDSN, Err: errDSN}
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, connecting(login, err)
	}
	s := &session{conn: c.(conn)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	version, err := s.record(ctx, "SELECT VERSION()")
	if err != nil {
		return nil, failed(ctx, "ask for the server's version", err)
	}
	release := releaseOf(version[0])
	s.blind = release < 5_06_06
	if release < 8_00_00 || strings.Contains(version[0], "MariaDB") {
		s.hint = "SQL_NO_CACHE "
	}
	for _, statement := range []string{
		patience + strconv.Itoa(max(1, int(lockWait.Seconds()))),
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
	} {
		if err := s.exec(ctx, statement); err != nil {
			return nil, failed(ctx, "set up the session", err)
		}
	}
	// Limits of time; what a server does not know, it has not.
	for _, limit := range []string{"max_execution_time", "max_statement_time", "idle_transaction_timeout", "idle_readonly_transaction_timeout"} {
		if err := s.exec(ctx, "SET SESSION "+limit+"=0"); err != nil && number(err) == 0 {
			return nil, failed(ctx, "set up the session", err)
		}
	}
	return s, nil
}

// releaseOf is a server's version as a number: 5_06_24 for 5.6.24-log.
func releaseOf(version string) (n int) {
	parts := strings.SplitN(version, ".", 3)
	for i := range 3 {
		n *= 100
		if i < len(parts) {
			digits := parts[i][:len(parts[i])-len(strings.TrimLeft(parts[i], "0123456789"))]
			part, _ := strconv.Atoi(digits)
			n += min(part, 99)
		}
	}
	return n
}

// begin opens the view. Read-only transactions are known since MySQL 5.6.5 and
// MariaDB 10.0; before, nothing but our own statements keeps it so.
func (s *session) begin(ctx context.Context) error {
	err := s.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
	if number(err) == 1064 {
		err = s.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
	}
	if err == nil {
		err = s.exec(ctx, savepoint)
	}
	s.view = err == nil
	return err
}

// release frees what the last statement held of a table's definition. Its
// error says that the session, or its view, is no more. It is tried even where
// ctx has ended, so that the session can be used again.
func (s *session) release(ctx context.Context) error {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
	}
	if s.view {
		return s.exec(ctx, "ROLLBACK TO "+savepoint)
	}
	return s.exec(ctx, "DO 0")
}

// query runs a statement that gives rows.
func (s *session) query(ctx context.Context, query string) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, query, nil)
}

// exec runs a statement that gives no rows.
func (s *session) exec(ctx context.Context, statement string) error {
	_, err := s.conn.ExecContext(ctx, statement, nil)
	return err
}

// all runs statements that give no rows.
func (s *session) all(ctx context.Context, statements []string) error {
	for _, statement := range statements {
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// records asks for rows of texts; NULL is an empty one.
func (s *session) records(ctx context.Context, query string) ([][]string, error) {
	_, rows, err := s.answer(ctx, query)
	return rows, err
}

// named asks for rows of which it is not certain what they have, each by the
// names of its columns.
func (s *session) named(ctx context.Context, query string) (out []map[string]string, err error) {
	names, rows, err := s.answer(ctx, query)
	for _, row := range rows {
		record := map[string]string{}
		for i, name := range names {
			record[name] = row[i]
		}
		out = append(out, record)
	}
	return out, err
}

func (s *session) answer(ctx context.Context, query string) (names []string, out [][]string, err error) {
	rows, err := s.query(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	names = rows.Columns()
	cells := make([]driver.Value, len(names))
	for {
		if err := rows.Next(cells); err == io.EOF {
			return names, out, rows.Close()
		} else if err != nil {
			return nil, nil, err
		}
		record := make([]string, len(cells))
		for i, v := range cells {
			record[i] = plain(v)
		}
		out = append(out, record)
	}
}

// plain is a value of the driver's as text.
func plain(v driver.Value) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// record asks for the first row.
func (s *session) record(ctx context.Context, query string) ([]string, error) {
	rows, err := s.records(ctx, query)
	if err == nil && len(rows) == 0 {
		err = errors.New("the server gives no row")
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// count asks for one number.
func (s *session) count(ctx context.Context, query string) (int64, error) {
	row, err := s.record(ctx, query)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(row[0], 10, 64)
}

// close ends the connection, which may be gone already, and with it the view.
func (s *session) close() { s.conn.Close() }

// number is that of a server's error, or 0.
func number(err error) uint16 {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}
