//go:build unix

package main

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// killed tells at what sight a run is killed. Each is a stage in its midst:
// what is seen is there, and what would follow it is not yet.
var killed = []struct {
	name         string
	seen, unless string // a pattern of files one of which must be there, and what must not
	// spread is how long after the sight the kill may come.
	spread time.Duration
	// undo is taken away where a run was faster than its kill.
	undo []string
	// begun is a journal that must tell of a chunk once the run is killed, and not
	// yet of all, so that what goes on reads in another view.
	begun string
}{
	{"simulate", ".simulate-*/incoming", "truth.csv", 50 * time.Millisecond, append([]string{"truth.csv", "demo.json", "sihctl.yaml", ".gitignore", ".sihctl.lock", "facilities.csv", "incoming", "snapshots"}, made...), ""},
	{"extract files", "snapshots/dedalus/data", "snapshots/dedalus/manifest.json", 50 * time.Millisecond, made, ""},
	{"extract files again", "snapshots/dedalus/data/P*", "snapshots/dedalus/manifest.json", 0, made, "snapshots/dedalus/journal"},
	{"extract sheets", "snapshots/essp/journal", "snapshots/essp/manifest.json", 60 * time.Millisecond, append([]string{"snapshots/essp"}, later...), ""},
	{"transform", "stage/*/*", "match", 100 * time.Millisecond, later, ""},
	{"transform, later", "stage/hosix/*", "match", 200 * time.Millisecond, later, ""},
	{"match", "stage/essp/Vaccinations/*", "match/result.gob", 60 * time.Millisecond, append([]string{"stage/essp/Vaccinations"}, later[1:]...), ""},
	{"load", "unified.db.partial", "unified.db", 300 * time.Millisecond, later[2:], ""},
	{"load, later", "unified.db.partial", "unified.db", 900 * time.Millisecond, later[2:], ""},
	{"load, at its end", "unified.db", "load/result.json", 0, later[2:], ""},
	{"reconcile", "load/result.json", "reconciliation.xlsx", 300 * time.Millisecond, later[3:], ""},
	{"reconcile, at its end", "reconciliation.xlsx", "no-such-file", 20 * time.Millisecond, later[3:], ""},
}

// later is what the stages after extract make, in their order.
var later = []string{"stage", "match", "unified.db", "load", "reconciliation.xlsx"}

// TestKill kills a demo at random moments of every stage, starts it again each
// time, and holds that in the end the store and the workbook are those of an
// undisturbed run.
func TestKill(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	s := &site{t: t, region: r, dir: filepath.Join(t.TempDir(), "p")}
	whole, landed := &site{t: t, region: r, dir: r.dir}, 0
	for _, k := range killed {
		late := time.Duration(0)
		if k.spread > 0 {
			late = time.Duration(random.Int64N(int64(k.spread)))
		}
		tries := 4
		if k.begun != "" { // which is to be seen, however often it takes
			tries = 40
		}
		kill := func() bool {
			if !s.kill(k.seen, k.unless, late) {
				return false
			}
			if k.begun == "" {
				return true
			}
			in, all := strings.Count(s.content(k.begun), `"chunk"`), strings.Count(whole.content(k.begun), `"chunk"`)
			return 0 < in && in < all
		}
		hit := kill()
		for try := 0; !hit && try < tries; try++ {
			late /= 4
			s.remove(k.undo...)
			hit = kill()
		}
		if hit {
			landed++
		} else {
			t.Logf("%s: the run had ended before it could be killed", k.name)
			s.remove(k.undo...)
		}
	}
	if landed < 8 {
		t.Errorf("only %d of %d kills met a run", landed, len(killed))
	}
	s.demo()
	// An extraction that was killed is a snapshot of two views: the workbook
	// says so, and its files have another hash. All else is the same.
	tables, err := readTables(s.path("unified.db"))
	s.check(err)
	compare(t, "after the kills: table", r.tables, tables)
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	want := maps.Clone(r.cells)
	seams := 0
	want["Summary"], _ = withoutSeams(want["Summary"])
	cells["Summary"], seams = withoutSeams(cells["Summary"])
	if seams == 0 {
		t.Error("no extraction was killed: the workbook tells of no second view")
	}
	compare(t, "after the kills: sheet", withoutClocks(want), withoutClocks(cells))
	t.Logf("%d kills of %d, seed %d", landed, len(killed), seed)
}

// TestBegunStore holds that a store of which a kill left a file without tables
// becomes the one that an undisturbed run makes, to the times in its log.
func TestBegunStore(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := &site{t: t, region: r, dir: filepath.Join(t.TempDir(), "p")}
	s.demo()
	s.remove(later[2:]...)
	conn, err := sqlite.OpenConn(s.path("unified.db.partial"), sqlite.OpenReadWrite|sqlite.OpenCreate)
	s.check(err)
	s.check(sqlitex.ExecuteTransient(conn, "PRAGMA journal_mode = WAL", nil))
	s.check(conn.Close())
	s.demo()
	tables, err := readTables(s.path("unified.db"))
	s.check(err)
	compare(t, "built on a file without tables: table", r.tables, tables)
}

// withoutSeams leaves out what a workbook's Summary says of how the files were
// read, and counts the sources that were read in more than one view.
func withoutSeams(lines []string) (out []string, seams int) {
	for _, line := range lines {
		if strings.Contains(line, "snapshot (SHA-256)") && (strings.Contains(line, "dedalus · csv") || strings.Contains(line, "essp · xlsx")) {
			continue
		}
		if views.MatchString(line) {
			seams++
		}
		out = append(out, views.ReplaceAllLiteralString(line, "one view, 2026-01-31T20:00:00Z"))
	}
	return out, seams
}

var views = regexp.MustCompile(`[0-9]+ views: [^"]*`)

// kill starts the demo as a process of its own and kills it after what is
// looked for was seen. It returns false where the process had ended by then.
func (s *site) kill(seen, unless string, late time.Duration) bool {
	s.t.Helper()
	hit, e := killWhen(s.t, func() bool {
		list, _ := filepath.Glob(s.path(seen))
		_, err := os.Lstat(s.path(unless))
		return len(list) > 0 && err != nil
	}, late, s.demoArgs()...)
	s.private(e)
	if !hit && e.code != exitDone {
		s.t.Fatalf("a run that went on after a kill ended with %d; stderr:\n%s", e.code, e.stderr)
	}
	return hit
}

// killWhen starts the program and kills it, some time after it is seen to be
// where it is to die. It returns false where the program had come to its end by
// itself, a good one or not: a server takes a moment to see that the one before
// was killed, and holds the target for it so long.
func killWhen(t testing.TB, seen func() bool, late time.Duration, args ...string) (hit bool, e ended) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("sihctl", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	for end := false; !end && !seen(); {
		select {
		case <-gone:
			end = true
		case <-time.After(500 * time.Microsecond):
		}
	}
	select {
	case <-gone:
	case <-time.After(late):
		_ = cmd.Process.Kill()
		<-gone
	}
	e = ended{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	return e.code < 0, e
}

// atOnce sees a program where it begins.
func atOnce() bool { return true }
