package reading

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// A window that closes ends the reading with the chunk in hand; where the chunk
// takes too long, without it.
func TestReadingWindow(t *testing.T) {
	for _, test := range []struct {
		name string
		late time.Duration
		rows int // of SMALL, which one chunk holds
	}{{"with the chunk in hand", time.Minute, 300}, {"at once", time.Hour, 0}} {
		t.Run(test.name, func(t *testing.T) {
			w := newWard(t)
			w.s.Window = project.Window{From: 22 * 60, To: 6 * 60}
			clock := atomic.Int64{}
			start := time.Date(2026, 1, 2, 23, 4, 0, 0, time.UTC)
			w.o.Now = func() time.Time { return start.Add(time.Duration(clock.Load())) }
			w.db.Row = func(table string, row extract.Row) error {
				if table == "SMALL" && row[0] == key(100) {
					clock.Store(int64(7*time.Hour - 4*time.Minute + test.late))
				}
				return nil
			}
			w.db.Content[0].Rows = w.db.Content[0].Rows[:2]
			_, err := w.read()
			var window *WindowError
			if !errors.As(err, &window) || !window.Begun || !strings.Contains(err.Error(), "22:00-06:00 has closed") || !strings.Contains(window.Hint(), "2026-01-03 22:00") {
				t.Fatalf("got %v", err)
			}
			seal, err := snapshot.Sealing{}.Create(w.dir(), snapshot.Info{})
			if err != nil {
				t.Fatal(err)
			}
			_, kept := keptColumns(w.db.Content[3].Table, project.LeaveOut{})
			tw, err := seal.Table(kept)
			if err != nil {
				t.Fatal(err)
			}
			if rows, _, _ := tw.Done(); rows != test.rows {
				t.Errorf("%d rows of SMALL are kept, want %d", rows, test.rows)
			}
			seal.Abandon()
			clock.Store(int64(23 * time.Hour))
			w.db.Row = nil
			s, got := w.must()
			w.compare("the night after", s, got)
		})
	}
}

// A closed window is told before anything is asked of the source.
func TestOutsideWindow(t *testing.T) {
	w := newWard(t)
	w.o.Project.Config.Sources[0].Window = project.Window{From: 22 * 60, To: 6 * 60}
	w.o.Now = func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }
	_, err := Snapshot(t.Context(), w.o, &w.o.Project.Config.Sources[0])
	var window *WindowError
	if !errors.As(err, &window) || window.Begun || !strings.Contains(err.Error(), "it opens at 2026-01-02 22:00") {
		t.Errorf("got %v", err)
	}
}

// Files that are written to while they are read are told of; those that were
// written to before a reading was gone on with are refused.
func TestReadingFiles(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "A.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ID;V\n1;2\n")
	s := &project.Source{ID: "dedalus", System: "dedalus", Driver: project.CSV, Path: dir}
	o := Options{Project: &project.Project{Dir: t.TempDir(), Config: project.Config{Snapshots: "snapshots"}}}
	reading := func(src extract.Source) error {
		_, err := read(t.Context(), o, s, src, o.Project.SnapshotDir(s), &notes{show: func(string) {}})
		return err
	}
	open := func() extract.Source {
		t.Helper()
		src, err := Open(o.Project, s, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	if err := reading(failing{open()}); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	write("ID;V\n1;2\n3;4\n")
	var source *SourceError
	if err := reading(open()); !errors.As(err, &source) || !strings.Contains(err.Error(), "file A.csv had 9 bytes and has 13") {
		t.Errorf("a file that has grown: got %v", err)
	}
	if err := os.RemoveAll(o.Project.SnapshotDir(s)); err != nil {
		t.Fatal(err)
	}
	if err := reading(growing{open().(stampedSource), func() { write("ID;V\n1;2\n3;4\n5;6\n") }}); err != nil {
		t.Fatal(err)
	}
	got, err := snapshot.Open(o.Project.SnapshotDir(s))
	if err != nil || got.Consistent || !slices.Contains(got.Notes, "file A.csv had 13 bytes and has 17 while the source was read") {
		t.Errorf("a file that grows: got notes %q, %v", got.Notes, err)
	}
}

type stampedSource interface {
	extract.Source
	stamped
}

// failing is a source whose tables cannot be read.
type failing struct{ extract.Source }

func (failing) Rows(context.Context, string, func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) { yield(nil, errGone) }
}

func (f failing) Stamp(ctx context.Context) ([]extract.File, error) {
	return f.Source.(stamped).Stamp(ctx)
}

// growing is a source to which something is written when its rows are read.
type growing struct {
	stampedSource
	grow func()
}

func (g growing) Rows(ctx context.Context, table string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	g.grow()
	return g.stampedSource.Rows(ctx, table, reject)
}

// A rate is kept over all tables together.
func TestReadingPace(t *testing.T) {
	w := newWard(t)
	w.s.MaxRate, w.s.Connections = 600, 4
	begin := time.Now()
	w.must()
	if took := time.Since(begin); took < 400*time.Millisecond {
		t.Errorf("316 rows at 600 a second took %v", took)
	}
	w = newWard(t)
	w.s.MaxRate = 5
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := read(ctx, w.o, w.s, w.db, w.dir(), &notes{show: func(string) {}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an end amid a pause: got %v", err)
	}
}
