package sqlserver_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestNothingStays breaks and leaves readings and examinations, after which no goroutine and so
// no connection may be left.
func TestNothingStays(t *testing.T) {
	before := runtime.NumGoroutine()
	table := patients(2000)
	server, err := tdstest.New(tdstest.Database{Name: "HIS", User: "sih_read", Password: password, Tables: []tdstest.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(server)
	cfg.ChunkRows = 500
	for i := range 40 {
		src := open(t, cfg)
		server.Arm(tdstest.Fault{Kind: tdstest.Fail + tdstest.FaultKind(i%3), Table: "dbo.PACIENTES", Rows: 37 * i})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		n := 0
		for _, err := range src.Rows(ctx, "dbo.PACIENTES", nil) {
			if n++; err != nil || i%4 == 0 && n > 10 {
				break
			}
		}
		if i%5 == 0 {
			server.Arm(tdstest.Fault{Kind: tdstest.Stall})
			src.Examine(ctx)
		}
		cancel()
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
	server.Close()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
