// Package lookup finds the records of a table by a key, whatever the table's
// size: its memory does not grow with it. A [Builder] takes the records in the
// source's order, sorts them by key, on the disk where they are many, and makes
// an [Index] of them.
package lookup

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"github.com/sihctl/sih"
)

// The defaults of a [Config], and the size of a block before compression.
const (
	defaultMemory = 16 << 20
	defaultKeep   = 2 << 20
	blockSize     = 64 << 10
)

// Config says where an index lies. The zero value is usable.
type Config struct {
	// Dir is where its file is written; the system's folder for temporary
	// files where it is empty. The file holds patients' data, and is removed
	// when the index is closed.
	Dir string
	// Memory is how many bytes of records are sorted at once; 16 MiB where it
	// is 0. An index of at most Keep bytes, 2 MiB where it is 0, stays in
	// memory and writes no file.
	Memory, Keep int
}

// Builder gathers records for an index. It is used by one goroutine.
type Builder struct {
	c     Config
	arena []byte
	order []span
	file  *os.File // the sorted runs, one behind the other
	runs  []int64  // where each begins
	size  int64
}

// span is where a record lies in the arena, and its key.
type span struct{ start, end, key uint32 }

// New returns a builder.
func New(c Config) *Builder {
	if c.Memory <= 0 {
		c.Memory = defaultMemory
	}
	if c.Keep <= 0 {
		c.Keep = defaultKeep
	}
	return &Builder{c: c}
}

// Add adds a record: its key, its place in its table, and the fields that are
// to be found by it. All records of an index have as many fields.
func (b *Builder) Add(key []byte, chunk, row int, fields []sih.Raw) error {
	start := len(b.arena)
	b.arena = binary.AppendUvarint(b.arena, uint64(len(key)))
	b.arena = append(b.arena, key...)
	b.arena = binary.AppendUvarint(b.arena, uint64(chunk))
	b.arena = binary.AppendUvarint(b.arena, uint64(row))
	for _, f := range fields {
		if f.Null {
			b.arena = append(b.arena, 0)
			continue
		}
		n := uint64(len(f.Text)+1) << 1
		if f.Bytes {
			n |= 1
		}
		b.arena = binary.AppendUvarint(b.arena, n)
		b.arena = append(b.arena, f.Text...)
	}
	b.order = append(b.order, span{uint32(start), uint32(len(b.arena)), uint32(len(key))})
	if len(b.arena) >= b.c.Memory {
		return b.spill()
	}
	return nil
}

// key returns the key of a record in the arena.
func (b *Builder) key(s span) []byte {
	_, n := binary.Uvarint(b.arena[s.start:s.end])
	return b.arena[int(s.start)+n:][:s.key]
}

func (b *Builder) sort() {
	slices.SortFunc(b.order, func(x, y span) int {
		return cmp.Or(bytes.Compare(b.key(x), b.key(y)), cmp.Compare(x.start, y.start))
	})
}

// spill writes what is in memory as a sorted run.
func (b *Builder) spill() error {
	if b.file == nil {
		f, err := os.CreateTemp(b.c.Dir, ".lookup-*")
		if err != nil {
			return fmt.Errorf("lookup: %w", err)
		}
		b.file = f
	}
	b.sort()
	b.runs = append(b.runs, b.size)
	out := &blockWriter{w: b.file, at: b.size}
	for _, s := range b.order {
		out.add(b.arena[s.start:s.end])
	}
	out.flush()
	if out.err != nil {
		return fmt.Errorf("lookup: %w", out.err)
	}
	b.size = out.at
	b.arena, b.order = b.arena[:0], b.order[:0]
	return nil
}

// Discard removes what was gathered. It does nothing after Done.
func (b *Builder) Discard() {
	if b.file != nil {
		b.file.Close()
		os.Remove(b.file.Name())
		b.file = nil
	}
}

// Done sorts the records and returns the index; the builder is not used again.
func (b *Builder) Done(fields int) (*Index, error) {
	x := &Index{fields: fields}
	if b.file == nil && len(b.arena) <= b.c.Keep {
		b.sort()
		out := &blockWriter{plain: true}
		for _, s := range b.order {
			out.add(b.arena[s.start:s.end])
		}
		out.flush()
		x.blocks = out.blocks
		return x, nil
	}
	defer b.Discard()
	if len(b.order) > 0 {
		if err := b.spill(); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(b.c.Dir, ".lookup-*")
	if err != nil {
		return nil, fmt.Errorf("lookup: %w", err)
	}
	x.file = f
	if err := b.merge(x); err != nil {
		x.Close()
		return nil, fmt.Errorf("lookup: %w", err)
	}
	return x, nil
}

// merge writes all runs as one. Of equal keys the earlier run's come first:
// that is the source's order.
func (b *Builder) merge(x *Index) error {
	var heads []*run
	for i, start := range b.runs {
		end := b.size
		if i+1 < len(b.runs) {
			end = b.runs[i+1]
		}
		r := &run{in: io.NewSectionReader(b.file, start, end-start), number: i}
		if err := r.next(); err != nil {
			return err
		}
		heads = append(heads, r)
	}
	less := func(a, b *run) bool {
		c := bytes.Compare(a.key, b.key)
		return c < 0 || c == 0 && a.number < b.number
	}
	for i := len(heads)/2 - 1; i >= 0; i-- {
		down(heads, i, less)
	}
	out := &blockWriter{w: x.file}
	for len(heads) > 0 {
		out.add(heads[0].record)
		if err := heads[0].next(); err == io.EOF {
			heads[0] = heads[len(heads)-1]
			heads = heads[:len(heads)-1]
		} else if err != nil {
			return err
		}
		down(heads, 0, less)
	}
	out.flush()
	x.blocks = out.blocks
	return out.err
}

// down restores the heap below i.
func down(h []*run, i int, less func(a, b *run) bool) {
	for {
		least := i
		for _, c := range [...]int{2*i + 1, 2*i + 2} {
			if c < len(h) && less(h[c], h[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// encoder and decoder are shared: both may be called by several goroutines.
var (
	encoder = func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10))
		if err != nil {
			panic(err) // constant options: it cannot fail
		}
		return e
	}()
	decoder = func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
		if err != nil {
			panic(err) // constant options: it cannot fail
		}
		return d
	}()
)

// block is a stretch of sorted records.
type block struct {
	first  string // key of its first record
	data   []byte // where it is kept in memory
	offset int64  // else where it lies in the file
	size   int    // there
}

// blockWriter writes sorted records as blocks, each led by its size.
type blockWriter struct {
	w      io.Writer // nil where they stay in memory
	plain  bool
	at     int64
	buf    []byte
	packed []byte
	blocks []block
	err    error
}

func (w *blockWriter) add(record []byte) {
	if len(w.buf) == 0 {
		n, k := binary.Uvarint(record)
		w.blocks = append(w.blocks, block{first: string(record[k : k+int(n)])})
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(record)))
	w.buf = append(w.buf, record...)
	if len(w.buf) >= blockSize {
		w.flush()
	}
}

func (w *blockWriter) flush() {
	if len(w.buf) == 0 {
		return
	}
	b := &w.blocks[len(w.blocks)-1]
	if w.plain {
		b.data, w.buf = w.buf, nil
		return
	}
	w.packed = encoder.EncodeAll(w.buf, append(w.packed[:0], 0, 0, 0, 0))
	binary.BigEndian.PutUint32(w.packed, uint32(len(w.packed)-4))
	if _, err := w.w.Write(w.packed); err != nil && w.err == nil {
		w.err = err
	}
	b.offset, b.size = w.at+4, len(w.packed)-4
	w.at += int64(len(w.packed))
	w.buf = w.buf[:0]
}

// run reads a sorted run back.
type run struct {
	in     io.Reader
	number int
	packed []byte
	plain  []byte
	rest   []byte
	key    []byte
	record []byte
}

func (r *run) next() error {
	if len(r.rest) == 0 {
		var head [4]byte
		if _, err := io.ReadFull(r.in, head[:]); err != nil {
			return err // io.EOF at its end
		}
		n := int(binary.BigEndian.Uint32(head[:]))
		r.packed = slices.Grow(r.packed[:0], n)[:n]
		if _, err := io.ReadFull(r.in, r.packed); err != nil {
			return err
		}
		var err error
		if r.plain, err = decoder.DecodeAll(r.packed, r.plain[:0]); err != nil {
			return err
		}
		r.rest = r.plain
	}
	n, k := binary.Uvarint(r.rest)
	r.record = r.rest[k : k+int(n)]
	r.rest = r.rest[k+int(n):]
	n, k = binary.Uvarint(r.record)
	r.key = r.record[k : k+int(n)]
	return nil
}

// Index finds records by key. Several goroutines may use it.
type Index struct {
	file   *os.File
	blocks []block
	fields int
}

// Close removes the index.
func (x *Index) Close() error {
	if x.file == nil {
		return nil
	}
	err := x.file.Close()
	if left := os.Remove(x.file.Name()); err == nil && !errors.Is(left, fs.ErrNotExist) {
		err = left
	}
	return err
}

// Find calls found for each record that goes by one of the keys, which are
// sorted and each there once: by key, and then in the order in which they were
// added. Key is the key's number. The fields, and their texts, are valid until
// found returns. An error of found ends it.
func (x *Index) Find(keys []string, found func(key, chunk, row int, fields []sih.Raw) error) error {
	c := cursor{x: x, at: -1}
	fields := make([]sih.Raw, x.fields)
	for n, key := range keys {
		if err := c.seek(key); err != nil {
			return err
		}
		for {
			record, own, err := c.peek()
			if err != nil {
				return err
			}
			if record == nil || own > key {
				break
			}
			c.skip()
			if own < key {
				continue
			}
			chunk, row := parse(record, fields)
			if err := found(n, chunk, row, fields); err != nil {
				return err
			}
		}
	}
	return nil
}

// cursor walks forward over an index.
type cursor struct {
	x     *Index
	at    int // block, or -1 before the first
	rest  []byte
	plain []byte
	pack  []byte
	width int // of the record that was peeked at
}

// seek moves forward, near to the first record of a key.
func (c *cursor) seek(key string) error {
	start, _ := slices.BinarySearchFunc(c.x.blocks, key, func(b block, key string) int { return cmp.Compare(b.first, key) })
	// What comes before the first block that begins with the key, or behind
	// it, may end with it.
	if start = max(start-1, 0); start <= c.at || start >= len(c.x.blocks) {
		return nil
	}
	return c.load(start)
}

func (c *cursor) load(n int) error {
	c.at, c.rest = n, nil
	if n >= len(c.x.blocks) {
		return nil
	}
	b := &c.x.blocks[n]
	if b.data != nil {
		c.rest = b.data
		return nil
	}
	c.pack = slices.Grow(c.pack[:0], b.size)[:b.size]
	if _, err := c.x.file.ReadAt(c.pack, b.offset); err != nil {
		return fmt.Errorf("lookup: %w", err)
	}
	var err error
	if c.plain, err = decoder.DecodeAll(c.pack, c.plain[:0]); err != nil {
		return fmt.Errorf("lookup: %w", err)
	}
	c.rest = c.plain
	return nil
}

// peek returns the next record behind its key, and the key; nil at the end.
func (c *cursor) peek() (record []byte, key string, err error) {
	for len(c.rest) == 0 {
		if c.at+1 >= len(c.x.blocks) {
			return nil, "", nil
		}
		if err := c.load(c.at + 1); err != nil {
			return nil, "", err
		}
	}
	n, k := binary.Uvarint(c.rest)
	c.width = k + int(n)
	record = c.rest[k:c.width]
	n, k = binary.Uvarint(record)
	return record[k+int(n):], text(record[k : k+int(n)]), nil
}

func (c *cursor) skip() { c.rest = c.rest[c.width:] }

// parse reads a record behind its key.
func parse(b []byte, fields []sih.Raw) (chunk, row int) {
	next := func() uint64 {
		v, k := binary.Uvarint(b)
		b = b[k:]
		return v
	}
	chunk, row = int(next()), int(next())
	for i := range fields {
		n := next()
		if n == 0 {
			fields[i] = sih.Null
			continue
		}
		size := int(n>>1) - 1
		fields[i] = sih.Raw{Text: text(b[:size]), Bytes: n&1 == 1}
		b = b[size:]
	}
	return chunk, row
}

// text shares the memory of b, which is not written while the text is used.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
