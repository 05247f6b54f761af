//go:build unix

package match_test

import (
	"syscall"
	"testing"
	"time"
)

// processorTime returns the processor's time that the process has had: unlike
// the clock's, it does not count what others take of the machine.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
