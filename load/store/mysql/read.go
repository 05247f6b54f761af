package mysql

import (
	"context"
	"database/sql/driver"
	"iter"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Rows implements [store.Store].
func (s *Store) Rows(ctx context.Context, t *sih.Table) iter.Seq2[sih.Entity, error] {
	return store.Kept(s.entities(ctx, t, " ORDER BY "+strings.Join(t.Key, ", "), nil))
}

// Scan implements [store.Store]. The rows lie in the order of their keys.
func (s *Store) Scan(ctx context.Context, t *sih.Table, span store.Span) iter.Seq2[sih.Entity, error] {
	where, args := span.Where(t)
	return s.entities(ctx, t, where, args)
}

// entities yields the rows of a table that end selects, one after the other in
// the same memory.
func (s *Store) entities(ctx context.Context, t *sih.Table, end string, args []any) iter.Seq2[sih.Entity, error] {
	query := "SELECT " + strings.Join(store.ColumnNames(t, nil), ", ") + " FROM " + t.Name + end
	return func(yield func(sih.Entity, error) bool) {
		stopped := false
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		err := s.query(ctx, query, args, func(_ driver.Rows, cells []driver.Value) (bool, error) {
			at := 0
			for i := range t.Columns {
				v, width, err := readValue(cells[at:], &t.Columns[i], e.Values[i])
				if err != nil {
					return false, err
				}
				e.Values[i] = v
				at += width
			}
			stopped = !yield(e, nil)
			return !stopped, nil
		})
		if err != nil && !stopped {
			yield(sih.Entity{}, s.fault(ctx, "read "+t.Name, err))
		}
	}
}

// Count implements [store.Store].
func (s *Store) Count(ctx context.Context, t *sih.Table) (map[sih.SourceID]int64, error) {
	query := "SELECT '', COUNT(*) FROM " + t.Name + " HAVING COUNT(*) > 0"
	if t.Has("source_system") {
		query = "SELECT source_system, COUNT(*) FROM " + t.Name + " GROUP BY source_system"
	}
	counts := map[sih.SourceID]int64{}
	err := s.query(ctx, query, nil, func(_ driver.Rows, cells []driver.Value) (bool, error) {
		counts[sih.SourceID(plain(cells[0]))] = row{cells: cells}.Int(1)
		return true, nil
	})
	if err != nil {
		return nil, s.fault(ctx, "count "+t.Name, err)
	}
	return counts, nil
}

// Query implements [store.Store].
func (s *Store) Query(ctx context.Context, sql string, args []any, each func(store.Row) error) error {
	var caller error
	err := s.query(ctx, sql, args, func(rows driver.Rows, cells []driver.Value) (bool, error) {
		types, _ := rows.(driver.RowsColumnTypeDatabaseTypeName)
		caller = each(row{types, cells})
		return caller == nil, nil
	})
	if err == nil {
		return caller
	}
	return s.fault(ctx, "query", err)
}

// query steps through a result until each says that it is enough. A query that
// is asked within another has a connection of its own.
func (s *Store) query(ctx context.Context, sql string, args []any, each func(driver.Rows, []driver.Value) (bool, error)) (err error) {
	if s.closed {
		return errClosed
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
