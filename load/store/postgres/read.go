package postgres

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Rows implements [store.Store].
func (s *Store) Rows(ctx context.Context, t *sih.Table) iter.Seq2[sih.Entity, error] {
	return store.Kept(s.entities(ctx, t, " ORDER BY "+strings.Join(t.Key, ", "), nil))
}

// Scan implements [store.Store]. Without a span it goes by the rows' own order,
// in which they lie on the disk.
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
		err := s.query(ctx, query, args, func(_ []pgconn.FieldDescription, cells [][]byte) (bool, error) {
			at := 0
			for i := range t.Columns {
				v, width, err := readValue(cells[at:], &t.Columns[i])
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
	query := "SELECT '', count(*) FROM " + t.Name + " HAVING count(*) > 0"
	if t.Has("source_system") {
		query = "SELECT source_system, count(*) FROM " + t.Name + " GROUP BY 1"
	}
	counts := map[sih.SourceID]int64{}
	err := s.query(ctx, query, nil, func(_ []pgconn.FieldDescription, cells [][]byte) (bool, error) {
		n, err := strconv.ParseInt(string(cells[1]), 10, 64)
		counts[sih.SourceID(cells[0])] = n
		return true, err
	})
	if err != nil {
		return nil, s.fault(ctx, "count "+t.Name, err)
	}
	return counts, nil
}

// Query implements [store.Store].
func (s *Store) Query(ctx context.Context, sql string, args []any, each func(store.Row) error) error {
	var caller error
	err := s.query(ctx, sql, args, func(fields []pgconn.FieldDescription, cells [][]byte) (bool, error) {
		caller = each(row{fields, cells})
		return caller == nil, nil
	})
	if err == nil {
		return caller
	}
	return s.fault(ctx, "query", err)
}

// query steps through a result until each says that it is enough. A query that
// is asked within another has a connection of its own; one that is asked while
// a chunk is loaded sees what is in of it, and is in memory before the first
// row is given.
func (s *Store) query(ctx context.Context, sql string, args []any, each func([]pgconn.FieldDescription, [][]byte) (bool, error)) (err error) {
	if s.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	params, types, err := arguments(args)
	if err != nil {
		return err
	}
	if s.loading {
		answer := s.conn.ExecParams(ctx, numbered(sql), params, types, nil, nil).Read()
		for _, cells := range answer.Rows {
			if more, err := each(answer.FieldDescriptions, cells); err != nil || !more {
				return err
			}
		}
		return answer.Err
	}
	var conn *pgconn.PgConn
	if n := len(s.free); n > 0 {
		conn, s.free = s.free[n-1], s.free[:n-1]
	} else if conn, err = s.engine.connect(ctx, s.schema, true); err != nil {
		return err
	}
	answer := conn.ExecParams(ctx, numbered(sql), params, types, nil, nil)
	more := true
	for more && answer.NextRow() {
		if more, err = each(answer.FieldDescriptions(), answer.Values()); err != nil {
			more = false
		}
	}
	if !more { // the rest is not waited for
		hangUp(conn)
		return err
	}
	_, err = answer.Close()
	if conn.IsClosed() || s.closed {
		hangUp(conn)
	} else {
		s.free = append(s.free, conn)
	}
	return err
}

// numbered gives each question mark its number.
func numbered(sql string) string {
	if !strings.Contains(sql, "?") {
		return sql
	}
	var b strings.Builder
	n := 0
	for i := range len(sql) {
		if sql[i] != '?' {
			b.WriteByte(sql[i])
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// The server's numbers of types.
const (
	boolOID        = 16
	int8OID        = 20
	dateOID        = 1082
	timestamptzOID = 1184
	numericOID     = 1700
)

// arguments are those of a query in the server's text. A text has whatever type
// it is compared with.
func arguments(args []any) (params [][]byte, types []uint32, err error) {
	for i, a := range args {
		switch a := a.(type) {
		case nil:
			params, types = append(params, nil), append(types, 0)
		case string:
			params, types = append(params, []byte(a)), append(types, 0)
		case int64:
			params, types = append(params, strconv.AppendInt(nil, a, 10)), append(types, int8OID)
		case int:
			params, types = append(params, strconv.AppendInt(nil, int64(a), 10)), append(types, int8OID)
		case bool:
			params, types = append(params, strconv.AppendBool(nil, a)), append(types, boolOID)
		case sih.ID:
			params, types = append(params, []byte(a.String())), append(types, 0)
		default:
			return nil, nil, fmt.Errorf("argument %d is of type %T", i+1, a)
		}
	}
	return params, types, nil
}
