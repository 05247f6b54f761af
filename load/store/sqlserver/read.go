package sqlserver

import (
	"context"
	"slices"

	"github.com/sihctl/sih/load/store"
)

// ask steps through an answer until each says that it is enough. A query that
// is asked within another has a connection of its own; one that is asked while
// a chunk is loaded would wait there for the chunk's locks, and so goes the
// chunk's way, and is in memory before the first row is given.
func (s *Store) ask(ctx context.Context, sql string, args []any, each func(store.Answer) (bool, error)) (err error) {
	if s.closed {
		return store.ErrClosed
	}
	sql = within(s.schema, sql)
	if s.loading {
		var list []store.Answer
		err := s.session.query(ctx, sql, args, func(a store.Answer) (bool, error) {
			r := *a.(*row)
			r.cells = slices.Clone(r.cells)
			list = append(list, &r)
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, a := range list {
			if more, err := each(a); err != nil || !more {
				return err
			}
		}
		return nil
	}
	var conn *session
	if n := len(s.free); n > 0 {
		conn, s.free = s.free[n-1], s.free[:n-1]
	} else if conn, err = s.engine.connect(ctx); err != nil {
		return err
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
