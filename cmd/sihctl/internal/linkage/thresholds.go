package linkage

import (
	"context"

	"github.com/sihctl/sih/transform/match"
)

// Point is what one threshold for merging would give.
type Point struct {
	Merge  float64 `json:"merge"`
	Merged int     `json:"merged"` // records that join another's cluster
	Review int     `json:"review"` // pairs of clusters left in doubt
	Wrong  float64 `json:"expected_wrong"`
	Score  *Score  `json:"score,omitempty"` // where the truth is known
}

// Points tries thresholds. With byWeight they alone decide; otherwise pairs
// that a rule sends to review stay there. A nil truth is none.
func (r *Records) Points(ctx context.Context, res *match.Result, thresholds []float64, byWeight bool, truth *Truth) ([]Point, error) {
	var out []Point
	for _, t := range thresholds {
		at, err := res.At(ctx, t, byWeight)
		if err != nil {
			return nil, err
		}
		p := Point{Merge: t, Merged: at.Stats.Merged, Review: at.Stats.Doubtful, Wrong: at.Stats.ExpectedWrong}
		if truth != nil {
			p.Score = r.Clusters(at).Score(truth)
		}
		out = append(out, p)
	}
	return out, nil
}

// Reviewed returns the score that clusters would have if somebody decided the
// first of the doubtful pairs rightly, as many as limit, and how many there were.
func (c *Clusters) Reviewed(res *match.Result, truth *Truth, limit int) (*Score, int) {
	group := make([]uint32, len(c.first))
	copy(group, c.first)
	find := func(x uint32) uint32 {
		for group[x] != x {
			x = group[x]
		}
		return x
	}
	pairs := res.Doubtful()
	pairs = pairs[:min(limit, len(pairs))]
	for _, p := range pairs {
		a, b := res.Input(p.A), res.Input(p.B)
		ta, ok := truth.entity[c.ids.at(a)]
		if tb := truth.entity[c.ids.at(b)]; ok && ta == tb {
			x, y := find(a), find(b)
			group[max(x, y)] = min(x, y)
		}
	}
	for i := range group {
		group[i] = find(uint32(i))
	}
	return score(&c.ids, group, truth), len(pairs)
}
