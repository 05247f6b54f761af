package sqlite

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ReplaceChunk implements [store.Store].
func (s *Store) ReplaceChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (store.Loaded, error) {
	return s.chunk(ctx, c, rows, removed, s.single)
}

// remove removes rows by their keys.
func (s *Store) remove(keys []store.Key) error {
	statements := map[*sih.Table]*statement{}
	for _, k := range keys {
		stmt := statements[k.Table]
		if stmt == nil {
			// The statement takes a row's values: the key's stand at its places.
			var at []int
			for _, name := range k.Table.Key {
				at = append(at, k.Table.Column(name))
			}
			var err error
			stmt, err = prepare(s.conn, k.Table, at, "DELETE FROM "+k.Table.Name+" WHERE "+strings.Join(k.Table.Key, " = ? AND ")+" = ?")
			if err != nil {
				return err
			}
			statements[k.Table] = stmt
		}
		row := make([]sih.Value, len(k.Table.Columns))
		for i, name := range k.Table.Key {
			row[k.Table.Column(name)] = k.Values[i]
		}
		if err := stmt.run(row); err != nil {
			return err
		}
		s.pointing(k.Table)
	}
	return nil
}

// pointing has all looked at that points at rows of a table: some were removed.
func (s *Store) pointing(removed *sih.Table) {
	for _, t := range sih.Tables {
		if slices.ContainsFunc(t.Columns, func(c sih.Column) bool { return c.Ref == removed.Name }) {
			s.unchecked[t] = true
		}
	}
}

// Undo implements [store.Store].
func (s *Store) Undo(ctx context.Context, run sih.ID, rows iter.Seq2[sih.Entity, error]) error {
	op := "undo run " + run.String()
	if s.conn == nil {
		return s.fault(op, store.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	restore := s.during(ctx)
	err := s.undo(run, rows)
	restore()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return s.fault(op, err)
}

func (s *Store) undo(run sih.ID, rows iter.Seq2[sih.Entity, error]) (err error) {
	if err := s.wake(); err != nil {
		return err
	}
	end, err := sqlitex.ImmediateTransaction(s.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	for e, err := range rows {
		if err != nil {
			return err
		}
		s.single(e)
		l, err := s.loader(e.Table)
		if err != nil {
			return err
		}
		if err := l.putAsIs(e.Values); err != nil {
			return l.fault(e.Values, err)
		}
	}
	for _, t := range slices.Backward(sih.Tables) {
		column := "run_id"
		switch {
		case t.Name == "migration_run":
			column = "id"
		case !t.Has(column):
			continue
		}
		if err := sqlitex.Execute(s.conn, "DELETE FROM "+t.Name+" WHERE "+column+" = ?1", &sqlitex.ExecOptions{Args: []any{run.String()}}); err != nil {
			return err
		}
		if s.conn.Changes() > 0 {
			s.pointing(t)
		}
	}
	return nil
}

// putAsIs writes a row with what the store fills otherwise.
func (l *loader) putAsIs(row []sih.Value) error {
	if err := l.insert.run(row); err != nil || l.conn.Changes() > 0 {
		return err
	}
	return l.update.run(row)
}
