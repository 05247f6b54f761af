package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// row is a row of an answer. It implements [store.Answer].
type row struct{ stmt *sqlite.Stmt }

// Null implements [store.Row].
func (r row) Null(column int) bool { return r.stmt.ColumnIsNull(column) }

// Int implements [store.Row].
func (r row) Int(column int) int64 { return r.stmt.ColumnInt64(column) }

// Float implements [store.Row].
func (r row) Float(column int) float64 { return r.stmt.ColumnFloat(column) }

// Text implements [store.Row].
func (r row) Text(column int) string { return r.stmt.ColumnText(column) }

// ask steps through an answer until each says that it is enough.
func (s *Store) ask(ctx context.Context, sql string, args []any, each func(store.Answer) (bool, error)) (err error) {
	if s.conn == nil {
		return store.ErrClosed
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
		if more, err := each(row{stmt}); err != nil || !more {
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
