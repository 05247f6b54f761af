package pipeline

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// listedRow is what a project remembers of a row that it has loaded, by which a
// later run knows without the store what is new in its own rows, what has
// changed and what is no longer there.
type listedRow struct {
	id, sum sih.ID // sum as [store.Hasher.Sum] makes it
	rank    uint8  // of its table
	// carried tells that the row is in the store and does not come from the
	// run's own snapshots: it vanished from them, or is of the history.
	carried bool
	unit    uint32 // where a delta compares: the piece of work that it comes in
}

// listedSize is the length of a row's entry in a list.
const listedSize = 1 + 16 + 16

// compare orders rows by table and id.
func (a listedRow) compare(b listedRow) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.id[:], b.id[:]))
}

// append appends the row's entry.
func (a listedRow) append(b []byte) []byte {
	b = append(b, a.rank)
	b = append(b, a.id[:]...)
	return append(b, a.sum[:]...)
}

// parse reads an entry. It returns false for one that cannot be.
func (a *listedRow) parse(b []byte) bool {
	*a = listedRow{rank: b[0], id: sih.ID(b[1:17]), sum: sih.ID(b[17:listedSize])}
	return int(a.rank) < len(sih.Tables)
}

// remembered tells whether a table's rows are remembered: those of an id of their
// own that a snapshot can bring or take away.
func remembered(t *sih.Table) bool {
	return store.KeyedByID(t)
}

// listing passes rows on and notes them.
func listing(rows iter.Seq2[sih.Entity, error], out *[]listedRow) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		var h store.Hasher
		for e, err := range rows {
			if err == nil && remembered(e.Table) {
				*out = append(*out, remember(&h, e))
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// remember returns what is remembered of a row.
func remember(h *store.Hasher, e sih.Entity) listedRow {
	return listedRow{id: e.Values[0].ID(), sum: h.Sum(e), rank: uint8(e.Table.Rank())}
}

// listOf lists a few rows.
func listOf(rows []sih.Entity) (list []listedRow) {
	for range listing(entitySeq(rows), &list) {
	}
	return list
}

// listedUnit is a piece of work of a run: its rows, and what was counted while
// they were made. Where a later run finds one unchanged, it refers to where the
// rows lie and adds nothing.
type listedUnit struct {
	Name string `json:"name"`
	// Print stands for all that the rows and the counts follow from; empty
	// where they are cheaper to make again.
	Print string `json:"print,omitempty"`
	Run   string `json:"run"` // in whose files it lies
	// Where the rows begin, in entries, and how many they are.
	First int64 `json:"first"`
	Rows  int64 `json:"rows"`
	// Where the counts begin, and their length in bytes.
	Counts int64 `json:"counts"`
	Length int64 `json:"length"`
}

// unitCounts are what a piece of work came to, beside its rows.
type unitCounts struct {
	Counts   *reconcile.Report
	Rejected int64
	Codes    []stage.CodeUse
	Causes   []cause
}

// listIndex says that a run's lists are whole.
type listIndex struct {
	Units []listedUnit `json:"units"`
	// Carried are the rows that are in the store and not of the run's snapshots.
	Carried listedUnit `json:"carried"`
}

// rowLists writes the lists of a run: files of rows and of counts, and an index
// that says which piece of work lies where.
type rowLists struct {
	run          string
	dir          string // where they are when they are whole
	mu           sync.Mutex
	rows, counts *listFile
	index        listIndex
}

// listFile is written from its beginning to its end.
type listFile struct {
	f *os.File
	w *bufio.Writer
	n int64
}

func newListFile(path string) (*listFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &listFile{f: f, w: bufio.NewWriterSize(f, 64<<10)}, nil
}

// Write counts what is written. It is on the disk when close has returned.
func (l *listFile) Write(b []byte) (int, error) {
	n, err := l.w.Write(b)
	l.n += int64(n)
	return n, err
}

// close syncs and closes the file.
func (l *listFile) close() error { return errors.Join(l.w.Flush(), l.f.Sync(), l.f.Close()) }

func rowListDir(o Options, run sih.ID) string {
	return filepath.Join(runsDir(o), run.String()+".rows")
}

// newRowLists begins the lists of a run.
func newRowLists(o Options, run sih.ID) (*rowLists, error) {
	l := &rowLists{run: run.String(), dir: rowListDir(o, run)}
	err := os.RemoveAll(l.partial())
	if err == nil {
		err = os.MkdirAll(l.partial(), 0o700)
	}
	if err == nil {
		l.rows, err = newListFile(filepath.Join(l.partial(), "rows"))
	}
	if err == nil {
		l.counts, err = newListFile(filepath.Join(l.partial(), "counts"))
	}
	if err != nil {
		l.abandon()
		return nil, fmt.Errorf("list rows: %w", err)
	}
	return l, nil
}

// partial is where the lists are until they are whole.
func (l *rowLists) partial() string { return l.dir + ".partial" }

// add adds a piece of work, whose rows it sorts; any goroutine may. Counts may
// be nil.
func (l *rowLists) add(name, print string, rows []listedRow, counts *unitCounts) error {
	slices.SortFunc(rows, listedRow.compare)
	var b bytes.Buffer
	if counts != nil {
		if err := gob.NewEncoder(&b).Encode(counts); err != nil {
			return fmt.Errorf("list rows: %w", err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u, err := l.put(rows)
	if err != nil {
		return err
	}
	u.Name, u.Print, u.Counts, u.Length = name, print, l.counts.n, int64(b.Len())
	if _, err := l.counts.Write(b.Bytes()); err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
	l.index.Units = append(l.index.Units, u)
	return nil
}

// put writes rows.
func (l *rowLists) put(rows []listedRow) (listedUnit, error) {
	u := listedUnit{Run: l.run, First: l.rows.n / listedSize, Rows: int64(len(rows))}
	var buf [listedSize]byte
	for _, r := range rows {
		if _, err := l.rows.Write(r.append(buf[:0])); err != nil {
			return u, fmt.Errorf("list rows: %w", err)
		}
	}
	return u, nil
}

// keep adds a piece of work that is as it was in an earlier run.
func (l *rowLists) keep(u listedUnit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index.Units = append(l.index.Units, u)
}

// close puts the lists in their place, whole. The rows that are carried on come
// last.
func (l *rowLists) close(carried []listedRow) error {
	defer l.abandon()
	var err error
	if l.index.Carried, err = l.put(carried); err != nil {
		return err
	}
	err = errors.Join(l.rows.close(), l.counts.close())
	l.rows, l.counts = nil, nil
	if err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
	slices.SortFunc(l.index.Units, func(a, b listedUnit) int { return strings.Compare(a.Name, b.Name) })
	data, err := json.Marshal(l.index)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(l.partial(), "index.json"), data); err != nil {
		return err
	}
	if err := os.RemoveAll(l.dir); err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
	if err := os.Rename(l.partial(), l.dir); err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
	return nil
}

// abandon closes what is open.
func (l *rowLists) abandon() {
	for _, f := range []*listFile{l.rows, l.counts} {
		if f != nil {
			f.f.Close()
		}
	}
	l.rows, l.counts = nil, nil
}

// listedRun are the lists of a run that was loaded.
type listedRun struct {
	o     Options
	index listIndex
}

// openRowLists opens the lists of a run. Lists that are not there, or not
// whole, are an error that wraps fs.ErrNotExist.
func openRowLists(o Options, run sih.ID) (*listedRun, error) {
	l := &listedRun{o: o}
	data, err := os.ReadFile(filepath.Join(rowListDir(o, run), "index.json"))
	if err != nil {
		return nil, fmt.Errorf("read the rows of run %s: %w", run, err)
	}
	if json.Unmarshal(data, &l.index) != nil || l.index.Carried.Run == "" {
		return nil, fmt.Errorf("read the rows of run %s: the list is damaged or of another version: %w", run, fs.ErrNotExist)
	}
	return l, nil
}

// total is how many rows the lists have.
func (l *listedRun) total() int64 {
	n := l.index.Carried.Rows
	for _, u := range l.index.Units {
		n += u.Rows
	}
	return n
}

// unit finds a piece of work by its name.
func (l *listedRun) unit(name string) (listedUnit, bool) {
	i, ok := slices.BinarySearchFunc(l.index.Units, name, func(u listedUnit, name string) int { return strings.Compare(u.Name, name) })
	if !ok {
		return listedUnit{}, false
	}
	return l.index.Units[i], true
}

// rows reads the rows of a piece of work.
func (l *listedRun) rows(u listedUnit) ([]listedRow, error) {
	data, err := l.read(u.Run, "rows", u.First*listedSize, u.Rows*listedSize)
	if err != nil {
		return nil, err
	}
	out := make([]listedRow, u.Rows)
	for i := range out {
		if !out[i].parse(data[i*listedSize:]) {
			return nil, fmt.Errorf("read the rows of run %s: the list is damaged", u.Run)
		}
	}
	return out, nil
}

// carried reads the rows that are in the store and not of the run's snapshots.
func (l *listedRun) carried() ([]listedRow, error) {
	out, err := l.rows(l.index.Carried)
	for i := range out {
		out[i].carried = true
	}
	return out, err
}

// counts reads what a piece of work came to beside its rows.
func (l *listedRun) counts(u listedUnit) (*unitCounts, error) {
	data, err := l.read(u.Run, "counts", u.Counts, u.Length)
	if err != nil {
		return nil, err
	}
	c := &unitCounts{}
	if gob.NewDecoder(bytes.NewReader(data)).Decode(c) != nil {
		return nil, fmt.Errorf("read the rows of run %s: the counts are damaged", u.Run)
	}
	return c, nil
}

// read reads a stretch of one of a run's files.
func (l *listedRun) read(run, name string, at, length int64) ([]byte, error) {
	f, err := os.Open(filepath.Join(runsDir(l.o), run+".rows", name))
	if err != nil {
		return nil, fmt.Errorf("read the rows of run %s: %w", run, err)
	}
	defer f.Close()
	data := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(f, at, length), data); err != nil {
		return nil, fmt.Errorf("read the rows of run %s: the list is damaged: %w", run, err)
	}
	return data, nil
}
