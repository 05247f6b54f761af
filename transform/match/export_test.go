package match

// Compare gives benchmarks the comparers without the spelling of symbols.
func Compare(a, b []byte) (similar, edits func() int) {
	s := new(scratch)
	return func() int { return s.jaroWinkler(a, b) }, func() int { return s.edits(a, b) }
}

// MayReach gives tests the filter by letters.
func MayReach(a, b []byte, least int) bool {
	mask := func(s []byte) (m uint64) {
		for _, c := range s {
			m |= 1 << (c & 63)
		}
		return m
	}
	return mayReach(a, b, mask(a), mask(b), least)
}

// GaveUpRightly tells whether comparing a pair only as far as need be says
// the same as comparing it whole.
func (r *Result) GaveUpRightly(a, b uint32, least int32) (stopped, right bool) {
	c := comparer{frozen: r.frozen}
	whole := comparer{frozen: r.frozen, thorough: true}
	v, w, stop := c.levels(r.row(a), r.row(b), least)
	full, weight, _ := whole.levels(r.row(a), r.row(b), none)
	if !stop {
		return false, v == full && w == weight && w >= least
	}
	apart := false
	for i := range r.plan.comparisons {
		apart = apart || r.plan.comparisons[i].apart>>full.level(i)&1 != 0
	}
	return true, apart || weight < least
}
