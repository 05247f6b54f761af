package match

import (
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// A Result says which records are of one person. Records are numbered by
// rank, in the order of their ids.
type Result struct {
	*runner
	founder  []uint32
	merges   []Join
	doubtful []Pair
	pairs    []Pair
	Stats    Stats
}

// A Join is a record that joined a cluster, and the pair that ties it to the
// next record on the way to the cluster's founder.
type Join struct {
	Record uint32
	Pair   Pair
}

// Other returns the record that it is tied to.
func (j Join) Other() uint32 { return j.Pair.A ^ j.Pair.B ^ j.Record }

// Len returns the number of records.
func (r *Result) Len() int { return len(r.ids) }

// ID returns the id of a record.
func (r *Result) ID(record uint32) sih.ID { return r.ids[record] }

// Record returns the number of the record with that id.
func (r *Result) Record(id sih.ID) (uint32, bool) {
	i, ok := slices.BinarySearchFunc(r.ids, id, func(a, b sih.ID) int { return slices.Compare(a[:], b[:]) })
	return uint32(i), ok
}

// Founder returns the founder of a record's cluster: its smallest record.
func (r *Result) Founder(record uint32) uint32 { return r.founder[record] }

// Founders yields every record's id and that of its founder, in the order of
// the records' ids.
func (r *Result) Founders() iter.Seq2[sih.ID, sih.ID] {
	return func(yield func(record, founder sih.ID) bool) {
		for i, f := range r.founder {
			if !yield(r.ids[i], r.ids[f]) {
				return
			}
		}
	}
}

// Input returns the number of a record in the order in which records were
// added, from 0.
func (r *Result) Input(record uint32) uint32 {
	return r.input[record]
}

// Pairs returns all pairs at or above the review threshold that no rule keeps
// apart, strongest first.
func (r *Result) Pairs() []Pair { return r.pairs }

// Merges returns one entry per record that is not a founder, in the order of
// the records.
func (r *Result) Merges() []Join { return r.merges }

// Doubtful returns the pairs that a human should look at, one for any two
// clusters: strongest first, and last those that answers before them may answer.
func (r *Result) Doubtful() []Pair { return r.doubtful }

// Strangers returns, for each rule whose pairs others tell of, the share of
// them that are two people who are alike; nothing where there are too few to
// tell. See [Strangers].
func (r *Result) Strangers() map[string]float64 {
	out := map[string]float64{}
	for i, l := range r.likenesses {
		if l != nil && l.told {
			out[r.model.Rules[i-1].Name] = l.share
		}
	}
	return out
}

// Model returns the model that the records were matched with: the given one,
// or the trained one.
func (r *Result) Model() *Model { return r.model }

// Probability returns the posterior probability that a pair is one person.
func (r *Result) Probability(p Pair) float64 {
	return 1 / (1 + math.Exp2(-float64(p.Weight+r.prior)/1000))
}

// Thresholds returns the weights, in bits, from which pairs are shown to a human
// and joined without one.
func (r *Result) Thresholds() (review, merge float64) {
	return float64(r.review-r.prior) / 1000, float64(r.merge-r.prior) / 1000
}

// PassName returns the name of the pass that found a pair, or "" where it
// was known.
func (r *Result) PassName(p Pair) string {
	if p.Pass == noPass {
		return ""
	}
	return r.model.Passes[p.Pass].Name
}

// RuleName returns the name of the rule that decided a pair, or "".
func (r *Result) RuleName(p Pair) string {
	if p.Rule == 0 {
		return ""
	}
	return r.model.Rules[p.Rule-1].Name
}

// AgainstName returns the name of the rule that keeps the two clusters of a
// refused pair apart, or "".
func (r *Result) AgainstName(p Pair) string {
	switch p.Against {
	case 0:
		return ""
	case againstPerson:
		return "two persons of a former run"
	case againstDecision:
		return "a decision"
	}
	return r.model.Rules[p.Against-1].Name
}

// Words returns the evidence as one sentence, the levels that say something
// in the order of the model.
func (r *Result) Words(p Pair) string { return strings.Join(r.Says(p), "; ") }

// Says returns the evidence in words, a sentence for each level that says
// something, in the order of the model.
func (r *Result) Says(p Pair) (said []string) {
	for _, e := range r.evidence(p.A, p.B) {
		if e.Say != "" {
			said = append(said, e.Say)
		}
	}
	return said
}

// Pair returns any two records as a pair that is known, with its weight.
func (r *Result) Pair(a, b uint32) Pair {
	p := Pair{A: min(a, b), B: max(a, b), Pass: noPass, Band: BandKnown}
	c := comparer{frozen: r.frozen, thorough: true}
	_, p.Weight, _ = c.levels(r.row(p.A), r.row(p.B), none)
	return p
}

// Join returns how a record joined its cluster; founders joined none.
func (r *Result) Join(record uint32) (Join, bool) {
	i, ok := slices.BinarySearchFunc(r.merges, record, func(j Join, record uint32) int { return int(j.Record) - int(record) })
	if !ok {
		return Join{}, false
	}
	return r.merges[i], true
}
