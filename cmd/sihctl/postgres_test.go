package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/extract/snapshot"
)

// A PostgreSQL server is extracted by the real program; whatever goes wrong is
// one sentence and exit code 5, and the password shows nowhere. Killed amid a
// table and gone on with, an extraction comes to the same snapshot.
func TestExtractPostgres(t *testing.T) {
	server, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	const password = "Tr0ub4dor3"
	name, db := server.Create(t)
	postgrestest.Exec(t, db, "CREATE ROLE reader LOGIN PASSWORD '"+password+"'",
		"CREATE TABLE resultat (a char(4), id integer, v varchar(80), d date, PRIMARY KEY (a, id))",
		"INSERT INTO resultat SELECT 'H' || i % 7, i, md5(i::text), 'infinity' FROM generate_series(1, 300000) AS i",
		"CREATE TABLE lettre (v text)", "INSERT INTO lettre VALUES ('رسالة'), (NULL)", "GRANT SELECT ON resultat, lettre TO reader")
	project := func(dsn string) string {
		dir := t.TempDir()
		for file, content := range map[string]string{
			"sihctl.yaml": "project: p\nsources:\n  enova: {system: enova, driver: postgres, dsn_file: dsn, connections: 2}\n", "dsn": dsn,
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	extract := func(dir string) (code int, said string) {
		t.Helper()
		cmd := exec.Command("sihctl", "extract", "--project", dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		if strings.Contains(out.String(), password) {
			t.Errorf("it shows the password:\n%s", out.String())
		}
		return cmd.ProcessState.ExitCode(), out.String()
	}
	login := server.Login(name, "reader", password)
	for _, test := range []struct{ name, dsn, say string }{
		{"no DSN", "", "does not hold one line"},
		{"a DSN of MySQL", "reader:" + password + "@tcp(localhost)/" + name, "the DSN cannot be read"},
		{"wrong password", server.Login(name, "reader", password+"x"), "refuses the login"},
		{"no such server", "postgres://reader:" + password + "@/x?host=/nowhere", "cannot be reached"},
		{"no such database", server.Login("nowhere", "reader", password), "no such database"},
	} {
		if code, said := extract(project(test.dsn)); code != exitUnreachable || !strings.Contains(said, test.say) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s: got exit code %d, want %d and %q:\n%s", test.name, code, exitUnreachable, test.say, said)
		}
	}
	whole, broken := project(login), project(login)
	if code, said := extract(whole); code != exitDone {
		t.Fatalf("got exit code %d:\n%s", code, said)
	}
	cmd := exec.Command("sihctl", "extract", "--project", broken, "--max-rate", "60000") // to be seen on its way
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if list, _ := filepath.Glob(filepath.Join(broken, "snapshots/enova/data/public.resultat/000001*")); len(list) > 0 {
			break
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := os.Stat(filepath.Join(broken, "snapshots/enova/manifest.json")); err == nil {
		t.Fatal("it was done before it could be killed")
	}
	if code, said := extract(broken); code != exitDone {
		t.Fatalf("gone on with: got exit code %d:\n%s", code, said)
	}
	want, err := snapshot.Open(filepath.Join(whole, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := snapshot.Open(filepath.Join(broken, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	if table, _ := got.Table("public.resultat"); got.Content != want.Content || table.Rows != 300000 {
		t.Errorf("the snapshot gone on with, of %d rows, is not the undisturbed one", table.Rows)
	}
	server.Kill()
	if code, said := extract(project(login)); code != exitUnreachable {
		t.Errorf("a server that is gone: got exit code %d, want %d:\n%s", code, exitUnreachable, said)
	}
}
