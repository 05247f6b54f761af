package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// TestAudit holds that what is done stands in the log, and that no line of it
// can be changed unnoticed, in the ledger or in its copy.
func TestAudit(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.must(exitDone, "export", "crosswalk", "--out", s.path("x.csv"))
	s.must(exitUsage, "rollback", "nonsense")
	s.must(exitDone, "reconcile", "--unmasked")
	var show auditShowResult
	s.check(json.Unmarshal([]byte(s.must(exitDone, "audit", "show", "--output", "json").stdout), &show))
	var got []string
	for _, l := range show.Lines {
		if l.User == "" || l.Machine == "" || l.Time.IsZero() || l.Tool == "" {
			t.Errorf("line %d lacks who, where, when or with what: %+v", l.Seq, l)
		}
		text := l.Command + " " + l.Outcome
		for _, x := range l.Touched {
			if x.Kind == "unmasked workbook" && len(x.SHA256) != 64 {
				t.Error("the workbook's hash is not there")
			}
			text += ", " + x.Verb + " " + x.Kind
		}
		got = append(got, text)
	}
	if !strings.HasPrefix(got[0], "demo done, wrote snapshot") && !strings.HasPrefix(got[0], "demo done, read snapshot") {
		t.Errorf("the demo is logged as %q", got[0])
	}
	for i, want := range []string{"export crosswalk done, exported crosswalk", "rollback failed", "reconcile done, wrote unmasked workbook"} {
		if at := len(got) - 3 + i; got[at] != want {
			t.Errorf("line %d is %q, want %q", at+1, got[at], want)
		}
	}
	head := strings.TrimSpace(s.must(exitDone, "audit", "head").stdout)
	s.must(exitDone, "audit", "verify", "--head", head)
	s.must(exitDone, "status")
	s.must(exitDone, "verify") // the log goes on behind the head
	s.must(exitDone, "audit", "verify", "--head", head)
	s.must(exitUsage, "audit", "verify", "--head", "12")
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	if !strings.Contains(strings.Join(cells["Summary"], "\n"), show.Lines[len(show.Lines)-2].Hash) {
		t.Error("the workbook does not tell the head of the log")
	}

	ledger, err := os.ReadFile(s.path(project.LedgerFile))
	s.check(err)
	copied, err := os.ReadFile(s.path(project.AuditFile))
	s.check(err)
	restore := func() {
		s.check(os.WriteFile(s.path(project.LedgerFile), ledger, 0o600))
		s.check(os.WriteFile(s.path(project.AuditFile), copied, 0o600))
	}
	for _, damage := range []struct{ name, sql string }{
		{"a line changed", "UPDATE audit_log SET line = replace(line, 'crosswalk', 'nothing') WHERE line LIKE '%crosswalk%'"},
		{"a line removed", "DELETE FROM audit_log WHERE seq = 2"},
		{"lines exchanged", "UPDATE audit_log SET seq = -1 WHERE seq = 2; UPDATE audit_log SET seq = 2 WHERE seq = 3; UPDATE audit_log SET seq = 3 WHERE seq = -1"},
		{"the end cut off", "DELETE FROM audit_log WHERE seq > 2"},
	} {
		s.execute(project.LedgerFile, damage.sql)
		e := s.must(exitDamaged, "audit", "verify", "--head", head)
		e.oneSentence(t, "audit log, line")
		restore()
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		bad := append([]byte{}, copied...)
		bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
		s.check(os.WriteFile(s.path(project.AuditFile), bad, 0o600))
		s.must(exitDamaged, "audit", "verify")
	}
	s.check(os.WriteFile(s.path(project.AuditFile), copied[:len(copied)-40], 0o600))
	s.must(exitDamaged, "audit", "verify")
	s.must(exitDone, "verify") // as after a crash: the copy is completed
	s.must(exitDone, "audit", "verify", "--head", head)
	s.remove(project.AuditFile)
	s.must(exitDamaged, "audit", "verify")
}

// TestAuditHeadInSnapshot holds that a snapshot which is sent away tells how far
// the log was, so that a log which is cut short shows against it.
func TestAuditHeadInSnapshot(t *testing.T) {
	s := sharedRegion(t).whole(t)
	head := strings.TrimSpace(s.must(exitDone, "audit", "head").stdout)
	s.remove("snapshots/dedalus")
	s.must(exitDone, "extract", "dedalus")
	var got struct {
		AuditHead string `json:"audit_head"`
	}
	s.json(&got, "snapshot", "show", "dedalus")
	if got.AuditHead != head {
		t.Errorf("the manifest tells %q, want %q", got.AuditHead, head)
	}
	s.must(exitDone, "audit", "verify", "--head", got.AuditHead)
}

// TestAuditReaders holds that commands which show patients' data without taking
// the project stand in the log too.
func TestAuditReaders(t *testing.T) {
	s := sharedRegion(t).whole(t)
	files, err := filepath.Glob(s.path("stage/*/*/000000.00.stage"))
	s.check(err)
	if len(files) == 0 {
		t.Fatal("the region has no stage files")
	}
	s.write("people.csv", "record_id,family_name,given_name,birth_date\n1,Testouni,Exemple,1990-01-02\n2,Testouni,Exemple,1990-01-02\n")
	var stdout, stderr bytes.Buffer // which hold what the log may not
	for _, args := range [][]string{
		{"stage", "cat", files[0]},
		{"rejects", "--by", "reason,value", "--project", s.dir},
		{"rejects", "--project", s.dir}, // shows no value
		{"inspect", "enova", "--project", s.dir},
		{"snapshot", "pack", "enova", "--out", s.path("enova.tar"), "--project", s.dir},
		{"snapshot", "unpack", s.path("enova.tar"), s.path("again"), "--project", s.dir},
		{"link", s.path("people.csv"), "--model", "ma-patient", "--out", s.path("clusters.csv"), "--project", s.dir},
	} {
		if code := run(args, &stdout, &stderr); code != exitDone {
			t.Fatalf("%v ends with %d: %s", args[:2], code, &stderr)
		}
	}
	var show auditShowResult
	s.json(&show, "audit", "show")
	var got []string
	for _, l := range show.Lines[len(show.Lines)-6:] {
		got = append(got, l.Command+" "+l.Touched[0].Verb+" "+l.Touched[0].Kind)
	}
	if want := "stage cat read stage, rejects read stage, inspect read snapshot, snapshot pack exported snapshot, snapshot unpack wrote snapshot, link read file"; strings.Join(got, ", ") != want {
		t.Errorf("the log ends with %v, want %s", got, want)
	}
	s.must(exitDone, "audit", "verify")
}
