package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Pretend adds to the history, until the test ends, a version that brings a
// table, columns of several kinds and an index which there are in truth since
// the first.
func Pretend(t testing.TB) {
	was := store.History
	t.Cleanup(func() { store.History = was })
	store.History = append(slices.Clone(was), store.Version{
		Doc:    "What a test pretends.",
		Tables: []string{"payment"},
		Columns: map[string][]string{
			"diagnosis":     {"abated"},
			"observation":   {"panel_id"},
			"imaging_study": {"ai_used"},
			"source_person": {"quality_flags"},
		},
		Indexes: map[string][][]string{"coverage": {{"member_norm"}}},
	})
}

// Upgradable is an engine whose stores can be made by hand.
type Upgradable struct {
	// First is the first version of which the engine had a store, 1 where it is
	// 0.
	First int
	// Old makes in the store named name what a program of the schema's version
	// would have made, with its indexes and its mark.
	Old func(t *testing.T, name string, s store.Schema)
	// Open opens the live store of a name.
	Open func(t *testing.T, name string, o store.Options) (store.Store, error)
	// Shape reads the engine's own catalogue: a line for each column, index and
	// view, in any order, without the store's name.
	Shape func(t *testing.T, name string) []string
}

// Upgrades holds that a store of every older version becomes, when it is opened
// for loading, what a new one is, keeps its rows, and takes others.
func Upgrades(t *testing.T, e Upgradable) {
	Pretend(t)
	run := ID("migration_run", 0)
	load := func(t *testing.T, s store.Store, chunk string, rows []sih.Entity) {
		t.Helper()
		if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: chunk, Hash: "h"}, Seq(rows, nil)); err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	open := func(t *testing.T, name string) store.Store {
		t.Helper()
		s, err := e.Open(t, name, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	rows := Rows(1, 4)
	fresh := open(t, "fresh")
	load(t, fresh, "1", rows)
	want := Contents(t, fresh)
	fresh.Close()
	shape := e.Shape(t, "fresh")
	slices.Sort(shape)
	if len(shape) < len(sih.Tables) {
		t.Fatalf("the catalogue of a new store has %d lines", len(shape))
	}
	for version := max(e.First, 1); version < store.Latest(); version++ {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			name := fmt.Sprint("old", version)
			e.Old(t, name, store.SchemaAt(version))
			if _, err := e.Open(t, name, store.Options{ReadOnly: true}); err == nil {
				t.Error("an older store is read as it is")
			}
			s := open(t, name)
			defer s.Close()
			load(t, s, "1", rows)
			got := e.Shape(t, name)
			slices.Sort(got)
			if diff := cmp.Diff(shape, got); diff != "" {
				t.Errorf("the schema (-new +upgraded):\n%s", diff)
			}
			if diff := cmp.Diff(want, Contents(t, s)); diff != "" {
				t.Errorf("rows (-new +upgraded):\n%.2000s", diff)
			}
			var log []int64
			err := s.Query(t.Context(), "SELECT version, applied_at, what FROM schema_version ORDER BY version", nil, func(r store.Row) error {
				if log = append(log, r.Int(0)); r.Text(1) == "" || r.Text(2) == "" {
					t.Error("the log does not say when, or what")
				}
				return nil
			})
			if err != nil || len(log) == 0 || log[len(log)-1] != int64(store.Latest()) {
				t.Errorf("the log of versions: %v, %v", log, err)
			}
		})
	}
}
