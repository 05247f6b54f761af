package pipeline

import (
	"context"
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
