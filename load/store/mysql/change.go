package mysql

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// ReplaceChunk implements [store.Store].
func (s *Store) ReplaceChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (store.Loaded, error) {
	var loaded store.Loaded
	err := s.write(ctx, "load chunk "+c.Name, func() (err error) {
		loaded, err = s.loadChunk(ctx, c, rows, removed)
		return err
	})
	if err != nil {
		return store.Loaded{}, err
	}
	return loaded, nil
}

// named is how many rows one statement names by their keys.
const named = 500

// remove removes rows by their keys.
func (s *Store) remove(ctx context.Context, keys []store.Key) error {
	byTable := map[*sih.Table][]store.Key{}
	for _, k := range keys {
		byTable[k.Table] = append(byTable[k.Table], k)
	}
	for _, t := range sih.Tables {
		tuple := "(?" + strings.Repeat(", ?", len(t.Key)-1) + ")"
		for some := range slices.Chunk(byTable[t], named) {
			var args []any
			for _, k := range some {
				for _, v := range k.Values {
					args = append(args, v.String())
				}
			}
			statement := fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (%s)", t.Name, strings.Join(t.Key, ", "), tuple+strings.Repeat(", "+tuple, len(some)-1))
			if err := s.session.run(ctx, statement, args...); err != nil {
				return err
			}
			s.removedFrom(t)
		}
	}
	return nil
}

// removedFrom notes that rows of a table are gone which others may point at.
func (s *Store) removedFrom(t *sih.Table) {
	for _, r := range store.References() {
		if r.Target == t.Name {
			s.touched[r.Table] = true
		}
	}
}

// Undo implements [store.Store].
func (s *Store) Undo(ctx context.Context, run sih.ID, rows iter.Seq2[sih.Entity, error]) error {
	return s.write(ctx, "undo run "+run.String(), func() error {
		return s.transaction(ctx, func() error {
			fill := func(_ *loader, e sih.Entity) ([]sih.Value, error) { return e.Values, nil }
			if _, err := s.take(ctx, rows, fill, (*loader).putBack); err != nil {
				return err
			}
			for _, t := range slices.Backward(sih.Tables) {
				column := "run_id"
				switch {
				case t.Name == "migration_run":
					column = "id"
				case !t.Has(column):
					continue
				}
				n, err := s.session.affect(ctx, "DELETE FROM "+t.Name+" WHERE "+column+" = ?", run)
				if err != nil {
					return err
				}
				if n > 0 {
					s.removedFrom(t)
				}
			}
			return nil
		})
	})
}

// putBack writes the rows that are held over those that are there.
func (l *loader) putBack(ctx context.Context) error {
	if _, err := l.sort(); err != nil {
		return err
	}
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	if set := store.Assignments(l.table, "t."); set != "" {
		if err := l.store.session.run(ctx, fmt.Sprintf("UPDATE %s AS t JOIN %s AS s ON %s SET %s", l.table.Name, staged, store.SameKey(l.table), set)); err != nil {
			return err
		}
	}
	if err := l.insertNew(ctx, staged); err != nil {
		return err
	}
	return l.store.session.run(ctx, "DROP TEMPORARY TABLE "+staged)
}
