package disk_test

import (
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
)

func TestFree(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "not", "there", "yet")} {
		n, err := disk.Free(name)
		if err != nil || n <= 0 {
			t.Errorf("%s: got %d bytes, %v; want some", name, n, err)
		}
	}
}
