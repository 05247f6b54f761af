package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// session is one connection with one read-only transaction on it. One reader
// at a time has it.
type session struct {
	conn    *pgconn.PgConn
	server  *listener
	page    *page
	version int // as server_version_num: 90624, 150018
	// cancelled is set where the server was asked to give up a statement, and
	// may take the next one for it.
	cancelled bool
}

// settings are those that a text depends on, and those by which the server is
// patient with a reader that is busy elsewhere and short with one that waits
// for a lock: behind a reader that waits for an ALTER TABLE, others would wait.
// They are set for the transaction alone, so that a pool of connections between
// here and the server does not hand them on. What a server does not know yet,
// it is not asked for.
const settings = `SELECT set_config(s.name, v.value, true) FROM (VALUES
 ('datestyle', 'ISO, YMD'), ('intervalstyle', 'iso_8601'), ('timezone', 'UTC'), ('extra_float_digits', '3'),
 ('bytea_output', 'hex'), ('xmlbinary', 'base64'), ('xmloption', 'content'), ('standard_conforming_strings', 'on'), ('search_path', ''),
 ('row_security', 'off'), ('lock_timeout', '30s'), ('statement_timeout', '1h'),
 ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
 ('max_parallel_workers_per_gather', '0'), ('jit', 'off'), ('enable_sort', 'off'), ('enable_bitmapscan', 'off')
) AS v (name, value) JOIN pg_catalog.pg_settings AS s ON lower(s.name) = v.name`

// The statements around each one that reads. What is behind the savepoint is
// undone: nothing but the hold on the table's definition.
const (
	hold  = "SAVEPOINT sihctl"
	letGo = "ROLLBACK TO SAVEPOINT sihctl; RELEASE SAVEPOINT sihctl"
)

// openSession connects and begins the transaction, in the given exported view
// where there is one.
func openSession(ctx context.Context, login *pgconn.Config, exported string) (_ *session, err error) {
	conn, server, err := connect(ctx, login)
	if err != nil {
		return nil, connecting(ctx, login, err)
	}
	s := &session{conn: conn, server: server}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	begin := "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
	if exported != "" {
		begin += "; SET TRANSACTION SNAPSHOT " + literal(exported)
	}
	if err := s.run(ctx, begin, nil); err != nil {
		return nil, failed(ctx, "open a consistent view", err)
	}
	if err := s.run(ctx, settings, nil); err != nil {
		return nil, failed(ctx, "set up the session", err)
	}
	known, err := s.text(ctx, "SELECT pg_catalog.current_setting('server_encoding') || ' ' || pg_catalog.current_setting('server_version_num')")
	if err != nil {
		return nil, failed(ctx, "set up the session", err)
	}
	name, version, _ := strings.Cut(known, " ")
	encoding, p := clientEncoding(name)
	if err := s.run(ctx, "SET LOCAL client_encoding = "+literal(encoding), nil); err != nil {
		return nil, failed(ctx, "set up the session", err)
	}
	s.page = p
	s.version, _ = strconv.Atoi(version)
	return s, nil
}

// run runs statements and hands the answers' rows to read. Where that finds
// them too long, the server is asked to stop.
func (s *session) run(ctx context.Context, sql string, read func(*pgconn.ResultReader) error) error {
	results := s.conn.Exec(ctx, sql)
	var stopped error
	for results.NextResult() {
		if answer := results.ResultReader(); read != nil && answer.FieldDescriptions() != nil && stopped == nil {
			if stopped = read(answer); errors.Is(stopped, errLong) {
				s.cancel(ctx) // else it goes on to the end
			}
			answer.Close() // its error is the results' too
		} else {
			answer.Close()
		}
	}
	switch err := results.Close(); {
	case stopped != nil:
		return stopped
	case err != nil && s.server.words != nil:
		return s.server.words
	case err != nil:
		return err
	}
	return stopped
}

// within runs a statement and lets go of what it held. The transaction
// survives an error of the server.
func (s *session) within(ctx context.Context, sql string, read func(*pgconn.ResultReader) error) error {
	late := s.cancelled
	s.cancelled = false
	err := s.run(ctx, hold+"; "+sql+"; "+letGo, read)
	if err == nil {
		return nil
	}
	s.mend(ctx)
	var answer *pgconn.PgError
	if late && ctx.Err() == nil && errors.As(err, &answer) && answer.Code == queryCanceled {
		return s.within(ctx, sql, read)
	}
	return err
}

// queryCanceled is the server's code for a statement that somebody gave up.
const queryCanceled = "57014"

// cancel asks the server to give up the statement that is under way.
func (s *session) cancel(ctx context.Context) {
	s.cancelled = true
	s.conn.CancelRequest(ctx)
}

// mend goes back to before a statement that failed. Where that cannot be, the
// view is gone and the connection is closed.
func (s *session) mend(ctx context.Context) {
	if s.lost() {
		return
	}
	switch s.conn.TxStatus() {
	case 'T':
		return
	case 'E':
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
		defer cancel()
		if s.run(ctx, letGo, nil) == nil {
			return
		}
	}
	s.close()
}

// lost tells whether the view is gone.
func (s *session) lost() bool { return s.conn.IsClosed() }

// text asks for one text.
func (s *session) text(ctx context.Context, sql string) (string, error) {
	list, err := s.records(ctx, sql)
	if err != nil || len(list) == 0 || len(list[0]) == 0 {
		return "", err
	}
	return list[0][0], nil
}

// records asks for rows of texts, as bytes of the connection's encoding; NULL
// is an empty one.
func (s *session) records(ctx context.Context, sql string) (list [][]string, err error) {
	err = s.within(ctx, sql, func(answer *pgconn.ResultReader) error {
		for answer.NextRow() {
			values := answer.Values()
			record := make([]string, len(values))
			for i, v := range values {
				record[i] = string(v)
			}
			list = append(list, record)
		}
		return nil
	})
	return list, err
}

// close ends the session, and with it the transaction. A server that does not
// answer is not waited for.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.conn.Close(ctx)
}
