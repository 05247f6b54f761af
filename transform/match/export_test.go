package match

import "slices"

// Compare gives benchmarks the comparers without the spelling of symbols.
func Compare(a, b []byte) (similar, edits func() int) {
	s := new(scratch)
	return func() int { return s.jaroWinkler(a, b) }, func() int { return s.edits(a, b) }
}

// MayReach gives tests the filter by letters.
func MayReach(a, b []byte, least int) bool {
	x, y := spelled(a, b)
	return mayReach(&x, &y, slices.Concat(a, b), least)
}

// MayBeWithin gives tests the filter of edits.
func MayBeWithin(a, b []byte, edits int) bool {
	x, y := spelled(a, b)
	return mayBeWithin(&x, &y, edits)
}

// spelled returns the spellings of two texts that stand end to end.
func spelled(a, b []byte) (x, y spelling) {
	mask := func(s []byte) (m uint64) {
		for _, c := range s {
			m |= 1 << (c & 63)
		}
		return m
	}
	return spelling{mask(a), 0, uint32(len(a))}, spelling{mask(b), uint32(len(a)), uint32(len(b))}
}

// GaveUpRightly tells whether comparing a pair only as far as need be says
// the same as comparing it whole.
func (r *Result) GaveUpRightly(a, b uint32, least int32) (stopped, right bool) {
	c := comparer{frozen: r.frozen}
	whole := comparer{frozen: r.frozen, thorough: true}
	v, w, stop := c.levels(r.row(a), r.row(b), least)
	full, weight, _ := whole.levels(r.row(a), r.row(b), none)
	if !stop {
		return false, v == full && w == weight && w >= least
	}
	_, verdict := r.plan.verdict(full, weight+r.prior)
	return true, verdict == Apart || weight < least
}

// Verdicts gives tests the rules of a model as they are applied: to levels,
// numbered per comparison from 1 in the model's order, 0 being missing.
func Verdicts(m *Model) (verdict func(levels []uint8, posterior int32) int, err error) {
	p, err := compile(m)
	if err != nil {
		return nil, err
	}
	return func(levels []uint8, posterior int32) int {
		var v vector
		for i, n := range levels {
			v |= vector(n) << (4 * i)
		}
		rule, _ := p.verdict(v, posterior)
		return rule
	}, nil
}

// Scoring gives benchmarks the candidate pairs of a result to score again, on
// one goroutine: as a run does, which gives a pair up when it is settled, or
// whole, comparing every pair in every respect.
func (r *Result) Scoring() (score func(whole bool) (pairs uint64)) {
	run := *r.runner
	passes := len(run.plan.passes)
	run.seen = run.unseen()
	var blocks []*blocking
	for i := range passes {
		b := run.block(i, uint64(run.model.Thresholds.Budget*len(run.ids)/passes), new(sorter))
		run.note(i, b)
		blocks = append(blocks, b)
	}
	return func(whole bool) (pairs uint64) {
		run := run
		if whole {
			run.review = none
		}
		for i, b := range blocks {
			w := worker{runner: &run, comparer: comparer{frozen: run.frozen, thorough: whole}, pass: i, records: b.records}
			w.blocks(b.blocks)
			pairs += w.scored
		}
		return pairs
	}
}

// Falling gives tests the classes of rarity.
func Falling(m, u [rarityClasses]float64) [rarityClasses]int32 { return falling(m, u) }
