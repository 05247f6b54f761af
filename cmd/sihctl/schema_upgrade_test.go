package main

import (
	"fmt"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sihctl/sih/load/store"
)

// TestSchemaUpgrade holds that a store of the first version is not read as it
// is, says what to do, and is what it was once that is done.
func TestSchemaUpgrade(t *testing.T) {
	s := sharedRegion(t).whole(t)
	conn, err := sqlite.OpenConn(s.path("unified.db"), sqlite.OpenReadWrite)
	s.check(err)
	statements := []string{"DROP TABLE schema_version"}
	for _, v := range store.Views() {
		statements = append(statements, "DROP VIEW "+v.Name)
	}
	for _, v := range store.History {
		for table, columns := range v.Columns {
			for _, c := range columns {
				statements = append(statements, "ALTER TABLE "+table+" DROP COLUMN "+c)
			}
		}
	}
	statements = append(statements, fmt.Sprint("PRAGMA user_version = ", store.Mark(store.SQLite, 1)))
	for _, statement := range statements {
		s.check(sqlitex.ExecuteTransient(conn, statement, nil))
	}
	s.check(conn.Close())
	if e := s.must(exitUnreachable, "export", "crosswalk", "--out", s.path("crosswalk.csv")); !strings.Contains(e.stderr, "version 1") || !strings.Contains(e.stderr, "sihctl schema upgrade") {
		t.Errorf("an older store:\n%s", e.stderr)
	}
	for range 2 { // the second time there is nothing to do
		if e := s.must(exitDone, "schema", "upgrade"); !strings.Contains(e.stdout, store.History[1].Doc) {
			t.Errorf("upgrade:\n%s%s", e.stdout, e.stderr)
		}
	}
	s.must(exitDone, "export", "crosswalk", "--out", s.path("crosswalk.csv"))
}
