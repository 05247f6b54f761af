package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/snapshot"
)

// ward is a database in memory, and the project that extracts it.
type ward struct {
	t  *testing.T
	db *extracttest.Memory
	o  Options
	s  *project.Source
	// said is what its user was told.
	said []string
}

func key(n int) sih.Raw { return sih.Text(fmt.Sprintf("%06d", n)) }

// long is a value that two of make no chunk.
var long = strings.Repeat("x", 3<<20)

func newWard(t *testing.T) *ward {
	columns := []extract.Column{{Name: "ID", Type: "char(6)"}, {Name: "V", Type: "text", Nullable: true}, {Name: "FOTO", Type: "blob", Nullable: true}}
	table := func(name string, n int, v string) extracttest.Content {
		c := extracttest.Content{Table: extract.Table{Name: name, Columns: columns, Key: []string{"ID"}, Order: []string{"ID"}}}
		for i := range n {
			c.Rows = append(c.Rows, extract.Row{key(10 * i), sih.Text(fmt.Sprint(v, i)), sih.Null})
		}
		return c
	}
	w := &ward{t: t, db: &extracttest.Memory{}}
	keyless := table("KEYLESS", 8, long[:1<<20])
	keyless.Table.Key, keyless.Table.Order = nil, nil
	w.db.Content = []extracttest.Content{table("BIG", 8, long), table("EMPTY", 0, ""), keyless, table("SMALL", 300, "")}
	dir := t.TempDir()
	w.s = &project.Source{ID: "hosix", System: "hosix", Driver: project.SQLServer}
	w.o = Options{Project: &project.Project{Dir: dir, Config: project.Config{Snapshots: "snapshots", Sources: []project.Source{*w.s}}}}
	return w
}

func (w *ward) dir() string { return w.o.Project.SnapshotDir(w.s) }

// read reads once; each reading has a view of its own.
func (w *ward) read() (*SourceExtract, error) {
	w.db.At = extract.View{Opened: w.db.At.Opened.Add(time.Hour), Consistent: true}
	if w.db.At.Opened.Year() < 2000 {
		w.db.At.Opened = time.Date(2026, 1, 2, 22, 4, 0, 0, time.UTC)
	}
	return read(w.t.Context(), w.o, w.s, w.db, w.dir(), &notes{show: func(text string) { w.said = append(w.said, text) }})
}

// must reads to the end and returns the rows by table.
func (w *ward) must() (*snapshot.Snapshot, map[string][]string) {
	w.t.Helper()
	if _, err := w.read(); err != nil {
		w.t.Fatal(err)
	}
	s, err := snapshot.Open(w.dir())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Verify(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, t := range s.Tables {
		for _, c := range t.Chunks {
			for row, err := range s.Rows(t, c) {
				if err != nil {
					w.t.Fatal(err)
				}
				rows[t.Name] = append(rows[t.Name], brief(row))
			}
		}
	}
	return s, rows
}

func brief(row extract.Row) string {
	return fmt.Sprint(row[0].Text, " ", strings.TrimLeft(row[1].Text, "x"), " ", len(row[1].Text))
}

// holds is what the database holds now.
func (w *ward) holds() map[string][]string {
	out := map[string][]string{}
	for _, c := range w.db.Content {
		for _, row := range c.Rows {
			out[c.Table.Name] = append(out[c.Table.Name], brief(row))
		}
	}
	return out
}

var errGone = errors.New("the server has gone")

// breakAt lets the server fail before the n-th row that it is asked for.
func (w *ward) breakAt(n int64) {
	var rows atomic.Int64
	w.db.Row = func(string, extract.Row) error {
		if rows.Add(1) >= n {
			return errGone
		}
		return nil
	}
}

func (w *ward) compare(what string, s *snapshot.Snapshot, got map[string][]string) {
	w.t.Helper()
	if diff := cmp.Diff(w.holds(), got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if len(s.Views) != 1 || !s.Consistent || len(s.Notes) > 0 {
		w.t.Errorf("%s: views %v, consistent: %t, notes %q", what, s.Views, s.Consistent, s.Notes)
	}
	if l, err := w.o.Project.OpenLedger(); err != nil {
		w.t.Error(err)
	} else {
		defer l.Close()
		if p, err := l.Extraction(w.s.ID); p != nil || err != nil {
			w.t.Errorf("%s: the plan outlives the snapshot", what)
		}
	}
}

// Wherever a server fails, and however often, and whatever is written to it in
// between, the reading that comes to its end holds what the database then holds.
func TestReadingConverges(t *testing.T) {
	for _, connections := range []int{0, 3} {
		t.Run(fmt.Sprint(connections, " connections"), func(t *testing.T) {
			w := newWard(t)
			w.s.Connections = connections
			for run, at := range []int64{1, 3, 14, 200, 304, 306, 3} {
				w.breakAt(at)
				if _, err := w.read(); !errors.Is(err, errGone) {
					t.Fatalf("run %d: got %v", run, err)
				}
				big := w.db.Content[0].Rows
				switch run {
				case 2: // in a chunk that is there, and behind the last
					big[0] = extract.Row{big[0][0], sih.Text("changed"), sih.Null}
					big = append(big, extract.Row{key(9999), sih.Null, sih.Null})
				case 3: // a chunk's rows go, others come before the first
					big = append([]extract.Row{{sih.Text("!"), sih.Text("new"), sih.Null}}, slices.Delete(big, 2, 4)...)
				case 4:
					w.db.Content[1].Rows = []extract.Row{{key(1), sih.Text("no longer empty"), sih.Null}}
					w.db.Content[2].Rows = w.db.Content[2].Rows[1:]
				case 5: // the end goes, one chunk's place is taken by three
					big = append(big[:len(big)-1:len(big)-1], extract.Row{key(8001), sih.Text(long), sih.Null}, extract.Row{key(8002), sih.Text(long), sih.Null})
				}
				w.db.Content[0].Rows = big
			}
			w.db.Row = nil
			s, got := w.must()
			w.compare("after seven failures", s, got)
			if !slices.ContainsFunc(w.said, func(text string) bool {
				return strings.Contains(text, "views, ") && strings.Contains(text, "read again in the last one")
			}) {
				t.Errorf("its user was not told of the views: %q", w.said)
			}
		})
	}
}

// However many connections read, the snapshot is the same.
func TestReadingAnyConnections(t *testing.T) {
	one := newWard(t)
	want, _ := one.must()
	for _, n := range []int{2, 5} {
		w := newWard(t)
		w.s.Connections = n
		got, _ := w.must()
		if got.Content != want.Content {
			t.Errorf("%d connections: another content", n)
		}
	}
}

// A ledger that was lost takes the keys with it: what cannot be gone on with is
// begun again.
func TestReadingWithoutLedger(t *testing.T) {
	w := newWard(t)
	w.breakAt(14)
	if _, err := w.read(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(w.o.Project.Dir, project.LedgerFile+"*"))
	if err != nil || len(files) == 0 {
		t.Fatal("there is no ledger", err)
	}
	for _, name := range files {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	w.db.Row = nil
	before := w.db.Reads()
	s, got := w.must()
	w.compare("without a ledger", s, got)
	if n := w.db.Reads() - before; n != 316 {
		t.Errorf("%d rows were read, want all 316 once", n)
	}
}

// What was read is not read again but to hold it to the last view, chunk by
// chunk; a table without a key begins again.
func TestReadingGoesOnBehindTheKey(t *testing.T) {
	w := newWard(t)
	w.s.LeaveOut = map[string]project.LeaveOut{"KEYLESS": {All: true}, "BIG": {Columns: []string{"FOTO"}}}
	w.breakAt(7) // BIG has rows of which each is a chunk
	if _, err := w.read(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	w.db.Row = nil
	w.o.Reread, w.o.AcceptSeams = -1, true
	before := w.db.Reads()
	s, _ := w.must()
	if n := w.db.Reads() - before; n < 300+2 || n > 300+4 {
		t.Errorf("%d rows were read, want the 300 of SMALL and what BIG lacked", n)
	}
	if s.Consistent || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "BIG was read in two views") {
		t.Errorf("consistent: %t, notes %q", s.Consistent, s.Notes)
	}
	if big, _ := s.Table("BIG"); big.Rows != 8 || len(big.Columns) != 2 {
		t.Errorf("BIG: %d rows of %d columns", big.Rows, len(big.Columns))
	}
}

// A seam that nobody has accepted ends the reading, before anything is read
// again, and names the choice.
func TestReadingSeam(t *testing.T) {
	w := newWard(t)
	w.breakAt(14)
	if _, err := w.read(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	w.db.Row = nil
	w.o.Reread = 2
	for _, advice := range []string{"--reread 8 ", "--reread 300 "} { // the second time SMALL too is of an earlier view
		_, err := w.read()
		var seam *SeamError
		if !errors.As(err, &seam) || !slices.Contains(seam.Tables, "BIG") || !strings.Contains(strings.ReplaceAll(seam.Hint(), ";", " "), advice) {
			t.Fatalf("got %v; %v", err, seam)
		}
	}
	w.o.Reread = 1000
	s, got := w.must()
	w.compare("read again", s, got)
}

// Another schema, or other rows left out, than those that a snapshot was begun
// with are refused; the snapshot stays as it is.
func TestReadingRefusesChanges(t *testing.T) {
	w := newWard(t)
	w.breakAt(14)
	if _, err := w.read(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	w.db.Row = nil
	w.s.LeaveOut = map[string]project.LeaveOut{"SMALL": {Columns: []string{"FOTO"}}}
	var config *ConfigError
	if _, err := w.read(); !errors.As(err, &config) || !strings.Contains(err.Error(), "leave_out says something else of SMALL") {
		t.Errorf("left out: got %v", err)
	}
	w.s.LeaveOut = nil
	columns := w.db.Content[3].Table.Columns
	w.db.Content[3].Table.Columns = append(slices.Clone(columns), extract.Column{Name: "NEW", Type: "int"})
	var source *SourceError
	if _, err := w.read(); !errors.As(err, &source) || !strings.Contains(err.Error(), "column NEW of SMALL was added") || !strings.Contains(source.Hint(), w.dir()) {
		t.Errorf("a column more: got %v", err)
	}
	w.db.Content[3].Table.Columns = columns
	s, got := w.must()
	w.compare("as it was", s, got)
}

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
func TestExtractOutsideWindow(t *testing.T) {
	w := newWard(t)
	w.o.Project.Config.Sources[0].Window = project.Window{From: 22 * 60, To: 6 * 60}
	w.o.Now = func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }
	_, err := Extract(t.Context(), w.o, nil)
	var window *WindowError
	if !errors.As(err, &window) || window.Begun || !strings.Contains(err.Error(), "it opens at 2026-01-02 22:00") {
		t.Errorf("got %v", err)
	}
}

// Where a view does not hold all rows at one moment, the snapshot does not say
// that it is consistent.
func TestReadingMoving(t *testing.T) {
	for _, view := range []extract.View{{}, {Consistent: true, Unsteady: []string{"SMALL"}}} {
		w := newWard(t)
		view.Opened = time.Now().UTC()
		w.db.At = view
		if _, err := read(t.Context(), w.o, w.s, w.db, w.dir(), &notes{show: func(string) {}}); err != nil {
			t.Fatal(err)
		}
		if s, err := snapshot.Open(w.dir()); err != nil || s.Consistent {
			t.Errorf("view %+v: consistent, %v", view, err)
		}
	}
}

// What a run that was killed at its very end has left in the ledger is cleared by
// the next one, which has nothing else to do.
func TestExtractForgets(t *testing.T) {
	w := newWard(t)
	w.must()
	l, err := w.o.Project.OpenLedger()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.StartExtraction(w.s.ID, &project.Plan{}); err != nil {
		t.Fatal(err)
	}
	list, err := Extract(t.Context(), w.o, nil)
	if err != nil || len(list) != 1 || !list[0].Skipped {
		t.Fatalf("got %v, %v", list, err)
	}
	if p, err := l.Extraction(w.s.ID); p != nil || err != nil {
		t.Errorf("the plan is still there: %v, %v", p, err)
	}
}

// A view that is lost unnoticed ends the reading.
func TestReadingLosesView(t *testing.T) {
	w := newWard(t)
	w.db.Row = func(table string, _ extract.Row) error {
		if table == "KEYLESS" {
			w.db.At.Opened = w.db.At.Opened.Add(time.Minute)
		}
		return nil
	}
	var source *SourceError
	if _, err := w.read(); !errors.As(err, &source) || !strings.Contains(err.Error(), "the view with it") {
		t.Errorf("got %v", err)
	}
	w.db.Row = nil
	s, got := w.must()
	w.compare("in another view", s, got)
}

// lossy is a database that loses the last row of each range, and says nothing.
type lossy struct{ *extracttest.Memory }

func (l lossy) RowsIn(ctx context.Context, table string, in extract.Range) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		var held extract.Row
		for row, err := range l.Memory.RowsIn(ctx, table, in) {
			if (held != nil || err != nil) && !yield(held, err) {
				return
			}
			held = slices.Clone(row)
		}
	}
}

// Rows that are missing without a word are missed by the plan's counts.
func TestReadingShort(t *testing.T) {
	w := newWard(t)
	w.db.At = extract.View{Opened: time.Now().UTC(), Consistent: true}
	_, err := read(t.Context(), w.o, w.s, lossy{w.db}, w.dir(), &notes{show: func(string) {}})
	if err == nil || !strings.Contains(err.Error(), "BIG: 8 rows when the plan was made, 7 read, in one view") {
		t.Errorf("got %v", err)
	}
	if _, err := snapshot.Open(w.dir()); !errors.Is(err, snapshot.ErrIncomplete) {
		t.Errorf("the snapshot was finished: %v", err)
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
		src, err := openSource(o.Project, s, nil, nil)
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

func TestViewWords(t *testing.T) {
	at := func(text string) time.Time {
		got, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, test := range []struct {
		times []string
		want  string
	}{
		{[]string{"2026-01-02 23:04:05"}, "one view, 23:04"},
		{[]string{"2026-01-02 23:04:05", "2026-01-03 01:17:00"}, "two views, 23:04 and 01:17"},
		{[]string{"2026-01-02 23:04:05", "2026-01-02 23:04:09", "2026-01-03 01:17:00"}, "three views, 23:04:05, 23:04:09 and 01:17:00"},
		{[]string{"2026-01-02 23:04:05", "2026-01-05 01:17:00"}, "two views, 2026-01-02 23:04 and 2026-01-05 01:17"},
	} {
		var times []time.Time
		for _, text := range test.times {
			times = append(times, at(text))
		}
		if got := viewWords(times); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// The marks tell what has changed from what is new and what is gone.
func TestDifferencesCount(t *testing.T) {
	mark := func(key, row uint32) project.Mark { return project.Mark{Key: key, Row: row} }
	var d differences
	d.count([]project.Mark{mark(1, 1), mark(2, 1), mark(3, 1), mark(4, 4), mark(4, 5)}, []project.Mark{mark(2, 1), mark(3, 2), mark(4, 4), mark(4, 6), mark(5, 1), mark(6, 1)})
	if want := (differences{changed: 2, added: 2, gone: 1}); d != want {
		t.Errorf("got %+v, want %+v", d, want)
	}
}
