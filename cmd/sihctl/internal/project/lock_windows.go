package project

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes f's lock, or returns errHeld at once. Windows keeps others from
// reading what is locked: the byte is far beyond the text, so that they can
// still read who holds it.
func lock(f *os.File) error {
	const exclusive = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), exclusive, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errHeld
	}
	return err
}
