package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// TestPostgresTarget holds that a region comes out of a store in PostgreSQL as
// it comes out of SQLite: read back, it is what the stage holds, and what the
// workbook says of it is the same to the last cell. A second run finds all of
// it there.
func TestPostgresTarget(t *testing.T) {
	unraced(t)
	server, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	database, db := server.Create(t)
	r := sharedRegion(t)
	s := r.whole(t)
	s.remove("unified.db", "reconciliation.xlsx", "load")
	s.edit("sihctl.yaml", "target: {driver: sqlite, path: unified.db}", "target: {driver: postgres, dsn_file: target.dsn}")
	e := s.must(exitUnreachable, "load")
	if !strings.Contains(e.stderr, "target.dsn") || !strings.Contains(e.stderr, "hint: ") {
		t.Errorf("without the DSN file:\n%s", e.stderr)
	}
	s.write("target.dsn", server.DSN(database)+"\n")
	s.demo()
	s.must(exitDone, "verify")
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	compare(t, "PostgreSQL: sheet", withoutTarget(t, r.cells), withoutTarget(t, cells))
	if _, err := os.Stat(s.path("unified.db")); !os.IsNotExist(err) {
		t.Errorf("there is a file, too: %v", err)
	}
	s.remove("load")
	s.demo()
	// One value changed, and verify names its row.
	postgrestest.Exec(t, db, "UPDATE unified.observation SET status = 'amended' WHERE id = (SELECT min(id) FROM unified.observation)")
	if e := s.run("verify"); e.code == exitDone || !strings.Contains(e.stdout+e.stderr, "observation") {
		t.Errorf("after a change: got exit code %d:\n%s%s", e.code, e.stdout, e.stderr)
	}
}

// theStore and theRun find what differs: where the store is, the config, and
// the id of the run, which hangs on it.
var (
	theStore = regexp.MustCompile(`"(Unified store|Configuration \(SHA-256\))" "[^"]*"`)
	theRun   = regexp.MustCompile(`"Run" "([a-z0-9]{26})"`)
)

// withoutTarget returns the rows of sheets without these. The list of runs has
// the one before, and the sample is drawn by the run's id.
func withoutTarget(t *testing.T, sheets map[string][]string) map[string][]string {
	t.Helper()
	id := theRun.FindStringSubmatch(strings.Join(sheets["Summary"], "\n"))
	if id == nil {
		t.Fatal("the Summary names no run")
	}
	out := map[string][]string{}
	for name, rows := range withoutClocks(sheets) {
		if name == "Runs" || name == "Sample" {
			continue
		}
		for _, row := range rows {
			out[name] = append(out[name], theStore.ReplaceAllLiteralString(strings.ReplaceAll(row, id[1], "run"), ""))
		}
	}
	return out
}
