package sqlite

import (
	"fmt"
	"math"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// statement is a prepared statement whose parameters are columns of a table.
// SQLite keeps what is bound from one execution to the next, so a value that
// the row before had too is not bound again: most codes, and every column of
// provenance but the key, hardly change within a chunk.
type statement struct {
	stmt    *sqlite.Stmt
	columns []parameter
	bound   bool // whether the parameters hold what last says
}

// parameter is the place of a column in a statement.
type parameter struct {
	column int       // position in the table
	first  int       // number of its first parameter
	width  int       // how many it has: three for a partial date, otherwise one
	empty  bool      // an empty text stands for NULL
	last   sih.Value // what is bound
}

// prepare makes a statement that takes the columns at the given positions, in
// that order.
func prepare(conn *sqlite.Conn, t *sih.Table, positions []int, query string) (*statement, error) {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := &statement{stmt: stmt, columns: make([]parameter, len(positions))}
	next := 1
	for n, i := range positions {
		width := 1
		if t.Columns[i].Kind == sih.KindPDate {
			width = 3
		}
		s.columns[n] = parameter{column: i, first: next, width: width, empty: store.EmptyForNull(t, i)}
		next += width
	}
	if got := stmt.BindParamCount(); got != next-1 {
		return nil, fmt.Errorf("prepare %s: %d parameters, %d values", t.Name, got, next-1)
	}
	return s, nil
}

// run executes a statement that yields no rows.
func (s *statement) run(values []sih.Value) error {
	if err := s.bind(values); err != nil {
		return err
	}
	_, err := s.stmt.Step()
	if err != nil {
		s.bound = false
		return err
	}
	return s.stmt.Reset()
}

// bind gives the statement the row's values.
func (s *statement) bind(values []sih.Value) error {
	for n := range s.columns {
		p := &s.columns[n]
		v := values[p.column]
		if s.bound && v == p.last {
			continue
		}
		if err := p.bind(s.stmt, v); err != nil {
			s.bound = false
			return err
		}
		p.last = v
	}
	s.bound = true
	return nil
}

// exactReal is the first count of ten-thousandths with more than 15
// significant digits. Every decimal of so many is the nearest one to its
// double, and so survives REAL.
const exactReal = 1_000_000_000_000_000

// bind binds v. Texts made here fit the 32 bytes that a conversion to string
// takes from the stack, and BindText copies them.
func (p *parameter) bind(stmt *sqlite.Stmt, v sih.Value) error {
	var buf [32]byte
	switch v.Kind() {
	case sih.KindNull:
		if p.empty {
			stmt.BindText(p.first, "")
			return nil
		}
		for n := range p.width {
			stmt.BindNull(p.first + n)
		}
	case sih.KindCode, sih.KindStr, sih.KindText:
		stmt.BindText(p.first, v.String())
	case sih.KindID, sih.KindDate, sih.KindTS:
		stmt.BindText(p.first, string(v.AppendText(buf[:0])))
	case sih.KindPDate:
		d := v.PDate()
		stmt.BindText(p.first, string(d.First.AppendText(buf[:0])))
		stmt.BindText(p.first+1, string(d.Last.AppendText(buf[:0])))
		stmt.BindText(p.first+2, d.Precision.String())
	case sih.KindNum:
		switch n := v.Int(); {
		case n%10_000 == 0:
			stmt.BindInt64(p.first, n/10_000)
		case -exactReal < n && n < exactReal:
			stmt.BindFloat(p.first, float64(n)/10_000)
		default:
			stmt.BindText(p.first, string(v.AppendText(buf[:0])))
		}
	case sih.KindMoney, sih.KindInt, sih.KindBool:
		stmt.BindInt64(p.first, v.Int())
	default:
		return fmt.Errorf("bind: a value of kind %v", v.Kind())
	}
	return nil
}

// Value implements [store.Answer].
func (r row) Value(at int, t *sih.Table, column int, _ sih.Value) (sih.Value, error) {
	c, stmt := &t.Columns[column], r.stmt
	kind := stmt.ColumnType(at)
	if kind == sqlite.TypeNull {
		return sih.Value{}, nil
	}
	switch c.Kind {
	case sih.KindPDate:
		return store.PartialDate(stmt.ColumnText(at), stmt.ColumnText(at+1), stmt.ColumnText(at+2))
	case sih.KindMoney:
		return sih.MoneyValue(stmt.ColumnInt64(at)), nil
	case sih.KindInt:
		return sih.IntValue(stmt.ColumnInt64(at)), nil
	case sih.KindBool:
		return sih.BoolValue(stmt.ColumnInt64(at) != 0), nil
	case sih.KindNum:
		switch kind {
		case sqlite.TypeInteger:
			return sih.NumValue(stmt.ColumnInt64(at) * 10_000), nil
		case sqlite.TypeFloat:
			return sih.NumValue(int64(math.Round(stmt.ColumnFloat(at) * 10_000))), nil
		}
	case sih.KindCode:
		return sih.CodeValue(stmt.ColumnText(at)), nil
	case sih.KindStr:
		return sih.StrValue(stmt.ColumnText(at)), nil
	case sih.KindText:
		return sih.TextValue(stmt.ColumnText(at)), nil
	}
	return sih.ParseValue(c, stmt.ColumnText(at))
}
