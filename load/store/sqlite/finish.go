package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Finish implements [store.Store]. It leaves one file without a log beside it.
func (s *Store) Finish(ctx context.Context) error {
	if s.conn == nil {
		return s.fault("finish", errClosed)
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
	for _, ddl := range store.IndexDDL(store.SQLite) {
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

// references asks SQLite for every row that points at nothing, in the tables
// that were written to.
func (s *Store) references() error {
	var broken []store.BrokenReference
	for _, t := range sih.Tables {
		if !s.unchecked[t] {
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
		return nil
	}
	return &store.ReferenceError{Broken: broken}
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
