package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// isDelta tells whether the live store holds the run as a delta.
func isDelta(ctx context.Context, engine store.Engine, run sih.ID) (delta bool, err error) {
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer s.Close()
	err = s.Query(ctx, "SELECT mode FROM migration_run WHERE id = ?", []any{run}, func(r store.Row) error {
		delta = r.Text(0) == string(project.Delta)
		return nil
	})
	return delta, err
}

// undoDelta takes a delta back, also one that was interrupted: rows are put
// back from the images that it kept of them, all others that it wrote are
// removed, in one transaction. It has to be the last run. Rows that somebody
// has changed since are an [*EditedError] that lists them, unless their edits
// may be discarded.
func undoDelta(ctx context.Context, o Options, engine store.Engine, run sih.ID, discard bool) (*RollbackReport, error) {
	s, err := engine.Open(ctx, store.Live, store.Options{Now: o.now})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := holdLast(ctx, s, engine.Name(), run); err != nil {
		return nil, err
	}
	if !discard {
		found, err := editedSince(ctx, o, s, run)
		if err != nil {
			return nil, err
		}
		if found != nil {
			found.Target = targetName(o, engine)
			return nil, &EditedError{engine.Name(), found}
		}
	}
	o.progress(Progress{Stage: "rollback", Step: "putting rows back"})
	if err := undoSources(ctx, o, s, run); err != nil {
		return nil, err
	}
	if err := s.Undo(ctx, run, beforeRows(o, run)); err != nil {
		return nil, err
	}
	if err := errors.Join(s.Finish(ctx), s.Close()); err != nil {
		return nil, err
	}
	if err := os.Remove(loadedFile(o)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("rollback: %w", err)
	}
	if err := shortenChain(o, run); err != nil {
		return nil, err
	}
	left, err := runsIn(ctx, engine, store.Live, store.Options{Now: o.now})
	report := &RollbackReport{Target: targetName(o, engine), Run: run.String(), Left: []string{}}
	for _, id := range left {
		report.Left = append(report.Left, id.String())
	}
	return report, err
}

// undoSources removes the rows about sources that the run was the first to bring:
// they bear no run's id. Until the rest is undone too, going back begins again.
func undoSources(ctx context.Context, o Options, s store.Store, run sih.ID) error {
	t := sih.TableByName("source_system")
	old := map[sih.SourceID]bool{}
	for e, err := range beforeRows(o, run) {
		if err != nil {
			return err
		}
		if e.Table == t {
			old[sih.SourceID(e.Values[0].String())] = true
		}
	}
	began := false
	err := s.Query(ctx, "SELECT id FROM load_chunk c JOIN migration_run r ON r.id = c.run_id WHERE c.run_id = ? AND c.chunk = ?", []any{run, runChunk}, func(store.Row) error {
		began = true
		return nil
	})
	var brought []store.Key
	for _, c := range o.Project.Config.Sources {
		if !old[c.ID] {
			brought = append(brought, store.Key{Table: t, Values: []sih.Value{sih.CodeValue(string(c.ID))}})
		}
	}
	if err != nil || !began || len(brought) == 0 {
		return err
	}
	_, err = s.ReplaceChunk(ctx, store.Chunk{Run: run, Name: "sources, undone", Hash: "undone"}, entitySeq(nil), brought)
	return err
}

// holdLastIn is holdLast for the live store.
func holdLastIn(ctx context.Context, engine store.Engine, run sih.ID) error {
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return holdLast(ctx, s, engine.Name(), run)
}

// holdLast sees to it that no other run was begun after the given one.
func holdLast(ctx context.Context, s store.Store, name string, run sih.ID) error {
	later := ""
	seen := false
	err := s.Query(ctx, "SELECT id FROM migration_run ORDER BY started_at, id", nil, func(r store.Row) error {
		switch {
		case r.Text(0) == run.String():
			seen = true
		case seen:
			later = r.Text(0)
		}
		return nil
	})
	if err == nil && later != "" {
		err = &ConfigError{Err: fmt.Errorf("%s holds run %s, which came after run %s", name, later, run), Advice: "take back the later one first"}
	}
	return err
}

// beforeRows yields how rows were before a delta, also one that an earlier
// version of the program has loaded.
func beforeRows(o Options, run sih.ID) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		files, err := filepath.Glob(filepath.Join(beforeDir(o, run), "*.stage"))
		if err != nil {
			yield(sih.Entity{}, err)
			return
		}
		for _, path := range files {
			r, err := openBefore(path)
			if err != nil {
				yield(sih.Entity{}, err)
				return
			}
			for e, err := range r.Entities() {
				if err != nil {
					r.Close()
					yield(sih.Entity{}, lostBefore(err))
					return
				}
				if !yield(e.Entity, nil) {
					r.Close()
					return
				}
			}
			r.Close()
		}
	}
}

// openBefore opens a file of rows as they were, whichever version of the schema
// it was written for.
func openBefore(path string) (r *stage.Reader, err error) {
	for version := store.Latest(); version >= 1; version-- {
		tables := slices.DeleteFunc(store.SchemaAt(version).Tables, func(t *sih.Table) bool { return sih.TableByName(t.Name) == nil })
		if r, err = stage.OpenKept(path, tables); !errors.Is(err, stage.ErrKept) {
			return r, err
		}
	}
	return nil, lostBefore(err)
}

// lostBefore says what is left where it is not known any more how rows were.
func lostBefore(err error) error {
	if !errors.Is(err, stage.ErrKept) {
		return err
	}
	return &ConfigError{Err: fmt.Errorf("how the rows were before the run cannot be told: %w", err), Advice: "restore the file from a backup of the project, or the store from its own; or go on with another delta, which needs no going back"}
}
