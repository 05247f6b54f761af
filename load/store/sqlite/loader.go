package sqlite

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// loader writes the rows of one table in the order of their ids: random ids
// then touch each page of the key's index once, one after the other. Rows that
// come in that order are written at once; the others are held back and sorted.
type loader struct {
	table   *sih.Table
	conn    *sqlite.Conn
	checker *store.Checker
	hasher  store.Hasher

	last   uint64      // prefix of the id that was written last
	row    []sih.Value // of a row that is written at once
	held   []sih.Value // row by row
	order  []place
	counts store.Counts

	// insert does nothing where the key is there already.
	insert, find, update *statement
	// compared are the positions of the columns that tell whether a row has
	// changed, in the order of find's result.
	compared []int
	// id, run, hash and updated are positions, or -1.
	id, run, hash, updated int
}

// place is where a held row goes, and its number.
type place struct {
	prefix uint64 // of the id
	row    int
}

// pass is what the rows of one chunk have in common.
type pass struct {
	run, now sih.Value
}

// loader returns the loader of t.
func (s *Store) loader(t *sih.Table) (*loader, error) {
	if l := s.loaders[t]; l != nil {
		return l, nil
	}
	l := &loader{
		table: t, conn: s.conn, checker: store.NewChecker(t), compared: compared(t),
		id: t.Column("id"), run: t.Column("run_id"), hash: t.Column("row_hash"), updated: t.Column("updated_at"),
	}
	var all, key, rest []int
	for i, c := range t.Columns {
		all = append(all, i)
		if !slices.Contains(t.Key, c.Name) {
			rest = append(rest, i)
		}
	}
	for _, name := range t.Key {
		key = append(key, t.Column(name))
	}
	names := physical(t, all)
	where := " WHERE " + strings.Join(physical(t, key), " = ? AND ") + " = ?"
	var err error
	if l.insert, err = prepare(s.conn, t, all, "INSERT INTO "+t.Name+" ("+strings.Join(names, ", ")+
		") VALUES (?"+strings.Repeat(", ?", len(names)-1)+") ON CONFLICT DO NOTHING"); err != nil {
		return nil, err
	}
	if l.find, err = prepare(s.conn, t, key, "SELECT "+strings.Join(physical(t, l.compared), ", ")+" FROM "+t.Name+where); err != nil {
		return nil, err
	}
	if l.update, err = prepare(s.conn, t, append(rest, key...), "UPDATE "+t.Name+" SET "+strings.Join(physical(t, rest), " = ?, ")+" = ?"+where); err != nil {
		return nil, err
	}
	s.loaders[t] = l
	return l, nil
}

// compared returns the columns by which a row is told from the one that is
// there: where rows have a hash, the hash, the run, and what the hash does not
// cover apart from clocks; otherwise all but the key.
func compared(t *sih.Table) []int {
	var list []int
	for i, c := range t.Columns {
		if slices.Contains(t.Key, c.Name) || t.Has("row_hash") && (!c.Volatile || c.Clock) {
			continue
		}
		list = append(list, i)
	}
	return list
}

// physical names the database's columns behind those at the given positions.
func physical(t *sih.Table, positions []int) []string {
	all := t.Physical()
	var names []string
	for _, i := range positions {
		for _, p := range all {
			if p.Column == i {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// begin forgets what an earlier chunk has left.
func (l *loader) begin() {
	l.forget()
	l.counts, l.last = store.Counts{}, 0
}

// forget drops the held rows and keeps their memory, but not their texts.
func (l *loader) forget() {
	clear(l.held)
	l.held, l.order = l.held[:0], l.order[:0]
}

// take checks a row and writes it, if it comes in the order of ids, or else
// keeps it. Kept tells which.
func (l *loader) take(p pass, e sih.Entity) (kept bool, err error) {
	if err := l.checker.Check(e); err != nil {
		return false, err
	}
	prefix := uint64(0)
	if l.id >= 0 {
		id := e.Values[l.id].ID()
		prefix = binary.BigEndian.Uint64(id[:8])
	}
	if len(l.order) == 0 && prefix >= l.last {
		l.last = prefix
		l.row = append(l.row[:0], e.Values...)
		l.complete(p, l.row, e)
		if err := l.put(l.row); err != nil {
			return false, l.fault(l.row, err)
		}
		return false, nil
	}
	at := len(l.held)
	l.held = append(l.held, e.Values...)
	l.complete(p, l.held[at:], e)
	l.order = append(l.order, place{prefix, len(l.order)})
	return true, nil
}

// complete fills what the store fills itself.
func (l *loader) complete(p pass, row []sih.Value, e sih.Entity) {
	if l.run >= 0 {
		row[l.run] = p.run
	}
	if l.updated >= 0 {
		row[l.updated] = p.now
	}
	if l.hash >= 0 {
		row[l.hash] = sih.IDValue(l.hasher.Row(e))
	}
}

// flush writes the held rows.
func (l *loader) flush(ctx context.Context) error {
	slices.SortFunc(l.order, func(a, b place) int {
		if c := cmp.Compare(a.prefix, b.prefix); c != 0 {
			return c
		}
		return cmp.Compare(a.row, b.row)
	})
	width := len(l.table.Columns)
	for _, p := range l.order {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := l.held[p.row*width : (p.row+1)*width]
		if err := l.put(row); err != nil {
			return l.fault(row, err)
		}
		l.last = p.prefix
	}
	l.forget()
	return nil
}

// put writes one row.
func (l *loader) put(row []sih.Value) error {
	if err := l.insert.run(row); err != nil {
		return err
	}
	if l.conn.Changes() > 0 {
		l.counts.Inserted++
		return nil
	}
	changed, err := l.changed(row)
	switch {
	case err != nil:
		return err
	case !changed:
		l.counts.Unchanged++
		return nil
	}
	if err := l.update.run(row); err != nil {
		return err
	}
	l.counts.Updated++
	return nil
}

// changed compares a row with the one of its key in the store.
func (l *loader) changed(values []sih.Value) (bool, error) {
	if err := l.find.bind(values); err != nil {
		return false, err
	}
	stmt := l.find.stmt
	defer stmt.Reset()
	found, err := stmt.Step()
	if err != nil {
		return false, err
	}
	if !found {
		return false, fmt.Errorf("a row that is neither new nor there")
	}
	changed, at := false, 0
	for _, i := range l.compared {
		v, err := row{stmt}.Value(at, l.table, i, sih.Value{})
		if err != nil {
			return false, fmt.Errorf("column %s: %w", l.table.Columns[i].Name, err)
		}
		at += store.Cells(&l.table.Columns[i])
		switch {
		case i == l.hash:
			changed = changed || v.String() != values[i].String()
		case i == l.run && l.hash >= 0:
			// A run writes an id once. Another run's row that is the same
			// stays that run's.
			if v == values[i] {
				return false, store.ErrTwice
			}
		default:
			changed = changed || v != values[i]
		}
	}
	return changed, nil
}

// fault names the row that err is about. SQLite's messages name columns and
// constraints, never values.
func (l *loader) fault(row []sih.Value, err error) error {
	if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultConstraint && !errors.Is(err, store.ErrTwice) {
		return fmt.Errorf("%s: %w", l.table.Name, err)
	}
	e := &store.RowError{Table: l.table.Name, Err: err}
	if l.id >= 0 {
		e.ID = row[l.id].ID()
	}
	return e
}
