package mysql_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// Tables of every make are read whole: all columns, the hidden and the computed
// ones too, and all rows that the table has now.
func TestMakes(t *testing.T) {
	rows := func(list ...extract.Row) []extract.Row { return list }
	tests := []struct {
		name    string
		ddl     []string
		columns []string
		order   []string
		want    []extract.Row
	}{
		{
			"generated columns",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT AS (a*2) VIRTUAL, c VARCHAR(9) AS (CONCAT('n',a)) PERSISTENT)", "INSERT INTO t (id,a) VALUES (2,5),(1,NULL)"},
			[]string{"id", "a", "b", "c"}, []string{"id"},
			rows(extract.Row{text("1"), sih.Null, sih.Null, sih.Null}, extract.Row{text("2"), text("5"), text("10"), text("n5")}),
		},
		{
			"hidden columns",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, h INT INVISIBLE DEFAULT 7)", "INSERT INTO t (id) VALUES (1)"},
			[]string{"id", "h"}, []string{"id"},
			rows(extract.Row{text("1"), text("7")}),
		},
		{
			"a table with its history",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING", "INSERT INTO t VALUES (1,1),(2,2)", "UPDATE t SET v=9 WHERE id=1", "DELETE FROM t WHERE id=2"},
			[]string{"id", "v"}, []string{"id"},
			rows(extract.Row{text("1"), text("9")}),
		},
		{
			"partitions by hash",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY HASH (id) PARTITIONS 5", "INSERT INTO t VALUES (7,1),(3,2),(5,3),(1,4)"},
			[]string{"id", "v"}, []string{"id"},
			rows(extract.Row{text("1"), text("4")}, extract.Row{text("3"), text("2")}, extract.Row{text("5"), text("3")}, extract.Row{text("7"), text("1")}),
		},
		{
			"partitions by range, of a key of two",
			[]string{"CREATE TABLE t (y INT, n INT, PRIMARY KEY (n, y)) PARTITION BY RANGE (y) (PARTITION a VALUES LESS THAN (2000), PARTITION b VALUES LESS THAN MAXVALUE)", "INSERT INTO t VALUES (2001,1),(1999,2),(1999,1)"},
			[]string{"y", "n"}, []string{"n", "y"},
			rows(extract.Row{text("1999"), text("1")}, extract.Row{text("2001"), text("1")}, extract.Row{text("1999"), text("2")}),
		},
		{
			"shapes, addresses and identifiers",
			[]string{"CREATE TABLE t (id UUID PRIMARY KEY, ip INET6, p GEOMETRY)", "INSERT INTO t VALUES ('6ccd780c-baba-1026-9564-5b8c656024db','::1',POINT(1,2))"},
			[]string{"id", "ip", "p"}, nil,
			rows(extract.Row{text("6CCD780C-BABA-1026-9564-5B8C656024DB"), text("::1"), octets("\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40")}),
		},
		{
			"a table of Aria",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=Aria", "INSERT INTO t VALUES (2,1),(1,2)"},
			[]string{"id", "v"}, []string{"id"},
			rows(extract.Row{text("1"), text("2")}, extract.Row{text("2"), text("1")}),
		},
		{
			"compressed rows",
			[]string{"CREATE TABLE t (id INT PRIMARY KEY, v TEXT COMPRESSED) ROW_FORMAT=COMPRESSED", "INSERT INTO t VALUES (1,REPEAT('é',3))"},
			[]string{"id", "v"}, []string{"id"},
			rows(extract.Row{text("1"), text("ééé")}),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, db := server.Create(t)
			if lacks(t, db, test.ddl[0]) {
				return
			}
			mariadbtest.Exec(t, db, test.ddl[1:]...)
			var notices []string
			src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Notice: func(s string) { notices = append(notices, s) }})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			tables, err := src.Tables(t.Context())
			if err != nil || len(tables) != 1 {
				t.Fatalf("got tables %v, error %v", tables, err)
			}
			var columns []string
			for _, c := range tables[0].Columns {
				columns = append(columns, c.Name)
			}
			if !slices.Equal(test.columns, columns) || !slices.Equal(test.order, tables[0].Order) {
				t.Errorf("got columns %v in order %v, want %v in order %v", columns, tables[0].Order, test.columns, test.order)
			}
			if diff := cmp.Diff(test.want, read(t, src, "t")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			told := len(notices) == 1 && strings.HasPrefix(notices[0], "of tables that keep their history")
			if history := strings.Contains(test.ddl[0], "VERSIONING"); told != history {
				t.Errorf("got notices %q; want one of the history: %v", notices, history)
			}
			if len(test.order) == 0 {
				return
			}
			var behind []extract.Row
			var key extract.Row
			for _, name := range test.order {
				key = append(key, test.want[0][slices.Index(columns, name)])
			}
			for row, err := range src.RowsIn(t.Context(), "t", extract.Range{After: key}) {
				if err != nil {
					t.Fatal(err)
				}
				behind = append(behind, slices.Clone(row))
			}
			if len(behind) != len(test.want)-1 {
				t.Errorf("got %d rows behind the first, want %d", len(behind), len(test.want)-1)
			}
		})
	}
}

// A sequence is no table; a view is one where it is asked for, and tells of what
// it was read from where that is gone.
func TestViewsOnDemand(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1),(2)", "CREATE VIEW v AS SELECT id, id*1.5 AS half FROM t WHERE id>1", "CREATE TABLE gone (id INT)", "CREATE VIEW w AS SELECT id FROM gone", "DROP TABLE gone")
	lacks(t, db, "CREATE SEQUENCE s")
	for views, want := range map[bool]string{false: "[t]", true: "[t v w]"} {
		src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Views: views})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		tables, err := src.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, table := range tables {
			names = append(names, table.Name)
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("views %v: got tables %s, want %s", views, got, want)
		}
		if !views {
			continue
		}
		if diff := cmp.Diff([]extract.Row{{text("2"), text("3.0")}}, read(t, src, "v")); diff != "" {
			t.Errorf("rows of a view (-want +got):\n%s", diff)
		}
		for row, err := range src.Rows(t.Context(), "w", nil) {
			if !errors.Is(err, mysql.ErrBroken) {
				t.Errorf("got row %v, error %v of a view of nothing; want ErrBroken", row, err)
			}
		}
	}
}

// A table that the server lists and cannot open is an error when it is read,
// and no hindrance to the others.
func TestBrokenTable(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE part (id INT) ENGINE=MyISAM", "CREATE TABLE broken (id INT) ENGINE=MERGE UNION=(part)", "CREATE TABLE sound (id INT PRIMARY KEY)", "INSERT INTO sound VALUES (1)", "DROP TABLE part", "FLUSH TABLES")
	src := open(t, name)
	tables, err := src.Tables(t.Context())
	if err != nil || len(tables) != 2 {
		t.Fatalf("got tables %v, error %v", tables, err)
	}
	if rows := read(t, src, "sound"); len(rows) != 1 {
		t.Errorf("got %d rows of the sound table", len(rows))
	}
	for row, err := range src.Rows(t.Context(), "broken", nil) {
		if !errors.Is(err, mysql.ErrBroken) {
			t.Errorf("got row %v, error %v; want ErrBroken", row, err)
		}
	}
	if _, err := src.Count(t.Context(), "broken"); !errors.Is(err, mysql.ErrBroken) {
		t.Errorf("counted: error %v, want ErrBroken", err)
	}
}
