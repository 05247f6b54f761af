package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// A person's timeline goes by the indexes over person_id, part by part.
func TestTimelineByIndex(t *testing.T) {
	s, err := sqlite.Open(filepath.Join(t.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 50), nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	var plan []string
	parts := 0
	err = s.Query(t.Context(), "EXPLAIN QUERY PLAN SELECT * FROM patient_timeline WHERE person_id = ? ORDER BY at_ts", []any{storetest.ID("person", 7)}, func(r store.Row) error {
		plan = append(plan, r.Text(3))
		if strings.Contains(r.Text(3), "_by_person_id") {
			parts++
		}
		return nil
	})
	if err != nil || parts != 12 {
		t.Errorf("%d of 12 parts go by the index, %v:\n%s", parts, err, strings.Join(plan, "\n"))
	}
}
