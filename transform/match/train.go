package match

import (
	"context"
	"fmt"
	"math"
)

// Training is what the estimate of the weights found.
type Training struct {
	// Random is how many random pairs it saw, Expected how many other records
	// of its person a record has, by its account: the prior.
	Random   float64 `json:"random"`
	Expected float64 `json:"expected"`
	// Passes tells what each pass contributed.
	Passes []PassTraining `json:"passes"`
	// Untrained lists the comparisons that kept the model's likelihoods,
	// because no pass could tell theirs; without those that no records have.
	Untrained []string `json:"untrained,omitempty"`
}

// PassTraining is what a pass told of the likelihoods.
type PassTraining struct {
	Name    string  `json:"pass"`
	Pairs   float64 `json:"pairs"`   // looked at
	Matches float64 `json:"matches"` // of them that are one person, by its account
	// Left says why it was left out; it is empty where it was used.
	Left string `json:"left,omitempty"`
}

// Failed tells that no pass found persons: m is the model's own, and hardly
// anybody is taken to be there twice.
func (t *Training) Failed() bool {
	for _, p := range t.Passes {
		if p.Left == "" {
			return false
		}
	}
	return true
}

// outerRounds is how often strangers, persons and prior are estimated in turn;
// each needs the others.
const outerRounds = 6

// train replaces m, u and the prior by estimates from the records: u from
// random pairs, m by expectation and maximisation over the counted patterns of
// each pass, with the comparisons left out on which the pass itself is keyed.
func (r *runner) train(ctx context.Context) (*Training, error) {
	if len(r.ids) < 2 {
		return &Training{}, nil
	}
	said := r.said()
	random, err := r.random(ctx)
	if err != nil {
		return nil, err
	}
	samples, err := r.samples(ctx, said)
	if err != nil {
		return nil, err
	}
	e := newEstimate(r, random, samples, said)
	for range outerRounds {
		e.strangers()
		e.persons()
		e.redundancy()
		e.many()
	}
	e.conclude()
	trained := e.model()
	p, err := compile(trained)
	if err != nil {
		return nil, fmt.Errorf("train: %w", &ModelError{Err: err})
	}
	r.model, r.plan = trained, p
	r.prior = prior(trained.Thresholds.Expected, len(r.ids))
	for i := range p.comparisons {
		if err := r.countValues(i); err != nil {
			return nil, err
		}
	}
	return e.report(), nil
}

// prior returns the log-odds of a random pair, in thousandths of a bit, where
// each of n records has so many others of its person.
func prior(expected float64, n int) int32 {
	return millibits(math.Log2(expected / max(float64(n-1), 1)))
}
