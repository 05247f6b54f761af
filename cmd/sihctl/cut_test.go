//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/linetest"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// whole is the rows of an undisturbed extraction.
func (w *ward) whole() map[string][]string {
	w.t.Helper()
	dir := w.project(w.server.DSN(w.name))
	w.extract(dir, exitDone)
	_, rows := w.open(dir)
	return rows
}

// sentence holds of what the program said that it is one sentence and advice.
func (w *ward) sentence(said string, words ...string) {
	w.t.Helper()
	if strings.Count(said, "sihctl: ") != 1 || !strings.Contains(said, "hint: ") || strings.Contains(said, "goroutine") {
		w.t.Errorf("want one sentence and a hint:\n%s", said)
	}
	for _, text := range words {
		if !strings.Contains(said, text) {
			w.t.Errorf("want %q:\n%s", text, said)
		}
	}
}

// goesOn holds that the same command now comes to the rows of an undisturbed run.
func (w *ward) goesOn(dir string, want map[string][]string) {
	w.t.Helper()
	w.extract(dir, exitDone)
	s, got := w.open(dir)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("gone on with (-want +got):\n%.2000s", diff)
	}
	if len(s.Views) != 1 || !s.Consistent {
		w.t.Errorf("it stands in views %v, and is consistent: %t", s.Views, s.Consistent)
	}
}

// A connection that is cut ends with exit code 5 and a sentence, wherever it is
// cut, and what was read before is gone on with.
func TestExtractConnectionCut(t *testing.T) {
	server := sharedMaria(t)
	w := newWard(t, server)
	mariadbtest.Exec(t, w.db, "CREATE USER coupe_"+w.name[9:]+" IDENTIFIED BY 'Tr0ub4dor'", "GRANT SELECT ON "+w.name+".* TO coupe_"+w.name[9:])
	network, at, _ := strings.Cut(strings.TrimSuffix(server.Socket(), ")"), "(")
	line := linetest.New(t, network, at)
	dir := w.project("coupe_" + w.name[9:] + ":Tr0ub4dor@unix(" + line.Address + ")/" + w.name)
	for i, bytes := range []int64{2000, 3 << 20, 12 << 20} {
		line.CutAfter(bytes)
		said := w.extract(dir, exitUnreachable)
		w.sentence(said)
		if strings.Contains(said, "Tr0ub4dor") {
			t.Errorf("cut %d: the password shows:\n%s", i, said)
		}
	}
	if journal(dir, `"chunk"`, 1)() == false {
		t.Error("nothing was kept of what was read before the cuts")
	}
	line.Mend()
	w.goesOn(dir, w.whole())
}

// A server that goes down in the midst ends with exit code 5; once it is up
// again the extraction goes on.
func TestExtractServerRestarted(t *testing.T) {
	// What was written has to outlive the server here.
	server, err := mariadbtest.Private("--innodb-flush-log-at-trx-commit=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	w := newWard(t, server)
	want := w.whole()
	dir := w.project(server.DSN(w.name))
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		for seen := journal(dir, `"chunk":{"table":"compose"`, 2); !seen(); time.Sleep(time.Millisecond) {
		}
		server.Kill()
	}()
	w.sentence(w.extract(dir, exitUnreachable, "--max-rate", "9000"))
	<-killed
	w.sentence(w.extract(dir, exitUnreachable)) // it is still down
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	w.goesOn(dir, want)
}

// Another schema than the one that was begun with is refused and told in words,
// and a window that is closed is kept.
func TestExtractRefuses(t *testing.T) {
	server := sharedMaria(t)
	w := newWard(t, server)
	dir := w.project(server.DSN(w.name))
	w.killWhen(dir, `"chunk"`, 1)
	now := time.Now()
	window := now.Add(2*time.Hour).Format("15:04") + "-" + now.Add(3*time.Hour).Format("15:04")
	w.sentence(w.extract(dir, exitClosed, "--window", window), window, "is closed; it opens at")
	mariadbtest.Exec(t, w.db, "ALTER TABLE resultat DROP COLUMN n, ADD COLUMN unite VARCHAR(9), MODIFY jour DATETIME", "CREATE TABLE lit (id INT PRIMARY KEY)", "DROP TABLE vide")
	said := w.extract(dir, exitUnreachable)
	w.sentence(said, "table vide was dropped", "table lit was added", "column n of resultat was dropped",
		"column jour of resultat was date and is datetime", "column unite of resultat was added", "move "+filepath.Join(dir, "snapshots/enova")+" away")
}
