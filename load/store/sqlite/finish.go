package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Finish implements [store.Store]. It leaves one file without a log beside it.
func (s *Store) Finish(ctx context.Context) error {
	if s.conn == nil {
		return s.fault("finish", store.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	restore := s.during(ctx)
	err := s.finish()
	restore()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return s.fault("finish", err)
}

func (s *Store) finish() error {
	for _, ddl := range store.IndexDDL() {
		ddl = strings.Replace(ddl, "CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1)
		if err := sqlitex.ExecuteTransient(s.conn, ddl, nil); err != nil {
			return fmt.Errorf("%s: %w", ddl, err)
		}
	}
	if err := s.references(); err != nil {
		return err
	}
	// ANALYZE over samples costs next to nothing and gives the planner what it
	// needs for the reports.
	if err := s.pragmas("analysis_limit = 1000", "optimize = 0x10002"); err != nil {
		return err
	}
	s.resting = true
	if err := s.pragmas("wal_checkpoint(TRUNCATE)", "journal_mode = DELETE", "locking_mode = NORMAL"); err != nil {
		return err
	}
	// The lock goes, and the journal's file with it, at the end of the next
	// transaction that writes.
	return s.claim()
}

// references looks at every reference of the tables that were written to. SQLite
// would look each one up in the target's index, at random; at ten million rows
// that takes longer than the load. Here each table is read once against the
// targets' ids in memory, and SQLite is asked only about a table in which
// something is amiss.
func (s *Store) references() error {
	sets := map[string]idSet{}
	var broken []store.BrokenReference
	for _, t := range sih.Tables {
		var whole bool
		var err error
		switch {
		case s.unchecked[t]:
			whole, err = s.leadsSomewhere(t, sets)
		case len(s.few[t]) > 0:
			whole, err = s.fewLead(t)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if whole {
			continue
		}
		list, err := s.broken(t)
		if err != nil {
			return err
		}
		broken = append(broken, list...)
	}
	if len(broken) == 0 {
		clear(s.unchecked)
		clear(s.few)
		return nil
	}
	return &store.ReferenceError{Broken: broken}
}

// whole has all rows of a table looked at.
func (s *Store) whole(e sih.Entity) { s.unchecked[e.Table] = true }

// named is how many of them one query names.
const named = 500

// mostFew is how many rows of a table are looked up one by one; to look at the
// whole table costs less than many more.
const mostFew = 100_000

// single has one row looked at.
func (s *Store) single(e sih.Entity) {
	id := e.Table.Column("id")
	if id < 0 || len(s.few[e.Table]) == mostFew {
		s.unchecked[e.Table] = true
		return
	}
	s.few[e.Table] = append(s.few[e.Table], e.Values[id].ID())
}

// fewLead tells whether every reference of the rows of t that are to be looked
// at leads somewhere.
func (s *Store) fewLead(t *sih.Table) (bool, error) {
	var dangling []string
	for _, c := range t.Columns {
		if c.Ref != "" {
			dangling = append(dangling, fmt.Sprintf("(%[1]s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %[2]s AS parent WHERE parent.id = child.%[1]s))", c.Name, c.Ref))
		}
	}
	if len(dangling) == 0 {
		return true, nil
	}
	for some := range slices.Chunk(s.few[t], named) {
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id.String()
		}
		n, err := s.number("SELECT count(*) FROM "+t.Name+" AS child WHERE id IN (?"+strings.Repeat(", ?", len(some)-1)+") AND ("+strings.Join(dangling, " OR ")+")", args...)
		if err != nil || n > 0 {
			return false, err
		}
	}
	return true, nil
}

// leadsSomewhere tells whether every reference of t is found among the ids of
// its target.
func (s *Store) leadsSomewhere(t *sih.Table, sets map[string]idSet) (bool, error) {
	var columns []string
	var targets []idSet
	for _, c := range t.Columns {
		if c.Ref == "" {
			continue
		}
		if sets[c.Ref] == nil {
			set, err := s.ids(c.Ref)
			if err != nil {
				return false, err
			}
			sets[c.Ref] = set
		}
		columns = append(columns, c.Name)
		targets = append(targets, sets[c.Ref])
	}
	if len(columns) == 0 {
		return true, nil
	}
	whole := true
	err := sqlitex.ExecuteTransient(s.conn, "SELECT "+strings.Join(columns, ", ")+" FROM "+t.Name, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			for i, set := range targets {
				if stmt.ColumnType(i) != sqlite.TypeNull && !set.has(idHash(stmt, i)) {
					whole = false
				}
			}
			return nil
		},
	})
	return whole, err
}

// ids gathers the ids of a table.
func (s *Store) ids(table string) (idSet, error) {
	n, err := s.number("SELECT count(*) FROM " + table)
	if err != nil {
		return nil, err
	}
	set := newIDSet(int(n))
	err = sqlitex.ExecuteTransient(s.conn, "SELECT id FROM "+table, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { set.add(idHash(stmt, 0)); return nil },
	})
	return set, err
}

func (s *Store) broken(t *sih.Table) ([]store.BrokenReference, error) {
	columns := map[int64]string{} // by the number of the foreign key
	err := sqlitex.ExecuteTransient(s.conn, "PRAGMA foreign_key_list("+t.Name+")", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { columns[stmt.ColumnInt64(0)] = stmt.ColumnText(3); return nil },
	})
	if err != nil || len(columns) == 0 {
		return nil, err
	}
	found := map[string]*store.BrokenReference{}
	err = sqlitex.ExecuteTransient(s.conn, "PRAGMA foreign_key_check("+t.Name+")", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			column := columns[stmt.ColumnInt64(3)]
			if found[column] == nil {
				found[column] = &store.BrokenReference{Table: t.Name, Column: column, Target: stmt.ColumnText(2)}
			}
			found[column].Rows++
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	var list []store.BrokenReference
	for _, c := range t.Columns {
		b := found[c.Name]
		if b == nil {
			continue
		}
		key := strings.Join(t.Key, " || '|' || ")
		query := fmt.Sprintf("SELECT min(%s) FROM %s AS child WHERE %s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS parent WHERE parent.id = child.%[3]s)",
			key, t.Name, c.Name, c.Ref)
		err := sqlitex.ExecuteTransient(s.conn, query, &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error { b.First = stmt.ColumnText(0); return nil },
		})
		if err != nil {
			return nil, err
		}
		list = append(list, *b)
	}
	return list, nil
}
