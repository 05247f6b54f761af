package disk

import (
	"fmt"
	"math"

	"golang.org/x/sys/windows"
)

func free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, fmt.Errorf("ask %s for its room: %w", dir, err)
	}
	var mine uint64
	if err := windows.GetDiskFreeSpaceEx(name, &mine, nil, nil); err != nil {
		return 0, fmt.Errorf("ask %s for its room: %w", dir, err)
	}
	return int64(min(mine, math.MaxInt64)), nil
}
