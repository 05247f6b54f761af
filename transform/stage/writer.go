package stage

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/sihctl/sih"
)

// Writer gathers what comes of one snapshot chunk and writes it as one file.
// It is used by one goroutine; [Writer.Reset] makes it ready for the next
// chunk and keeps its memory.
type Writer struct {
	Meta Meta
	// Targets marks, by rank, the tables that some mapping points at: only
	// their secondary entities need to be listed as defined.
	Targets []bool

	buf        []byte
	order      []place
	left       []Left
	notes      []Note
	controls   []Control
	refs       []Ref
	facilities map[string]int
	names      []string
}

// place is where an entity lies in buf.
type place struct {
	rank       uint8
	id         sih.ID
	start, end int
}

// Reset empties w for the next chunk.
func (w *Writer) Reset(m Meta) {
	w.Meta = m
	w.Meta.Entities = map[string]int64{}
	w.Meta.Filled = map[string]Fill{}
	w.buf, w.order, w.refs = w.buf[:0], w.order[:0], w.refs[:0]
	w.left, w.notes, w.controls = w.left[:0], w.notes[:0], w.controls[:0]
	w.facilities, w.names = map[string]int{"": 0}, append(w.names[:0], "")
}

func (w *Writer) facility(code string) int {
	i, ok := w.facilities[code]
	if !ok {
		i = len(w.names)
		w.facilities[code] = i
		w.names = append(w.names, code)
	}
	return i
}

// Entity adds an entity. Its values may be reused afterwards.
func (w *Writer) Entity(e *Entity) {
	rank := uint8(e.Table.Rank())
	id := e.Values[0].ID()
	start := len(w.buf)
	w.buf = appendEntity(w.buf, e, w.facility(e.Facility))
	w.order = append(w.order, place{rank, id, start, len(w.buf)})
	w.Meta.Entities[e.Table.Name]++
	target := w.Targets[rank]
	if e.Primary || target {
		w.refs = append(w.refs, Ref{Rank: rank, ID: id, Kind: Defined, Row: uint32(e.Row)})
	}
	for i, c := range e.Table.Columns {
		if !Resolved(&c) || e.Values[i].IsNull() {
			continue
		}
		to := uint8(sih.TableByName(c.Ref).Rank())
		want := e.Values[i].ID()
		w.refs = append(w.refs, Ref{Rank: to, ID: want, Kind: Wanted})
		if target && !c.Soft {
			w.refs = append(w.refs, Ref{Rank: to, ID: want, Kind: Link, OwnRank: rank, Own: id})
		}
	}
}

// Resolved tells whether references in c are looked up after matching: all but
// those to the persons that matching makes and to the run.
func Resolved(c *sih.Column) bool {
	return c.Ref != "" && c.Ref != "person" && c.Ref != "migration_run"
}

// KeptOut tells that an entity was rejected which others may point at.
func (w *Writer) KeptOut(t *sih.Table, id sih.ID, row int) {
	w.refs = append(w.refs, Ref{Rank: uint8(t.Rank()), ID: id, Kind: DefinedBad, Row: uint32(row)})
}

// Left adds a record that is not in the store as it is.
func (w *Writer) Left(l Left) { w.left = append(w.left, l) }

// Note adds an issue.
func (w *Writer) Note(n Note) {
	if n.Severity == sih.Warning {
		w.Meta.Warnings++
	}
	w.notes = append(w.notes, n)
}

// Control adds what a row counts for.
func (w *Writer) Control(c Control) { w.controls = append(w.controls, c) }

// Fill counts a column of an entity.
func (w *Writer) Fill(name string, f Fill) {
	old := w.Meta.Filled[name]
	w.Meta.Filled[name] = Fill{old.Rows + f.Rows, old.Before + f.Before, old.After + f.After, old.Valid + f.Valid}
}

// footer tells where the sections lie.
type footer struct {
	Meta       Meta      `json:"meta"`
	Facilities []string  `json:"facilities"`
	Entities   section   `json:"entities"`
	Notes      section   `json:"notes"`
	Controls   section   `json:"controls"`
	Refs       section   `json:"refs"`
	Tables     []segment `json:"tables"`
}

// section is a stretch of the file: its place, and its size when unpacked.
type section struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
	Plain  int64 `json:"plain"`
}

// segment is the stretch of the unpacked entities that holds one table's.
type segment struct {
	Table string `json:"table"`
	Start int64  `json:"start"`
	End   int64  `json:"end"`
}

// notesSection is what is written of a chunk's issues and left-out records.
type notesSection struct {
	Left  []Left `json:"left,omitempty"`
	Notes []Note `json:"notes,omitempty"`
}

// Close writes the file to path, whole or not at all, and returns its SHA-256
// in hex.
func (w *Writer) Close(path string) (sum string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("write stage: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return "", fmt.Errorf("write stage: %w", err)
	}
	h := sha256.New()
	out := &counter{w: bufio.NewWriterSize(io.MultiWriter(f, h), 1<<18)}
	if err = w.write(out, h); err == nil {
		err = out.w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("write stage: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// write writes the file to out, whose bytes go to h too.
func (w *Writer) write(out *counter, h hash.Hash) error {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	out.Write([]byte(magic))
	out.Write(Fingerprint[:])

	ft := footer{Meta: w.Meta, Facilities: w.names}
	slices.SortFunc(w.order, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.start, b.start))
	})
	begin := out.n
	z.Reset(out)
	plain := int64(0)
	for _, p := range w.order {
		name := sih.Tables[p.rank].Name
		if n := len(ft.Tables); n == 0 || ft.Tables[n-1].Table != name {
			ft.Tables = append(ft.Tables, segment{Table: name, Start: plain})
		}
		if _, err := z.Write(w.buf[p.start:p.end]); err != nil {
			return err
		}
		plain += int64(p.end - p.start)
		ft.Tables[len(ft.Tables)-1].End = plain
	}
	if err := z.Close(); err != nil {
		return err
	}
	ft.Entities = section{begin, out.n - begin, plain}

	notes, err := json.Marshal(notesSection{w.left, w.notes})
	if err != nil {
		return err
	}
	ft.Notes = pack(out, z, notes)
	var b []byte
	for _, c := range w.controls {
		b = appendControl(b, c)
	}
	ft.Controls = pack(out, z, b)

	// Ids do not compress: the list stays plain, so that hundreds of them can
	// be merged with a small buffer each.
	w.refs = sortRefs(w.refs)
	begin = out.n
	var one [64]byte
	for _, r := range w.refs {
		out.Write(appendRef(one[:0], r))
	}
	ft.Refs = section{begin, out.n - begin, out.n - begin}

	ft.Meta.Input, ft.Meta.Content = "", ""
	foot, err := json.Marshal(ft)
	if err := errors.Join(err, out.w.Flush()); err != nil {
		return err
	}
	content := sha256.Sum256(h.Sum(foot))
	w.Meta.Content = hex.EncodeToString(content[:])
	ft.Meta = w.Meta
	if foot, err = json.Marshal(ft); err != nil {
		return err
	}
	out.Write(foot)
	out.Write(binary.BigEndian.AppendUint64(nil, uint64(len(foot))))
	out.Write([]byte(magic))
	return out.err
}

func pack(out *counter, z *zstd.Encoder, plain []byte) section {
	begin := out.n
	out.Write(z.EncodeAll(plain, nil))
	return section{begin, out.n - begin, int64(len(plain))}
}

// counter counts the bytes written and keeps the first error.
type counter struct {
	w   *bufio.Writer
	n   int64
	err error
}

// Write implements [io.Writer].
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

func appendControl(b []byte, c Control) []byte {
	b = binary.AppendUvarint(b, uint64(c.Row))
	for _, s := range [...]string{c.Measure, c.Facility, c.Payer} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendUvarint(b, uint64(c.Year))
	b = binary.AppendUvarint(b, uint64(c.Month))
	return binary.AppendVarint(b, c.Amount)
}

func (c *cursor) control() (v Control) {
	v.Row = int(c.uvarint())
	v.Measure = c.text(c.uvarint())
	v.Facility = c.text(c.uvarint())
	v.Payer = c.text(c.uvarint())
	v.Year = int(c.uvarint())
	v.Month = int(c.uvarint())
	v.Amount = c.varint()
	return v
}
