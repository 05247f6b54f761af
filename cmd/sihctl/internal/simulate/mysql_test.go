package simulate_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/snapshot"
)

// What ENOVA's snapshot holds goes into a MariaDB and comes out again value by
// value.
func TestLoadMySQL(t *testing.T) {
	server, err := mariadbtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	name, db := server.Create(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	snap, err := snapshot.Open(filepath.Join(region.dir, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	if err := simulate.LoadMySQL(t.Context(), conn, snap); err != nil {
		t.Fatal(err)
	}
	var notices []string
	src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Notice: func(s string) { notices = append(notices, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != len(snap.Tables) {
		t.Errorf("got %d tables, want %d", len(tables), len(snap.Tables))
	}
	for _, table := range tables {
		want, ok := snap.Table(table.Name)
		if !ok {
			t.Errorf("table %s is not in the snapshot", table.Name)
			continue
		}
		table.Order = nil // which a snapshot has no use for
		if diff := cmp.Diff(want.Table, table); diff != "" {
			t.Errorf("%s (-snapshot +database):\n%s", table.Name, diff)
		}
		compareRows(t, src, snap, want)
	}
	if len(notices) != 1 {
		t.Errorf("got notices %q, want one of the tables of MyISAM", notices)
	}
}

// compareRows compares a table's rows: by their keys, or by their order where
// there is none.
func compareRows(t *testing.T, src extract.Source, snap *snapshot.Snapshot, table snapshot.TableInfo) {
	t.Helper()
	place := func(n int, row extract.Row) string {
		if len(table.Key) == 0 {
			return strconv.Itoa(n)
		}
		return keyOf(t, table.Table, row)
	}
	want := map[string]extract.Row{}
	for _, c := range table.Chunks {
		for row, err := range snap.Rows(table, c) {
			if err != nil {
				t.Fatal(err)
			}
			want[place(len(want), row)] = slices.Clone(row)
		}
	}
	n := 0
	for row, err := range src.Rows(t.Context(), table.Name, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if at := place(n, row); !slices.Equal(want[at], row) {
			t.Errorf("%s: a row differs (-snapshot +database):\n%s", table.Name, cmp.Diff(want[at], row))
			return
		}
		n++
	}
	if n != table.Rows || n == 0 {
		t.Errorf("%s: got %d rows, want %d", table.Name, n, table.Rows)
	}
}
