package sqlite

import (
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// loader writes the rows of one table.
type loader struct {
	table  *sih.Table
	conn   *sqlite.Conn
	hasher *store.Hasher
	// row is the row at hand, with what the store fills.
	row sih.Entity
	// insert does nothing where the key is there already.
	insert, find, update *statement
	// compared are the positions of the columns that tell whether a row has
	// changed, in the order of find's result.
	compared []int
	// run, hash and updated are positions, or -1.
	run, hash, updated int
}

// loader returns the loader of t.
func (s *Store) loader(t *sih.Table) (*loader, error) {
	if l := s.loaders[t]; l != nil {
		return l, nil
	}
	l := &loader{
		table: t, conn: s.conn, hasher: &s.hasher,
		row: sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))},
		run: t.Column("run_id"), hash: t.Column("row_hash"), updated: t.Column("updated_at"),
	}
	var all, key, rest []int
	for i := range t.Columns {
		all = append(all, i)
		if !isKey(t, i) {
			rest = append(rest, i)
		}
	}
	for _, name := range t.Key {
		key = append(key, t.Column(name))
	}
	l.compared = compared(t)

	names := physical(t, all)
	insert := "INSERT INTO " + t.Name + " (" + strings.Join(names, ", ") + ") VALUES (?" +
		strings.Repeat(", ?", len(names)-1) + ") ON CONFLICT DO NOTHING"
	where := " WHERE " + strings.Join(physical(t, key), " = ? AND ") + " = ?"
	find := "SELECT " + strings.Join(physical(t, l.compared), ", ") + " FROM " + t.Name + where
	update := "UPDATE " + t.Name + " SET " + strings.Join(physical(t, rest), " = ?, ") + " = ?" + where

	var err error
	if l.insert, err = prepare(s.conn, t, insert, all); err != nil {
		return nil, err
	}
	if l.find, err = prepare(s.conn, t, find, key); err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		if l.update, err = prepare(s.conn, t, update, append(rest, key...)); err != nil {
			return nil, err
		}
	}
	s.loaders[t] = l
	return l, nil
}

// compared returns the columns by which a row is told from the one that is
// there: where rows have a hash, the hash, the run, and what the hash does not
// cover apart from the bookkeeping; otherwise all but the key.
func compared(t *sih.Table) []int {
	var list []int
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case isKey(t, i), t.Has("row_hash") && (!c.Volatile || c.Clock):
		default:
			list = append(list, i)
		}
	}
	return list
}

func isKey(t *sih.Table, i int) bool {
	for _, name := range t.Key {
		if name == t.Columns[i].Name {
			return true
		}
	}
	return false
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

// fill completes the row at hand.
func (l *loader) fill(p pass) {
	if l.run >= 0 {
		l.row.Values[l.run] = sih.IDValue(p.run)
	}
	if l.updated >= 0 {
		l.row.Values[l.updated] = sih.TSValue(p.now)
	}
	if l.hash >= 0 {
		l.row.Values[l.hash] = sih.IDValue(l.hasher.Row(l.row))
	}
}

// changed compares the row at hand with the one of its key in the store.
func (l *loader) changed(p pass) (bool, error) {
	if err := l.find.bind(l.row.Values); err != nil {
		return false, err
	}
	stmt := l.find.stmt
	defer stmt.Reset()
	if found, err := stmt.Step(); err != nil || !found {
		return true, err
	}
	changed := false
	at := 0
	for _, i := range l.compared {
		v, width, err := readValue(stmt, at, &l.table.Columns[i])
		if err != nil {
			return false, err
		}
		at += width
		want := l.row.Values[i]
		switch i {
		case l.hash:
			changed = changed || v.String() != want.String()
			continue
		case l.run:
			if l.hash >= 0 {
				// A run writes an id once; another run's row that is the same
				// stays that run's.
				if v == want {
					return false, store.ErrTwice
				}
				continue
			}
		}
		changed = changed || v != want
	}
	return changed, nil
}
