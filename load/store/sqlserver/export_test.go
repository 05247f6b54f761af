package sqlserver

import "time"

// SetLockTime sets how long a statement waits for what somebody else holds.
func SetLockTime(d time.Duration) { lockTime = d }

// Within is within.
var Within = within
