package stage

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"github.com/sihctl/sih"
)

// Reader reads a stage file.
type Reader struct {
	Meta   Meta
	path   string
	schema [8]byte      // that the file must be written for
	tables []*sih.Table // of that schema
	kept   bool         // it cannot be made again
	f      *os.File
	footer footer
}

// ErrStale tells that a stage file was written for another version of the
// schema, or is not whole. It is made again by transform, and match.
var ErrStale = errors.New("the stage file is not of this version, or not whole: run transform again")

// ErrKept is ErrStale for a file that cannot be made again.
var ErrKept = errors.New("the file is of an unknown version, or damaged")

// Open opens the stage file at path and reads what it says of itself.
func Open(path string) (*Reader, error) {
	return open(&Reader{path: path, schema: Fingerprint, tables: sih.Tables})
}

// OpenKept is Open for a file that cannot be made again and that may have been
// written when the schema had these tables, whose names are still in use: its
// entities are yielded as they are now, with nothing in columns that came later.
// A damaged file is left where it is, and ErrKept.
func OpenKept(path string, tables []*sih.Table) (*Reader, error) {
	return open(&Reader{path: path, schema: FingerprintOf(tables), tables: tables, kept: true})
}

func open(r *Reader) (*Reader, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return nil, fmt.Errorf("read stage: %w", err)
	}
	r.f = f
	if err := r.readFooter(); err != nil {
		if r.kept && errors.Is(err, ErrStale) {
			err = ErrKept
		}
		f.Close()
		return nil, fmt.Errorf("read stage %s: %w", r.path, err)
	}
	r.Meta = r.footer.Meta
	return r, nil
}

func (r *Reader) readFooter() error {
	info, err := r.f.Stat()
	if err != nil {
		return err
	}
	const tail = 8 + len(magic)
	head := make([]byte, len(magic)+len(Fingerprint))
	end := make([]byte, tail)
	if info.Size() < int64(len(head)+tail) {
		return ErrStale
	}
	if _, err := r.f.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := r.f.ReadAt(end, info.Size()-int64(tail)); err != nil {
		return err
	}
	n := int64(binary.BigEndian.Uint64(end))
	at := info.Size() - int64(tail) - n
	if string(head) != magic+string(r.schema[:]) || string(end[8:]) != magic || n < 0 || at < int64(len(head)) {
		return ErrStale
	}
	foot := make([]byte, n)
	if _, err := r.f.ReadAt(foot, at); err != nil {
		return err
	}
	if json.Unmarshal(foot, &r.footer) != nil {
		return ErrStale
	}
	return nil
}

// broken removes a file whose body is not what its end promises, so that
// transform makes it again, and says so.
func (r *Reader) broken() error {
	if r.kept {
		return fmt.Errorf("read stage %s: %w", r.path, ErrKept)
	}
	os.Remove(r.path)
	return fmt.Errorf("read stage %s: %w", r.path, ErrStale)
}

// Close closes the file. What was read stays valid.
func (r *Reader) Close() error { return r.f.Close() }

var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
	if err != nil {
		panic(err) // constant options: it cannot fail
	}
	return d
}()

func (r *Reader) unpack(s section) (string, error) {
	packed := make([]byte, s.Length)
	if _, err := r.f.ReadAt(packed, s.Offset); err != nil {
		return "", fmt.Errorf("read stage %s: %w", r.path, err)
	}
	plain, err := decoder.DecodeAll(packed, make([]byte, 0, s.Plain))
	if err != nil || int64(len(plain)) != s.Plain {
		return "", r.broken()
	}
	// The bytes are never written again, so that the text may share them.
	return unsafe.String(unsafe.SliceData(plain), len(plain)), nil
}

// Has tells whether the file holds entities of the named table.
func (r *Reader) Has(table string) bool { return r.Meta.Entities[table] > 0 }

// Entities yields the entities of the named tables, of all where none is
// named, sorted by table and id. The yielded entity is reused for the next
// one; its texts stay valid. A yielded error is the last value.
func (r *Reader) Entities(tables ...string) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		if len(tables) > 0 && !slices.ContainsFunc(tables, r.Has) {
			return // it need not be unpacked
		}
		text, err := r.unpack(r.footer.Entities)
		if err != nil {
			yield(nil, err)
			return
		}
		var e Entity
		values := make([]sih.Value, 0, 64)
		for _, seg := range r.footer.Tables {
			if len(tables) > 0 && !slices.Contains(tables, seg.Table) {
				continue
			}
			if seg.Start < 0 || seg.End > int64(len(text)) || seg.Start > seg.End {
				yield(nil, r.broken())
				return
			}
			for c := (cursor{s: text[seg.Start:seg.End]}); c.s != ""; {
				c.entity(&e, r.tables, r.footer.Facilities, values)
				if c.bad {
					yield(nil, r.broken())
					return
				}
				if r.kept {
					e.Entity = present(e.Entity)
				}
				if !yield(&e, nil) {
					return
				}
			}
		}
	}
}

// present is an entity of an earlier schema as it is in this one.
func present(e sih.Entity) sih.Entity {
	now := sih.TableByName(e.Table.Name)
	values := make([]sih.Value, len(now.Columns))
	for i, c := range e.Table.Columns {
		values[now.Column(c.Name)] = e.Values[i]
	}
	return sih.Entity{Table: now, Values: values}
}

// Notes returns the records that were left out and the issues, in row order.
func (r *Reader) Notes() ([]Left, []Note, error) {
	text, err := r.unpack(r.footer.Notes)
	if err != nil {
		return nil, nil, err
	}
	var n notesSection
	if json.Unmarshal([]byte(text), &n) != nil {
		return nil, nil, r.broken()
	}
	return n.Left, n.Notes, nil
}

// Controls returns what the rows count for, in row order.
func (r *Reader) Controls() ([]Control, error) {
	text, err := r.unpack(r.footer.Controls)
	if err != nil {
		return nil, err
	}
	var out []Control
	c := cursor{s: text}
	for c.s != "" {
		out = append(out, c.control())
	}
	if c.bad {
		return nil, r.broken()
	}
	return out, nil
}

// Refs yields the sorted list of what the chunk defines and wants. It reads
// through a buffer of bufferSize bytes, so that many chunks can be merged.
func (r *Reader) Refs(bufferSize int) func() (ref Ref, ok bool, err error) {
	s := r.footer.Refs
	in := bufio.NewReaderSize(io.NewSectionReader(r.f, s.Offset, s.Length), bufferSize)
	const longest = refSize + binary.MaxVarintLen64 + ownSize
	return func() (Ref, bool, error) {
		head, err := in.Peek(longest)
		if len(head) == 0 {
			if err != io.EOF {
				return Ref{}, false, fmt.Errorf("read stage %s: %w", r.path, err)
			}
			return Ref{}, false, nil
		}
		c := cursor{s: unsafe.String(unsafe.SliceData(head), len(head))}
		v := c.ref()
		if c.bad {
			return Ref{}, false, r.broken()
		}
		if _, err := in.Discard(len(head) - len(c.s)); err != nil {
			return Ref{}, false, fmt.Errorf("read stage %s: %w", r.path, err)
		}
		return v, true, nil
	}
}
