package storetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// changing is a second run that changes a row, brings one, takes one away, and
// is undone: what it found is there again, clocks and all.
func changing(_ *testing.T, f *fixture) {
	s := f.open()
	defer f.close(s)
	load := func(run sih.ID, name string, rows []sih.Entity, removed ...store.Key) store.Loaded {
		f.Helper()
		loaded, err := s.ReplaceChunk(f.Context(), store.Chunk{Run: run, Name: name, Hash: "h"}, Seq(rows, nil), removed)
		if err != nil {
			f.Fatalf("chunk %s: %v", name, err)
		}
		return loaded
	}
	rows := Rows(1, 20)
	load(ID("migration_run", 0), "all", rows)
	if err := s.Finish(f.Context()); err != nil {
		f.Fatal(err)
	}
	person, rejects := sih.TableByName("person"), sih.TableByName("reject")
	of := func(t *sih.Table) (list []sih.Entity) {
		for _, e := range rows {
			if e.Table == t {
				list = append(list, e)
			}
		}
		return list
	}
	before := Contents(f.T, s)

	moved := with(of(person)[3], "birth_place", sih.StrValue("elsewhere"))
	fresh := Row(person, 1, 25, 20)
	gone := of(rejects)[2].Values[0]
	var was []sih.Entity
	ids := []sih.ID{moved.Values[0].ID(), fresh.Values[0].ID()}
	for e, err := range s.Fetch(f.Context(), person, ids) {
		if err != nil {
			f.Fatal(err)
		}
		was = append(was, sih.Entity{Table: e.Table, Values: slices.Clone(e.Values)})
	}
	if len(was) != 1 || was[0].Values[0] != moved.Values[0] {
		f.Fatalf("fetched %d rows, want the one that is there", len(was))
	}
	for e, err := range s.Fetch(f.Context(), rejects, []sih.ID{gone.ID()}) {
		if err != nil {
			f.Fatal(err)
		}
		was = append(was, sih.Entity{Table: e.Table, Values: slices.Clone(e.Values)})
	}
	delta := ID("migration_run", 77)
	run := with(of(sih.TableByName("migration_run"))[0], "id", sih.IDValue(delta))
	key := store.Key{Table: rejects, Values: []sih.Value{gone}}
	for _, again := range []bool{false, true} {
		l := load(delta, "one", []sih.Entity{run, moved, fresh}, key)
		if l.Skipped != again {
			f.Errorf("loaded again: %v, want %v", l.Skipped, again)
		}
	}
	for _, e := range []sih.Entity{moved, fresh} {
		n := 0
		for got, err := range s.Fetch(f.Context(), person, []sih.ID{e.Values[0].ID()}) {
			if err != nil {
				f.Fatal(err)
			}
			if n++; got.Get("birth_place") != e.Get("birth_place") {
				f.Error("a row of the delta is not as it was given")
			}
		}
		if n != 1 {
			f.Errorf("a row of the delta is there %d times", n)
		}
	}
	for range s.Fetch(f.Context(), rejects, []sih.ID{gone.ID()}) {
		f.Error("a row that was removed is there")
	}
	if err := s.Finish(f.Context()); err != nil {
		f.Fatal(err)
	}
	for range 2 { // undone again, nothing changes
		if err := s.Undo(f.Context(), delta, Seq(was, nil)); err != nil {
			f.Fatal(err)
		}
		if diff := cmp.Diff(before, Contents(f.T, s)); diff != "" {
			f.Fatalf("after the undoing (-want +got):\n%s", diff)
		}
	}
	for e, err := range s.Fetch(f.Context(), person, ids[:1]) {
		if err != nil || e.Get("updated_at") != was[0].Get("updated_at") {
			f.Errorf("the time of the row's last change was not put back: %v", err)
		}
	}
	if err := s.Finish(f.Context()); err != nil {
		f.Fatal(err)
	}
}
