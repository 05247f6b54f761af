package mysql

import (
	"context"

	"github.com/sihctl/sih/load/store"
)

// ask steps through an answer until each says that it is enough. A query that is
// asked within another has a connection of its own.
func (s *Store) ask(ctx context.Context, sql string, args []any, each func(store.Answer) (bool, error)) (err error) {
	if s.closed {
		return store.ErrClosed
	}
	var conn *session
	if n := len(s.free); n > 0 {
		conn, s.free = s.free[n-1], s.free[:n-1]
	} else {
		if conn, err = connect(ctx, s.engine.login, true); err != nil {
			return err
		}
		if err := enter(ctx, conn, s.database); err != nil {
			conn.close()
			return err
		}
	}
	err = conn.query(ctx, sql, args, each)
	switch {
	case s.closed:
		conn.close()
	case !conn.closed:
		s.free = append(s.free, conn)
	}
	return err
}
