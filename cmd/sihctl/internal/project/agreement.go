package project

import (
	"cmp"
	"slices"

	"github.com/sihctl/sih"
)

// Agreement is how far two reviewers agree on the pairs that both have decided.
type Agreement struct {
	A, B  string // their names, in their order
	Pairs int
	Alike int // on which both gave the same verdict
	// Kappa is Cohen's (1960): the share of agreement beyond what their verdicts
	// would give by chance, over same, apart and unsure; 1 is all, 0 is chance.
	// Known is false where chance alone would make them agree on every pair.
	Kappa float64
	Known bool
}

// Agreements compares every two reviewers over the decisions that hold.
func Agreements(list []Decision) []Agreement {
	by := map[string]map[[2]sih.ID]string{}
	var names []string
	for _, d := range list {
		if !d.Ended.IsZero() {
			continue
		}
		if by[d.Reviewer] == nil {
			by[d.Reviewer] = map[[2]sih.ID]string{}
			names = append(names, d.Reviewer)
		}
		by[d.Reviewer][[2]sih.ID{d.A, d.B}] = d.Verdict
	}
	slices.SortFunc(names, cmp.Compare)
	var out []Agreement
	for i, a := range names {
		for _, b := range names[i+1:] {
			if g := agreement(by[a], by[b]); g.Pairs > 0 {
				g.A, g.B = a, b
				out = append(out, g)
			}
		}
	}
	return out
}

func agreement(a, b map[[2]sih.ID]string) (g Agreement) {
	of := map[[2]string]int{} // reviewer's letter and verdict
	for pair, va := range a {
		vb, ok := b[pair]
		if !ok {
			continue
		}
		g.Pairs++
		of[[2]string{"a", va}]++
		of[[2]string{"b", vb}]++
		if va == vb {
			g.Alike++
		}
	}
	chance := 0 // in pairs squared
	for _, v := range []string{Same, Apart, Unsure} {
		chance += of[[2]string{"a", v}] * of[[2]string{"b", v}]
	}
	all := g.Pairs * g.Pairs
	if g.Known = chance < all; g.Known {
		g.Kappa = float64(g.Alike*g.Pairs-chance) / float64(all-chance)
	}
	return g
}
