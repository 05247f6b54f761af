package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/snapshot"
)

// A hospital's server is extracted by the real program; whatever goes wrong is
// one sentence and exit code 5, and the password shows nowhere.
func TestExtractMySQL(t *testing.T) {
	server, err := mariadbtest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	const password = "Tr0ub4dor&3"
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE USER sihctl IDENTIFIED BY '"+password+"'", "GRANT SELECT ON "+name+".* TO sihctl")
	region := filepath.Join(t.TempDir(), "region")
	secret := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(secret, []byte(server.DSN(name)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	simulated := exec.Command("sihctl", "simulate", region, "--patients", "300", "--seed", "3", "--mysql", secret)
	if out, err := simulated.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := snapshot.Open(filepath.Join(region, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	// A database that holds something already is refused.
	again := exec.Command("sihctl", "simulate", region+"-again", "--patients", "300", "--mysql", secret)
	if out, _ := again.CombinedOutput(); again.ProcessState.ExitCode() != exitUnreachable || !strings.Contains(string(out), "hint: ") {
		t.Errorf("into a full database: got exit code %d:\n%s", again.ProcessState.ExitCode(), out)
	}

	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sihctl.yaml", "project: p\nsources:\n  enova: {system: enova, driver: mysql, dsn_file: dsn}\n")
	extract := func() (code int, stderr string) {
		t.Helper()
		cmd := exec.Command("sihctl", "extract", "--project", dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		if strings.Contains(out.String(), password) || strings.Contains(out.String(), "[mysql]") {
			t.Errorf("it shows what it must not:\n%s", out.String())
		}
		return cmd.ProcessState.ExitCode(), out.String()
	}
	login := "sihctl:" + password + "@" + server.Socket() + "/"
	for _, test := range []struct{ name, dsn, say string }{
		{"no DSN", "", "does not hold one line"},
		{"a URL", "mysql://sihctl:" + password + "@localhost/" + name, "dsn: read the DSN: the DSN cannot be read"},
		{"wrong password", strings.Replace(login, password, password+"x", 1) + name, "refuses the login"},
		{"no such server", "sihctl:" + password + "@unix(/nowhere/s)/" + name, "cannot be reached"},
		{"no such database", login + "nowhere", "no such database"},
	} {
		write("dsn", test.dsn)
		if code, said := extract(); code != exitUnreachable || !strings.Contains(said, test.say) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s: got exit code %d, want %d and %q:\n%s", test.name, code, exitUnreachable, test.say, said)
		}
	}
	write("dsn", login+name+"\n")
	code, said := extract()
	if code != exitDone || !strings.Contains(said, "constante") {
		t.Fatalf("got exit code %d, and of the table of MyISAM:\n%s", code, said)
	}
	got, err := snapshot.Open(filepath.Join(dir, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tables) != len(want.Tables) {
		t.Errorf("got %d tables, want %d", len(got.Tables), len(want.Tables))
	}
	for _, table := range want.Tables {
		if have, ok := got.Table(table.Name); !ok || have.Rows != table.Rows {
			t.Errorf("%s: got %d rows, want %d", table.Name, have.Rows, table.Rows)
		}
	}
	server.Kill()
	if err := os.RemoveAll(filepath.Join(dir, "snapshots")); err != nil {
		t.Fatal(err)
	}
	if code, said := extract(); code != exitUnreachable {
		t.Errorf("a server that is gone: got exit code %d, want %d:\n%s", code, exitUnreachable, said)
	}
}

// Killed amid a table and gone on with, an extraction of an idle database
// comes to the same snapshot; that it has a seam is told.
func TestExtractMySQLResumes(t *testing.T) {
	server := sharedMaria(t)
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE digit (n INT PRIMARY KEY)", "INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
		"CREATE TABLE resultat (a CHAR(4) NOT NULL, id INT NOT NULL, v VARCHAR(80), d DATE, PRIMARY KEY (a, id))",
		`INSERT INTO resultat SELECT CONCAT('H', e.n), a.n+10*b.n+100*c.n+1000*d.n+10000*e.n+100000*f.n, SHA1(a.n+10*b.n+100*c.n), '1934-00-00'
			FROM digit a, digit b, digit c, digit d, digit e, digit f WHERE f.n < 3`)
	project := func() string {
		dir := t.TempDir()
		for file, content := range map[string]string{
			"sihctl.yaml": "project: p\nsources:\n  enova: {system: enova, driver: mysql, dsn_file: dsn}\n",
			"dsn":         server.DSN(name),
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	whole, broken := project(), project()
	if out, err := exec.Command("sihctl", "extract", "--project", whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command("sihctl", "extract", "--project", broken, "--max-rate", "60000") // to be seen on its way
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if list, _ := filepath.Glob(filepath.Join(broken, "snapshots/enova/data/resultat/000001*")); len(list) > 0 {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := os.Stat(filepath.Join(broken, "snapshots/enova/manifest.json")); err == nil {
		t.Fatal("it was done before it could be killed")
	}
	out, err := exec.Command("sihctl", "extract", "--project", broken).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "read again in the last one") {
		t.Errorf("gone on with: %v\n%s", err, out)
	}
	want, err := snapshot.Open(filepath.Join(whole, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := snapshot.Open(filepath.Join(broken, "snapshots/enova"))
	if err != nil {
		t.Fatal(err)
	}
	if table, _ := got.Table("resultat"); got.Content != want.Content || table.Rows != 300000 {
		t.Errorf("the snapshot gone on with, of %d rows, is not the undisturbed one", table.Rows)
	}
}
