package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// childVariable names the store that a copy of this test's program loads.
const childVariable = "SIH_TEST_SQLITE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		wait := func(loaded int) {
			if loaded == atOnce {
				io.Copy(io.Discard, os.Stdin) // which says nothing
			}
		}
		if err := loadAll(path, os.Stdout, wait); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	killChunks   = 30
	rowsPerChunk = 40 // of storetest.Part, in each large table
	// atOnce is how many chunks a program loads at the most before it waits to be
	// killed: however slow the killer is, four programs are needed.
	atOnce = 8
)

// loadAll loads the chunks that are not there, says so after each, and finishes.
// It asks whether to go on before each that it loads.
func loadAll(path string, progress io.Writer, goOn func(loaded int)) error {
	s, err := sqlite.Open(path, sqlite.Options{Options: store.Options{Now: now}, CacheMiB: 1})
	if err != nil {
		return err
	}
	defer s.Close()
	run := storetest.ID("migration_run", 0)
	loaded := 0
	for i := range killChunks {
		goOn(loaded)
		c := store.Chunk{Run: run, Name: fmt.Sprint(i), Hash: fmt.Sprint("h", i)}
		l, err := s.LoadChunk(context.Background(), c, storetest.Seq(storetest.Part(i), nil))
		if err != nil {
			return err
		}
		if !l.Skipped {
			loaded++
			fmt.Fprintln(progress, i)
		}
	}
	return s.Finish(context.Background())
}

// TestKilledLoadGoesOn kills a loading program at random moments, looks that
// the store holds whole chunks, and goes on until the load is done. The store
// must then equal that of an undisturbed load.
func TestKilledLoadGoesOn(t *testing.T) {
	dir := t.TempDir()
	calm := filepath.Join(dir, "calm.db")
	if err := loadAll(calm, io.Discard, func(int) {}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "killed.db")
	r := rand.New(rand.NewPCG(1, 1))
	kills, last := 0, int64(0)
	for {
		done, err := runAndKill(t, path, r)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
		if kills++; kills > 200 {
			t.Fatal("the load does not get on")
		}
		if n := wholeChunks(t, path); n < last {
			t.Fatalf("after a kill %d chunks are left of %d", n, last)
		} else {
			last = n
		}
	}
	t.Logf("killed %d times", kills)
	if kills < 3 {
		t.Errorf("killed only %d times: the test has shown nothing", kills)
	}
	want := storetest.Contents(t, open(t, calm, sqlite.Options{Options: store.Options{ReadOnly: true}}))
	got := storetest.Contents(t, open(t, path, sqlite.Options{Options: store.Options{ReadOnly: true}}))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the killed load differs from the calm one (-calm +killed):\n%s", d)
	}
}

// runAndKill starts the program and kills it in the midst of its work: after up
// to four chunks that it has loaded, and some time.
func runAndKill(t *testing.T, path string, r *rand.Rand) (done bool, err error) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+path)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return false, err
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := child.Start(); err != nil {
		return false, err
	}
	lines := bufio.NewScanner(out)
	chunks := r.IntN(5)
	for range chunks {
		if !lines.Scan() {
			return true, child.Wait()
		}
	}
	pause := 4 * time.Millisecond // a chunk or so
	if chunks == 0 {
		pause = 40 * time.Millisecond // the program's start, and the schema
	}
	time.Sleep(time.Duration(r.Int64N(int64(pause))))
	if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false, err
	}
	for lines.Scan() {
	}
	return child.Wait() == nil, nil
}

// wholeChunks opens the store after a kill, checks that its rows are those of
// the chunks that it lists, and counts these.
func wholeChunks(t *testing.T, path string) (chunks int64) {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer s.Close()
	err = s.Query(t.Context(), "SELECT (SELECT count(*) FROM load_chunk), (SELECT count(*) FROM observation), (SELECT count(*) FROM claim_line)", nil, func(row store.Row) error {
		chunks = row.Int(0)
		if want := chunks * rowsPerChunk; row.Int(1) != want || row.Int(2) != want {
			t.Errorf("%d chunks, but %d and %d rows, want %d of each", chunks, row.Int(1), row.Int(2), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}
