package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestSQLServerTarget holds that a region comes out of a store in SQL Server as
// it comes out of SQLite: row by row, and in the workbook to the last cell. The
// server is the tests' own, which knows of T-SQL what the store says.
func TestSQLServerTarget(t *testing.T) {
	unraced(t)
	server, err := tdstest.Hold(tdstest.Database{Name: "region", User: "sihctl", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	r := sharedRegion(t)
	file, s := r.whole(t), r.whole(t)
	s.remove("unified.db", "reconciliation.xlsx", "load")
	s.edit("sihctl.yaml", "target: {driver: sqlite, path: unified.db}", "target: {driver: sqlserver, dsn_file: target.dsn}")
	s.write("target.dsn", fmt.Sprintf("sqlserver://sihctl:secret@127.0.0.1:%d?database=region&encrypt=disable\n", server.Port()))
	s.demo()
	s.verify(exitDone, "--against", file.dir)
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	compare(t, "SQL Server: sheet", withoutTarget(t, r.cells), withoutTarget(t, cells))
	if e := s.run("schema", "upgrade"); e.code != exitDone || !strings.Contains(e.stdout, "version") {
		t.Errorf("schema upgrade of a new store: %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	// One value changed, and verify names its row.
	s.check(server.Run("UPDATE [unified].observation SET status = 'amended' WHERE id = (SELECT MIN(id) FROM [unified].observation)"))
	changed := s.verify(exitDiffers).Differences
	if len(changed) != 1 || !slices.Equal(changed[0].Columns, []string{"status"}) {
		t.Errorf("after a change: got %v", changed)
	}
}
