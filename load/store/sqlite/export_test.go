package sqlite

import "fmt"

// LimitPages makes the disk look full once the file has n pages.
func (s *Store) LimitPages(n int) error { return s.pragmas(fmt.Sprint("max_page_count = ", n)) }

// LimitHeld bounds how many values a load holds back.
func (s *Store) LimitHeld(n int) { s.holds = n }
