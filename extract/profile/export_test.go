package profile

// Limit makes a source keep so many hashes.
func (s *Source) Limit(n int) *Source {
	s.limit = n
	return s
}

// Kept is how many hashes it keeps.
func (s *Source) Kept() int { return s.kept }
