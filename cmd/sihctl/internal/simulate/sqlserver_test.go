package simulate_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// What HOSIX's snapshot holds is served as a SQL Server would and comes out
// again value by value.
func TestServeSQLServer(t *testing.T) {
	snap, err := snapshot.Open(filepath.Join(region.dir, "snapshots/hosix"))
	if err != nil {
		t.Fatal(err)
	}
	db := tdstest.Database{Name: "HIS", User: "sih_read", Password: "secret", Snapshot: true}
	for _, table := range snap.Tables {
		db.Tables = append(db.Tables, serverTable(t, snap, table))
	}
	server, err := tdstest.New(db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	var notices []string
	src, err := sqlserver.New(sqlserver.Config{
		Server: "127.0.0.1", Port: server.Port(), Database: db.Name, User: db.User, Password: "secret", Encrypt: sqlserver.EncryptNone,
		ChunkRows: 100, Notice: func(s string) { notices = append(notices, s) },
	})
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
		want.Table.Order = want.Key // a snapshot keeps none
		if diff := cmp.Diff(want.Table, table); diff != "" {
			t.Errorf("%s (-snapshot +server):\n%s", table.Name, diff)
		}
		compareRows(t, src, snap, want)
	}
	if len(notices) != 1 {
		t.Errorf("got notices %q, want one of the encryption", notices)
	}
}

// serverTable returns a snapshot's table with its rows. A column's code page
// is the first that holds all of its texts.
func serverTable(t *testing.T, snap *snapshot.Snapshot, table snapshot.TableInfo) tdstest.Table {
	t.Helper()
	out := tdstest.Table{Key: table.Key}
	out.Schema, out.Name, _ = strings.Cut(table.Name, ".")
	for _, c := range table.Columns {
		out.Columns = append(out.Columns, tdstest.Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
	}
	for _, c := range table.Chunks {
		for row, err := range snap.Rows(table, c) {
			if err != nil {
				t.Fatal(err)
			}
			out.Rows = append(out.Rows, tdstest.Values(row))
		}
	}
	for i := range out.Columns {
		out.Columns[i].Page = pageOf(out.Rows, i)
	}
	if err := out.Sort(); err != nil {
		t.Fatal(err)
	}
	return out
}

func pageOf(rows [][]tdstest.Value, column int) int {
	const utf8 = 65001
	for _, page := range []struct {
		number int
		cm     *charmap.Charmap
	}{{1252, charmap.Windows1252}, {1254, charmap.Windows1254}, {1256, charmap.Windows1256}} {
		foreign := func(r rune) bool {
			_, ok := page.cm.EncodeRune(r)
			return !ok && (r < 0x80 || r > 0x9F) // the gaps of a page are control characters
		}
		if !slices.ContainsFunc(rows, func(row []tdstest.Value) bool {
			return !row[column].Bytes && strings.ContainsFunc(row[column].Text, foreign)
		}) {
			return page.number
		}
	}
	return utf8
}
