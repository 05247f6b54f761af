package match

// fewestTelling is the least number of pairs that a share of strangers is
// taken from; fewer tell too little.
const fewestTelling = 1000

// A weight takes strangers to be alike by chance alone. There are more such
// pairs than that: names run in families, and families stay where they are.
// How many there are, the records tell themselves: of the pairs that are alike
// in the same way and have a number that decides, some are two people.
//
// strangers returns, per rule from 1, the share of the rule's pairs that are
// two people; 0 where nothing but the probability tells.
func (r *runner) strangers(pairs []Pair) []float64 {
	count := make([]int, len(r.plan.rules)+1)
	for _, p := range pairs {
		if p.Band != BandKnown {
			count[p.Rule]++
		}
	}
	sum := func(rules ruleSet) (n int) {
		for i, c := range count[1:] {
			if rules>>i&1 != 0 {
				n += c
			}
		}
		return n
	}
	shares := make([]float64, len(count))
	for i, rule := range r.plan.rules {
		if one, two := sum(rule.one), sum(rule.two); rule.one != 0 && one+two >= fewestTelling {
			shares[i+1] = float64(two) / float64(one+two)
		}
	}
	return shares
}

// doubtStrangers sends the pairs of rules to review of which too many are two
// people.
func (r *runner) doubtStrangers(pairs []Pair, shares []float64) {
	for i := range pairs {
		p := &pairs[i]
		if p.Band == BandMerge && p.Rule > 0 && shares[p.Rule] > r.plan.rules[p.Rule-1].most {
			p.Band = BandReview
		}
	}
}
