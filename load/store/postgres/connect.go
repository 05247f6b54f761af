package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/sihctl/sih/load/store"
)

// dialTimeout is how long a server may take to answer where the DSN does not
// say; cancelTimeout how long it may take to give up a statement.
const (
	dialTimeout   = 15 * time.Second
	cancelTimeout = 5 * time.Second
)

// leastVersion is the oldest server that the statements here are made for.
const leastVersion = 110000

var errDSN = errors.New("it is not of the form postgres://user:password@host:5432/database")

var words = regexp.MustCompile(`(?:^|\s)(host|user|dbname|database)\s*=`)

// login reads a DSN. The driver's own error is left out, since it may show a
// part of a password. What a DSN does not say the driver would take from the
// environment, and so from a machine to another: it has to say it all.
func login(dsn string) (*pgconn.Config, error) {
	said := map[string]bool{}
	if u, err := url.Parse(dsn); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		q := u.Query()
		said["host"], said["user"] = u.Host != "" || q.Has("host"), u.User.Username() != "" || q.Has("user")
		said["database"] = len(u.Path) > 1 || q.Has("dbname")
	} else {
		for _, m := range words.FindAllStringSubmatch(dsn, -1) {
			said[strings.Replace(m[1], "dbname", "database", 1)] = true
		}
	}
	cfg, err := pgconn.ParseConfig(dsn)
	if err != nil || !said["host"] || !said["user"] || !said["database"] {
		return nil, store.Refuse(store.ErrUnreachable, "Write one line into the DSN file: postgres://user:password@host:5432/database, with % and two digits for special characters of the password.", errDSN)
	}
	cfg.RuntimeParams = map[string]string{"application_name": "sihctl"}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = dialTimeout
	}
	cfg.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTimeout}
	}
	return cfg, nil
}

// settings are those that texts depend on, and those of a bulk load. A commit
// that is not waited for is whole or gone after a loss of power, and the load
// goes on from there; Finish waits for all.
const settings = `SELECT set_config(name, value, false) FROM (VALUES ('search_path', %s), ('datestyle', 'ISO, YMD'), ('timezone', 'UTC'),
 ('client_encoding', 'UTF8'), ('extra_float_digits', '1'), ('standard_conforming_strings', 'on'), ('statement_timeout', '0'),
 ('idle_in_transaction_session_timeout', '0'), ('lock_timeout', %s), ('synchronous_commit', 'off'), ('maintenance_work_mem', '256MB'),
 ('default_transaction_isolation', 'read committed'), ('default_transaction_read_only', %s), ('client_min_messages', 'warning')) AS v (name, value)`

// lockTime is how long a statement waits for what somebody else holds; tests
// wait less.
var lockTime = 30 * time.Second

// connect opens a connection whose statements mean the tables of a schema.
func (e *engine) connect(ctx context.Context, schema string, readOnly bool) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, e.login)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	only := "off"
	if readOnly {
		only = "on"
	}
	if err := run(ctx, conn, fmt.Sprintf(settings, literal(quoteName(schema)), literal(fmt.Sprint(lockTime.Milliseconds())), literal(only))); err != nil {
		hangUp(conn)
		return nil, err
	}
	known, err := records(ctx, conn, "SELECT current_setting('server_encoding'), current_setting('server_version_num')::integer >= $1::integer", fmt.Sprint(leastVersion))
	switch {
	case err != nil:
	case known[0][0] != "UTF8":
		err = store.Refuse(store.ErrForeign, "Create the database with ENCODING 'UTF8'.", fmt.Errorf("the database's encoding is %s", known[0][0]))
	case known[0][1] != "t":
		err = store.Refuse(store.ErrForeign, "Name a newer server.", errors.New("the server is older than PostgreSQL 11"))
	default:
		return conn, nil
	}
	hangUp(conn)
	return nil, err
}

// hangUp ends a connection. A server that does not answer is not waited for.
func hangUp(conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn.Close(ctx)
}

// run runs statements.
func run(ctx context.Context, conn *pgconn.PgConn, sql string) error {
	return conn.Exec(ctx, sql).Close()
}

// affect runs a statement and tells how many rows it concerned.
func affect(ctx context.Context, conn *pgconn.PgConn, sql string) (int64, error) {
	tag, err := conn.ExecParams(ctx, sql, nil, nil, nil, nil).Close()
	return tag.RowsAffected(), err
}

// records asks for rows of texts; NULL is an empty one.
func records(ctx context.Context, conn *pgconn.PgConn, sql string, args ...string) (list [][]string, err error) {
	params := make([][]byte, len(args))
	for i, a := range args {
		params[i] = []byte(a)
	}
	answer := conn.ExecParams(ctx, sql, params, nil, nil, nil)
	for answer.NextRow() {
		record := make([]string, len(answer.Values()))
		for i, v := range answer.Values() {
			record[i] = string(v)
		}
		list = append(list, record)
	}
	_, err = answer.Close()
	return list, err
}

// literal writes a text between quotation marks, quoteName a name between
// double ones.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
