package workbook_test

import (
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sihctl/sih/load/workbook"
)

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkWrite writes the workbook of a region: half a million merges and
// two hundred thousand rejects, of which each sheet lists as many as the limit
// allows. It reports the file's size and the greatest heap in use.
func BenchmarkWrite(b *testing.B) {
	for name, limit := range map[string]int{"default": 0, "all": 500_000} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var size counter
			peak := watchHeap(b)
			for b.Loop() {
				size = 0
				c := content(tally(5, 12), 500_000, 200_000)
				c.TempDir, c.Limit = b.TempDir(), limit
				if err := workbook.Write(io.MultiWriter(&size), c); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/1e6, "MB-file")
			b.ReportMetric(float64(peak())/1e6, "MB-peak-heap")
		})
	}
}

// watchHeap samples the heap in use and returns a function that ends the
// watch and returns the greatest sample.
func watchHeap(tb testing.TB) func() uint64 {
	tb.Helper()
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); <-done; return peak.Load() }
}
