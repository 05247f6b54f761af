package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// dialTimeout is how long a server may take to answer where the DSN does not
// say; cancelTimeout how long it may take to give up a statement.
const (
	dialTimeout   = 15 * time.Second
	cancelTimeout = 5 * time.Second
)

var errDSN = errors.New("it is not of the form user:password@tcp(host:3306)/")

// login reads a DSN. The driver's own error is left out, since it may show a
// part of a password.
func login(dsn, database string) (*mysql.Config, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil || dsn == "" || cfg.User == "" || !slices.Contains([]string{"tcp", "tcp4", "tcp6", "unix"}, cfg.Net) {
		return nil, store.Refuse(store.ErrUnreachable, "Write one line into the DSN file: user:password@tcp(host:3306)/", errDSN)
	}
	if cfg.DBName != "" && cfg.DBName != database {
		return nil, store.Refuse(store.ErrUnreachable, "Write the same name as schema: of the target in sihctl.yaml, or nothing after the / of the DSN.", errors.New("it names another database than the target does"))
	}
	cfg.DBName = "" // which may still have to be made
	cfg.ParseTime = false
	cfg.MultiStatements = false
	cfg.InterpolateParams = true
	cfg.ColumnsWithAlias = false
	cfg.ClientFoundRows = false
	cfg.AllowAllFiles = false
	cfg.Params = nil
	cfg.MaxAllowedPacket = 0        // the server's
	cfg.Logger = &mysql.NopLogger{} // writes to stderr otherwise
	cfg.Collation = "utf8mb4_bin"   // of what is compared without a column
	if cfg.Timeout == 0 {
		cfg.Timeout = dialTimeout
	}
	return cfg, cfg.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

// session is one connection. It goes by the driver alone: database/sql would
// look at every value once more.
type session struct {
	conn   conn
	login  *mysql.Config
	id     int64 // the server's number of the connection
	packet int   // the longest statement that the server takes, in bytes
	// infile says that the server takes rows as a file from its client, within
	// a transaction.
	infile bool
	closed bool
}

// conn is what the driver's connections are.
type conn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
}

// settings are those that statements and values depend on, and patience. The
// program checks references itself, all of a table at once.
const settings = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT,ANSI_QUOTES',
 time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 1, net_read_timeout = 86400, net_write_timeout = 86400, wait_timeout = 86400, lock_wait_timeout = %[1]d, innodb_lock_wait_timeout = %[1]d`

// lockSeconds is how long a statement waits for what somebody else holds; tests
// wait less.
var lockSeconds = 30

// connect opens a connection and sets it up.
func connect(ctx context.Context, login *mysql.Config, readOnly bool) (_ *session, err error) {
	connector, err := mysql.NewConnector(login)
	if err != nil {
		return nil, store.Refuse(store.ErrUnreachable, "Write one line into the DSN file: user:password@tcp(host:3306)/", errDSN)
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	s := &session{conn: c.(conn), login: login}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	access := "READ WRITE"
	if readOnly {
		access = "READ ONLY"
	}
	for _, statement := range []string{fmt.Sprintf(settings, lockSeconds), "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, " + access} {
		if err := s.run(ctx, statement); err != nil {
			return nil, err
		}
	}
	// Limits of time; what a server does not know, it has not.
	for _, limit := range []string{"max_execution_time", "max_statement_time", "idle_transaction_timeout"} {
		if err := s.run(ctx, "SET SESSION "+limit+" = 0"); err != nil && number(err) == 0 {
			return nil, err
		}
	}
	known, err := s.records(ctx, "SELECT VERSION(), CONNECTION_ID(), @@max_allowed_packet, @@local_infile")
	if err != nil {
		return nil, err
	}
	version := known[0][0]
	if !recent(version) {
		return nil, store.Refuse(store.ErrForeign, "Name a newer server.", errors.New("the server is older than MySQL 8.0.17 and MariaDB 10.6"))
	}
	s.id, _ = strconv.ParseInt(known[0][1], 10, 64)
	s.packet, _ = strconv.Atoi(known[0][2])
	// TiDB commits a file by parts, whatever transaction it is in.
	s.infile = known[0][3] == "1" && !strings.Contains(version, "TiDB")
	return s, nil
}

// recent tells whether a server is one that the statements here are made for:
// tables are renamed whole or not at all, and texts compared to the last blank.
func recent(version string) bool {
	least := [3]int{8, 0, 17}
	if strings.Contains(version, "MariaDB") {
		least = [3]int{10, 6, 0}
		version = strings.TrimPrefix(version, "5.5.5-")
	}
	var have [3]int
	fmt.Sscanf(version, "%d.%d.%d", &have[0], &have[1], &have[2])
	return slices.Compare(have[:], least[:]) >= 0
}

// watch has the server give up a statement when ctx ends. The driver would drop
// the connection instead, of which the server takes notice only when the
// statement is done. The function that it returns must be called once it is.
func (s *session) watch(ctx context.Context) (context.Context, func()) {
	if ctx.Done() == nil {
		return ctx, func() {}
	}
	inner, drop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		limited, cancel := context.WithTimeout(inner, cancelTimeout)
		defer cancel()
		s.kill(limited)
		<-limited.Done() // until the statement has ended, or for so long
		drop()
	})
	return inner, func() {
		drop()
		if !stop() {
			<-done
		}
	}
}

// kill ends the statement that is being run.
func (s *session) kill(ctx context.Context) {
	connector, err := mysql.NewConnector(s.login)
	if err != nil {
		return
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.(conn).ExecContext(ctx, fmt.Sprintf("KILL QUERY %d", s.id), nil)
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
	inner, done := s.watch(ctx)
	result, err := s.conn.ExecContext(inner, statement, values)
	done()
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

// query steps through a result until each says that it is enough. The values
// are valid until it returns.
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
	inner, done := s.watch(ctx)
	defer done()
	rows, err := s.conn.QueryContext(inner, query, values)
	if err != nil {
		return s.failed(ctx, err)
	}
	types, _ := rows.(driver.RowsColumnTypeDatabaseTypeName)
	answer := &row{types, make([]driver.Value, len(rows.Columns()))}
	for {
		if err := rows.Next(answer.cells); err == io.EOF {
			return rows.Close()
		} else if err != nil {
			rows.Close()
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
		s.conn.Close()
	}
}

// arguments are those of a query as the driver takes them.
func arguments(args []any) (list []driver.NamedValue, err error) {
	for i, a := range args {
		switch v := a.(type) {
		case nil, string, int64, bool:
		case int:
			a = int64(v)
		case sih.ID:
			a = v.String()
		default:
			return nil, fmt.Errorf("argument %d is of type %T", i+1, a)
		}
		list = append(list, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return list, nil
}

// number is that of a server's error, or 0.
func number(err error) uint16 {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}
