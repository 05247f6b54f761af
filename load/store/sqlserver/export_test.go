package sqlserver

import "time"

// SetLockTime sets how long a statement waits for what somebody else holds.
func SetLockTime(d time.Duration) { lockTime = d }

// Within is within.
var Within = within

// Hold bounds how many bytes of a chunk are held before they are sent.
func (s *Store) Hold(n int) { s.limit = n }
