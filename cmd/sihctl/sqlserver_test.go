package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// A hospital's SQL Server is extracted by the real program; whatever goes
// wrong is one sentence and exit code 5, what was read before is gone on with,
// and neither the password nor a patient shows.
func TestExtractSQLServer(t *testing.T) {
	const password, patients = "Tr0ub4dor&3@/#", 20000
	table := tdstest.Table{Schema: "dbo", Name: "PACIENTES", Key: []string{"NHC"}, Columns: []tdstest.Column{
		{Name: "NHC", Type: "int"}, {Name: "APELLIDO1", Type: "varchar(20)", Nullable: true}, {Name: "APELLIDO_AR", Type: "nvarchar(60)"}, {Name: "FECHA_NAC", Type: "datetime"},
	}}
	for i := range patients {
		table.Rows = append(table.Rows, tdstest.Values([]sih.Raw{
			sih.Text(fmt.Sprint(i)), {Null: i%3 == 0, Text: []string{"", "BÉNANI", "ALAMI"}[i%3]}, sih.Text("العلمي"), sih.Text("1934-01-01 00:00:00.000"),
		}))
	}
	server, err := tdstest.New(tdstest.Database{Name: "HIS", User: "sihctl", Password: password, Tables: []tdstest.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)

	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sihctl.yaml", "project: p\nsources:\n  hosix: {system: hosix, driver: sqlserver, dsn_file: dsn}\n")
	extracted := func() (code int, said string) {
		t.Helper()
		cmd := exec.Command("sihctl", "extract", "--project", dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		for _, secret := range []string{password, "Tr0ub4dor", "ZAHRA"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("it shows what it must not:\n%s", out.String())
			}
		}
		return cmd.ProcessState.ExitCode(), out.String()
	}
	address := func(server string, port uint16, database, password string) string {
		return fmt.Sprintf("server = %s\nport = %d\ndatabase = %s\nuser = sihctl\npassword = %s\nencrypt = disable\n", server, port, database, password)
	}
	good := address("127.0.0.1", server.Port(), "HIS", password)
	for _, test := range []struct{ name, dsn, say string }{
		{"no address", "", "names no server"},
		{"a bad URL", "sqlserver://sihctl:" + password + "@127.0.0.1", "no sqlserver:// URL"},
		{"wrong password", address("127.0.0.1", server.Port(), "HIS", password+"x"), "the login was refused"},
		{"no such database", address("127.0.0.1", server.Port(), "OTHER", password), "cannot open the database"},
		{"no such server", address("127.0.0.1", 1, "HIS", password), "connect"},
		{"no encryption", strings.Replace(good, "disable", "true", 1), "does not support encryption"},
	} {
		write("dsn", test.dsn)
		if code, said := extracted(); code != exitUnreachable || !strings.Contains(said, test.say) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s: got exit code %d, want %d and %q:\n%s", test.name, code, exitUnreachable, test.say, said)
		}
	}
	write("dsn", good)
	for _, kind := range []tdstest.FaultKind{tdstest.Fail, tdstest.Drop} {
		server.Arm(tdstest.Fault{Kind: kind, Number: 823, Table: "dbo.PACIENTES", Rows: 10})
		if code, said := extracted(); code != exitUnreachable || !strings.Contains(said, "dbo.PACIENTES") {
			t.Errorf("a broken reading: got exit code %d, want %d:\n%s", code, exitUnreachable, said)
		}
	}
	code, said := extracted()
	if code != exitDone || !strings.Contains(said, "snapshot isolation") || !strings.Contains(said, "not encrypted") {
		t.Fatalf("got exit code %d:\n%s", code, said)
	}
	snap, err := snapshot.Open(filepath.Join(dir, "snapshots/hosix"))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := snap.Table("dbo.PACIENTES")
	n := 0
	for _, c := range info.Chunks {
		for row, err := range snap.Rows(info, c) {
			if err != nil {
				t.Fatal(err)
			}
			var want extract.Row
			for _, v := range table.Rows[n] {
				want = append(want, v.Raw)
			}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Fatalf("row %d (-want +got):\n%s", n, diff)
			}
			n++
		}
	}
	if n != patients {
		t.Errorf("got %d rows, want %d", n, patients)
	}
	server.Close()
	if err := os.RemoveAll(filepath.Join(dir, "snapshots")); err != nil {
		t.Fatal(err)
	}
	if code, said := extracted(); code != exitUnreachable {
		t.Errorf("a server that is gone: got exit code %d, want %d:\n%s", code, exitUnreachable, said)
	}
}
