//go:build !windows

package disk

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

func free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("ask %s for its room: %w", dir, err)
	}
	n := uint64(st.Bavail) * uint64(st.Bsize)
	return int64(min(n, math.MaxInt64)), nil
}
