package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sihctl/sih/extract"
)

// Writer writes a snapshot. Its tables may be written by several goroutines,
// each table by one.
type Writer struct {
	dir  string
	info Info
	seal Sealing

	mu      sync.Mutex
	journal *os.File
	tables  []*TableWriter
	entries []entry
	stands  map[string]*standing // what the journal says of each table
	views   []string             // when each view was opened
	leftOut []LeftOut
	last    chan struct{} // closed when the last line asked for is written
	torn    error         // why no line can follow the last one, or nil
	moving  bool          // see Moving
	// closed is set once the manifest is there: a snapshot never changes.
	closed bool
}

// ErrExists tells that a directory holds a finished snapshot.
var ErrExists = errors.New("the directory holds a finished snapshot")

// Create begins a plain snapshot: see [Sealing.Create].
func Create(dir string, info Info) (*Writer, error) { return Sealing{}.Create(dir, info) }

// Create begins a snapshot in dir, or goes on with one that was interrupted
// there, which must have been begun for the same recipients: the error is
// otherwise a *RecipientsError. A finished snapshot is never touched: the
// error is then ErrExists.
func (s Sealing) Create(dir string, info Info) (*Writer, error) {
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil {
		return nil, fmt.Errorf("create snapshot %s: %w", dir, ErrExists)
	}
	if len(s.Recipients) > 0 {
		// Keys of two kinds do not go together: better known now than at the
		// first chunk.
		if _, err := s.encrypt(nil); err != nil {
			return nil, fmt.Errorf("create snapshot: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create snapshot: %w", err)
	}
	w := &Writer{dir: dir, info: info, seal: s, stands: map[string]*standing{}, last: make(chan struct{})}
	close(w.last)
	err := w.openJournal()
	if err == nil {
		// Now, and not only in the end: a volume of files is large, and a run may
		// be killed many times.
		err = w.sweep()
	}
	if err != nil {
		if w.journal != nil {
			w.journal.Close()
		}
		return nil, fmt.Errorf("create snapshot %s: %w", dir, err)
	}
	return w, nil
}

// openJournal reads what an interrupted run left, drops a torn last line, and
// opens a view of its own.
func (w *Writer) openJournal() error {
	f, err := os.OpenFile(filepath.Join(w.dir, journalFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	w.journal = f
	var begun []string
	good, err := follow(f, w.stands, func(e entry) {
		w.entries = append(w.entries, e)
		if e.Recipients != nil {
			begun = e.Recipients
		}
		if e.View != nil {
			w.views = append(w.views, e.View.Opened)
		}
	})
	if err != nil {
		return err
	}
	if good > 0 && !slices.Equal(begun, w.seal.names()) {
		return &RecipientsError{w.dir, begun}
	}
	if err := f.Truncate(good); err != nil {
		return err
	}
	if _, err := f.Seek(good, io.SeekStart); err != nil {
		return err
	}
	if good == 0 && len(w.seal.Recipients) > 0 {
		if err := w.record(entry{Recipients: w.seal.names()}); err != nil {
			return err
		}
	}
	opened := when(w.info.Taken)
	w.views = append(w.views, opened)
	return w.record(entry{View: &view{Number: len(w.views), Opened: opened}})
}

// turn takes a place in the journal, which is written in the order in which
// places were taken, whatever takes how long in between. Done must be called.
func (w *Writer) turn() (wait func(), done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, mine := w.last, make(chan struct{})
	w.last = mine
	return func() { <-before }, func() { close(mine) }
}

// record appends a line to the journal and waits until it is on the disk.
func (w *Writer) record(e entry) error {
	wait, done := w.turn()
	defer done()
	wait()
	return w.write(e)
}

// write appends a line to the journal, whose turn it is.
func (w *Writer) write(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.torn != nil {
		return w.torn
	}
	_, err = w.journal.Write(append(line, '\n'))
	if err == nil {
		err = w.journal.Sync()
	}
	if err != nil {
		w.torn = fmt.Errorf("write journal: %w", err)
		return w.torn
	}
	w.entries = append(w.entries, e)
	apply(w.stands, e)
	return nil
}

// Begun tells when the first view of the snapshot was opened.
func (w *Writer) Begun() string { return w.views[0] }

// View is the number of the view that is read in now, from 1.
func (w *Writer) View() int { return len(w.views) }

// Opened tells when a view was opened.
func (w *Writer) Opened(view int) string {
	if view < 1 || view > len(w.views) {
		return ""
	}
	return w.views[view-1]
}

// LeftOut is a table, or columns of one, that the source has and that by
// decision were not read.
type LeftOut struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns,omitempty"` // none: all of it
}

// LeaveOut notes what is not read, for the record.
func (w *Writer) LeaveOut(l LeftOut) { w.leftOut = append(w.leftOut, l) }

// Note records what a reader must know of how the source was read, such as
// tables that did not stand still meanwhile. A snapshot with a note does not
// claim to be consistent. The note holds no value of a record.
func (w *Writer) Note(text string) error { return w.say(entry{Note: text}) }

// Remark records, as Note does, what is good to know and takes nothing from the
// snapshot's consistency.
func (w *Writer) Remark(text string) error { return w.say(entry{Remark: text}) }

// Moving tells that the source did not stand still even within the present
// view, so that the snapshot is not consistent.
func (w *Writer) Moving() { w.moving = true }

// say records a text once.
func (w *Writer) say(e entry) error {
	w.mu.Lock()
	known := slices.ContainsFunc(w.entries, func(old entry) bool { return old.Note == e.Note && old.Remark == e.Remark })
	w.mu.Unlock()
	if known {
		return nil
	}
	return w.record(e)
}

// Table begins a table, or goes on with it. Many may be open at once.
func (w *Writer) Table(t extract.Table) (*TableWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("table %s has no columns", t.Name)
	}
	for _, other := range w.tables {
		// Some file systems do not tell capitals from small letters.
		if strings.EqualFold(other.table.Name, t.Name) {
			return nil, fmt.Errorf("table %s is begun twice, as %s", t.Name, other.table.Name)
		}
	}
	tw := &TableWriter{w: w, table: t}
	tw.rows.table, tw.rejects.table = t.Name, t.Name
	tw.rejects.rejected = true
	if was := w.stands[t.Name]; was != nil {
		tw.complete = was.complete
		for _, c := range was.rows {
			tw.rows.resume(c)
		}
		for _, c := range was.rejects {
			tw.rejects.resume(c)
		}
	}
	w.tables = append(w.tables, tw)
	return tw, nil
}

// Close finishes the snapshot: every table must be closed. Only afterwards is
// there a manifest, and only a directory with a manifest is a snapshot.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	for _, t := range w.tables {
		if !t.complete {
			w.journal.Close()
			return fmt.Errorf("finish snapshot %s: table %s is not whole", w.dir, t.table.Name)
		}
	}
	if err := w.dropOthers(); err != nil {
		w.journal.Close()
		return fmt.Errorf("finish snapshot: %w", err)
	}
	if err := w.journal.Close(); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	if err := errors.Join(w.sweep(), w.sweepChunks()); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	w.closed = true
	return w.writeManifest()
}

// Abandon lets go of the files and leaves the snapshot to be resumed.
func (w *Writer) Abandon() {
	w.mu.Lock()
	tables := w.tables
	w.mu.Unlock()
	for _, t := range tables {
		_ = t.settle() // told already, or of no consequence
	}
	w.journal.Close()
	for _, t := range tables {
		if t.attached != nil {
			t.attached.abandon()
		}
	}
}

// sweep removes temporary files that a killed run left, and a signature of
// what it was about to finish.
func (w *Writer) sweep() error {
	if err := os.Remove(filepath.Join(w.dir, signatureFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Base(path)[0] == '.' {
			err = os.Remove(path)
		}
		return err
	})
}
