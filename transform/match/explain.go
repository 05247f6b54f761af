package match

import (
	"slices"
	"strings"
)

// Evidence is what one comparison says about a pair.
type Evidence struct {
	Comparison string `json:"comparison"`
	Level      string `json:"level"`
	// Weight is in bits, with Frequency in it: what the value's being rare or
	// common adds. The cap of its group is not applied.
	Weight    float64 `json:"weight"`
	Frequency float64 `json:"frequency"`
	Group     string  `json:"group,omitempty"`
	Say       string  `json:"say,omitempty"`
}

// An Explanation tells why two records are, or are not, taken for one person.
// It holds no value of theirs.
type Explanation struct {
	Evidence []Evidence `json:"evidence"`
	// Capped is what the caps of groups took away, in bits.
	Capped float64 `json:"capped"`
	// Weight is the sum, Prior what two records weigh before they are
	// compared, in bits; Probability follows from both.
	Weight      float64 `json:"weight"`
	Prior       float64 `json:"prior"`
	Probability float64 `json:"probability"`
	// Rule is the rule that holds, if one does; Say is it in words.
	Rule    string `json:"rule,omitempty"`
	Say     string `json:"say,omitempty"`
	Verdict string `json:"verdict"` // merge, review, conflict, apart
	// Strangers is the share of pairs that are alike and differ in the same way
	// and are two people, where the rule asks for it; Verdict follows from it too.
	Strangers float64 `json:"strangers,omitempty"`
	// Passes are those whose key both records share. Found is the one that
	// found the pair, or empty: then its block was too large, or it was too
	// unlikely to be kept.
	Passes []string `json:"passes"`
	Found  string   `json:"found,omitempty"`
	Band   string   `json:"band,omitempty"`
	// Against is the rule under which others of the two clusters are, or what
	// else keeps those apart, where the pair by itself would join them.
	Against string `json:"against,omitempty"`
	Joined  bool   `json:"joined"` // they are in one cluster
	// Path leads from the first to the second where they are in one cluster,
	// pair by pair.
	Path []Pair `json:"-"`
	// Changes are the single findings that would change the verdict.
	Changes []Change `json:"changes"`
}

// A Change is a finding that would lead to another verdict.
type Change struct {
	Comparison string `json:"comparison"`
	Level      string `json:"level"`
	Say        string `json:"say,omitempty"`
	Verdict    string `json:"verdict"`
}

// Explain tells why two records are, or are not, taken for one person.
func (r *Result) Explain(a, b uint32) *Explanation {
	a, b = min(a, b), max(a, b)
	c := comparer{frozen: r.frozen, thorough: true}
	rowA, rowB := c.row(a), c.row(b)
	v, weight, _ := c.levels(rowA, rowB, none)
	x := &Explanation{Evidence: r.evidence(a, b), Weight: inBits(weight), Prior: inBits(r.prior), Passes: []string{}, Changes: []Change{},
		Probability: r.Probability(Pair{Weight: weight}), Joined: r.founder[a] == r.founder[b]}
	sum := int32(0)
	for i := range c.plan.comparisons {
		n, wa, wb := c.compare(i, rowA, rowB)
		if n > 0 {
			l := &c.plan.comparisons[i].levels[n-1]
			sum += l.weight + c.rarity(i, l, wa, wb)
		}
	}
	x.Capped = inBits(sum - weight)
	rule, _ := r.plan.verdict(v, weight+r.prior)
	if rule > 0 {
		x.Rule, x.Say = r.model.Rules[rule-1].Name, r.model.Rules[rule-1].Say
	}
	x.Verdict = r.decide(&c, v, weight, rowA, rowB).String()
	if l := r.likenesses[rule]; l != nil && fits(v, l.rule.alike) {
		x.Strangers = likely(inBits(l.of(v, c.rareness(l.rule, rowA, rowB))))
	}
	for i := range r.plan.passes {
		ka, okA := r.key(r.plan.passes[i].key, rowA)
		kb, okB := r.key(r.plan.passes[i].key, rowB)
		if okA && okB && ka == kb {
			x.Passes = append(x.Passes, r.model.Passes[i].Name)
		}
	}
	for _, p := range r.pairs {
		if p.A == a && p.B == b {
			x.Found, x.Band, x.Against = r.PassName(p), p.Band.String(), r.AgainstName(p)
			break
		}
	}
	if x.Joined {
		x.Path = r.path(a, b)
	}
	x.Changes = r.changes(&c, v, rowA, rowB)
	return x
}

func inBits(w int32) float64 { return float64(w) / 1000 }

// decide returns what becomes of a pair by itself. a and b are rows whose values
// are as rare as the pair's.
func (r *runner) decide(c *comparer, v vector, weight int32, a, b []uint32) Verdict {
	rule, verdict := r.plan.verdict(v, weight+r.prior)
	switch {
	case verdict == Conflict || verdict == Apart:
		return verdict
	case weight+r.prior < r.review:
		return Apart
	case verdict <= Weigh && weight+r.prior >= r.merge:
		verdict = Merge
	case verdict <= Weigh:
		return Review
	}
	if l := r.likenesses[rule]; l != nil && verdict == Merge && l.doubts(v, c.rareness(l.rule, a, b)) {
		return Review
	}
	return verdict
}

// anybodyHas tells whether any record has the field of a comparison.
func (f *frozen) anybodyHas(comparison int) bool {
	x := &f.plan.comparisons[comparison]
	for i := range uint32(len(f.ids)) {
		if x.of(f.row(i)) != 0 {
			return true
		}
	}
	return false
}

// changes tries every other level of every comparison, one at a time.
func (r *Result) changes(c *comparer, v vector, a, b []uint32) []Change {
	var groups [mostGroups]int32
	var own [mostComparisons]int32
	for i := range r.plan.comparisons {
		n, wa, wb := c.compare(i, a, b)
		if n > 0 {
			l := &r.plan.comparisons[i].levels[n-1]
			own[i] = l.weight + c.rarity(i, l, wa, wb)
			groups[l.group] += own[i]
		}
	}
	now := r.decide(c, v, c.total(&groups), a, b)
	out := []Change{}
	for i := range r.plan.comparisons {
		was := v.level(i)
		if was == 0 && !r.anybodyHas(i) {
			continue // no file has the column
		}
		for n := range r.plan.comparisons[i].levels {
			if uint8(n+1) == was {
				continue
			}
			l := &r.plan.comparisons[i].levels[n]
			g := groups
			if was > 0 {
				g[r.plan.comparisons[i].levels[was-1].group] -= own[i]
			}
			g[l.group] += l.weight
			w := v&^(15<<(4*i)) | vector(n+1)<<(4*i)
			then := r.decide(c, w, c.total(&g), a, b)
			if then == now || now != Merge && then != Merge {
				continue
			}
			named := r.model.Comparisons[i]
			out = append(out, Change{named.Name, named.Levels[n].Name, named.Levels[n].Say, then.String()})
			break // the strongest level suffices
		}
	}
	return out
}

// path returns the pairs that lead from one record of a cluster to another.
func (r *Result) path(a, b uint32) []Pair {
	up := func(from uint32) (records []uint32, pairs []Pair) {
		records = []uint32{from}
		for {
			i, ok := slices.BinarySearchFunc(r.merges, from, func(j Join, record uint32) int { return int(j.Record) - int(record) })
			if !ok {
				return records, pairs
			}
			from = r.merges[i].Other()
			records, pairs = append(records, from), append(pairs, r.merges[i].Pair)
		}
	}
	recordsA, pairsA := up(a)
	recordsB, pairsB := up(b)
	for i, x := range recordsA {
		if j := slices.Index(recordsB, x); j >= 0 {
			back := slices.Clone(pairsB[:j])
			slices.Reverse(back)
			return append(slices.Clone(pairsA[:i]), back...)
		}
	}
	return nil
}

// evidence returns what the comparisons say of a pair.
func (r *Result) evidence(a, b uint32) []Evidence {
	c := comparer{frozen: r.frozen}
	rowA, rowB := c.row(a), c.row(b)
	out := make([]Evidence, len(r.plan.comparisons))
	for i := range r.plan.comparisons {
		x := &r.plan.comparisons[i]
		named := &r.model.Comparisons[i]
		out[i] = Evidence{Comparison: named.Name, Level: "missing"}
		n, wa, wb := c.compare(i, rowA, rowB)
		if n == 0 {
			continue
		}
		l := &x.levels[n-1]
		frequency := c.rarity(i, l, wa, wb)
		out[i].Level, out[i].Say = named.Levels[n-1].Name, named.Levels[n-1].Say
		out[i].Weight, out[i].Frequency = inBits(l.weight+frequency), inBits(frequency)
		if l.group > 0 {
			out[i].Group = r.plan.groups[l.group]
		}
	}
	return out
}

// Levels returns the findings of a pair in short: given=same birth=digit …
func (r *Result) Levels(p Pair) string {
	var said []string
	for _, e := range r.evidence(p.A, p.B) {
		if e.Level != "missing" {
			said = append(said, e.Comparison+"="+e.Level)
		}
	}
	return strings.Join(said, " ")
}

// Members returns the records of a cluster, in their order, the founder first.
func (r *Result) Members(founder uint32) []uint32 {
	var out []uint32
	for i, f := range r.founder {
		if f == founder {
			out = append(out, uint32(i))
		}
	}
	return out
}
