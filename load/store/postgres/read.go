package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// ask steps through an answer until each says that it is enough. A query that
// is asked within another has a connection of its own; one that is asked while
// a chunk is loaded sees what is in of it, and is in memory before the first
// row is given.
func (s *Store) ask(ctx context.Context, sql string, args []any, each func(store.Answer) (bool, error)) (err error) {
	if s.closed {
		return store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	params, types, err := arguments(args)
	if err != nil {
		return err
	}
	if s.loading {
		if err := s.sent(); err != nil {
			return err
		}
		answer := s.conn.ExecParams(ctx, numbered(sql), params, types, nil, nil).Read()
		for _, cells := range answer.Rows {
			if more, err := each(&row{answer.FieldDescriptions, cells}); err != nil || !more {
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
	more, r := true, &row{fields: answer.FieldDescriptions()}
	for more && answer.NextRow() {
		r.cells = answer.Values()
		if more, err = each(r); err != nil {
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
