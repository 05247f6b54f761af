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
