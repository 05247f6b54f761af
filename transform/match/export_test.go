package match

// Compare gives benchmarks the comparers without the spelling of symbols.
func Compare(a, b []byte) (similar, edits func() int) {
	s := new(scratch)
	return func() int { return s.jaroWinkler(a, b) }, func() int { return s.edits(a, b) }
}
