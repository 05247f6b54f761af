package postgres

import (
	"context"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// listener keeps the last words of a server that ended a connection while
// nobody asked it anything: why it did so stands unread when the next statement
// cannot be sent.
type listener struct {
	net.Conn
	words *pgconn.PgError
}

// Write implements [net.Conn].
func (l *listener) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	if err == nil || l.words != nil {
		return n, err
	}
	l.Conn.SetReadDeadline(time.Now().Add(time.Second))
	for messages := pgproto3.NewFrontend(l.Conn, l.Conn); ; {
		switch message, broken := messages.Receive(); m := message.(type) {
		case *pgproto3.ErrorResponse:
			l.words = pgconn.ErrorResponseToPgError(m)
			return n, err
		default:
			if broken != nil {
				return n, err
			}
		}
	}
}

// connect connects, and listens.
func connect(ctx context.Context, login *pgconn.Config) (*pgconn.PgConn, *listener, error) {
	login = login.Copy()
	var last *listener
	login.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, conn net.Conn) (net.Conn, error) {
		last = &listener{Conn: conn}
		return last, nil
	}
	conn, err := pgconn.ConnectConfig(ctx, login)
	return conn, last, err
}
