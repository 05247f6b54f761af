//go:build unix

package project

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes f's lock, or returns errHeld at once. The lock belongs to the
// open file: a child process that does not inherit it cannot keep it.
func lock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errHeld
		default:
			return err
		}
	}
}
