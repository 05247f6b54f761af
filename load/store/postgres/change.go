package postgres

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// ReplaceChunk implements [store.Store].
func (s *Store) ReplaceChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (store.Loaded, error) {
	return s.chunk(ctx, c, rows, removed)
}

// named is how many rows one statement names by their keys.
const named = 500

// remove removes rows by their keys.
func (s *Store) remove(ctx context.Context, keys []store.Key) error {
	byTable := map[*sih.Table][]string{}
	for _, k := range keys {
		values := make([]string, len(k.Values))
		for i, v := range k.Values {
			values[i] = literal(strings.ReplaceAll(v.String(), "\x00", nul)) // an empty one stands for NULL
		}
		byTable[k.Table] = append(byTable[k.Table], "("+strings.Join(values, ", ")+")")
	}
	for _, t := range slices.Backward(sih.Tables) {
		if byTable[t] == nil {
			continue
		}
		if err := s.untieFrom(ctx, t); err != nil {
			return err
		}
		for some := range slices.Chunk(byTable[t], named) {
			if err := run(ctx, s.conn, "DELETE FROM "+t.Name+" WHERE ("+strings.Join(t.Key, ", ")+") IN ("+strings.Join(some, ", ")+")"); err != nil {
				return err
			}
		}
	}
	return nil
}

// untieFrom takes away what points at a table: Finish looks at it again when
// rows have been removed.
func (s *Store) untieFrom(ctx context.Context, t *sih.Table) error {
	return s.untie(ctx, func(r store.Reference) bool { return r.Target == t.Name })
}

// Undo implements [store.Store].
func (s *Store) Undo(ctx context.Context, run sih.ID, rows iter.Seq2[sih.Entity, error]) error {
	op := "undo run " + run.String()
	if err := s.writable(ctx); err != nil {
		return s.fault(ctx, op, err)
	}
	return s.fault(ctx, op, s.transact(ctx, func() error {
		asIs := func(l *loader, e sih.Entity) (int, error) { return l.hold(e.Values) }
		if _, err := s.each(ctx, rows, asIs, (*loader).putBack); err != nil {
			return err
		}
		return s.takeOut(ctx, run)
	}))
}

// putBack writes the rows of the batch over those that are there.
func (l *loader) putBack(ctx context.Context) error {
	if err := l.store.untie(ctx, func(r store.Reference) bool { return r.Table == l.table.Name }); err != nil {
		return err
	}
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	if err := l.change(ctx, staged, "true"); err != nil {
		return err
	}
	return l.add(ctx, staged)
}

// takeOut removes what a run has written.
func (s *Store) takeOut(ctx context.Context, id sih.ID) error {
	for _, t := range slices.Backward(sih.Tables) {
		column := "run_id"
		switch {
		case t.Name == "migration_run":
			column = "id"
		case !t.Has(column):
			continue
		}
		where := " FROM " + t.Name + " WHERE " + column + " = " + literal(id.String())
		found, err := records(ctx, s.conn, "SELECT EXISTS (SELECT 1"+where+")")
		if err != nil {
			return err
		}
		if found[0][0] != "t" {
			continue
		}
		if err := s.untieFrom(ctx, t); err != nil {
			return err
		}
		if err := run(ctx, s.conn, "DELETE"+where); err != nil {
			return err
		}
	}
	return nil
}
