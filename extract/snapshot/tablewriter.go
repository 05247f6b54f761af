package snapshot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/sihctl/sih/extract"
)

// TableWriter writes the rows of one table, in order.
type TableWriter struct {
	// Cut is told, where it is set, that a chunk ends with the last but one of
	// the rows appended so far, or with the last: it has that many. What it
	// returns is called with the chunk and its lines, by another goroutine, once
	// the file is there and before the journal knows it.
	Cut func(rows int) func(c Chunk, lines []byte) error

	w        *Writer
	table    extract.Table
	complete bool
	rows     stream
	rejects  stream
	attached *attaching // nil where the table's files are not asked for
	// writing gives the outcome of the chunk that is being written; it is nil
	// where there is none.
	writing chan error
}

// stream gathers lines into chunks.
type stream struct {
	table    string
	rejected bool
	buf      []byte
	pending  int // lines in buf
	written  int // lines in chunks
	next     Chunk
	inRange  int // lines of the current range that are in chunks
}

func (s *stream) resume(c Chunk) {
	s.written += c.Rows
	s.inRange += c.Rows
	s.next.Range, s.next.Part = c.Range, c.Part+1
	if s.inRange >= extract.MaxChunkRows {
		s.next.Range, s.next.Part, s.inRange = c.Range+1, 0, 0
	}
}

// Done returns how many rows and rejected records of the table an earlier run
// has already written. The reader goes on after them.
func (t *TableWriter) Done() (rows, rejected int, complete bool) {
	return t.rows.written, t.rejects.written, t.complete
}

// Append adds a row. The row may be reused afterwards.
func (t *TableWriter) Append(row extract.Row) error {
	if len(row) != len(t.table.Columns) {
		return fmt.Errorf("write %s: row of %d fields for %d columns", t.table.Name, len(row), len(t.table.Columns))
	}
	if t.attached != nil {
		t.attached.row = row
	}
	before := len(t.rows.buf)
	t.rows.buf = appendRow(t.rows.buf, row)
	return t.added(&t.rows, before)
}

// Reject adds a record that could not be read as a row.
func (t *TableWriter) Reject(r extract.Rejected) error {
	line, err := json.Marshal(rejectedLine{r.Where, r.Offset, r.Detail, r.Raw, r.Aside})
	if err != nil {
		return err
	}
	before := len(t.rejects.buf)
	t.rejects.buf = append(append(t.rejects.buf, line...), '\n')
	return t.added(&t.rejects, before)
}

type rejectedLine struct {
	Where  string `json:"where"`
	Offset int64  `json:"offset"`
	Detail string `json:"detail"`
	Raw    []byte `json:"b64"`
	Aside  bool   `json:"aside,omitempty"`
}

// added counts a line that was appended at before and writes a chunk where it
// is full. A line that would make the chunk too large begins the next part.
func (t *TableWriter) added(s *stream, before int) error {
	if len(s.buf) > MaxChunkBytes && before > 0 {
		rest := bytes.Clone(s.buf[before:])
		s.buf = s.buf[:before]
		if err := t.flush(s); err != nil {
			return err
		}
		s.buf = append(s.buf, rest...)
	}
	s.pending++
	full := s.inRange+s.pending == extract.MaxChunkRows
	if t.attached != nil && s == &t.rows {
		many, err := t.attached.add(s.pending - 1)
		if err != nil {
			return err
		}
		full = full || many
	}
	if full {
		return t.flush(s)
	}
	return nil
}

// encoders are shared by all tables: each keeps megabytes of history, and
// sixty tables may be open at once. The fastest level takes a tenth less
// processor time than the usual one, beside the hospital's server, and one to
// three in a hundred more room.
var encoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // constant options: it cannot fail
	}
	return e
}}

// compress returns data as one frame of zstd.
func compress(data []byte) []byte {
	enc := encoders.Get().(*zstd.Encoder)
	defer encoders.Put(enc)
	return enc.EncodeAll(data, nil)
}

// texts are the lines of chunks that are being written, used again for others.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// slots holds the chunks that are compressed and written at once, over all
// snapshots: more would not be faster, and each takes megabytes.
var slots = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))

// flush has the gathered lines written as a chunk while others are gathered:
// under a temporary name, to the disk, to its name, and only then into the
// journal. It waits for the table's chunk before.
func (t *TableWriter) flush(s *stream) error {
	if s.pending == 0 {
		return nil
	}
	if err := t.settle(); err != nil {
		return err
	}
	c := s.next
	c.Table, c.Rejected, c.Rows = s.table, s.rejected, s.pending
	folder := "data"
	if s.rejected {
		folder = "rejected"
	}
	c.Path = fmt.Sprintf("%s/%s/%06d.%02d%s", folder, fileName(s.table), c.Range, c.Part, t.w.seal.suffix())
	var noted func(Chunk, []byte) error
	if t.Cut != nil && !s.rejected {
		noted = t.Cut(c.Rows)
	}
	var err error
	if t.attached != nil && !s.rejected {
		if c.Attached, err = t.attached.finish(c); err != nil {
			return err
		}
	}
	s.resume(c)
	lines := texts.Get().(*[]byte)
	s.buf, *lines, s.pending = (*lines)[:0], s.buf, 0
	wait, done := t.w.turn()
	t.writing = make(chan error, 1)
	slots <- struct{}{}
	go func() {
		defer done()
		err := t.w.writeChunk(&c, *lines, noted)
		texts.Put(lines)
		<-slots
		if err == nil {
			wait()
			err = t.w.write(entry{Chunk: &c})
		}
		t.writing <- err
	}()
	return nil
}

// settle waits until no chunk of the table is being written. What went wrong
// with one goes wrong with all that come after it.
func (t *TableWriter) settle() error {
	if t.writing == nil {
		return nil
	}
	err := <-t.writing
	if err != nil {
		t.writing <- err
		return err
	}
	t.writing = nil
	return nil
}

// writeChunk writes a chunk's file and completes what the journal is to say.
func (w *Writer) writeChunk(c *Chunk, lines []byte, noted func(Chunk, []byte) error) error {
	packed, err := w.seal.wrap(compress(lines), &c.Sealed)
	if err != nil {
		return fmt.Errorf("write chunk: %w", err)
	}
	c.Bytes, c.SHA256 = int64(len(packed)), hash(packed)
	c.View = w.View()
	c.Read = w.Opened(c.View)
	if err := writeFile(filepath.Join(w.dir, filepath.FromSlash(c.Path)), packed); err != nil {
		return fmt.Errorf("write chunk: %w", err)
	}
	if noted == nil {
		return nil
	}
	return noted(*c, lines)
}

// Close writes what is left of the table and records that it is whole.
func (t *TableWriter) Close() error {
	if t.complete {
		return nil
	}
	if err := t.begunWithFiles(); err != nil {
		return err
	}
	if err := cmp.Or(t.flush(&t.rows), t.flush(&t.rejects), t.settle()); err != nil {
		return err
	}
	t.rows.buf, t.rejects.buf = nil, nil
	t.complete = true
	return t.w.record(entry{Complete: &ending{t.table.Name, t.rows.written, t.rejects.written, t.w.View()}})
}
