package sqlserver

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"strconv"
	"time"
)

// session is one connection. After an error it is not used again: a broken
// connection may look whole to its driver.
type session struct {
	dialer *dialer
	db     *sql.DB
	conn   *sql.Conn
	// snapshot tells that all is read in one transaction of snapshot
	// isolation.
	snapshot bool
	// transaction tells that statements belong to one.
	transaction bool
	readOnly    bool      // the database takes no writes
	major       int       // of the server's version
	opened      time.Time // UTC
	cfg         *Config
	planned     bool // the catalogue was read
	broken      bool
}

// connect logs in and begins the view.
func connect(ctx context.Context, cfg *Config) (*session, error) {
	s, err := dial(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := s.within(ctx, cfg.Connect, s.begin); err != nil {
		s.close()
		return nil, wrap(ctx, "", "connect", err)
	}
	return s, nil
}

// dial finds the server and logs in.
func dial(ctx context.Context, cfg *Config) (*session, error) {
	s := &session{dialer: &dialer{stall: cfg.Stall, sealed: cfg.Encrypt != EncryptNone}, cfg: cfg}
	err := s.within(ctx, cfg.Connect, func(ctx context.Context) error { return s.login(ctx, *cfg) })
	if err != nil {
		s.close()
		return nil, wrap(ctx, "", "connect", err)
	}
	return s, nil
}

var errSilent = &Error{"", errors.New("the server did not answer in time"), "see that the server can be reached and its TCP port is open"}

// within calls f and cuts the connection where it takes longer, or ctx ends:
// a driver does not always look at its context.
func (s *session) within(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	timed, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	defer cancel()
	stop := context.AfterFunc(timed, s.dialer.close)
	err := f(timed)
	if !stop() && ctx.Err() == nil {
		err = context.Cause(timed)
	}
	return err
}

func (s *session) login(ctx context.Context, cfg Config) (err error) {
	if s.db, err = openDB(ctx, cfg, s.dialer); err == nil {
		s.conn, err = s.db.Conn(context.WithoutCancel(ctx))
	}
	if err == nil {
		err = s.settle(context.WithoutCancel(ctx), &cfg)
	}
	return err
}

// openDB prepares what a driver connects with, by way of d.
func openDB(ctx context.Context, cfg Config, d *dialer) (*sql.DB, error) {
	if cfg.Port == 0 && cfg.Instance != "" {
		port, err := locate(ctx, d, cfg.Server, cfg.Instance)
		if err != nil {
			return nil, err
		}
		cfg.Port = port
	}
	trust, err := cfg.trust()
	if err != nil {
		return nil, err
	}
	connector, err := newConnector(cfg.address(), d, func(c *tls.Config) { trust.apply(c, cfg.TLSMin) })
	if err != nil {
		// The driver's message could show the address, password and all.
		return nil, faultf("", "mend the address file", "the driver does not take the address")
	}
	return sql.OpenDB(connector), nil
}

// steady tells whether what is read does not change under the reader.
func (s *session) steady() bool { return s.snapshot || s.readOnly }

// polite is what a session asks for besides a limit to its waiting for locks:
// to be the one that gives way, and what the server or the login could have
// been set to otherwise, to where it would cut values or end a transaction.
const polite = "SET DEADLOCK_PRIORITY LOW; SET XACT_ABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET ARITHABORT ON; SET TEXTSIZE 2147483647; SET ROWCOUNT 0; SET DATEFORMAT ymd"

// settle makes a session polite.
func (s *session) settle(ctx context.Context, cfg *Config) error {
	_, err := s.conn.ExecContext(ctx, "SET LOCK_TIMEOUT "+strconv.FormatInt(int64(cfg.Lock/time.Millisecond), 10)+"; "+polite)
	return err
}

// begin opens the session's view.
func (s *session) begin(ctx context.Context) error {
	state, readOnly, version := 0, 0, ""
	if err := s.conn.QueryRowContext(ctx, stateQuery).Scan(&state, &readOnly, &version); err != nil {
		return err
	}
	s.major, _ = versionOf(version)
	s.readOnly = readOnly != 0
	isolation := "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
	if s.snapshot = state == 1; s.snapshot { // 1: on; 2 and 3: on its way off or on
		isolation = "SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION"
	}
	_, err := s.conn.ExecContext(ctx, isolation)
	s.transaction = s.snapshot
	s.opened = time.Now().UTC()
	return err
}

// query runs a statement and calls each for every row. Whatever goes wrong, to
// the last row, fails the whole and breaks the session, but for what stood in
// its way and left it whole.
//
// Where ctx ends, the connection is cut, and the driver learns of it in no
// other way: go-mssqldb would ask the server to stop, wait for its consent, and
// leave a goroutine behind where none comes. For the same reason a statement
// that is given up is read to its end, which the cut brings about.
func (s *session) query(ctx context.Context, statement string, args []any, each func(*sql.Rows) error) (err error) {
	stop := context.AfterFunc(ctx, s.dialer.close)
	defer func() {
		if !stop() && err == nil {
			err = context.Cause(ctx)
		}
		s.broken = s.broken || err != nil && !s.survived(ctx, err)
	}()
	rows, err := s.conn.QueryContext(context.WithoutCancel(ctx), statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			s.dialer.close()
			for rows.Next() {
			}
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

// count asks for one number.
func (s *session) count(ctx context.Context, statement string, args []any) (n int64, err error) {
	err = s.again(ctx, func() error {
		return s.query(ctx, statement, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	})
	return n, err
}

// close gives the connection back to the system. A transaction that only read
// ends with it.
func (s *session) close() {
	s.dialer.close()
	if s.conn != nil {
		s.conn.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
}
