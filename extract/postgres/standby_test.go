package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// A standby server is read over several connections like any other. Where what
// it follows stands against the view, it cuts the reading: that is told, before
// and after.
func TestStandby(t *testing.T) {
	private, err := postgrestest.Private("autovacuum=off") // which would cut readings by itself
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	const n = 30000
	name, run := large(t, private, "keyed", n)
	run("CREATE UNLOGGED TABLE fleeting (id integer PRIMARY KEY)")
	standby, err := private.Standby("max_standby_streaming_delay=100ms")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Stop)
	cfg := postgres.Config{DSN: standby.DSN(name), Connections: 2}
	found := examine(t, cfg)
	if level(found["kindest-way"]) != extract.Fine || level(found["limits"]) != extract.Notable || !strings.Contains(found["limits"][0].Advice, "hot_standby_feedback") {
		t.Errorf("got %+v, %+v", found["kindest-way"], found["limits"])
	}
	if !strings.Contains(fmt.Sprint(found["tables"]), "public.fleeting") {
		t.Errorf("that an unlogged table is left out is not told: %+v", found["tables"])
	}
	src := with(t, cfg)
	if tables, err := src.Tables(t.Context()); err != nil || len(tables) != 1 {
		t.Errorf("got tables %v, error %v; want the one that is logged", tables, err)
	}
	if len(src.Sessions(t.Context())) != 2 {
		t.Error("the standby server did not share its view")
	}
	if got := len(read(t, src, "public.keyed")); got != n {
		t.Errorf("got %d rows, want %d", got, n)
	}
	rows, watch := 0, standby.Connect(t, "postgres")
	var last error
	for _, last = range src.Rows(t.Context(), "public.keyed", nil) {
		if rows++; rows == 10 {
			// Both are cut. One that is asked something just then may not hear why.
			ids := src.Sessions(t.Context())
			readers := fmt.Sprintf("SELECT count(*) FROM pg_stat_activity WHERE pid IN (%d, %d)", ids[0], ids[1])
			run("DELETE FROM keyed WHERE id > 5", "VACUUM keyed")
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				left := watch.ExecParams(t.Context(), readers, nil, nil, nil, nil).Read()
				if left.Err == nil && string(left.Rows[0][0]) == "0" {
					break
				}
			}
		}
	}
	if !errors.Is(last, postgres.ErrConflict) || rows >= n {
		t.Errorf("got %d rows, error %v; want fewer than %d, ErrConflict", rows, last, n)
	}
}
