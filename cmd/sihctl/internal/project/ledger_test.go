package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *project.Ledger {
	t.Helper()
	l, err := (&project.Project{Dir: dir}).OpenLedger()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.Now = func() time.Time { return noon }
	return l
}

func TestLedgerRuns(t *testing.T) {
	l := open(t, t.TempDir())
	for _, command := range []string{"extract", "load"} {
		if _, err := l.StartRun(command); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.FinishRun(1, "done", "5 sources"); err != nil {
		t.Fatal(err)
	}
	got, err := l.Runs(5)
	if err != nil {
		t.Fatal(err)
	}
	want := []project.Run{{ID: 2, Command: "load", Started: noon}, {ID: 1, Command: "extract", Started: noon, Finished: noon, Outcome: "done", Note: "5 sources"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestLedgerIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	dir := t.TempDir()
	open(t, dir)
	for _, name := range []string{project.LedgerFile, project.LedgerFile + "-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", name, got)
		}
	}
}

func TestLedgerRefuses(t *testing.T) {
	tests := []struct {
		name, want string
		spoil      func(t *testing.T, file string)
	}{
		{"newer", "a ledger of version 99; this program knows 4", func(t *testing.T, file string) {
			open(t, filepath.Dir(file))
			run(t, file, "PRAGMA user_version = 99")
		}},
		{"another program's", "not a ledger of sihctl", func(t *testing.T, file string) { run(t, file, "CREATE TABLE t (a)") }},
		{"no database", "not a ledger of sihctl", func(t *testing.T, file string) {
			if err := os.WriteFile(file, make([]byte, 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			test.spoil(t, filepath.Join(dir, project.LedgerFile))
			_, err := (&project.Project{Dir: dir}).OpenLedger()
			var refused *project.LedgerError
			if !errors.As(err, &refused) || refused.Message != test.want || refused.Hint() == "" {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func run(t *testing.T, file, statement string) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.ExecuteTransient(conn, statement, nil); err != nil {
		t.Fatal(err)
	}
}
