package simulate_test

import (
	"runtime"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

// BenchmarkGenerate measures the making of rows alone, without writing them.
func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		s, err := simulate.Generate(20000, b.TempDir(), func() error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		rows += s.Total()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// What is alive while the region is made must not grow with its size.
func TestMemoryDoesNotGrow(t *testing.T) {
	live := func(patients int) uint64 {
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		var most uint64
		turn := 0
		_, err := simulate.Generate(patients, t.TempDir(), func() error {
			if turn++; turn%(patients/20) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return most - min(most, before.HeapAlloc)
	}
	small, large := live(4000), live(32000)
	t.Logf("%d and %d KiB", small>>10, large>>10)
	if large > small+(8<<20) {
		t.Errorf("got %d bytes for 32,000 patients, %d for 4,000", large, small)
	}
}
