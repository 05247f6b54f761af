package snapshot

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// entry is a line of the journal, of which one field is set. Later lines
// correct earlier ones.
type entry struct {
	Recipients []string     `json:"recipients,omitempty"` // for whom it is encrypted
	View       *view        `json:"view,omitempty"`       // a view was opened
	Chunk      *Chunk       `json:"chunk,omitempty"`      // a chunk was written
	Complete   *ending      `json:"complete,omitempty"`   // a table is whole
	Restart    *restart     `json:"restart,omitempty"`    // a table is begun again
	Replace    *replacement `json:"replace,omitempty"`    // a chunk was read again
	Attach     *asked       `json:"attach,omitempty"`     // a table's files are copied
	Note       string       `json:"note,omitempty"`
	Remark     string       `json:"remark,omitempty"`
}

type view struct {
	Number int    `json:"number"`
	Opened string `json:"opened"`
}

// ending tells how many rows a table had when its end was reached, in which
// view.
type ending struct {
	Table    string `json:"table"`
	Rows     int    `json:"rows"`
	Rejected int    `json:"rejected"`
	View     int    `json:"view"`
}

// restart tells that no chunk of a table holds that was written so far.
type restart struct {
	Table string `json:"table"`
}

// replacement tells what holds in the place of a chunk of rows: others, none,
// or the same in another view.
type replacement struct {
	Table string  `json:"table"`
	Range int     `json:"range"`
	Part  int     `json:"part"`
	By    []Chunk `json:"by"`
}

// standing is what a journal says of a table in the end: the chunks that hold,
// in the order of their rows.
type standing struct {
	rows, rejects []Chunk
	complete      bool
	view          int    // that the table's end was read in
	column        string // that names files, which are copied
}

// apply follows one line. It returns false where the line replaces a chunk
// that does not hold.
func apply(tables map[string]*standing, e entry) bool {
	of := func(name string) *standing {
		if tables[name] == nil {
			tables[name] = &standing{}
		}
		return tables[name]
	}
	switch {
	case e.Chunk != nil && e.Chunk.Rejected:
		t := of(e.Chunk.Table)
		t.rejects = append(t.rejects, *e.Chunk)
	case e.Chunk != nil:
		t := of(e.Chunk.Table)
		t.rows = append(t.rows, *e.Chunk)
	case e.Complete != nil:
		t := of(e.Complete.Table)
		t.complete, t.view = true, e.Complete.View
	case e.Restart != nil:
		*of(e.Restart.Table) = standing{}
	case e.Attach != nil:
		of(e.Attach.Table).column = e.Attach.Column
	case e.Replace != nil:
		r := e.Replace
		t := of(r.Table)
		i := place(t.rows, r.Range, r.Part)
		if i < 0 {
			return false
		}
		t.rows = slices.Replace(t.rows, i, i+1, r.By...)
	}
	return true
}

// follow reads a journal, as far as its lines are whole, and hands each to
// take. It tells how many bytes they are.
func follow(r io.Reader, tables map[string]*standing, take func(entry)) (good int64, err error) {
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return good, nil
		}
		if err != nil {
			return good, err
		}
		var e entry
		if json.Unmarshal(line, &e) != nil || !apply(tables, e) {
			return good, nil
		}
		good += int64(len(line))
		take(e)
	}
}

// Progress is how far a snapshot has come.
type Progress struct {
	Tables int // that are whole
	Rows   int // of all tables, with the records that were no rows
}

// Begun tells how far the snapshot in dir has come that is not finished. It
// changes nothing, and may be asked while the snapshot is written.
func Begun(dir string) (Progress, error) {
	f, err := os.Open(filepath.Join(dir, journalFile))
	if err != nil {
		return Progress{}, fmt.Errorf("open snapshot: %w", err)
	}
	defer f.Close()
	tables := map[string]*standing{}
	if _, err := follow(f, tables, func(entry) {}); err != nil {
		return Progress{}, fmt.Errorf("open snapshot: %w", err)
	}
	var p Progress
	for _, t := range tables {
		if t.complete {
			p.Tables++
		}
		for _, c := range t.chunks() {
			p.Rows += c.Rows
		}
	}
	return p, nil
}

// place returns where a chunk stands among others, or -1.
func place(chunks []Chunk, number, part int) int {
	return slices.IndexFunc(chunks, func(c Chunk) bool { return c.Range == number && c.Part == part })
}

// chunks lists all that hold.
func (s *standing) chunks() []Chunk { return slices.Concat(s.rows, s.rejects) }

// held returns the hashes of the files that belong to chunks which hold, by
// their paths.
func (w *Writer) held() map[string]string {
	out := map[string]string{}
	for _, t := range w.stands {
		for _, c := range t.chunks() {
			out[c.Path] = c.SHA256
			for _, p := range c.Attached.parts() {
				out[p.Path] = p.SHA256
			}
		}
	}
	return out
}

// standingViews lists when the views were opened that rows, or the ends of
// tables, stand in.
func (w *Writer) standingViews() []string {
	numbers := map[int]bool{}
	for _, t := range w.stands {
		for _, c := range t.chunks() {
			numbers[c.View] = true
		}
		if t.complete {
			numbers[t.view] = true
		}
	}
	out := []string{}
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		if at := w.Opened(n); at != "" {
			out = append(out, at)
		}
	}
	return out
}

// dropOthers gives up what an earlier run wrote of tables that this one does
// not have.
func (w *Writer) dropOthers() error {
	for _, name := range slices.Sorted(maps.Keys(w.stands)) {
		here := slices.ContainsFunc(w.tables, func(t *TableWriter) bool { return t.table.Name == name })
		if !here && len(w.stands[name].chunks()) > 0 {
			if err := w.record(entry{Restart: &restart{name}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepChunks removes the files of chunks that do not hold: replaced ones, and
// those that a killed run never wrote down.
func (w *Writer) sweepChunks() error {
	held := w.held()
	for _, folder := range []string{"data", "rejected", "attached"} {
		err := filepath.WalkDir(filepath.Join(w.dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(filepath.Join(w.dir, folder), path)
			if err == nil && held[folder+"/"+strings.ReplaceAll(rel, string(filepath.Separator), "/")] == "" {
				err = os.Remove(path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
