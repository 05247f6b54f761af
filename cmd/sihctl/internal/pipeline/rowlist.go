package pipeline

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// listedRow is what a project remembers of a row that it has loaded: 37 bytes,
// by which a later run knows without the store what is new in its own rows,
// what has changed and what is no longer there.
type listedRow struct {
	id, sum sih.ID // sum as [store.Hasher.Sum] makes it
	rank    uint8  // of its table
	// carried tells that the row is in the store and does not come from the
	// run's own snapshots: it vanished from them, or is of the history.
	carried bool
	unit    uint32 // the run's piece of work that the row comes in
}

// listedSize is the length of a row's entry.
const listedSize = 1 + 16 + 16 + 4

// compare orders rows by table and id.
func (a listedRow) compare(b listedRow) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.id[:], b.id[:]))
}

// carriedBit marks a carried row in the byte of its rank.
const carriedBit = 0x80

func (a listedRow) append(b []byte) []byte {
	rank := a.rank
	if a.carried {
		rank |= carriedBit
	}
	b = append(b, rank)
	b = append(b, a.id[:]...)
	b = append(b, a.sum[:]...)
	return binary.LittleEndian.AppendUint32(b, a.unit)
}

// remembered tells whether a table's rows are remembered: those of an id of their
// own that a snapshot can bring or take away.
func remembered(t *sih.Table) bool {
	return store.KeyedByID(t)
}

// listing passes rows on and notes them.
func listing(unit int, rows iter.Seq2[sih.Entity, error], out *[]listedRow) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		var h store.Hasher
		for e, err := range rows {
			if err == nil && remembered(e.Table) {
				*out = append(*out, listedRow{id: e.Values[0].ID(), sum: h.Sum(e), rank: uint8(e.Table.Rank()), unit: uint32(unit)})
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// listOf lists a few rows.
func listOf(rows []sih.Entity) (list []listedRow) {
	for range listing(0, entitySeq(rows), &list) {
	}
	return list
}

// listedPart is about how many rows lie in one part of a run's lists, which is
// what is in memory of them at once.
const listedPart = 1_000_000

// rowLists writes the rows of a run, dealt out by the first bits of their ids,
// so that two runs can be compared part by part.
type rowLists struct {
	dir   string // where they are when they are whole
	parts int
	mu    sync.Mutex
	files []*os.File
	out   []*bufio.Writer
	index listIndex
}

// listIndex says that lists are whole, and how many rows each part has.
type listIndex struct {
	Rows []int64 `json:"rows"`
}

func rowListDir(o Options, run sih.ID) string {
	return filepath.Join(runsDir(o), run.String()+".rows")
}

// newRowLists begins the lists of a run in so many parts, of which there are
// 256 at most.
func newRowLists(o Options, run sih.ID, parts int) (*rowLists, error) {
	l := &rowLists{dir: rowListDir(o, run), parts: min(max(parts, 1), 256)}
	l.index.Rows = make([]int64, l.parts)
	if err := os.RemoveAll(l.partial()); err != nil {
		return nil, fmt.Errorf("list rows: %w", err)
	}
	if err := os.MkdirAll(l.partial(), 0o700); err != nil {
		return nil, fmt.Errorf("list rows: %w", err)
	}
	for i := range l.parts {
		f, err := os.OpenFile(listPath(l.partial(), i), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			l.abandon()
			return nil, fmt.Errorf("list rows: %w", err)
		}
		l.files = append(l.files, f)
		l.out = append(l.out, bufio.NewWriterSize(f, 64<<10))
	}
	return l, nil
}

func (l *rowLists) partial() string { return l.dir + ".partial" }

func listPath(dir string, part int) string { return filepath.Join(dir, fmt.Sprintf("%03d", part)) }

// add adds rows; any goroutine may.
func (l *rowLists) add(rows []listedRow) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var buf [listedSize]byte
	for _, r := range rows {
		part := int(r.id[0]) * l.parts / 256
		if _, err := l.out[part].Write(r.append(buf[:0])); err != nil {
			return fmt.Errorf("list rows: %w", err)
		}
		l.index.Rows[part]++
	}
	return nil
}

// flush makes what was added readable.
func (l *rowLists) flush() error {
	for _, w := range l.out {
		if err := w.Flush(); err != nil {
			return fmt.Errorf("list rows: %w", err)
		}
	}
	return nil
}

// close puts the lists in their place, whole.
func (l *rowLists) close() error {
	defer l.abandon()
	err := l.flush()
	for _, f := range l.files {
		err = errors.Join(err, f.Sync(), f.Close())
	}
	l.files = nil
	if err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
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
	for _, f := range l.files {
		f.Close()
	}
	l.files = nil
}

// listedRun are the lists of a run that was loaded.
type listedRun struct {
	dir   string
	index listIndex
}

// openRowLists opens the lists of a run. Lists that are not there, or not
// whole, are an error that wraps fs.ErrNotExist.
func openRowLists(o Options, run sih.ID) (*listedRun, error) {
	l := &listedRun{dir: rowListDir(o, run)}
	data, err := os.ReadFile(filepath.Join(l.dir, "index.json"))
	if err != nil {
		return nil, fmt.Errorf("read the rows of run %s: %w", run, err)
	}
	if json.Unmarshal(data, &l.index) != nil {
		return nil, fmt.Errorf("read the rows of run %s: the list is damaged", run)
	}
	return l, nil
}

// part reads a part, sorted by table and id.
func (l *listedRun) part(i int) ([]listedRow, error) {
	return readListed(listPath(l.dir, i), l.index.Rows[i])
}

// part reads what was written of a part, sorted by table and id.
func (l *rowLists) part(i int) ([]listedRow, error) {
	return readListed(listPath(l.partial(), i), l.index.Rows[i])
}

func readListed(path string, rows int64) ([]listedRow, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the rows of a run: %w", err)
	}
	if int64(len(data)) != rows*listedSize {
		return nil, fmt.Errorf("read the rows of a run: %s is damaged", path)
	}
	out := make([]listedRow, 0, rows)
	for ; len(data) > 0; data = data[listedSize:] {
		r := listedRow{
			id: sih.ID(data[1:17]), sum: sih.ID(data[17:33]), rank: data[0] &^ carriedBit,
			carried: data[0]&carriedBit != 0, unit: binary.LittleEndian.Uint32(data[33:]),
		}
		if int(r.rank) >= len(sih.Tables) {
			return nil, fmt.Errorf("read the rows of a run: %s is damaged", path)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, listedRow.compare)
	return out, nil
}
