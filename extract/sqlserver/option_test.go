package sqlserver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestBytes keeps texts whose collation lies as the bytes that the server has,
// also where they would be a key.
func TestBytes(t *testing.T) {
	table := tdstest.Table{Schema: "dbo", Name: "NOTAS", Key: []string{"ID"}, Columns: []tdstest.Column{
		{Name: "ID", Type: "char(2)"}, {Name: "A", Type: "varchar(20)", Nullable: true}, {Name: "B", Type: "text"}, {Name: "C", Type: "nvarchar(20)"},
	}}
	table.Rows = [][]tdstest.Value{row("1 ", "\u00c7\u00d1", "é", "é"), row("2 ", nil, "", "")} // the Arabic alef and reh, as windows-1252 reads them
	for _, test := range []struct {
		names string
		want  []extract.Row
		key   bool
	}{
		{"dbo.NOTAS.A", []extract.Row{
			fields(row("1 ", []byte("\xc7\xd1"), "é", "é")), fields(row("2 ", nil, "", "")),
		}, true},
		{"dbo.X.*, dbo.NOTAS.*", []extract.Row{
			fields(row([]byte("1 "), []byte("\xc7\xd1"), []byte("\xe9"), "é")), fields(row([]byte("2 "), nil, []byte{}, "")),
		}, false},
	} {
		parsed, err := sqlserver.ParseAddress("server = 127.0.0.1\nbytes = " + test.names)
		if err != nil {
			t.Fatal(err)
		}
		cfg := config(serve(t, true, table))
		cfg.Bytes = parsed.Bytes
		src := open(t, cfg)
		if diff := cmp.Diff(test.want, read(t, src, "dbo.NOTAS")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.names, diff)
		}
		if list, err := src.Tables(t.Context()); err != nil || (list[0].Order != nil) != test.key {
			t.Errorf("%s: got the order %v, error %v", test.names, list[0].Order, err)
		}
	}
}

// TestLeaveOut does not ask for what nobody wants, but for the key.
func TestLeaveOut(t *testing.T) {
	table := tdstest.Table{Schema: "dbo", Name: "T", Key: []string{"ID"}, Columns: []tdstest.Column{
		{Name: "ID", Type: "int"}, {Name: "FOTO", Type: "image"}, {Name: "V", Type: "sql_variant", Nullable: true}, {Name: "N", Type: "int"},
	}, Rows: [][]tdstest.Value{row("1", []byte("%PNG"), variant("int", "7"), "2")}}
	for _, test := range []struct {
		out  []string
		want extract.Row
	}{
		{[]string{"FOTO", "V", "ID"}, fields(row("1", nil, nil, "2"))},
		{[]string{"*"}, fields(row("1", nil, nil, nil))},
		{nil, fields(table.Rows[0])},
	} {
		cfg := config(serve(t, true, table))
		cfg.LeaveOut = map[string][]string{"dbo.T": test.out}
		if diff := cmp.Diff([]extract.Row{test.want}, read(t, open(t, cfg), "dbo.T")); diff != "" {
			t.Errorf("%v left out (-want +got):\n%s", test.out, diff)
		}
	}
}

func fields(values []tdstest.Value) extract.Row {
	var out extract.Row
	for _, v := range values {
		out = append(out, v.Raw)
	}
	return out
}

// TestSealed reads a column that its application encrypts as the bytes that
// come, and a table not by it.
func TestSealed(t *testing.T) {
	for _, key := range []string{"NHC", "APELLIDO"} {
		table := hospital()[2]
		table.Key, table.Unique = nil, []string{key}
		table.Columns[1].Sealed = true
		for i := range table.Rows {
			table.Rows[i][1] = row([]byte{1, byte(i)})[0]
		}
		server, err := tdstest.New(tdstest.Database{Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Version: "15.0.4430.1", Tables: []tdstest.Table{table}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		src := open(t, config(server))
		list, err := src.Tables(t.Context())
		if err != nil || (list[0].Order != nil) != (key == "NHC") {
			t.Errorf("by %s: got the order %v, error %v", key, list[0].Order, err)
		}
		if key != "NHC" {
			continue
		}
		if diff := cmp.Diff(content(table).Rows, read(t, src, "dbo.PACIENTES")); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	}
}

// TestLock locks a table without a key only where it may.
func TestLock(t *testing.T) {
	for _, test := range []struct {
		name     string
		snapshot bool
		allow    []string
		locked   bool
	}{
		{"not allowed", false, nil, false},
		{"allowed", false, []string{"dbo.LOG"}, true},
		{"all", false, []string{"*"}, true},
		{"another", false, []string{"dbo.PACIENTES"}, false},
		{"no need", true, []string{"*"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, test.snapshot, hospital()...)
			cfg := config(server)
			cfg.AllowLock = test.allow
			src := open(t, cfg)
			for _, table := range hospital() {
				if diff := cmp.Diff(content(table).Rows, read(t, src, table.Schema+"."+table.Name)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", table.Name, diff)
				}
			}
			asked := server.Statements()
			if got := slices.ContainsFunc(asked, func(s string) bool { return strings.Contains(s, "TABLOCK") }); got != test.locked {
				t.Errorf("locked: %v, want %v", got, test.locked)
			}
			begun, ended := 0, 0
			for _, s := range asked {
				if s == "BEGIN TRANSACTION" {
					begun++
				}
				if s == "COMMIT TRANSACTION" {
					ended++
				}
			}
			if want := map[bool]int{true: 1}[test.locked]; begun != want || ended != want {
				t.Errorf("%d transactions begun and %d ended, want %d", begun, ended, want)
			}
		})
	}
}

// TestLockLost ends the transaction that holds the lock: nothing is read
// without it.
func TestLockLost(t *testing.T) {
	server := serve(t, false, hospital()...)
	cfg := config(server)
	cfg.AllowLock = []string{"*"}
	src := open(t, cfg)
	server.Arm(tdstest.Fault{Kind: tdstest.Fail, Table: "dbo.LOG"})
	got, err := collect(t, src, "dbo.LOG")
	if err == nil || len(got) > 0 || !strings.Contains(err.Error(), "deadlock") {
		t.Errorf("got %d rows, error %v", len(got), err)
	}
}

// TestLockShort loses rows of a table that is locked: they are missed.
func TestLockShort(t *testing.T) {
	server := serve(t, false, hospital()...)
	cfg := config(server)
	cfg.AllowLock = []string{"*"}
	src := open(t, cfg)
	server.Arm(tdstest.Fault{Kind: tdstest.Short, Table: "dbo.LOG", Rows: 1})
	if _, err := collect(t, src, "dbo.LOG"); err == nil || !strings.Contains(err.Error(), "1 rows came where the server counts 4") {
		t.Errorf("got %v", err)
	}
}
