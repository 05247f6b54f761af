package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Put opens the store of a place, loads rows as one chunk, finishes and closes
// it.
func Put(t testing.TB, e store.Engine, p store.Place, chunk string, rows []sih.Entity) {
	t.Helper()
	s, err := e.Open(t.Context(), p, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.LoadChunk(t.Context(), store.Chunk{Run: ID("migration_run", 0), Name: chunk, Hash: "h"}, Seq(rows, nil))
	if err == nil {
		err = s.Finish(t.Context())
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// Ask asks a place's store for texts.
func Ask(t testing.TB, e store.Engine, p store.Place, sql string) (list []string) {
	t.Helper()
	s, err := e.Open(t.Context(), p, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Query(t.Context(), sql, nil, func(r store.Row) error {
		list = append(list, r.Text(0))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// Chunks lists what a place's store has loaded; nothing where there is none.
func Chunks(t testing.TB, e store.Engine, p store.Place) []string {
	t.Helper()
	there, err := e.Exists(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if !there {
		return nil
	}
	return Ask(t, e, p, "SELECT chunk FROM load_chunk ORDER BY chunk")
}

// Places checks that a store is built beside the live one and takes its place,
// which the one before leaves for another, and that its views mean the tables of
// where they are. The target holds nothing yet.
func Places(t *testing.T, e store.Engine) {
	for _, p := range []store.Place{store.Live, store.Building, store.Previous} {
		if got := Chunks(t, e, p); got != nil {
			t.Errorf("%v: got %v before anything was loaded", p, got)
		}
		if err := errors.Join(e.Remove(t.Context(), p), e.Move(t.Context(), p, store.Live)); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
	move := func(from, to store.Place) {
		t.Helper()
		if err := e.Move(t.Context(), from, to); err != nil {
			t.Fatal(err)
		}
	}
	want := func(want map[store.Place][]string) {
		t.Helper()
		for p, want := range want {
			if diff := cmp.Diff(want, Chunks(t, e, p)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", p, diff)
			}
		}
	}
	Put(t, e, store.Building, "1", Rows(1, 4))
	move(store.Building, store.Live)
	Put(t, e, store.Building, "2", Rows(1, 6))
	move(store.Live, store.Previous)
	move(store.Building, store.Live)
	want(map[store.Place][]string{store.Live: {"2"}, store.Building: nil, store.Previous: {"1"}})
	const events = "SELECT id FROM patient_timeline"
	if was, is := Ask(t, e, store.Previous, events), Ask(t, e, store.Live, events); len(was) == 0 || len(is) <= len(was) {
		t.Errorf("the views yield %d rows of the store before and %d of the live one", len(was), len(is))
	}
	Put(t, e, store.Live, "3", []sih.Entity{Row(sih.TableByName("staff"), 1, 50, 4)}) // its indexes and references came along
	move(store.Previous, store.Live)                                                  // another's place is taken whole
	want(map[store.Place][]string{store.Live: {"1"}, store.Building: nil, store.Previous: nil})
	Put(t, e, store.Previous, "4", Rows(1, 4)) // what is left of a store makes room
	if err := e.Remove(t.Context(), store.Previous); err != nil {
		t.Fatal(err)
	}
	want(map[store.Place][]string{store.Live: {"1"}, store.Previous: nil})
}
