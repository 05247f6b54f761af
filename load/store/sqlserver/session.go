package sqlserver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// dialTimeout is how long a server may take to let in; cancelTimeout how long
// it may take to give up a statement.
const (
	dialTimeout   = 15 * time.Second
	cancelTimeout = 5 * time.Second
)

var errDSN = errors.New("it is not of the form sqlserver://user:password@host:1433?database=name")

// target is where a DSN leads.
type target struct {
	dsn      *url.URL
	database string
}

// address is host and port, or host and instance.
func (t target) address() string {
	if t.dsn == nil {
		return ""
	}
	return t.dsn.Host + t.dsn.Path
}

// login reads a DSN. The driver's own error is left out, since it may show a
// part of a password.
func login(dsn string) (target, error) {
	wrong := store.Refuse(store.ErrUnreachable, "Write one line into the DSN file: sqlserver://user:password@host:1433?database=name, with % and two digits for special characters of the password.", errDSN)
	u, err := url.Parse(strings.TrimSpace(dsn))
	if err != nil || u.Scheme != "sqlserver" || u.Hostname() == "" || u.User.Username() == "" {
		return target{}, wrong
	}
	q := u.Query()
	for name := range q { // names of settings are in any letters
		if lower := strings.ToLower(name); lower != name {
			q[lower] = append(q[lower], q[name]...)
			delete(q, name)
		}
	}
	if q.Get("database") == "" {
		return target{}, wrong
	}
	if !q.Has("encrypt") {
		q.Set("encrypt", "true")
	}
	q.Set("app name", "sihctl")
	q.Del("log") // would show statements, and values
	u.RawQuery = q.Encode()
	if _, err := connector(u, nil); err != nil {
		return target{}, wrong
	}
	return target{u, q.Get("database")}, nil
}

// session is one connection. It goes by the driver alone: database/sql would
// put another in the place of one that was lost.
type session struct {
	conn   driver.Conn
	dialer *dialer
	closed bool
}

// settings are those that statements and values depend on, and patience.
const settings = `SET XACT_ABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET ARITHABORT ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET QUOTED_IDENTIFIER ON; SET TEXTSIZE 2147483647; SET ROWCOUNT 0; SET NOCOUNT OFF; SET DATEFORMAT ymd; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT `

// lockTime is how long a statement waits for what somebody else holds; tests
// wait less.
var lockTime = 30 * time.Second

// connect opens a connection and sets it up.
func (e *engine) connect(ctx context.Context) (_ *session, err error) {
	s := &session{dialer: &dialer{}}
	c, err := connector(e.login.dsn, s.dialer)
	if err != nil {
		return nil, store.Refuse(store.ErrUnreachable, "", errDSN)
	}
	timed, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	defer context.AfterFunc(timed, s.dialer.close)() // a driver does not always look at its context
	if s.conn, err = c.Connect(timed); err != nil {
		s.dialer.close()
		return nil, unreachable(ctx, err)
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := s.run(ctx, settings+strconv.FormatInt(lockTime.Milliseconds(), 10)); err != nil {
		return nil, err
	}
	known, err := s.records(ctx, "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(int, SERVERPROPERTY('EngineEdition'))")
	if err != nil {
		return nil, err
	}
	version, edition := known[0][0], known[0][1]
	major, _, _ := strings.Cut(version, ".")
	const azureDatabase, azureInstance = "5", "8" // whose version says nothing
	if n, _ := strconv.Atoi(major); n < 13 && edition != azureDatabase && edition != azureInstance {
		return nil, store.Refuse(store.ErrForeign, "Name a newer server.", errors.New("the server is older than SQL Server 2016"))
	}
	return s, nil
}

// guard cuts the connection where a statement does not end soon after ctx has,
// which the driver tells the server. The function that it returns must be
// called once it is done.
func (s *session) guard(ctx context.Context) func() {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(cancelTimeout):
			s.dialer.close()
		}
	})
	return func() {
		close(done)
		stop()
	}
}

// affect runs a statement and tells how many rows it concerned.
func (s *session) affect(ctx context.Context, statement string, args ...any) (int64, error) {
	if s.closed {
		return 0, errGone
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	values, err := arguments(args)
	if err != nil {
		return 0, err
	}
	defer s.guard(ctx)()
	stmt, err := s.conn.(driver.ConnPrepareContext).PrepareContext(ctx, statement)
	if err != nil {
		return 0, s.failed(ctx, err)
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, values)
	if err != nil {
		return 0, s.failed(ctx, err)
	}
	return result.RowsAffected()
}

// run runs a statement.
func (s *session) run(ctx context.Context, statement string, args ...any) error {
	_, err := s.affect(ctx, statement, args...)
	return err
}

// declare runs statements of the schema's in a schema.
func (s *session) declare(ctx context.Context, schema string, statements []string) error {
	for _, statement := range statements {
		statement = strings.Replace(within(schema, statement), "SCHEMA_NAME()", literal(schema), 1)
		if err := s.run(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// transact does some work in one transaction: whole or not at all.
func (s *session) transact(ctx context.Context, work func() error) error {
	if err := s.run(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := work()
	if err == nil {
		err = s.run(ctx, "COMMIT TRANSACTION")
	}
	if err != nil && !s.closed {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
		defer cancel()
		// A deadlock has taken it back already.
		if s.run(ctx, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION") != nil {
			s.close()
		}
	}
	return err
}

// query steps through a result until each says that it is enough.
func (s *session) query(ctx context.Context, query string, args []any, each func(store.Answer) (bool, error)) error {
	if s.closed {
		return errGone
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	values, err := arguments(args)
	if err != nil {
		return err
	}
	defer s.guard(ctx)()
	stmt, err := s.conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return s.failed(ctx, err)
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return s.failed(ctx, err)
	}
	types, _ := rows.(driver.RowsColumnTypeDatabaseTypeName)
	answer := &row{types, make([]driver.Value, len(rows.Columns()))}
	for {
		if err := rows.Next(answer.cells); err == io.EOF {
			if err := rows.Close(); err != nil {
				return s.failed(ctx, err)
			}
			return nil
		} else if err != nil {
			s.close()
			return s.failed(ctx, err)
		}
		if more, err := each(answer); err != nil || !more {
			s.close() // the rest is not waited for
			return err
		}
	}
}

// records asks for rows of texts; NULL is an empty one.
func (s *session) records(ctx context.Context, query string, args ...any) (list [][]string, err error) {
	err = s.query(ctx, query, args, func(a store.Answer) (bool, error) {
		cells := a.(*row).cells
		record := make([]string, len(cells))
		for i, v := range cells {
			record[i] = plain(v)
		}
		list = append(list, record)
		return true, nil
	})
	return list, err
}

// failed marks a connection that cannot be used again.
func (s *session) failed(ctx context.Context, err error) error {
	if number(err) == 0 {
		s.close()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// close ends the connection; a transaction that is open is undone.
func (s *session) close() {
	if !s.closed {
		s.closed = true
		s.dialer.close()
		s.conn.Close()
	}
}

// arguments are those of a query as the driver takes them.
func arguments(args []any) (list []driver.NamedValue, err error) {
	for i, a := range args {
		var v driver.Value
		switch a := a.(type) {
		case nil, int64, bool:
			v = a
		case int:
			v = int64(a)
		case sih.ID:
			v = ascii(a.String())
		case string:
			if v = a; isASCII(a) {
				v = ascii(a)
			}
		default:
			return nil, fmt.Errorf("argument %d is of type %T", i+1, a)
		}
		list = append(list, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return list, nil
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// dialer makes the connection of a session and can cut it.
type dialer struct {
	mu   sync.Mutex
	conn net.Conn
	cut  bool
}

// DialContext implements the driver's Dialer.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cut {
		c.Close()
		return nil, net.ErrClosed
	}
	d.conn = c
	return c, nil
}

// close cuts the connection, also one that is still being made.
func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = true
	if d.conn != nil {
		d.conn.Close()
	}
}
