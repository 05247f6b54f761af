package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/storetest"
)

// What another session holds is waited for, then told of; once it lets go the
// same chunk is loaded.
func TestLocked(t *testing.T) {
	postgres.SetLockTime(200 * time.Millisecond)
	defer postgres.SetLockTime(30 * time.Second)
	database, db := server.Create(t)
	e := at(t, database, "unified")
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 3))
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	changed := storetest.Row(sih.TableByName("observation"), 7, 1, 3) // there already, with other content
	load := func() (store.Loaded, error) {
		return s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "2", Hash: "h"}, storetest.Seq([]sih.Entity{changed}, nil))
	}
	for _, lock := range []string{"SELECT id FROM unified.observation FOR UPDATE", "LOCK TABLE unified.observation IN ACCESS EXCLUSIVE MODE", "LOCK TABLE unified.load_chunk IN EXCLUSIVE MODE"} {
		postgrestest.Exec(t, db, "BEGIN", lock)
		_, err := load()
		storetest.Refused(t, lock, err, store.ErrLocked)
		postgrestest.Exec(t, db, "ROLLBACK")
	}
	if loaded, err := load(); err != nil || loaded.Tables["observation"] != (store.Counts{Updated: 1}) {
		t.Errorf("let go: got %+v, error %v", loaded, err)
	}
}

// A statement that is given up ends on the server, and the store can be used.
func TestCancelled(t *testing.T) {
	database, _ := server.Create(t)
	s, err := at(t, database, "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = s.Query(ctx, "SELECT pg_sleep(60)", nil, func(store.Row) error { return nil })
	if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 30*time.Second {
		t.Errorf("got %v after %v", err, took)
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 2), nil)); err != nil {
		t.Error(err)
	}
	counted := func() (n int64) {
		if err := s.Query(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'", nil, func(r store.Row) error { n = r.Int(0); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for deadline := time.Now().Add(30 * time.Second); counted() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the statement still runs")
		}
	}
}
