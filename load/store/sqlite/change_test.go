package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// TestFinishLooksAtWhatADeltaBrings holds that a reference that leads nowhere is
// found among the few rows of a delta as it is among all, also where the row it
// leads to was removed.
func TestFinishLooksAtWhatADeltaBrings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		stay    int // that the diagnosis of the delta is of
		removed []store.Key
		broken  bool
	}{
		{"whole", 3, nil, false},
		{"to nothing", 1000, nil, true},
		{"to what was removed", 3, []store.Key{{Table: sih.TableByName("encounter"), Values: []sih.Value{sih.IDValue(storetest.ID("encounter", 4))}}}, true},
	} {
		s := open(t, filepath.Join(t.TempDir(), "unified.db"), sqlite.Options{})
		chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}
		if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq(storetest.Rows(1, 6), nil)); err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		diagnosis := sih.TableByName("diagnosis")
		row := storetest.Row(diagnosis, 1, 7, 6)
		row.Values[diagnosis.Column("encounter_id")] = sih.IDValue(storetest.ID("encounter", tt.stay))
		chunk.Name = "2"
		if _, err := s.ReplaceChunk(t.Context(), chunk, storetest.Seq([]sih.Entity{row}, nil), tt.removed); err != nil {
			t.Fatal(err)
		}
		var got *store.ReferenceError
		if err := s.Finish(t.Context()); errors.As(err, &got) != tt.broken || err != nil && !tt.broken {
			t.Errorf("%s: finish: %v, want a broken reference: %v", tt.name, err, tt.broken)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
