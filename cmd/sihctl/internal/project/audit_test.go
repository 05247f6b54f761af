package project_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// logged opens a ledger with n lines in its audit log, and returns its head.
func logged(t *testing.T, dir string, n int) (*project.Ledger, audit.Head) {
	t.Helper()
	l := open(t, dir)
	var head audit.Head
	for i := range n {
		var err error
		if head, err = l.Audit(audit.Line{Command: fmt.Sprintf("command %d", i), Outcome: "done"}); err != nil {
			t.Fatal(err)
		}
	}
	return l, head
}

// TestAuditDamages changes the log in the ledger, or its copy, a thousand times,
// and finds each.
func TestAuditDamages(t *testing.T) {
	dir := t.TempDir()
	const lines = 12
	l, head := logged(t, dir, lines)
	if _, err := l.CheckAudit(head); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(11, 12))
	found := func(what string, heads ...audit.Head) {
		t.Helper()
		var broken *audit.BrokenError
		if _, err := l.CheckAudit(heads...); !errors.As(err, &broken) {
			t.Errorf("%s is not found: %v", what, err)
		}
	}

	name := filepath.Join(dir, project.AuditFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	split := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	damages := []struct {
		name string
		do   func() []byte
	}{
		{"a flipped bit", func() []byte {
			bad := bytes.Clone(whole)
			bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
			return bad
		}},
		{"a copy cut short", func() []byte { return whole[:rng.IntN(len(whole))] }},
		{"a line removed", func() []byte {
			i := rng.IntN(len(split))
			return bytes.Join(append(append([][]byte{}, split[:i]...), split[i+1:]...), nil)
		}},
		{"a line more", func() []byte {
			return append(bytes.Clone(whole), append(bytes.Clone(split[rng.IntN(len(split)-1)]), '\n')...)
		}},
		{"a byte more", func() []byte { return append(bytes.Clone(whole), byte(rng.IntN(256))) }},
	}
	for _, d := range damages {
		for range 140 {
			if err := os.WriteFile(name, d.do(), 0o600); err != nil {
				t.Fatal(err)
			}
			found(d.name + " in the copy")
		}
	}
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}

	conn, err := sqlite.OpenConn(filepath.Join(dir, project.LedgerFile), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	exec := func(script string) {
		t.Helper()
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := sqlitex.ExecuteTransient(conn, "PRAGMA synchronous = OFF", nil); err != nil {
		t.Fatal(err)
	}
	exec("CREATE TEMP TABLE kept AS SELECT * FROM audit_log;")
	for range 60 {
		i := 1 + rng.IntN(lines-1)
		j := i + 1 + rng.IntN(lines-i)
		for what, script := range map[string]string{
			"a changed line":   fmt.Sprintf("UPDATE audit_log SET line = replace(line, 'command', 'commend') WHERE seq = %d", i),
			"a missing line":   fmt.Sprintf("DELETE FROM audit_log WHERE seq = %d", i),
			"moved lines":      fmt.Sprintf("UPDATE audit_log SET line = (SELECT line FROM temp.kept k WHERE k.seq = %d + %d - audit_log.seq) WHERE seq IN (%d, %d)", i, j, i, j),
			"a line twice":     fmt.Sprintf("INSERT INTO audit_log SELECT %d, line FROM temp.kept WHERE seq = %d", lines+1, i),
			"a line that ends": fmt.Sprintf("UPDATE audit_log SET line = substr(line, 1, length(line) - %d) WHERE seq = %d", i, j),
		} {
			exec(script)
			found(what + " in the ledger")
			exec("DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM temp.kept;")
		}
	}
	// Both cut alike show against the head alone.
	exec(fmt.Sprintf("DELETE FROM audit_log WHERE seq > %d", lines-3))
	if err := os.WriteFile(name, bytes.Join(split[:lines-3], nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.CheckAudit(); err != nil {
		t.Errorf("a shorter log is by itself as it was written, but: %v", err)
	}
	found("a log that was cut, with its copy,", head)
}

// TestAuditCrash holds that a copy which a kill has left short, at whatever byte,
// is completed by the next line.
func TestAuditCrash(t *testing.T) {
	dir := t.TempDir()
	l, _ := logged(t, dir, 4)
	name := filepath.Join(dir, project.AuditFile)
	rng := rand.New(rand.NewPCG(13, 14))
	for i := range 40 {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = os.Remove(name)
		} else {
			err = os.Truncate(name, int64(rng.IntN(len(whole)+1)))
		}
		if err != nil {
			t.Fatal(err)
		}
		head, err := l.Audit(audit.Line{Command: "the next", Outcome: "done"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.CheckAudit(head); err != nil {
			t.Fatalf("after a kill: %v", err)
		}
	}
}

// TestAuditTogether holds that processes which write at once leave one log and
// one copy. Each has a ledger of its own.
func TestAuditTogether(t *testing.T) {
	dir := t.TempDir()
	const writers, lines = 4, 8
	var group sync.WaitGroup
	for range writers {
		l := open(t, dir)
		group.Go(func() {
			for range lines {
				if _, err := l.Audit(audit.Line{Command: "at once", Outcome: "done"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	head, err := open(t, dir).CheckAudit()
	if err != nil || head.Seq != writers*lines {
		t.Errorf("the log has %d lines, want %d: %v", head.Seq, writers*lines, err)
	}
}
