package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

func TestExtractionInLedger(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if p, err := l.Extraction("hosix"); p != nil || err != nil {
		t.Errorf("before the first: got %v, %v", p, err)
	}
	plan := &project.Plan{Begun: "2026-01-02T12:00:00Z", Schema: "abc", Tables: []project.PlannedTable{{
		Table:    extract.Table{Name: "PACIENTES", Order: []string{"NHC"}, Columns: []extract.Column{{Name: "NHC", Type: "int"}}},
		LeaveOut: project.LeaveOut{Columns: []string{"FOTO"}}, Rows: 12, Counted: true,
	}}, Files: []extract.File{{Name: "a", Bytes: 1, Modified: noon}}}
	check(l.StartExtraction("hosix", plan))
	got, err := l.Extraction("hosix")
	check(err)
	if diff := cmp.Diff(plan, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	const secret = "ZAHRA-1934"
	note := project.ChunkNote{
		Path: "data/a", SHA256: "00", Digest: []byte{1, 2},
		Last:  extract.Row{sih.Text(secret), {Text: "\xff\x00", Bytes: true}, sih.Null, sih.Text("")},
		Marks: []project.Mark{{Key: 1, Row: 1 << 31}, {Key: 1<<32 - 1}},
	}
	check(l.NoteChunk("hosix", note))
	check(l.NoteChunk("hosix", note)) // written again after a crash
	check(l.NoteChunk("enova", note))
	notes, err := l.ChunkNotes("hosix")
	check(err)
	marks, err := l.Marks("hosix", "data/a")
	check(err)
	if diff := cmp.Diff(note.Marks, marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	note.Marks = nil
	if diff := cmp.Diff(map[string]project.ChunkNote{"data/a": note}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	// Nothing of a key outlives its extraction.
	check(l.FinishExtraction("hosix"))
	check(l.StartExtraction("enova", plan))
	check(l.FinishExtraction("enova"))
	if p, err := l.Extraction("hosix"); p != nil || err != nil {
		t.Errorf("after the end: got %v, %v", p, err)
	}
	check(l.Close())
	files, err := filepath.Glob(filepath.Join(dir, project.LedgerFile+"*"))
	check(err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		check(err)
		if strings.Contains(string(text), secret) {
			t.Errorf("%s still holds a key", filepath.Base(name))
		}
	}
}

func TestLedgerUpgrade(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if _, err := l.StartRun("extract"); err != nil {
		t.Fatal(err)
	}
	l.Close()
	file := filepath.Join(dir, project.LedgerFile)
	for _, statement := range []string{"DROP TABLE extraction", "DROP TABLE extraction_chunk", "DROP TABLE audit_log", "DROP TABLE review_pair", "DROP TABLE decision", "PRAGMA user_version = 1"} {
		run(t, file, statement)
	}
	l = open(t, dir)
	if err := l.StartExtraction("hosix", &project.Plan{}); err != nil {
		t.Errorf("a ledger of version 1 was not brought up to date: %v", err)
	}
	if runs, err := l.Runs(5); err != nil || len(runs) != 1 {
		t.Errorf("got runs %v, %v; want the one of before", runs, err)
	}
}
