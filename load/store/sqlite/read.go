package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// row is a row of a query's result.
type row struct{ stmt *sqlite.Stmt }

func (r row) Null(column int) bool     { return r.stmt.ColumnIsNull(column) }
func (r row) Int(column int) int64     { return r.stmt.ColumnInt64(column) }
func (r row) Float(column int) float64 { return r.stmt.ColumnFloat(column) }
func (r row) Text(column int) string   { return r.stmt.ColumnText(column) }

// Rows implements [store.Store].
func (s *Store) Rows(ctx context.Context, t *sih.Table) iter.Seq2[sih.Entity, error] {
	return store.Kept(s.entities(ctx, t, " ORDER BY "+strings.Join(t.Key, ", "), nil))
}

// Scan implements [store.Store]. Without a span it goes by the rows' own
// order, in which they lie on the disk.
func (s *Store) Scan(ctx context.Context, t *sih.Table, span store.Span) iter.Seq2[sih.Entity, error] {
	where, args := span.Where(t)
	return s.entities(ctx, t, where, args)
}

// entities yields the rows of a table that end selects, one after the other in
// the same memory.
func (s *Store) entities(ctx context.Context, t *sih.Table, end string, args []any) iter.Seq2[sih.Entity, error] {
	all := make([]int, len(t.Columns))
	for i := range all {
		all[i] = i
	}
	query := "SELECT " + strings.Join(physical(t, all), ", ") + " FROM " + t.Name + end
	return func(yield func(sih.Entity, error) bool) {
		stopped := false
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		err := s.query(ctx, query, args, func(stmt *sqlite.Stmt) (bool, error) {
			at := 0
			for i := range t.Columns {
				v, width, err := readValue(stmt, at, &t.Columns[i])
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
			yield(sih.Entity{}, s.fault("read "+t.Name, err))
		}
	}
}

// Count implements [store.Store].
func (s *Store) Count(ctx context.Context, t *sih.Table) (map[sih.SourceID]int64, error) {
	query := "SELECT '', count(*) FROM " + t.Name
	if t.Has("source_system") {
		query = "SELECT source_system, count(*) FROM " + t.Name + " GROUP BY 1"
	}
	counts := map[sih.SourceID]int64{}
	err := s.query(ctx, query, nil, func(stmt *sqlite.Stmt) (bool, error) {
		counts[sih.SourceID(stmt.ColumnText(0))] = stmt.ColumnInt64(1)
		return true, nil
	})
	if err != nil {
		return nil, s.fault("count "+t.Name, err)
	}
	return counts, nil
}

// Query implements [store.Store].
func (s *Store) Query(ctx context.Context, sql string, args []any, each func(store.Row) error) error {
	var caller error
	err := s.query(ctx, sql, args, func(stmt *sqlite.Stmt) (bool, error) {
		caller = each(row{stmt})
		return caller == nil, nil
	})
	if err == nil {
		return caller
	}
	return s.fault("query", err)
}

// query steps through a result until each says that it is enough.
func (s *Store) query(ctx context.Context, sql string, args []any, each func(*sqlite.Stmt) (bool, error)) (err error) {
	if s.conn == nil {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.during(ctx)()
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	stmt, trailing, err := s.conn.PrepareTransient(sql)
	if err != nil {
		return err
	}
	defer stmt.Finalize()
	if strings.TrimSpace(sql[len(sql)-trailing:]) != "" {
		return errors.New("more than one statement")
	}
	for i, a := range args {
		if err := bindArgument(stmt, i+1, a); err != nil {
			return err
		}
	}
	for {
		found, err := stmt.Step()
		if err != nil || !found {
			return err
		}
		if more, err := each(stmt); err != nil || !more {
			return err
		}
	}
}

func bindArgument(stmt *sqlite.Stmt, n int, a any) error {
	switch a := a.(type) {
	case nil:
		stmt.BindNull(n)
	case string:
		stmt.BindText(n, a)
	case int64:
		stmt.BindInt64(n, a)
	case int:
		stmt.BindInt64(n, int64(a))
	case bool:
		stmt.BindBool(n, a)
	case sih.ID:
		stmt.BindText(n, a.String())
	default:
		return fmt.Errorf("argument %d is of type %T", n, a)
	}
	return nil
}

// Dialect implements [store.Store].
func (s *Store) Dialect() *store.Dialect { return store.SQLite }
