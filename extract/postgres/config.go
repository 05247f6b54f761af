package postgres

import (
	"context"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// Config says what to read. Only DSN is needed.
type Config struct {
	// DSN is the address and the login, as a URL,
	// postgres://user:password@host:5432/database?sslmode=verify-full, or as
	// host=… user=… dbname=…. It names one host. Its options may ask for TLS
	// and timeouts; what would change values has no effect.
	DSN string
	// Connections is how many read at the same time, 1 where it is not given.
	Connections int
	// Views has views and materialised views read as well as tables.
	Views bool
	// LeaveOut names, by table, the columns that nobody wants, or "*" for all of
	// them. Their values do not cross the wire: they come as NULL, but for those
	// of the Order.
	LeaveOut map[string][]string
	// Notice is told, in a sentence, what a reading found that takes from the
	// view, such as parts of a table on another server. It never holds a value,
	// and may be nil.
	Notice func(string)
	// Remark is told what is good to know and takes nothing from the view, such
	// as tables that are left out; Notice is, where it is nil.
	Remark func(string)
}

// dialTimeout is how long a server may take to answer where the DSN does not
// say.
const dialTimeout = 15 * time.Second

// cancelTimeout is how long a server may take to give up a statement that is
// no longer wanted. Then the connection is cut.
const cancelTimeout = 5 * time.Second

var errDSN = errors.New("it is not of the form postgres://user:password@host:5432/database")

// login reads the DSN. The driver's own error is left out, since it may show a
// part of a password that stands where something else is meant to.
func (c Config) login() (*pgconn.Config, error) {
	fault := &Error{Op: "read the DSN", Why: ErrDSN, Err: errDSN}
	if !complete(c.DSN) {
		return nil, fault
	}
	login, err := pgconn.ParseConfig(c.DSN)
	if err != nil {
		return nil, fault
	}
	for _, other := range login.Fallbacks { // the same host without TLS is one, too
		if other.Host != login.Host || other.Port != login.Port {
			return nil, fault
		}
	}
	// All that changes values is set in the transaction.
	login.RuntimeParams = map[string]string{"application_name": "sihctl"}
	if login.ConnectTimeout == 0 {
		login.ConnectTimeout = dialTimeout
	}
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 4}}
	login.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return heard{conn}, nil
	}
	// The server is told that a statement is no longer wanted, and does not go
	// on with it for nobody.
	login.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTimeout}
	}
	return login, nil
}

var words = map[string]*regexp.Regexp{
	"host":   regexp.MustCompile(`(?:^|\s)host(?:addr)?\s*=`),
	"user":   regexp.MustCompile(`(?:^|\s)user\s*=`),
	"dbname": regexp.MustCompile(`(?:^|\s)(?:dbname|database)\s*=`),
}

// complete tells whether a DSN says where to and as whom. What it does not say
// the driver would take from the environment, and so from a machine to another.
func complete(dsn string) bool {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		for _, word := range words {
			if !word.MatchString(dsn) {
				return false
			}
		}
		return true
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return false
	}
	q := u.Query()
	return (u.Host != "" || q.Has("host")) && (u.User.Username() != "" || q.Has("user")) &&
		(len(u.Path) > 1 || q.Has("dbname") || q.Has("database"))
}

// heard is a connection on which what the server said before it hung up is
// heard: a statement that it does not take any more is no error yet. What there
// is to read tells why it went, or that it did.
type heard struct{ net.Conn }

// Write passes over that the server has hung up.
func (c heard) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(p), nil
	}
	return n, err
}
