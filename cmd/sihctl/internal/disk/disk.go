// Package disk tells how much room there is.
package disk

import (
	"os"
	"path/filepath"
)

// Free returns how many bytes this user can still write to the disk that
// holds a folder, or will hold it: one that does not exist is on the disk of
// the nearest folder above it.
func Free(dir string) (int64, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0, err
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return free(dir)
}
