package sqlserver_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// The tests of this file run against a real server where SIH_TEST_SQLSERVER
// holds its address, or the name of an address file, with a login that may
// create databases. Each makes databases of its own and drops them.
func realServer(t *testing.T) sqlserver.Config {
	t.Helper()
	address := os.Getenv("SIH_TEST_SQLSERVER")
	if address == "" {
		t.Skip("set SIH_TEST_SQLSERVER to the address of a server, or to an address file, to run against a real one")
	}
	if !strings.HasPrefix(address, "sqlserver://") {
		text, err := os.ReadFile(address)
		if err != nil {
			t.Fatal(err)
		}
		address = string(text)
	}
	cfg, err := sqlserver.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ChunkRows = 3
	return cfg
}

// create makes a database with the tables and returns its address. Tables
// whose collation the server lacks are left out of it and of the second result.
func create(t *testing.T, cfg sqlserver.Config, snapshot bool, tables []tdstest.Table) (sqlserver.Config, []tdstest.Table) {
	t.Helper()
	name := fmt.Sprintf("sih_test_%d", time.Now().UnixNano())
	exec(t, cfg, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		exec(t, cfg, "ALTER DATABASE "+name+" SET SINGLE_USER WITH ROLLBACK IMMEDIATE", "DROP DATABASE "+name)
	})
	if snapshot {
		exec(t, cfg, "ALTER DATABASE "+name+" SET ALLOW_SNAPSHOT_ISOLATION ON")
	}
	cfg.Database = name
	var made []tdstest.Table
	for _, table := range tables {
		var columns []string
		unknown := false
		for _, c := range table.Columns {
			s := bracket(c.Name) + " " + c.Type
			if collation, ok := collations[c.Page]; ok && hasPage(c.Type) {
				s += " COLLATE " + collation
				unknown = unknown || !known(t, cfg, collation)
			}
			if !c.Nullable {
				s += " NOT"
			}
			columns = append(columns, s+" NULL")
		}
		if unknown {
			t.Logf("%s is left out: the server lacks its collation", table.Name)
			continue
		}
		if len(table.Key) > 0 {
			var key []string
			for _, k := range table.Key {
				key = append(key, bracket(k))
			}
			kind := "PRIMARY KEY"
			if table.Heap {
				kind += " NONCLUSTERED"
			}
			columns = append(columns, kind+" ("+strings.Join(key, ", ")+")")
		}
		if len(table.Unique) > 0 {
			var key []string
			for _, k := range table.Unique {
				key = append(key, bracket(k))
			}
			columns = append(columns, "UNIQUE ("+strings.Join(key, ", ")+")")
		}
		full := bracket(table.Schema) + "." + bracket(table.Name)
		statements := []string{"CREATE TABLE " + full + " (" + strings.Join(columns, ", ") + ")"}
		for _, row := range table.Rows {
			var fields []string
			for i, v := range row {
				fields = append(fields, literal(table.Columns[i].Type, v))
			}
			statements = append(statements, "INSERT INTO "+full+" VALUES ("+strings.Join(fields, ", ")+")")
		}
		exec(t, cfg, statements...)
		made = append(made, table)
	}
	return cfg, made
}

func exec(t *testing.T, cfg sqlserver.Config, statements ...string) {
	t.Helper()
	db, err := sqlserver.OpenDB(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
}

func known(t *testing.T, cfg sqlserver.Config, collation string) bool {
	t.Helper()
	db, err := sqlserver.OpenDB(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	if err := db.QueryRow("SELECT COUNT(*) FROM fn_helpcollations() WHERE name = '" + collation + "'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n > 0
}

func bracket(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

func hasPage(typ string) bool {
	return strings.HasPrefix(typ, "char") || strings.HasPrefix(typ, "varchar") || typ == "text"
}

var collations = map[int]string{
	0: "Latin1_General_CI_AS", 850: "SQL_Latin1_General_CP850_CI_AS", 932: "Japanese_CI_AS", 1252: "Latin1_General_CI_AS",
	1254: "Turkish_CI_AS", 1256: "Arabic_CI_AS", 65001: "Latin1_General_100_CI_AS_SC_UTF8",
}

// literal writes a value. A text is left to become the column's own, whose
// code page a conversion would not know.
func literal(typ string, v tdstest.Value) string {
	base, _, _ := strings.Cut(typ, "(")
	quoted := "N'" + strings.ReplaceAll(v.Text, "'", "''") + "'"
	switch {
	case v.Null:
		return "NULL"
	case base == "sql_variant":
		return "CONVERT(sql_variant, " + literal(v.Base, tdstest.Value{Raw: v.Raw}) + ")"
	case v.Bytes:
		return "CONVERT(" + typ + ", 0x" + hex.EncodeToString([]byte(v.Text)) + ")"
	}
	switch base {
	case "char", "varchar", "text", "nchar", "nvarchar", "ntext", "xml":
		return quoted
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		return "CONVERT(" + typ + ", " + quoted + ", 121)"
	}
	return "CONVERT(" + typ + ", " + quoted + ")"
}

func TestRealConformance(t *testing.T) {
	cfg := realServer(t)
	for name, snapshot := range map[string]bool{"Snapshot": true, "ReadCommitted": false} {
		t.Run(name, func(t *testing.T) {
			var want []extracttest.Content
			for _, table := range hospital() {
				if len(table.Key) == 0 { // the server sorts it by what it can
					slices.SortStableFunc(table.Rows, func(a, b []tdstest.Value) int { return cmp.Compare(a[1].Text, b[1].Text) })
				}
				want = append(want, content(table))
			}
			made, _ := create(t, cfg, snapshot, hospital())
			extracttest.Run(t, func(t *testing.T, _ string) extract.Source { return open(t, made) }, want)
		})
	}
}

// TestRealTypes and TestRealKeys compare rows whatever their order, which is
// the server's.
func TestRealTypes(t *testing.T) { realTables(t, typeTables(), 3) }

func TestRealKeys(t *testing.T) { realTables(t, keyTables(), 1) }

func realTables(t *testing.T, tables []tdstest.Table, chunk int) {
	cfg := realServer(t)
	var fit []tdstest.Table
	for _, table := range tables {
		if table.Columns = slices.Clone(table.Columns); slices.ContainsFunc(table.Columns, func(c tdstest.Column) bool { return c.Type == "timestamp" }) {
			continue // nobody writes it
		}
		table.Rows = slices.DeleteFunc(slices.Clone(table.Rows), func(row []tdstest.Value) bool {
			return slices.ContainsFunc(row, func(v tdstest.Value) bool { return strings.HasSuffix(v.Text, "5e-324") }) || // SQL Server has no such small numbers
				slices.ContainsFunc(table.Columns, func(c tdstest.Column) bool { return hasPage(c.Type) }) && row[len(row)-1].Bytes
		})
		fit = append(fit, table)
	}
	cfg, made := create(t, cfg, true, fit)
	cfg.ChunkRows = chunk
	src := open(t, cfg)
	declared, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range made {
		want := content(table)
		t.Run(table.Name, func(t *testing.T) {
			i := slices.IndexFunc(declared, func(d extract.Table) bool { return d.Name == want.Table.Name })
			if i < 0 {
				t.Fatal("the table is not listed")
			}
			if diff := gocmp.Diff(want.Table, declared[i]); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
			got := read(t, src, want.Table.Name)
			for _, rows := range [][]extract.Row{want.Rows, got} {
				slices.SortFunc(rows, func(a, b extract.Row) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			if diff := gocmp.Diff(want.Rows, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
