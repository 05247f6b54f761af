package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOperations runs the SQL of docs/operations.md on a store, and holds that
// the views show who and what is there.
func TestOperations(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := sharedRegion(t).whole(t)
	n := 0
	for i, block := range strings.Split(string(page), "```sql\n") {
		if i == 0 {
			continue
		}
		sql, _, ok := strings.Cut(block, "```")
		if !ok {
			t.Fatalf("block %d does not end", i)
		}
		s.execute("unified.db", sql)
		n++
	}
	if n < 4 {
		t.Errorf("the page has %d blocks of SQL", n)
	}
	for _, same := range [][2]string{
		{"SELECT count(*) FROM current_patient", "SELECT count(*) FROM person"},
		{"SELECT count(*) FROM patient_timeline WHERE what = 'observation'", "SELECT count(*) FROM observation"},
	} {
		if got, want := s.ask("unified.db", same[0]), s.ask("unified.db", same[1]); got != want || want == "0" {
			t.Errorf("%s: %s, want %s", same[0], got, want)
		}
	}
	id := s.ask("unified.db", "SELECT min(id) FROM observation")
	s.execute("unified.db", "INSERT INTO source_record (id, source_system, source_table, source_key, state, run_id) SELECT id, source_system, source_table, source_key, 'gone', run_id FROM observation WHERE id = '"+id+"'")
	if got := s.ask("unified.db", "SELECT count(*) FROM patient_timeline WHERE id = '"+id+"'"); got != "0" {
		t.Error("a row that has vanished is in the timeline")
	}
}
