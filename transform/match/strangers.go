package match

// learnLikenesses learns what the model's rules ask for.
func (r *runner) learnLikenesses(pairs []Pair) {
	r.likenesses = make([]*likeness, len(r.plan.rules)+1)
	for i := range r.plan.rules {
		if s := r.plan.rules[i].strangers; s != nil {
			r.likenesses[i+1] = r.learn(s, pairs)
		}
	}
}

// doubtStrangers sends pairs to review that are too likely two people.
func (r *runner) doubtStrangers(pairs []Pair) {
	for i := range pairs {
		p := &pairs[i]
		if l := r.likenesses[p.Rule]; l != nil && p.Band == BandMerge {
			if l.doubts(r.alike(l, *p)) {
				p.Band = BandReview
			}
		}
	}
}

// alike returns a pair's levels, and what the rarity adds of the values that are
// alike.
func (r *runner) alike(l *likeness, p Pair) (v vector, rarity int32) {
	c := comparer{frozen: r.frozen}
	a, b := r.row(p.A), r.row(p.B)
	v, _, _ = c.levels(a, b, none)
	return v, c.rareness(l.rule, a, b)
}

// doubts tells whether a pair is too likely two people, or not alike in what
// they are learned from.
func (l *likeness) doubts(v vector, rarity int32) bool {
	return !fits(v, l.rule.alike) || l.of(v, rarity) > l.rule.most
}

// wrong returns the probability that a pair that was joined is two people, by
// its weight and by what others that are alike tell.
func (r *Result) wrong(p Pair) float64 {
	w := 1 - r.Probability(p)
	if l := r.likenesses[p.Rule]; l != nil {
		w = max(w, likely(inBits(l.of(r.alike(l, p)))))
	}
	return w
}

// differences are what all pairs between two clusters say of their being two
// people: of what is alike the best finding, of everything else the worst. A
// telephone may differ here and a house there.
type differences struct {
	*likeness
	ratios [mostComparisons]int32
	told   uint32 // the comparisons that say something, as bits
	unlike bool   // whether some are not alike
}

func (d *differences) add(v vector) {
	d.unlike = d.unlike || !fits(v, d.rule.alike)
	for c := range d.ratios {
		if v.level(c) == 0 {
			continue
		}
		x, was := d.ratio[c][v.level(c)], d.ratios[c]
		if d.told>>c&1 == 0 || d.rule.similar>>c&1 != 0 && x < was || d.rule.similar>>c&1 == 0 && x > was {
			d.ratios[c] = x
		}
		d.told |= 1 << c
	}
}

// doubtful tells whether the two clusters are too likely two people. rarity is
// that of the values which the pair has in common that would join them.
func (d *differences) doubtful(rarity int32) bool {
	odds := d.odds + d.rarity[d.class(rarity)]
	for _, x := range d.ratios {
		odds += x
	}
	return d.unlike || odds > d.rule.most
}
