package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// stagedRows are the rows that the stage says should be in the store.
type stagedRows struct {
	*loader
	ours *ours
}

func newStaged(ctx context.Context, o Options, engine store.Engine) (*stagedRows, error) {
	p, m, err := planMatched(o)
	if err != nil {
		return nil, err
	}
	runs, err := runsIn(ctx, engine, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(runs, p.id) {
		return nil, &ConfigError{Err: errors.New("the run is not loaded"), Advice: "run `sihctl load` first"}
	}
	if l := readLoaded(o, p.id); l != nil {
		p.configHash = l.Config // the store tells of the config at its time
	}
	live, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	w, err := oursIn(ctx, live, p)
	if err := errors.Join(err, live.Close()); err != nil {
		return nil, err
	}
	return &stagedRows{&loader{o: o, p: p, m: m, a: newApplier(p, m), out: &loaded{}}, w}, nil
}

// carried are the rows that a delta has left in the store though no snapshot
// has them any more: those that vanished, their marks, and the history.
func (s *stagedRows) carried() ([]listedRow, error) {
	if !s.p.delta() {
		return nil, nil
	}
	lists, err := openRowLists(s.o, s.p.id)
	if err != nil {
		return nil, err
	}
	return lists.carried()
}

func (s *stagedRows) name() string { return "the stage" }

func (s *stagedRows) close() error { return nil }

// parts are one for each chunk and each part of the persons, and at the end
// what the program makes itself, whose codes are known only then.
func (s *stagedRows) parts(_ context.Context, _ int, _ wanted) ([]iter.Seq2[sih.Entity, error], error) {
	s.codes = map[codeKey]*stage.CodeUse{}
	var out []iter.Seq2[sih.Entity, error]
	var mu sync.Mutex
	var busy sync.WaitGroup
	for _, path := range s.m.Parts {
		out = append(out, rowsIn(path))
	}
	busy.Add(len(s.p.chunks))
	for i, c := range s.p.chunks {
		out = append(out, func(yield func(sih.Entity, error) bool) {
			defer busy.Done()
			var done applied
			for e, err := range s.a.rows(i, &done) {
				if !yield(e, err) {
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			s.countCodes(c.source.config.ID, done.codes)
		})
	}
	out = append(out, func(yield func(sih.Entity, error) bool) {
		busy.Wait()
		for _, rows := range [][]sih.Entity{runRows(s.o, s.p)[1:], s.p.facilities.entities(), s.codeRows(), finishedRun(s.o, s.p)} {
			for _, e := range rows {
				if !yield(e, nil) {
					return
				}
			}
		}
	})
	return out, nil
}

// storedRows are the rows that a project's store holds.
type storedRows struct {
	engine store.Engine
	open   []store.Store
}

func openStored(p *project.Project) (*storedRows, error) {
	engine, err := openTarget(p)
	return &storedRows{engine: engine}, err
}

func (s *storedRows) name() string { return s.engine.Name() }

func (s *storedRows) close() error {
	var list []error
	for _, open := range s.open {
		list = append(list, open.Close())
	}
	s.open = nil
	return errors.Join(append(list, s.engine.Close())...)
}

// parts are stretches of tables, read over as many connections as there are
// workers.
func (s *storedRows) parts(ctx context.Context, workers int, want wanted) ([]iter.Seq2[sih.Entity, error], error) {
	there, err := s.engine.Exists(ctx, store.Live)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, &ConfigError{Err: fmt.Errorf("there is no store in %s", s.engine.Name()), Advice: "run `sihctl load` first"}
	}
	for len(s.open) < workers {
		one, err := s.engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		s.open = append(s.open, one)
	}
	free := make(chan store.Store, workers)
	for _, one := range s.open[:workers] {
		free <- one
	}
	var out []iter.Seq2[sih.Entity, error]
	scan := func(t *sih.Table, span store.Span) {
		out = append(out, func(yield func(sih.Entity, error) bool) {
			one := <-free
			defer func() { free <- one }()
			for e, err := range one.Scan(ctx, t, span) {
				if !yield(e, err) {
					return
				}
			}
		})
	}
	for _, t := range sih.Tables {
		switch list := want[t]; {
		case !verifiable(t):
		case want == nil, list != nil && !store.KeyedByID(t):
			scan(t, store.Span{})
		default:
			for _, bucket := range list {
				scan(t, store.SpanOf(bucket))
			}
		}
	}
	return out, nil
}
