package reading

import (
	"fmt"
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
func (w *ward) read() (*Extracted, error) {
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
