package snapshot

import (
	"archive/tar"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// VolumeBytes is the size of files with which a chunk of rows ends, though it
// could take more rows: what is copied again after a crash is no more than that
// and one file.
const VolumeBytes = 256 << 20

// Attach says which files are copied with a table's rows: scans and letters
// that the database names and does not hold.
type Attach struct {
	Column string // names the file, below Folder
	Folder *Folder
	// Missed is told of each row whose file is not in the snapshot, or not as it
	// should be. It may be nil.
	Missed func(sih.Ref, Fault)
	// VolumeBytes takes the place of the constant of that name, where it is set.
	VolumeBytes int64
}

// Attached is what a chunk's rows name: how many files, and the two files of
// the snapshot that hold them.
type Attached struct {
	Named  int           `json:"named"`  // rows that name a file
	Copied int           `json:"copied"` // rows whose file is there, as it was
	Files  int           `json:"files"`  // files in the volume; several rows may name one
	Bytes  int64         `json:"bytes"`  // their size
	Faults map[Fault]int `json:"faults,omitempty"`
	Index  Part          `json:"index"` // a line for each row that names a file
	Volume *Part         `json:"volume,omitempty"`
}

// Part is a file of the snapshot, as [Chunk] describes its own.
type Part struct {
	Path    string `json:"path"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
	Sealed  string `json:"sealed,omitempty"`
	Content string `json:"-"`
}

// attachLine is a line of an index.
type attachLine struct {
	Row    int    `json:"row"` // within its chunk, from 0
	File   string `json:"file,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Fault  Fault  `json:"fault,omitempty"`
}

// asked is the journal's note that a table's files are copied.
type asked struct {
	Table  string `json:"table"`
	Column string `json:"column"`
}

// AttachError tells that a table was begun with other files than it is to be
// gone on with.
type AttachError struct {
	Dir, Table string
	Begun, Now string // the columns, or empty
}

// Error names both columns.
func (e *AttachError) Error() string {
	return fmt.Sprintf("the unfinished snapshot in %s was begun with the files of %s named by %s, and not by %s",
		e.Dir, e.Table, orNoColumn(e.Begun), orNoColumn(e.Now))
}

// Hint says what to do.
func (e *AttachError) Hint() string {
	return "write attachments as they were to go on, or remove the folder to begin anew"
}

func orNoColumn(name string) string {
	if name == "" {
		return "no column"
	}
	return name
}

// attaching gathers the files of one table's present chunk.
type attaching struct {
	Attach
	ctx   context.Context
	w     *Writer
	table string
	at    int   // place of the column
	key   []int // places of the key's columns
	chunk int   // number of the present chunk within its table
	row   extract.Row

	known  map[string]attachLine // what the chunk's names came to
	index  []byte
	sum    Attached
	volume *volume
}

// Attach has files copied with the rows to come, and with those of chunks that
// are read again. It is called before the first row, in each run anew; ctx ends
// the copying.
func (t *TableWriter) Attach(ctx context.Context, a Attach) error {
	place := func(name string) int {
		return slices.IndexFunc(t.table.Columns, func(c extract.Column) bool { return c.Name == name })
	}
	n := &attaching{Attach: a, ctx: ctx, w: t.w, table: t.table.Name, at: place(a.Column), known: map[string]attachLine{}}
	if n.at < 0 {
		return fmt.Errorf("attach files of %s: it has no column %s", t.table.Name, a.Column)
	}
	for _, k := range t.table.Key {
		if i := place(k); i >= 0 {
			n.key = append(n.key, i)
		}
	}
	begun, chunks := t.w.asked(t.table.Name)
	n.chunk = chunks
	switch {
	case begun == a.Column:
	case chunks > 0 || t.complete:
		return &AttachError{t.w.dir, t.table.Name, begun, a.Column}
	default:
		if err := t.w.record(entry{Attach: &asked{t.table.Name, a.Column}}); err != nil {
			return err
		}
	}
	t.attached = n
	return nil
}

// asked returns the column of files that a table was begun with, and how many
// chunks of rows it has.
func (w *Writer) asked(table string) (column string, chunks int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if was := w.stands[table]; was != nil {
		return was.column, len(was.rows)
	}
	return "", 0
}

// begunWithFiles is an error where an earlier run copied files of the table
// and this one was not asked to.
func (t *TableWriter) begunWithFiles() error {
	if t.attached != nil {
		return nil
	}
	if column, _ := t.w.asked(t.table.Name); column != "" {
		return &AttachError{t.w.dir, t.table.Name, column, ""}
	}
	return nil
}

// attachAgain goes on copying files with a table that is begun again.
func (t *TableWriter) attachAgain() error {
	a := t.attached
	if a == nil {
		return nil
	}
	a.abandon()
	a.chunk, a.sum, a.index = 0, Attached{}, nil
	clear(a.known)
	return t.w.record(entry{Attach: &asked{a.table, a.Column}})
}

// attach copies the files that the gathered rows name. Not before: where the
// rows are as they were, the old chunk's files hold as well.
func (a *Again) attach(c Chunk) (*Attached, error) {
	if err := a.t.begunWithFiles(); err != nil || a.t.attached == nil {
		return nil, err
	}
	from := a.t.attached
	n := &attaching{Attach: from.Attach, ctx: from.ctx, w: from.w, table: from.table, at: from.at, key: from.key, known: map[string]attachLine{}}
	chunks, _ := a.t.Chunks()
	n.chunk = max(0, place(chunks, a.old.Range, a.old.Part)) + len(a.by)
	var row extract.Row
	text := string(a.buf)
	for i := 0; text != ""; i++ {
		var err error
		if row, text, err = parseRow(text, row); err != nil {
			return nil, fmt.Errorf("attach files of %s: %w", a.t.table.Name, err)
		}
		n.row = row
		if _, err := n.add(i); err != nil {
			n.abandon()
			return nil, err
		}
	}
	return n.finish(c)
}

// add copies the file that the present row names, as row n of its chunk. It
// tells whether the chunk should end.
func (a *attaching) add(n int) (full bool, err error) {
	v := a.row[a.at]
	if v.Empty() {
		return false, nil
	}
	line, err := a.find(n, v)
	if err != nil {
		return false, fmt.Errorf("attach file of %s: %w", a.ref(n), err)
	}
	line.Row = n
	text, err := json.Marshal(line)
	if err != nil {
		return false, err
	}
	a.index = append(append(a.index, text...), '\n')
	a.sum.Named++
	if line.Fault == "" {
		a.sum.Copied++
	} else {
		if a.sum.Faults == nil {
			a.sum.Faults = map[Fault]int{}
		}
		a.sum.Faults[line.Fault]++
		if a.Missed != nil {
			a.Missed(a.ref(n), line.Fault)
		}
	}
	return a.sum.Bytes >= cmp.Or(a.VolumeBytes, VolumeBytes), nil
}

// ref says where the present row stands.
func (a *attaching) ref(n int) sih.Ref {
	var key []string
	for _, i := range a.key {
		key = append(key, a.row[i].Text)
	}
	r := sih.Ref{Source: a.w.info.Source, Table: a.table, Chunk: a.chunk, Row: n}
	if key != nil {
		r.Key = sih.JoinKey(key...)
	}
	return r
}

// find copies the file that a value names, unless the chunk has it.
func (a *attaching) find(n int, v sih.Raw) (attachLine, error) {
	name, fault := a.Folder.local(v)
	if fault != "" {
		return attachLine{Fault: fault}, nil
	}
	if line, ok := a.known[name]; ok {
		return line, nil
	}
	file, size, fault, err := a.Folder.open(name)
	if err != nil {
		return attachLine{}, err
	}
	line := attachLine{Fault: fault}
	if file != nil {
		line, err = a.copy(fmt.Sprintf("%06d", n), file, size)
		if err = errors.Join(err, file.Close()); err != nil {
			return line, err
		}
	}
	a.known[strings.Clone(name)] = line
	return line, nil
}

// copy puts a file into the chunk's volume. A file that turns out shorter than
// it said is filled up with zeros and has its fault: the volume cannot take
// back what it was told.
func (a *attaching) copy(name string, file io.Reader, size int64) (line attachLine, err error) {
	if a.volume == nil {
		if a.volume, err = a.w.newVolume(); err != nil {
			return line, err
		}
	}
	if err := a.volume.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600}); err != nil {
		return line, err
	}
	line = attachLine{File: name, Bytes: size}
	sum := sha256.New()
	in := &readSide{r: &stoppable{a.ctx, file}}
	n, err := io.Copy(io.MultiWriter(a.volume.tar, sum), io.LimitReader(in, size))
	switch {
	case a.ctx.Err() != nil:
		return line, a.ctx.Err()
	case in.err != nil:
		line.Fault = Unreadable
	case err != nil:
		return line, err
	case n < size:
		line.Fault = Changed
	default:
		if more, _ := file.Read(make([]byte, 1)); more > 0 {
			line.Fault = Changed
		}
	}
	if _, err := io.CopyN(io.MultiWriter(a.volume.tar, sum), zeros{}, size-n); err != nil {
		return line, err
	}
	line.SHA256 = hex.EncodeToString(sum.Sum(nil))
	a.sum.Files++
	a.sum.Bytes += size
	return line, nil
}

// zeros is an endless run of them.
type zeros struct{}

// Read fills p.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// finish writes what belongs to the chunk, under the chunk's own name in another
// folder, and begins anew. It returns nil where no row named a file.
func (a *attaching) finish(c Chunk) (*Attached, error) {
	sum, index, v := a.sum, a.index, a.volume
	a.sum, a.index, a.volume = Attached{}, nil, nil
	clear(a.known)
	a.chunk++
	if sum.Named == 0 {
		return nil, nil
	}
	stem := "attached/" + strings.TrimSuffix(strings.TrimPrefix(c.Path, "data/"), a.w.seal.suffix())
	if v != nil {
		part, err := v.close(a.w.dir, stem+a.w.seal.volumeSuffix())
		if err != nil {
			return nil, fmt.Errorf("write volume: %w", err)
		}
		sum.Volume = &part
	}
	sum.Index.Path = stem + a.w.seal.suffix()
	data, err := a.w.seal.wrap(compress(index), &sum.Index.Sealed)
	if err != nil {
		return nil, fmt.Errorf("write index: %w", err)
	}
	sum.Index.Bytes, sum.Index.SHA256 = int64(len(data)), hash(data)
	if err := writeFile(filepath.Join(a.w.dir, filepath.FromSlash(sum.Index.Path)), data); err != nil {
		return nil, fmt.Errorf("write index: %w", err)
	}
	return &sum, nil
}

// abandon lets go of a volume that is not finished.
func (a *attaching) abandon() {
	if a.volume != nil {
		a.volume.file.Close()
		os.Remove(a.volume.file.Name())
		a.volume = nil
	}
}
