package mysql

// SetLockSeconds has statements wait for locks as long as a test can.
func SetLockSeconds(n int) { lockSeconds = n }
