package match

import (
	"math"
	"slices"
	"strings"
)

const (
	// rounds of expectation and maximisation; most passes stand still after
	// about ten.
	rounds = 50
	still  = 1e-4 // the change of the share of matches at which they do
	// pairsOfModel is as how many pairs of one person the model's own m count,
	// pairsOfRandom as how many strangers of a pass the u of random pairs
	// counts. Where the strangers of a block are more alike than strangers
	// anywhere, as in one suburb's post code, the pairs themselves tell so.
	pairsOfModel  = 20
	pairsOfRandom = 200
	// fewestMatches is the least number of matches from which a pass tells
	// anything.
	fewestMatches = 20
)

// A tally holds a figure for each level of a comparison.
type tally [16]float64

// told returns the sum of a tally over the levels of fields that both have.
func (t *tally) told() (sum float64) {
	for _, x := range t[1:] {
		sum += x
	}
	return sum
}

// An estimate is the search for the likelihoods of a model's levels.
type estimate struct {
	start   *Model
	n       float64 // records
	random  []pattern
	samples []passSample
	m, u    []tally
	own     []float64 // per comparison, the share of its weight that counts
	// said is what comparisons say again whoever the records are of, parted the
	// share of each one's weight that this leaves. See redundancy.go.
	said     [][]float64
	parted   []float64
	expected float64
	passes   []PassTraining
	kept     []bool // per comparison, whether m is the model's own
}

func newEstimate(r *runner, random []pattern, samples []passSample, said [][]float64) *estimate {
	e := &estimate{
		start: r.model, n: float64(len(r.ids)), random: random, samples: samples, expected: r.model.Thresholds.Expected,
		kept: make([]bool, len(r.model.Comparisons)), said: said,
	}
	for _, x := range r.model.Comparisons {
		var m, u tally
		for j, l := range x.Levels {
			m[j+1], u[j+1] = l.M, l.U
		}
		e.m, e.u, e.own = append(e.m, m), append(e.u, u), append(e.own, x.own())
	}
	e.parts()
	return e
}

// ratios returns what every level weighs, log2(m/u) as far as it is the
// comparison's own; 0 of those that are missing or skipped.
func (e *estimate) ratios(m, u []tally, skip []bool) []tally { return ratios(m, u, e.own, skip) }

// ratios is the same for other shares that are a comparison's own.
func ratios(m, u []tally, own []float64, skip []bool) []tally {
	out := make([]tally, len(m))
	for i := range m {
		if skip != nil && skip[i] {
			continue
		}
		for l := 1; l < len(m[i]); l++ {
			if m[i][l] > 0 && u[i][l] > 0 {
				out[i][l] = own[i] * math.Log2(m[i][l]/u[i][l])
			}
		}
	}
	return out
}

// before returns the log-odds of a random pair, in bits.
func (e *estimate) before() float64 { return math.Log2(e.expected / max(e.n-1, 1)) }

// weigh adds up what the levels of a vector weigh.
func (v vector) weigh(ratio []tally) (bits float64) {
	for i := range ratio {
		bits += ratio[i][v.level(i)]
	}
	return bits
}

// likely returns the probability of log-odds in bits.
func likely(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

// strangers estimates u: how often each level occurs among random pairs that
// are two people. Where records have many of their own, some random pairs are
// one person; they count as far as they are not. What the pairs themselves say
// of repetition is left out of that: it would be fed back, since persons taken
// for strangers look like repetition.
func (e *estimate) strangers() {
	ratio, before := ratios(e.m, e.u, e.parted, nil), e.before()
	count := make([]tally, len(e.u))
	for _, p := range e.random {
		here := p.count * (1 - likely(p.vector.weigh(ratio)+before))
		for i := range count {
			count[i][p.vector.level(i)] += here
		}
	}
	for i := range count {
		levels := float64(len(e.start.Comparisons[i].Levels))
		total := count[i].told()
		if total < fewestMatches {
			continue // hardly anybody has the field
		}
		for l := range e.start.Comparisons[i].Levels {
			// Half a pair: what was never drawn is rarer than what was once.
			e.u[i][l+1] = (count[i][l+1] + 0.5) / (total + 0.5*levels)
		}
	}
}

// persons estimates m: the mean over the passes, each weighing as many pairs
// of one person as it finds.
func (e *estimate) persons() {
	sum := make([]tally, len(e.m))
	e.passes = e.passes[:0]
	for k := range e.samples {
		s := &e.samples[k]
		expected, told := e.maximise(s)
		told.Name = e.start.Passes[k].Name
		e.passes = append(e.passes, told)
		if told.Left != "" {
			continue
		}
		for i := range sum {
			for l, x := range expected[i] {
				sum[i][l] += x
			}
		}
	}
	for i := range sum {
		levels := e.start.Comparisons[i].Levels
		total := sum[i].told()
		e.kept[i] = total < fewestMatches
		for l := range levels {
			e.m[i][l+1] = (sum[i][l+1] + pairsOfModel*levels[l].M) / (total + pairsOfModel)
		}
	}
}

// maximise returns how many pairs of one person have each level, where the
// pass does not skip the comparison, and what the pass told.
func (e *estimate) maximise(s *passSample) ([]tally, PassTraining) {
	m, u := slices.Clone(e.m), slices.Clone(e.u)
	all := 0.0
	for _, p := range s.patterns {
		all += p.count
	}
	told := PassTraining{Pairs: all}
	if all == 0 {
		told.Left = "it makes no pairs"
		return nil, told
	}
	share := min(max(e.n*e.expected/2/(all*s.scale), 0.001), 0.5)
	var matching, other []tally
	for range rounds {
		ratio, before := e.ratios(m, u, s.skip), math.Log2(share/(1-share))
		matching, other = make([]tally, len(m)), make([]tally, len(m))
		matches := 0.0
		for _, p := range s.patterns {
			here := p.count * likely(p.vector.weigh(ratio)+before)
			matches += here
			for i := range m {
				l := p.vector.level(i)
				matching[i][l] += here
				other[i][l] += p.count - here
			}
		}
		was := share
		share = min(max(matches/all, 1e-7), 1-1e-7)
		for i := range m {
			blend(&m[i], &matching[i], &e.m[i], pairsOfModel)
			blend(&u[i], &other[i], &e.u[i], pairsOfRandom)
		}
		if math.Abs(share-was) < still*was {
			break
		}
	}
	told.Matches = share * all
	told.Left = e.degenerate(s, told, m, u)
	for i := range matching {
		if s.skip[i] {
			matching[i] = tally{}
		}
		matching[i][0] = 0
	}
	return matching, told
}

// blend makes shares of counts, to which a former estimate adds so many pairs.
func blend(to, count, former *tally, pairs float64) {
	total := count.told() + pairs
	for l := 1; l < len(to); l++ {
		to[l] = (count[l] + pairs*former[l]) / total
	}
}

// leastAgreement is the share by which records of one person must disagree
// less often than strangers, in half of what is compared.
const leastAgreement = 0.3

// degenerate says why what a pass found are not persons and strangers, or "".
// Whatever records are alike in, something can be found that parts their pairs
// in two: where nobody is there twice, those may be neighbours and the rest.
// But neighbours agree in little else than where they live.
func (e *estimate) degenerate(s *passSample, told PassTraining, m, u []tally) string {
	if told.Matches < fewestMatches {
		return "it finds too few pairs of one person"
	}
	strange, speaking := 0, 0
	for i, x := range e.start.Comparisons {
		if s.skip[i] {
			continue
		}
		speaking++
		if last := len(x.Levels); m[i][last] > (1-leastAgreement)*u[i][last] {
			strange++
		}
	}
	switch {
	case speaking == 0:
		return "no comparison is left beside its key"
	case 2*strange > speaking:
		return "those that it takes for one person agree in little"
	}
	return ""
}

// many estimates how many others of its person a record has, from the matches
// of all passes, each pair counted where it is first found.
func (e *estimate) many() {
	ratio, before := e.ratios(e.m, e.u, nil), e.before()
	matches := 0.0
	for k := range e.samples {
		for _, p := range e.samples[k].patterns {
			if !p.met {
				matches += p.count * e.samples[k].scale * likely(p.vector.weigh(ratio)+before)
			}
		}
	}
	e.expected = min(max(2*matches/e.n, 1/e.n), e.n-1)
}

// conclude brings what was found into the form of a model. Where no pass found
// persons, there are no more of them than would have escaped it.
func (e *estimate) conclude() {
	e.monotone()
	if !slices.ContainsFunc(e.passes, func(p PassTraining) bool { return p.Left == "" }) {
		e.expected = min(e.expected, 2*fewestMatches/e.n)
	}
}

// monotone lets no level weigh more than one of a stricter test of its kind,
// nor less than the last: jaro 0.8 no more than jaro 0.92, and neither less
// than else. Where the counts say otherwise they are too few, and the two are
// taken together.
func (e *estimate) monotone() {
	for i, x := range e.start.Comparisons {
		var ladder []int
		kind := ""
		for l, level := range x.Levels {
			words := strings.Fields(level.When)
			switch words[0] {
			case "jaro", "edits", "years":
				if kind == "" || kind == words[0] {
					kind = words[0]
					ladder = append(ladder, l+1)
				}
			case "same":
				if len(ladder) == 0 {
					ladder = append(ladder, l+1)
				}
			}
		}
		last := len(x.Levels)
		e.pool(i, append(ladder, last))
		for l := 1; l < last; l++ {
			if !slices.Contains(ladder, l) {
				e.pool(i, []int{l, last})
			}
		}
	}
}

// pool takes neighbours together until none of the levels outweighs the one
// before it.
func (e *estimate) pool(i int, levels []int) {
	m, u := &e.m[i], &e.u[i]
	type step struct{ from, to int }
	var steps []step
	ratio := func(s step) float64 {
		var sm, su float64
		for _, l := range levels[s.from:s.to] {
			sm, su = sm+m[l], su+u[l]
		}
		return sm / su
	}
	for n := range levels {
		steps = append(steps, step{n, n + 1})
		for k := len(steps) - 1; k > 0 && ratio(steps[k]) > ratio(steps[k-1]); k-- {
			steps[k-1].to = steps[k].to
			steps = steps[:k]
		}
	}
	for _, s := range steps {
		if s.to-s.from > 1 {
			r := ratio(s)
			for _, l := range levels[s.from:s.to] {
				m[l] = u[l] * r
			}
		}
	}
}

// model returns the model with what was estimated.
func (e *estimate) model() *Model {
	out := e.start.clone()
	out.weightless = false
	for i := range out.Comparisons {
		out.Comparisons[i].Own = e.own[i]
		levels := out.Comparisons[i].Levels
		for l := range levels {
			levels[l].M, levels[l].U = e.m[i][l+1], e.u[i][l+1]
		}
	}
	out.Thresholds.Expected = e.expected
	return out
}

// had tells whether any two strangers could be compared by a comparison.
func (e *estimate) had(i int) bool {
	return slices.ContainsFunc(e.random, func(p pattern) bool { return p.vector.level(i) > 0 })
}

func (e *estimate) report() *Training {
	t := &Training{Expected: e.expected, Passes: e.passes}
	for _, p := range e.random {
		t.Random += p.count
	}
	for i, kept := range e.kept {
		if kept && e.had(i) {
			t.Untrained = append(t.Untrained, e.start.Comparisons[i].Name)
		}
	}
	return t
}
