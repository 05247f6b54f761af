package simulate_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
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
	answers(t, conn, snap)
}

// answers holds that the file which says what the hospital's people counted on
// their server is what a server answers to totals.sql.
func answers(t *testing.T, conn *sql.Conn, snap *snapshot.Snapshot) {
	t.Helper()
	types := map[string]map[string]string{}
	for _, table := range snap.Tables {
		types[table.Name] = map[string]string{}
		for _, c := range table.Columns {
			types[table.Name][c.Name] = c.Type
		}
	}
	system, _ := mappings.System("enova")
	files, err := mapping.Load(system)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for statement := range strings.SplitSeq(mapping.TotalsSQL(files, mapping.MySQL, types), ";\n") {
		if !strings.Contains(statement, "SELECT") {
			continue
		}
		rows, err := conn.QueryContext(t.Context(), statement)
		if err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		for rows.Next() {
			var fields [6]string
			if err := rows.Scan(&fields[0], &fields[1], &fields[2], &fields[3], &fields[4], &fields[5]); err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Join(fields[:], "\t"))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(region.dir, "incoming/enova/server.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), func(line string) bool { return strings.HasPrefix(line, "measure\t") })
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 100 {
		t.Errorf("%d figures (-told +answered by the server): %s", len(want), diff)
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
