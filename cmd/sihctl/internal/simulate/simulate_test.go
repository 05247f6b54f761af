package simulate_test

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

func TestSmoke(t *testing.T) {
	n := 20000
	dir := t.TempDir()
	if d := os.Getenv("SIMDIR"); d != "" {
		dir = d
	}
	start := time.Now()
	s, err := simulate.Write(context.Background(), dir, simulate.Config{Patients: n, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%v persons %d records %d rows %d (%.1f) %.0f rows/s sys %d MB", time.Since(start), s.Persons, s.Records, s.Total(), float64(s.Total())/float64(n), float64(s.Total())/time.Since(start).Seconds(), m.Sys>>20)
	t.Logf("%+v", s.Defects)
	t.Logf("%+v", s.Traps)
	for src, tab := range s.Rows {
		n := 0
		for _, v := range tab {
			n += v
		}
		t.Logf("%s %d %v", src, n, tab)
	}
}
