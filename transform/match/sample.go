package match

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	// drawsPerRecord random pairs are compared to learn what strangers have in
	// common, within bounds; all pairs, where there are fewer. Five times as
	// many take most of the time of a training and change no result.
	drawsPerRecord = 3
	fewestDraws    = 400_000
	mostDraws      = 2_000_000
	// perPass is about how many pairs of a pass are looked at: more would not
	// change a likelihood by a hundredth.
	perPass = 300_000
)

// A pattern is a vector and how many pairs have it.
type pattern struct {
	vector vector
	count  float64
	// met tells that the pairs share a block of an earlier pass too.
	met bool
}

// A counter counts the vectors of pairs, for one goroutine.
type counter struct {
	comparer
	count map[observed]float64
}

type observed struct {
	vector vector
	met    bool
}

func (r *runner) counter() *counter {
	return &counter{comparer{frozen: r.frozen, thorough: true}, map[observed]float64{}}
}

func (c *counter) add(a, b uint32, met bool) {
	v, _, _ := c.levels(c.row(min(a, b)), c.row(max(a, b)), none)
	c.count[observed{v, met}]++
}

// tallied runs tasks on the workers, each with a counter of its own, and
// returns the patterns of all, in the order of their vectors.
func (r *runner) tallied(ctx context.Context, tasks int, task func(c *counter, n int)) ([]pattern, error) {
	total := map[observed]float64{}
	var mu sync.Mutex
	next := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(next)
		for n := range tasks {
			select {
			case next <- n:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range max(min(r.workers, tasks), 1) {
		group.Go(func() error {
			c := r.counter()
			for n := range next {
				task(c, n)
			}
			mu.Lock()
			defer mu.Unlock()
			for o, n := range c.count {
				total[o] += n // whole numbers, in any order
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	order := slices.SortedFunc(maps.Keys(total), func(a, b observed) int {
		if c := cmp.Compare(a.vector, b.vector); c != 0 || a.met == b.met {
			return c
		} else if b.met {
			return -1
		}
		return 1
	})
	out := make([]pattern, len(order))
	for i, o := range order {
		out[i] = pattern{o.vector, total[o], o.met}
	}
	return out, nil
}

// random counts the vectors of random pairs, drawn by a hash, so that every
// run draws the same; of small files, those of all pairs.
func (r *runner) random(ctx context.Context) ([]pattern, error) {
	n := uint64(len(r.ids))
	apart := func(a, b uint32) bool { return a != b && !(r.across && r.lists[a] == r.lists[b]) }
	draws := min(max(n*drawsPerRecord, fewestDraws), mostDraws)
	if n*(n-1)/2 <= draws {
		return r.tallied(ctx, int(n), func(c *counter, a int) {
			for b := uint32(a) + 1; b < uint32(n); b++ {
				if apart(uint32(a), b) {
					c.add(uint32(a), b, false)
				}
			}
		})
	}
	const task = 1 << 14
	return r.tallied(ctx, int((draws+task-1)/task), func(c *counter, start int) {
		for k := uint64(start) * task; k < min(uint64(start+1)*task, draws); k++ {
			if a, b := uint32(mix(k, 1)%n), uint32(mix(k, 2)%n); apart(a, b) {
				c.add(a, b, false)
			}
		}
	})
}

// A passSample is what was looked at of a pass.
type passSample struct {
	patterns []pattern
	// scale is how many pairs of the pass each of them stands for.
	scale float64
	skip  []bool // comparisons that look at what the pass is keyed on
}

// samples counts the vectors of the pairs of every pass: of all, or of those
// that a hash picks. Pairs that a rule keeps apart are left out: the members
// of a household agree in so much that the estimate would otherwise take the
// household for the person.
func (r *runner) samples(ctx context.Context, said [][]float64) ([]passSample, error) {
	passes := len(r.plan.passes)
	r.seen = r.unseen()
	defer func() { r.seen = nil }()
	budget := uint64(r.model.Thresholds.Budget) * uint64(len(r.ids))
	var out []passSample
	var s sorter
	for number := range passes {
		b := r.block(number, budget/uint64(passes-number), &s)
		budget -= min(budget, b.stats.Pairs)
		for _, g := range b.blocks {
			for _, record := range b.records[g.start:g.end] {
				r.seen[int(record)*passes+number] = g.start + 1
			}
		}
		picked, scale := uint64(math.MaxUint32)+1, 1.0
		if b.stats.Pairs > perPass {
			picked = perPass << 32 / b.stats.Pairs
			scale = float64(uint64(1)<<32) / float64(picked)
		}
		const task = 1 << 10
		patterns, err := r.tallied(ctx, (len(b.blocks)+task-1)/task, func(c *counter, n int) {
			for _, g := range b.blocks[n*task : min((n+1)*task, len(b.blocks))] {
				records := b.records[g.start:g.end]
				for i, x := range records {
					for _, y := range records[i+1:] {
						if mix(uint64(x)<<32|uint64(y), uint64(number))>>32 >= picked || r.across && r.lists[x] == r.lists[y] {
							continue
						}
						c.add(x, y, met(r.seen[int(x)*passes:][:number], r.seen[int(y)*passes:][:number]))
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
		patterns = slices.DeleteFunc(patterns, func(p pattern) bool {
			_, verdict := r.plan.verdict(p.vector, 0)
			return verdict >= Conflict
		})
		out = append(out, passSample{patterns, scale, r.keyed(number, said)})
	}
	return out, nil
}

// keyed returns the comparisons whose field is part of a pass's key, or holds
// mostly the same words: within its blocks they agree for everybody and say
// nothing.
func (r *runner) keyed(number int, said [][]float64) []bool {
	out, keys := make([]bool, len(r.plan.comparisons)), []int(nil)
	for i, x := range r.plan.comparisons {
		for _, p := range r.plan.passes[number].key {
			out[i] = out[i] || p.field == x.field || p.either && p.other == x.field
		}
		if out[i] {
			keys = append(keys, i)
		}
	}
	for i := range out {
		for _, k := range keys {
			out[i] = out[i] || max(said[i][k], said[k][i]) > 0.5
		}
	}
	return out
}
