package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
	"golang.org/x/sync/errgroup"
)

// VerifyReport tells whether the store holds what it should.
type VerifyReport struct {
	Target  string `json:"target"`
	Against string `json:"against"` // what it was compared with
	Rows    int64  `json:"rows"`    // in the store
	// Tables are those with a difference.
	Tables []VerifyTable `json:"tables"`
	// Differences are rows, by table and id: all of them, unless More.
	Differences []store.Difference `json:"differences"`
	// More tells that there are differences beyond those that are listed.
	More    bool    `json:"more"`
	Seconds float64 `json:"seconds"`
}

// VerifyTable is a table that is not as it should be.
type VerifyTable struct {
	Table    string `json:"table"`
	Expected int64  `json:"expected"` // rows
	Found    int64  `json:"found"`
}

// A rowSource is where rows can be read from in parts, each by a goroutine of
// its own.
type rowSource interface {
	name() string
	// parts returns the sequences that together yield the rows which want tells.
	// An entity is valid until the next one of its sequence.
	parts(ctx context.Context, workers int, want wanted) ([]iter.Seq2[sih.Entity, error], error)
	close() error
}

// wanted names the buckets of each table that are asked for; nil asks for all.
type wanted map[*sih.Table][]int

func (w wanted) has(e sih.Entity) bool {
	if w == nil {
		return true
	}
	_, found := slices.BinarySearch(w[e.Table], store.BucketOf(e))
	return found
}

// verifiable tells whether a table is compared: what a store notes of its own
// loading and of its reconciliation is not in the stage.
func verifiable(t *sih.Table) bool { return t.Name != "load_chunk" && t.Name != "count_check" }

// Verify reads the store back, row by row, and compares it with what was to be
// loaded, or with another project's store.
func Verify(ctx context.Context, o Options, against *project.Project) (*VerifyReport, error) {
	begin := time.Now()
	found, err := openStored(o.Project)
	if err != nil {
		return nil, err
	}
	defer found.close()
	var expected rowSource
	if against != nil {
		expected, err = openStored(against)
	} else {
		expected, err = newStaged(ctx, o, found.engine)
	}
	if err != nil {
		return nil, err
	}
	defer expected.close()
	// Two projects' runs are not one, if only because their configs name other
	// targets; what the runs have brought must be the same.
	omit := sih.TableByName("migration_run")
	if against == nil {
		omit = nil
	}
	r := &VerifyReport{Target: targetName(o, found.engine), Against: expected.name(), Tables: []VerifyTable{}, Differences: []store.Difference{}}
	v := &verifier{o: o, workers: o.Workers, omit: omit, report: r}
	if staged, ok := expected.(*stagedRows); ok {
		v.plan, v.ours = staged.p, staged.ours
	}
	if v.workers < 1 {
		v.workers = runtime.GOMAXPROCS(0)
	}
	if err := v.compare(ctx, expected, found); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	r.Seconds = time.Since(begin).Seconds()
	return r, nil
}

// mostCompared is how many rows are put beside each other at most: some
// hundred megabytes of them.
const mostCompared = 200_000

// mostListed is how many differences a report lists.
const mostListed = 1000

type verifier struct {
	o       Options
	workers int
	omit    *sih.Table // is not compared, or nil
	// plan and ours tell what is compared, where it is the stage.
	plan   *runPlan
	ours   *ours
	report *VerifyReport
	rows   atomic.Int64
}

// compare finds the buckets that differ, and then the rows in them.
func (v *verifier) compare(ctx context.Context, expected, found rowSource) error {
	want, err := v.digest(ctx, "what was loaded", expected)
	if err != nil {
		return err
	}
	var carried []listedRow
	if s, ok := expected.(*stagedRows); ok {
		if carried, err = s.carried(); err != nil {
			return err
		}
		carried = s.ours.without(carried)
	}
	for _, r := range carried {
		want.AddSum(sih.Tables[r.rank], r.id, r.sum)
	}
	have, err := v.digest(ctx, "what the store holds", found)
	if err != nil {
		return err
	}
	differ, rows := wanted{}, int64(0)
	for _, t := range sih.Tables {
		if !verifiable(t) || t == v.omit {
			continue
		}
		n := have.Rows(t)
		v.report.Rows += n
		list := want.Differ(have, t)
		if list == nil {
			continue
		}
		v.report.Tables = append(v.report.Tables, VerifyTable{t.Name, want.Rows(t), n})
		for _, b := range list {
			if rows += want.RowsIn(t, b) + have.RowsIn(t, b); rows > mostCompared && len(differ) > 0 {
				v.report.More = true
				break
			}
			differ[t] = append(differ[t], b)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	var c store.Comparison
	if err := v.each(ctx, expected, differ, c.Expect); err != nil {
		return err
	}
	for _, r := range carried {
		t := sih.Tables[r.rank]
		if _, ok := slices.BinarySearch(differ[t], store.BucketOfID(r.id)); ok {
			c.ExpectSum(t, r.id, r.sum)
		}
	}
	if err := v.each(ctx, found, differ, c.Find); err != nil {
		return err
	}
	list := c.Differences()
	v.report.More = v.report.More || len(list) > mostListed
	v.report.Differences = append(v.report.Differences, list[:min(len(list), mostListed)]...)
	return nil
}

// digest sums all rows of a source.
func (v *verifier) digest(ctx context.Context, step string, s rowSource) (*store.Digest, error) {
	parts, err := s.parts(ctx, v.workers, nil)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	all := &store.Digest{}
	v.rows.Store(0)
	g, ctx := errgroup.WithContext(ctx)
	next := make(chan iter.Seq2[sih.Entity, error])
	g.Go(func() error {
		defer close(next)
		for _, p := range parts {
			select {
			case next <- p:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range v.workers {
		g.Go(func() error {
			var d store.Digest
			for p := range next {
				for e, err := range p {
					if err != nil {
						return err
					}
					if !verifiable(e.Table) || !v.ours.has(v.plan, e) {
						continue
					}
					d.Add(e)
					if n := v.rows.Add(1); n%8192 == 0 {
						v.o.progress(Progress{Stage: "verify", Step: step, Done: n, Unit: "rows"})
						if ctx.Err() != nil {
							return ctx.Err()
						}
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.Merge(&d)
			return nil
		})
	}
	return all, g.Wait()
}

// each calls f for every row in the buckets that are asked for.
func (v *verifier) each(ctx context.Context, s rowSource, want wanted, f func(sih.Entity)) error {
	parts, err := s.parts(ctx, 1, want)
	if err != nil {
		return err
	}
	for _, p := range parts {
		for e, err := range p {
			if err != nil {
				return err
			}
			if verifiable(e.Table) && want.has(e) && v.ours.has(v.plan, e) {
				f(e)
			}
		}
	}
	return nil
}

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
	runs, err := runsIn(ctx, engine, store.Live)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(runs, p.id) {
		return nil, &ConfigError{errors.New("the run is not loaded"), "run `sihctl load` first"}
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
		return nil, &ConfigError{fmt.Errorf("there is no store in %s", s.engine.Name()), "run `sihctl load` first"}
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
