//go:build !race

// The race detector needs memory of its own, and its time: make test runs this
// without it.

package sheet_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sheet"
)

// TestMemory reads a register of 200,000 rows. SIH_TEST_ROWS asks for another
// number: 1,048,575 is the most that a sheet holds.
func TestMemory(t *testing.T) {
	n, limit := 200_000, 100
	if s := os.Getenv("SIH_TEST_ROWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		limit = 200
	}
	dir := t.TempDir()
	packed, unpacked := register(t, filepath.Join(dir, "a.xlsx"), n)
	src, err := sheet.New(sheet.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var base, now runtime.MemStats
	runtime.ReadMemStats(&base)
	start := time.Now()
	rows, peak := 0, uint64(0)
	for row, err := range src.Rows(t.Context(), "S", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if want := strconv.Itoa(100000 + rows); row[0].Text != want {
			t.Fatalf("row %d: got the number %s, want %s", rows, row[0].Text, want)
		}
		if rows++; rows%20000 == 1 {
			// What the process holds, garbage included.
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapSys-now.HeapReleased)
		}
	}
	if rows != n {
		t.Errorf("got %d rows, want %d", rows, n)
	}
	t.Logf("%d rows, %d MiB packed, %d MiB unpacked: heap at most %d MiB (%d before), %.1f s", n, packed>>20, unpacked>>20,
		peak>>20, (base.HeapSys-base.HeapReleased)>>20, time.Since(start).Seconds())
	if peak>>20 > uint64(limit) {
		t.Errorf("heap: got %d MiB, want %d at most", peak>>20, limit)
	}
}
