package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// TestMySQLTarget holds that a region comes out of a store in MariaDB as it
// comes out of SQLite: row by row, and in the workbook to the last cell. A
// second run finds all of it there.
func TestMySQLTarget(t *testing.T) {
	server, err := mariadbtest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	_, db := server.Create(t)
	r := sharedRegion(t)
	file, s := r.whole(t), r.whole(t)
	s.remove("unified.db", "reconciliation.xlsx", "load")
	s.edit("sihctl.yaml", "target: {driver: sqlite, path: unified.db}", "target: {driver: mysql, dsn_file: target.dsn}")
	e := s.must(exitUnreachable, "load")
	if !strings.Contains(e.stderr, "target.dsn") || !strings.Contains(e.stderr, "hint: ") {
		t.Errorf("without the DSN file:\n%s", e.stderr)
	}
	s.write("target.dsn", server.DSN("")+"\n")
	s.demo()
	s.verify(exitDone, "--against", file.dir)
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	compare(t, "MariaDB: sheet", withoutTarget(t, r.cells), withoutTarget(t, cells))
	if _, err := os.Stat(s.path("unified.db")); !os.IsNotExist(err) {
		t.Errorf("there is a file, too: %v", err)
	}
	s.remove("load")
	s.demo()
	s.must(exitDone, "verify")
	// One value changed, and verify names its row.
	mariadbtest.Exec(t, db, "UPDATE unified.observation SET status = 'amended' ORDER BY id LIMIT 1")
	var id string
	s.check(db.QueryRow("SELECT min(id) FROM unified.observation").Scan(&id))
	changed := s.verify(exitDiffers).Differences
	if len(changed) != 1 || changed[0].ID != id || !slices.Equal(changed[0].Columns, []string{"status"}) {
		t.Errorf("after a change: got %v", changed)
	}
}
