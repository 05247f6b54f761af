package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// RollbackReport tells what rollback did.
type RollbackReport struct {
	Target string `json:"target"`
	Run    string `json:"run"` // that was undone
	// Left are the runs that the store holds now; none where there is no store
	// any more.
	Left []string `json:"left"`
}

// EditedError tells that a store was changed by another hand since its load.
type EditedError struct {
	Target string
	Verify *VerifyReport
}

// Error says so.
func (e *EditedError) Error() string {
	return e.Target + " was changed since it was loaded, and going back would undo that"
}

// Hint says what to do.
func (e *EditedError) Hint() string {
	return "see the rows that are listed; what they say now is to be kept elsewhere before, then give --discard-edits"
}

// Rollback takes a run's store out of its place and puts the one before back,
// where one was kept. What is taken out stays as the store that a load builds:
// loading the same run again puts it back. Edits that somebody has made in the
// store since are an [*EditedError]; where they may be discarded, the store is
// removed, and loading the run again makes it from the stage. A delta is taken
// back where it is: see undoDelta.
func Rollback(ctx context.Context, o Options, run sih.ID, discard bool) (*RollbackReport, error) {
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	runs, err := runsIn(ctx, engine, store.Live, store.Options{Now: o.now})
	if err != nil {
		return nil, err
	}
	chain, err := readChain(o.Project)
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(chain, func(l chainLink) bool { return l.Run == run }); slices.Contains(runs, run) || at >= 0 && at == len(chain)-1 && chain[at].Base != "" {
		delta, err := isDelta(ctx, engine, run)
		if err != nil {
			return nil, err
		}
		if delta || !slices.Contains(runs, run) {
			return undoDelta(ctx, o, engine, run, discard)
		}
	}
	if !slices.Contains(runs, run) {
		return nil, &ConfigError{Err: fmt.Errorf("%s does not hold run %s", engine.Name(), run), Advice: fmt.Sprintf("it holds %v", runs)}
	}
	if err := holdLastIn(ctx, engine, run); err != nil {
		return nil, err
	}
	if !discard {
		r, err := Verify(ctx, o, nil)
		var config *ConfigError
		switch {
		case errors.As(err, &config):
			return nil, &ConfigError{Err: fmt.Errorf("whether somebody has changed the store cannot be told: %w", err), Advice: "restore the stage of that run, or give --discard-edits"}
		case err != nil:
			return nil, err
		case len(r.Tables) > 0:
			return nil, &EditedError{engine.Name(), r}
		}
	}
	if discard {
		err = engine.Remove(ctx, store.Live)
	} else {
		err = engine.Move(ctx, store.Live, store.Building)
	}
	if err != nil {
		return nil, err
	}
	if err := engine.Move(ctx, store.Previous, store.Live); err != nil {
		return nil, err
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

// LastRun returns the run that the live store holds last, by its own account.
func LastRun(ctx context.Context, o Options) (last sih.ID, err error) {
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return last, err
	}
	defer done()
	err = s.Query(ctx, "SELECT id FROM migration_run ORDER BY started_at, id", nil, func(r store.Row) error {
		last, err = sih.ParseID(r.Text(0))
		return err
	})
	return last, err
}
