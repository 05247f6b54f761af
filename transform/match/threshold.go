package match

import (
	"context"
	"slices"
)

// At returns the result that another threshold for merging would have given,
// from the same pairs. With byWeight, pairs that a rule sends to review are
// judged by their weight too: what one threshold alone would do. A threshold
// below the model's review does not bring back the pairs that were not kept.
func (r *Result) At(ctx context.Context, merge float64, byWeight bool) (*Result, error) {
	run := *r.runner
	run.merge = odds(merge)
	run.known, run.byWeight = r.known.again(), byWeight
	pairs := slices.Clone(r.pairs)
	for i := range pairs {
		p := &pairs[i]
		if p.Band == BandKnown {
			continue
		}
		verdict := None
		if p.Rule > 0 {
			verdict = run.plan.rules[p.Rule-1].verdict
		}
		if verdict == Review && byWeight {
			verdict = None
		}
		p.Band, p.Against = BandReview, 0
		if verdict == Merge || verdict <= Weigh && p.Weight+run.prior >= run.merge {
			p.Band = BandMerge
		}
	}
	res := &Result{runner: &run, Stats: Stats{Records: r.Stats.Records, Passes: r.Stats.Passes, Shared: r.Stats.Shared, Unread: r.Stats.Unread}}
	return res, res.cluster(ctx, pairs)
}

// Load tells, for a number of thresholds, how many doubtful pairs have at
// least that probability: what a review down to it would take.
func (r *Result) Load(thresholds []float64) []int {
	out := make([]int, len(thresholds))
	for _, p := range r.doubtful {
		at := r.Probability(p)
		for i, t := range thresholds {
			if at >= t {
				out[i]++
			}
		}
	}
	return out
}
