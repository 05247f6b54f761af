package match

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	// drawsPerRecord random pairs are compared to estimate u, within bounds:
	// enough for the levels that matter, no more than seconds of work.
	drawsPerRecord = 50
	fewestDraws    = 200_000
	mostDraws      = 10_000_000
	// rounds of expectation and maximisation; the estimates stand still
	// after about ten.
	rounds = 25
	// The model's own figures count as much as this share of the pairs for
	// u, whose rare levels may not be drawn at all, and as so many pairs for
	// m.
	shareOfModel = 0.1
	pairsOfModel = 50
)

// A tally counts the levels of a comparison.
type tally [16]float64

// train replaces m and u by estimates from the records: u from random pairs,
// drawn by hash of a counter so that every run draws the same, m by
// expectation and maximisation over the counted patterns of each pass, with
// the comparisons left out on which the pass itself is keyed.
func (r *runner) train(ctx context.Context) error {
	if len(r.ids) < 2 {
		return nil
	}
	u, err := r.estimateU(ctx)
	if err != nil {
		return err
	}
	m, err := r.estimateM(ctx, u)
	if err != nil {
		return err
	}
	trained := r.model.clone()
	for i := range trained.Comparisons {
		levels := trained.Comparisons[i].Levels
		for j := range levels {
			levels[j].M, levels[j].U = m[i][j+1], u[i][j+1]
		}
	}
	p, err := compile(trained)
	if err != nil {
		return &ModelError{Err: err}
	}
	r.model, r.plan = trained, p
	for i := range p.comparisons {
		if err := r.countValues(i); err != nil {
			return err
		}
	}
	return nil
}

// clone returns a copy whose figures may be changed.
func (m *Model) clone() *Model {
	out := *m
	out.Comparisons = slices.Clone(m.Comparisons)
	for i := range out.Comparisons {
		out.Comparisons[i].Levels = slices.Clone(m.Comparisons[i].Levels)
	}
	return &out
}

// estimateU returns how often each level occurs among random pairs that are
// not likely to be of one person.
func (r *runner) estimateU(ctx context.Context) ([]tally, error) {
	n := uint64(len(r.ids))
	draws := min(max(n*drawsPerRecord, fewestDraws), mostDraws)
	const task = 1 << 14
	counts := make([]tally, len(r.plan.comparisons))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.workers)
	for start := uint64(0); start < draws; start += task {
		group.Go(func() error {
			c := comparer{frozen: r.frozen, thorough: true}
			mine := make([]tally, len(counts))
			for k := start; k < min(start+task, draws); k++ {
				a, b := uint32(mix(k, 1)%n), uint32(mix(k, 2)%n)
				if a == b {
					continue
				}
				v, weight, _ := c.levels(c.row(min(a, b)), c.row(max(a, b)), none)
				if weight+r.prior > 0 {
					continue
				}
				for i := range mine {
					mine[i][v.level(i)]++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range counts {
				for l, x := range mine[i] {
					counts[i][l] += x // whole numbers, in any order
				}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range counts {
		levels := r.model.Comparisons[i].Levels
		total := told(counts[i])
		weight := max(total*shareOfModel, 1)
		for j := range levels {
			counts[i][j+1] = (counts[i][j+1] + weight*levels[j].U) / (total + weight)
		}
	}
	return counts, nil
}

// told returns the pairs of a tally in which the field is not missing.
func told(t tally) (sum float64) {
	for _, x := range t[1:] {
		sum += x
	}
	return sum
}

// A pattern is a vector and how many pairs of a pass have it.
type pattern struct {
	vector vector
	count  float64
}

// estimateM returns how often each level occurs between two records of one
// person: the mean over the passes, each weighing as many pairs as it finds.
func (r *runner) estimateM(ctx context.Context, u []tally) ([]tally, error) {
	sum := make([]tally, len(u))
	budget := uint64(r.model.Thresholds.Budget) * uint64(len(r.ids))
	for number := range r.plan.passes {
		b := r.block(number, budget/uint64(len(r.plan.passes)), new(sorter))
		patterns, err := r.patterns(ctx, b)
		if err != nil {
			return nil, err
		}
		for i, t := range r.maximise(patterns, u, r.keyed(number)) {
			for l, x := range t {
				sum[i][l] += x
			}
		}
	}
	for i := range sum {
		levels := r.model.Comparisons[i].Levels
		total := told(sum[i])
		for j := range levels {
			sum[i][j+1] = (sum[i][j+1] + pairsOfModel*levels[j].M) / (total + pairsOfModel)
		}
	}
	return sum, nil
}

// keyed returns the comparisons whose field is part of a pass's key: within
// its blocks they agree for everybody and say nothing.
func (r *runner) keyed(number int) []bool {
	out := make([]bool, len(r.plan.comparisons))
	for i, x := range r.plan.comparisons {
		for _, p := range r.plan.passes[number].key {
			out[i] = out[i] || p.field == x.field || p.either && p.other == x.field
		}
	}
	return out
}

// patterns counts the vectors of the pairs of a pass, without those that a
// rule keeps apart: the members of a household agree in so much that the
// estimate would otherwise take the household for the person.
func (r *runner) patterns(ctx context.Context, b *blocking) ([]pattern, error) {
	counts := map[vector]float64{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.workers)
	const task = 1 << 12
	for start := 0; start < len(b.blocks); start += task {
		group.Go(func() error {
			c := comparer{frozen: r.frozen, thorough: true}
			mine := map[vector]float64{}
			for _, g := range b.blocks[start:min(start+task, len(b.blocks))] {
				records := b.records[g.start:g.end]
				for i, x := range records {
					for _, y := range records[i+1:] {
						if r.across && r.lists[x] == r.lists[y] {
							continue
						}
						v, _, _ := c.levels(c.row(x), c.row(y), none)
						mine[v]++
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for v, n := range mine {
				counts[v] += n
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := make([]pattern, 0, len(counts))
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		if _, verdict := r.plan.verdict(v, 0); verdict < Conflict {
			out = append(out, pattern{v, counts[v]})
		}
	}
	return out, nil
}

// maximise returns the expected number of matching pairs with each level,
// where skip is false. u stands fast.
func (r *runner) maximise(patterns []pattern, u []tally, skip []bool) []tally {
	m := make([]tally, len(u))
	for i := range m {
		for j, l := range r.model.Comparisons[i].Levels {
			m[i][j+1] = l.M
		}
	}
	share := 0.5
	var expected []tally
	for range rounds {
		expected = make([]tally, len(u))
		var matches, all float64
		for _, p := range patterns {
			odds := share / (1 - share)
			for i := range m {
				if l := p.vector.level(i); l != 0 && !skip[i] {
					odds *= m[i][l] / u[i][l]
				}
			}
			here := p.count
			if !math.IsInf(odds, 1) {
				here *= odds / (1 + odds)
			}
			matches += here
			all += p.count
			for i := range m {
				if l := p.vector.level(i); l != 0 && !skip[i] {
					expected[i][l] += here
				}
			}
		}
		if all == 0 {
			return expected
		}
		share = min(max(matches/all, 1e-6), 1-1e-6)
		for i := range m {
			total := told(expected[i])
			for j, l := range r.model.Comparisons[i].Levels {
				m[i][j+1] = (expected[i][j+1] + pairsOfModel*l.M) / (total + pairsOfModel)
			}
		}
	}
	return expected
}
