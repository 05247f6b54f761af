package match

import (
	"math"
	"slices"
)

// Comparisons often tell the same thing twice: a post code and its suburb, a
// whole name and its parts. Adding up their weights would count it twice.

// redundancy finds what share of its weight is a comparison's own: one of k
// that say the same has a k-th. For two comparisons, what they say together is
// the divergence D of their joint levels between persons and strangers,
// Σ m log2(m/u), and what they repeat R = D(i) + D(j) - D(i,j), of which each
// bears half. With r = R(i,j) / D(i), at most 1, the share of i is
// 1 / (1 + Σ r/(2-r)) over all others: 1 - r/2 with one other. Those of a capped
// group are left to their cap. For texts that hold each other's words the share
// of the words stands for r.
func (e *estimate) redundancy() {
	n := len(e.m)
	again, alone := make([]float64, n), make([]float64, n)
	for i := range n {
		alone[i] = divergence(e.m[i][1:], e.u[i][1:])
	}
	persons, strangers := e.posteriors()
	for i := range n {
		for j := range i {
			if e.start.Comparisons[i].capped() || e.start.Comparisons[j].capped() {
				continue
			}
			if e.said[i][j] > 0 || e.said[j][i] > 0 { // known better
				again[i] += halved(e.said[i][j])
				again[j] += halved(e.said[j][i])
			} else if r := e.repeated(i, j, persons, strangers); r > 0 {
				again[i] += halved(r / alone[i])
				again[j] += halved(r / alone[j])
			}
		}
	}
	for i := range n {
		own := 1.0
		if again[i] > leastRepeated {
			own = 1 / (1 + again[i])
		}
		// What counts less finds other persons, who say it repeats less: half
		// the way, so that it does not swing to and fro.
		e.own[i] = math.Sqrt(e.own[i] * own)
	}
}

// halved returns what a repeated share r adds to again: where two repeat each
// other, 1/(1+halved(r)) = 1 - r/2 leaves the repetition to each by half.
func halved(r float64) float64 {
	r = min(r, 1)
	return r / (2 - r)
}

// parts finds what share of its weight the words leave to each comparison:
// where others hold them too, each says its part.
func (e *estimate) parts() {
	for i := range e.own {
		again := 0.0
		for j := range e.own {
			if !e.start.Comparisons[i].capped() && !e.start.Comparisons[j].capped() {
				again += halved(e.said[i][j])
			}
		}
		e.own[i] = min(e.own[i], 1/(1+again))
	}
	e.parted = slices.Clone(e.own)
}

// capped tells whether a level belongs to a group.
func (x *Comparison) capped() bool {
	return x.Group != "" || slices.ContainsFunc(x.Levels, func(l Level) bool { return l.Group != "" })
}

// leastRepeated is the share of its divergence from which what a comparison
// repeats is more than chance.
const leastRepeated = 0.1

// divergence returns Σ m log2(m/u).
func divergence(m, u []float64) (bits float64) {
	for l := range m {
		if m[l] > 0 && u[l] > 0 {
			bits += m[l] * math.Log2(m[l]/u[l])
		}
	}
	return bits
}

// posteriors returns, for each pass and pattern, how many of its pairs are of
// one person, and for each random pattern, how many are not.
func (e *estimate) posteriors() (persons [][]float64, strangers []float64) {
	for k := range e.samples {
		s := &e.samples[k]
		ratio := e.ratios(e.m, e.u, s.skip)
		here := make([]float64, len(s.patterns))
		if told := e.passes[k]; told.Left == "" {
			share := told.Matches / told.Pairs
			before := math.Log2(share / (1 - share))
			for n, p := range s.patterns {
				here[n] = p.count * likely(p.vector.weigh(ratio)+before)
			}
		}
		persons = append(persons, here)
	}
	ratio, before := ratios(e.m, e.u, e.parted, nil), e.before()
	strangers = make([]float64, len(e.random))
	for n, p := range e.random {
		strangers[n] = p.count * (1 - likely(p.vector.weigh(ratio)+before))
	}
	return persons, strangers
}

// repeated returns what two comparisons both say, in bits.
func (e *estimate) repeated(i, j int, persons [][]float64, strangers []float64) float64 {
	var m, u joint
	for k, s := range e.samples {
		if s.skip[i] || s.skip[j] {
			continue
		}
		for n, p := range s.patterns {
			m.add(p.vector.level(i), p.vector.level(j), persons[k][n])
		}
	}
	for n, p := range e.random {
		u.add(p.vector.level(i), p.vector.level(j), strangers[n])
	}
	if m.total < fewestMatches || u.total == 0 {
		return 0
	}
	bits := 0.0
	for a := 1; a < len(m.count); a++ {
		for b := 1; b < len(m.count[a]); b++ {
			if m.count[a][b] == 0 {
				continue
			}
			// Two levels that are rare by themselves are hardly ever drawn
			// together. They depend on each other as far as they come more
			// often than chance would have it.
			chance := u.first[a] * u.second[b] / u.total
			dependence := 0.0
			if u.count[a][b] > chance+3*math.Sqrt(chance)+0.5 {
				dependence = math.Log2(u.count[a][b] / chance)
			}
			dependence -= math.Log2(m.count[a][b] * m.total / (m.first[a] * m.second[b]))
			bits += m.count[a][b] / m.total * dependence
		}
	}
	return bits
}

// A joint counts the levels of two comparisons that neither lacks.
type joint struct {
	count         [16][16]float64
	first, second tally
	total         float64
}

func (t *joint) add(a, b uint8, n float64) {
	if a == 0 || b == 0 {
		return
	}
	t.count[a][b] += n
	t.first[a] += n
	t.second[b] += n
	t.total += n
}
