package postgres

// Hold bounds how many bytes of a chunk are held before they are sent.
func (s *Store) Hold(n int) { s.limit = n }
