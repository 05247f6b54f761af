package reading

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/snapshot"
)

var errGone = errors.New("the server has gone")

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
	got, err := Snapshot(t.Context(), w.o, w.s)
	if err != nil || !got.Skipped {
		t.Fatalf("got %+v, %v", got, err)
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
