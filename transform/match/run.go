package match

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sihctl/sih"
	"golang.org/x/sync/errgroup"
)

// Options say how to run; the zero value runs on every processor.
type Options struct {
	// Workers is the number of goroutines that compare; 0 is one for each
	// processor. It has no influence on the result.
	Workers int
	// Lists tells that each list of the table is without repeats: only records
	// of different lists are compared, and a cluster has one of each at most.
	Lists bool
	// Train estimates m and u on the records before they are matched; the
	// model's own are where the estimate starts. See [Result.Model].
	Train bool
	// AsOf is the day on which the ages of people are told, where the model
	// asks for them. The zero Date is no day.
	AsOf sih.Date
	// Decisions are what humans decided; they bind. Those on records that are
	// not in the table are left alone.
	Decisions []Decision
	// Before tells which person a record was of in a former run. Persons of
	// that run stay as they were: new records join them, and what would join
	// two of them is left for review. Records that were nobody's are new. Nil
	// is no former run.
	Before func(record sih.ID) (person sih.ID, ok bool)
	// Anew are persons of the former run whose records are grouped anew, such as
	// when a decision that made them one is taken back. So are those of a person
	// of whom two records are decided to be others.
	Anew []sih.ID
	// Progress is told, now and then and from one goroutine at a time, how
	// much of the work is done. Nil is allowed.
	Progress func(done, total int)
}

// A Decision is a human's on two records.
type Decision struct {
	A, B sih.ID
	Same bool
}

func (o *Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// A Pair is two records that may be of one person, in 16 bytes. Records are
// numbered by rank, A before B.
type Pair struct {
	A, B   uint32
	Weight int32 // thousandths of a bit
	// Pass is the number of the pass that found it, or noPass.
	Pass uint8
	// Rule is the number of the rule that decided, from 1, or 0.
	Rule uint8
	Band Band
	// Against is the number of the rule that keeps the two clusters of a
	// refused pair apart, or 0 when the clusters are too large or too unlike.
	Against uint8
}

// A Band says what became of a pair.
type Band uint8

// The bands.
const (
	BandMerge   Band = iota // strong enough to be merged, no rule against
	BandReview              // doubtful by its weight or by a rule
	BandRefused             // strong enough, but the cluster it would make is not
	BandTorn                // strong enough, but one of the records fits two people
	BandBridge              // strong enough to be merged, but the only pair that would hold two groups together
	BandKnown               // decided by a human, or joined by a former run
)

// String returns merge, review, refused, torn, bridge or known.
func (b Band) String() string {
	return [...]string{"merge", "review", "refused", "torn", "bridge", "known"}[min(b, BandKnown)]
}

// before is the order in which pairs are considered: strongest first, ties by
// rank.
func (p Pair) before(q Pair) int {
	if c := cmp.Compare(q.Weight, p.Weight); c != 0 {
		return c
	}
	if c := cmp.Compare(p.A, q.A); c != 0 {
		return c
	}
	return cmp.Compare(p.B, q.B)
}

// PassStats is what one pass cost and brought.
type PassStats struct {
	Name    string `json:"pass"`
	Records int    `json:"records"` // records that have the key
	Blocks  int    `json:"blocks"`  // blocks of two records or more
	Limit   int    `json:"limit"`   // the greatest size of a block that the budget allowed
	Refined int    `json:"refined"` // blocks of the plain key that were larger
	Cut     int    `json:"cut"`     // records in blocks that could only be cut
	Pairs   uint64 `json:"pairs"`   // pairs in the blocks, counted beforehand
	Scored  uint64 `json:"scored"`  // pairs that no earlier pass had found
	Kept    uint64 `json:"kept"`    // pairs at or above the review threshold
	// Seconds is how long the workers took to score the pairs, added up.
	Seconds float64 `json:"seconds"`
}

// Stats is what a run cost and found.
type Stats struct {
	Records int
	Passes  []PassStats
	// Shared counts, per field, the values found to belong to several people.
	Shared map[string]int
	// Unread counts, per field, the values that could not be read.
	Unread   map[string]int
	Clusters int // clusters of two records or more
	Merged   int // records that joined another's cluster
	Refused  int // pairs whose clusters could not be joined
	Torn     int // records that fit two people equally well and joined nobody
	Doubtful int // pairs left for review, one for two clusters
	// ExpectedWrong is how many of the merges are wrong if the model's
	// probabilities are right.
	ExpectedWrong float64
	// ExpectedMissed is how many of the doubtful pairs are one person, by the
	// same probabilities: it counts no pair that fell below the review
	// threshold, and knows nothing of what a rule fears.
	ExpectedMissed float64
	// Contradicted is how many decisions that two records are one person were
	// not followed, because others keep them apart.
	Contradicted int
	// Largest is the number of records of the largest component: what was
	// tied together by pairs, before clusters were cut out of it.
	Largest int
	// Training is what the estimate of the weights found; nil without one.
	Training *Training
}

// Run matches the records of the table, which takes no more afterwards.
func (t *Table) Run(ctx context.Context, opts Options) (*Result, error) {
	if t.ran {
		return nil, errors.New("match: the table has been matched already")
	}
	f, err := t.freeze(&opts)
	if err != nil {
		return nil, err
	}
	r := &runner{frozen: f, workers: opts.workers(), progress: opts.Progress}
	if r.across = opts.Lists; r.across && f.lists == nil {
		return nil, errors.New("match: there is one list, and nothing to link it with")
	}
	th := f.model.Thresholds
	r.prior = prior(th.Expected, len(f.ids))
	r.merge, r.review, r.link = odds(th.Merge), odds(th.Review), odds(th.Link)
	r.lone = r.link
	if th.Lone > 0 {
		r.lone = odds(th.Lone)
	}
	r.clip, r.bridge = millibits(th.Clip), none
	if th.Bridge > 0 {
		r.bridge = odds(th.Bridge)
	}

	res := &Result{runner: r, Stats: Stats{Records: len(f.ids), Shared: map[string]int{}, Unread: map[string]int{}}}
	for i, n := range t.unread {
		if n > 0 {
			res.Stats.Unread[f.model.Fields[i].Name] = n
		}
	}
	for i, p := range f.plan.fields {
		if p.above > 0 {
			res.Stats.Shared[f.model.Fields[i].Name] = f.dictionaries[p.texts].sharedCount()
		}
	}
	if opts.Train {
		if res.Stats.Training, err = r.train(ctx); err != nil {
			return nil, err
		}
	}
	pairs, err := r.find(ctx, &res.Stats)
	if err != nil {
		return nil, err
	}
	r.known = newKnown(r.frozen, &opts)
	return res, res.cluster(ctx, r.withKnown(pairs))
}

// odds returns the log-odds of a probability in thousandths of a bit.
func odds(p float64) int32 { return millibits(math.Log2(p / (1 - p))) }

// A runner finds and scores the pairs of a frozen table.
type runner struct {
	*frozen
	across              bool // only records of different lists are compared
	workers             int
	prior               int32 // log-odds of a random pair, in thousandths of a bit
	merge, review, link int32 // posterior log-odds of the thresholds
	lone                int32 // link of a cluster of one record
	bridge              int32 // from which a lone pair between two groups is certain; none for any
	clip                int32 // the most that a pair says between clusters; 0 for no bound
	progress            func(done, total int)
	known               *known // nil for nothing
	byWeight            bool   // rules that ask for more than weight do not
	// likenesses holds, per rule from 1, what tells strangers who are alike; nil
	// where the weight does.
	likenesses []*likeness

	// seen holds, per record and pass, the record's block in that pass, or a
	// number that no other has: two records that share one have been compared
	// there.
	seen []uint32
}

// find makes the pairs of all passes and returns those worth keeping,
// strongest first. While one pass is scored the next is blocked.
func (r *runner) find(ctx context.Context, stats *Stats) ([]Pair, error) {
	passes := len(r.plan.passes)
	r.seen = r.unseen()
	blocked := make(chan *blocking)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(blocked)
		budget := uint64(r.model.Thresholds.Budget) * uint64(len(r.ids))
		var s sorter
		for i := range passes {
			b := r.block(i, budget/uint64(passes-i), &s)
			budget -= min(budget, b.stats.Pairs)
			r.note(i, b)
			select {
			case blocked <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var kept [][]Pair
	group.Go(func() error {
		i := 0
		for b := range blocked {
			found, err := r.score(ctx, i, b)
			if err != nil {
				return err
			}
			kept = append(kept, found...)
			stats.Passes = append(stats.Passes, b.stats)
			i++
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r.seen = nil
	if r.progress != nil {
		r.progress(passes*1000, passes*1000)
	}
	all := slices.Concat(kept...)
	slices.SortFunc(all, Pair.before)
	return all, nil
}

// unseen returns what seen is before the first pass.
func (r *runner) unseen() []uint32 {
	passes := len(r.plan.passes)
	seen := make([]uint32, len(r.ids)*passes)
	for i := range r.ids {
		for k := range passes {
			seen[i*passes+k] = uint32(i) | 1<<31
		}
	}
	return seen
}

// note keeps which block of a pass each record is in.
func (r *runner) note(number int, b *blocking) {
	passes := len(r.plan.passes)
	for _, g := range b.blocks {
		for _, record := range b.records[g.start:g.end] {
			r.seen[int(record)*passes+number] = g.start
		}
	}
}

// perTask is about how many pairs a worker takes at a time.
const perTask = 1 << 16

// score compares the pairs of a pass.
func (r *runner) score(ctx context.Context, number int, b *blocking) ([][]Pair, error) {
	var tasks [][]block
	for start := 0; start < len(b.blocks); {
		end, pairs := start, uint64(0)
		for end < len(b.blocks) && (end == start || pairs < perTask) {
			pairs += b.blocks[end].pairs()
			end++
		}
		tasks = append(tasks, b.blocks[start:end])
		start = end
	}
	var (
		next   atomic.Int64
		mu     sync.Mutex
		all    [][]Pair
		kept   int
		scored uint64
		took   time.Duration
		done   int
	)
	group, ctx := errgroup.WithContext(ctx)
	for range min(r.workers, len(tasks)) {
		group.Go(func() error {
			begin := time.Now()
			w := worker{runner: r, comparer: comparer{frozen: r.frozen}, pass: number, records: b.records}
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tasks) {
					break
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				w.blocks(tasks[i])
				if r.progress != nil {
					mu.Lock()
					done++
					r.progress(number*1000+done*1000/len(tasks), len(r.plan.passes)*1000)
					mu.Unlock()
				}
			}
			mu.Lock()
			all = append(all, w.kept...)
			for _, pairs := range w.kept {
				kept += len(pairs)
			}
			scored += w.scored
			took += time.Since(begin)
			mu.Unlock()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	b.stats.Scored, b.stats.Kept, b.stats.Seconds = scored, uint64(kept), took.Seconds()
	return all, nil
}
