package sqlserver

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// named is how many values one statement names: the server takes 2,100.
const named = 500

// remove removes rows by their keys.
func (s *Store) remove(ctx context.Context, keys []store.Key) error {
	byTable := map[*sih.Table][]store.Key{}
	for _, k := range keys {
		byTable[k.Table] = append(byTable[k.Table], k)
	}
	for _, t := range slices.Backward(sih.Tables) {
		if byTable[t] == nil {
			continue
		}
		if err := s.untieFrom(ctx, t); err != nil {
			return err
		}
		one := "(" + strings.Join(t.Key, " = ? AND ") + " = ?)"
		for some := range slices.Chunk(byTable[t], named/len(t.Key)) {
			var args []any
			for _, k := range some {
				for i, v := range k.Values {
					args = append(args, keyText(&t.Columns[t.Column(t.Key[i])], v))
				}
			}
			if err := s.run(ctx, "DELETE FROM "+t.Name+" WHERE "+one+strings.Repeat(" OR "+one, len(some)-1), args...); err != nil {
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
	return s.write(ctx, "undo run "+run.String(), func() error {
		return s.transact(ctx, func() error {
			asIs := func(_ *loader, e sih.Entity) ([]sih.Value, error) { return e.Values, nil }
			if _, err := s.take(ctx, rows, asIs, (*loader).putBack); err != nil {
				return err
			}
			return s.takeOut(ctx, run)
		})
	})
}

// takeOut removes what a run has written.
func (s *Store) takeOut(ctx context.Context, run sih.ID) error {
	for _, t := range slices.Backward(sih.Tables) {
		column := "run_id"
		switch {
		case t.Name == "migration_run":
			column = "id"
		case !t.Has(column):
			continue
		}
		where := " FROM " + t.Name + " WHERE " + column + " = ?"
		found, err := s.session.records(ctx, within(s.schema, "SELECT TOP 1 "+column+where), run)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		if err := s.untieFrom(ctx, t); err != nil {
			return err
		}
		if err := s.run(ctx, "DELETE"+where, run); err != nil {
			return err
		}
	}
	return nil
}
