package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// TestFullDisk holds that a load that ran out of space says so, leaves whole
// chunks, and goes on once there is room.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unified.db")
	s := open(t, path, sqlite.Options{})
	table := sih.TableByName("observation")
	rows := func(from, to int) (list []sih.Entity) {
		for i := from; i < to; i++ {
			list = append(list, storetest.Row(table, 1, i, 10))
		}
		return list
	}
	one, two := store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, store.Chunk{Run: storetest.Run, Name: "2", Hash: "h"}
	if _, err := s.LoadChunk(t.Context(), one, storetest.Seq(rows(0, 50), nil)); err != nil {
		t.Fatal(err)
	}
	before := storetest.Contents(t, s)
	if err := s.LimitPages(1); err != nil { // SQLite takes the least that it can: no page more
		t.Fatal(err)
	}
	_, err := s.LoadChunk(t.Context(), two, storetest.Seq(rows(50, 5000), nil))
	var full *store.Error
	if !errors.Is(err, store.ErrFull) || !errors.As(err, &full) || full.Hint == "" {
		t.Fatalf("load: %v, want %v with a hint", err, store.ErrFull)
	}
	if d := cmp.Diff(before, storetest.Contents(t, s)); d != "" {
		t.Errorf("the failed chunk left something:\n%s", d)
	}
	s.Close()
	s = open(t, path, sqlite.Options{})
	l, err := s.LoadChunk(t.Context(), two, storetest.Seq(rows(50, 5000), nil))
	if err != nil || l.Tables["observation"].Inserted != 4950 {
		t.Errorf("with room again: %+v, %v", l, err)
	}
}

// TestChunkLargerThanTheBuffer loads one chunk in several flushes, an id of the
// last among those of the first.
func TestChunkLargerThanTheBuffer(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "unified.db"), sqlite.Options{})
	s.LimitHeld(1000)
	table := sih.TableByName("observation")
	e := storetest.Row(table, 1, 30, 40)
	const n = 500
	rows := func(last int) func(func(sih.Entity, error) bool) {
		return func(yield func(sih.Entity, error) bool) {
			for i := range n {
				e.Values[0] = sih.IDValue(storetest.ID("observation", i))
				if i == n-1 {
					e.Values[0] = sih.IDValue(storetest.ID("observation", last))
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
	_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "twice", Hash: "h"}, rows(7))
	if !errors.Is(err, store.ErrTwice) {
		t.Errorf("an id of the first flush in the last: %v, want %v", err, store.ErrTwice)
	}
	l, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "once", Hash: "h"}, rows(n-1))
	if err != nil || l.Tables["observation"] != (store.Counts{Inserted: n}) {
		t.Errorf("%+v, %v, want %d inserted", l, err, n)
	}
}
