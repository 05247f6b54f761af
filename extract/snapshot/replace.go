package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/sihctl/sih/extract"
)

// Chunks returns the chunks of rows that hold, in their order, and the view in
// which the table's end was reached; 0 where it was not.
func (t *TableWriter) Chunks() (chunks []Chunk, end int) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	was := t.w.stands[t.table.Name]
	if was == nil {
		return nil, 0
	}
	return slices.Clone(was.rows), was.view
}

// Restart gives up all that is written of the table, which is then begun again
// with its first row.
func (t *TableWriter) Restart() error {
	if err := t.settle(); err != nil {
		return err
	}
	if err := t.w.record(entry{Restart: &restart{t.table.Name}}); err != nil {
		return err
	}
	name := t.table.Name
	t.complete, t.rows, t.rejects = false, stream{table: name}, stream{table: name, rejected: true}
	return t.attachAgain()
}

// Again reads a chunk of a whole table again: its rows as they are now, in the
// same part of the table, are appended, and then Keep or Replace is called. One
// goroutine may read a table's chunks again, one after the other.
type Again struct {
	// Noted is called for each new chunk, as what [TableWriter.Cut] returns.
	Noted func(c Chunk, lines []byte) error

	t    *TableWriter
	old  Chunk
	buf  []byte
	rows int // in buf
	by   []Chunk
}

// Again begins to read a chunk again.
func (t *TableWriter) Again(c Chunk) *Again { return &Again{t: t, old: c} }

// Append adds a row. The row may be reused afterwards.
func (a *Again) Append(row extract.Row) error {
	if len(row) != len(a.t.table.Columns) {
		return fmt.Errorf("write %s: row of %d fields for %d columns", a.t.table.Name, len(row), len(a.t.table.Columns))
	}
	before := len(a.buf)
	a.buf = appendRow(a.buf, row)
	if len(a.buf) > MaxChunkBytes && before > 0 || a.rows == extract.MaxChunkRows {
		rest := bytes.Clone(a.buf[before:])
		a.buf = a.buf[:before]
		if err := a.flush(); err != nil {
			return err
		}
		a.buf = append(a.buf, rest...)
	}
	a.rows++
	return nil
}

// Lines returns the rows so far as the chunk would hold them, and false where
// they are too many for one.
func (a *Again) Lines() ([]byte, bool) { return a.buf, len(a.by) == 0 }

// flush writes a chunk that may come to hold. It has a name of its own, since
// the old one holds until the journal says otherwise.
func (a *Again) flush() error {
	if a.rows == 0 {
		return nil
	}
	c := Chunk{Table: a.old.Table, Range: a.old.Range, Part: a.old.Part, Rows: a.rows}
	if len(a.by) > 0 {
		c.Part = a.free()
	}
	c.Path = fmt.Sprintf("data/%s/%06d.%02d-%d%s", fileName(c.Table), c.Range, c.Part, a.t.w.View(), a.t.w.seal.suffix())
	var err error
	if c.Attached, err = a.attach(c); err != nil {
		return err
	}
	if err := a.t.w.writeChunk(&c, a.buf, a.Noted); err != nil {
		return err
	}
	a.by = append(a.by, c)
	a.buf, a.rows = a.buf[:0], 0
	return nil
}

// free returns a number that no part of the chunk's range has.
func (a *Again) free() int {
	part := a.old.Part
	chunks, _ := a.t.Chunks()
	for _, c := range slices.Concat(chunks, a.by) {
		if c.Range == a.old.Range {
			part = max(part, c.Part)
		}
	}
	return part + 1
}

// Keep records that the old chunk holds in the present view as well.
func (a *Again) Keep() error {
	if len(a.by) > 0 {
		return errors.New("keep chunk: another has been written")
	}
	c := a.old
	c.View = a.t.w.View()
	c.Read = a.t.w.Opened(c.View)
	return a.hold([]Chunk{c})
}

// Replace puts the rows that were appended in the place of the old chunk.
func (a *Again) Replace() error {
	if err := a.flush(); err != nil {
		return err
	}
	return a.hold(a.by)
}

func (a *Again) hold(by []Chunk) error {
	if by == nil {
		by = []Chunk{}
	}
	if err := a.t.w.record(entry{Replace: &replacement{a.old.Table, a.old.Range, a.old.Part, by}}); err != nil {
		return err
	}
	a.t.rows.written -= a.old.Rows
	for _, c := range by {
		a.t.rows.written += c.Rows
	}
	return nil
}

// Reread records that a whole table was read again to its end in the present
// view.
func (t *TableWriter) Reread() error {
	return t.w.record(entry{Complete: &ending{t.table.Name, t.rows.written, t.rejects.written, t.w.View()}})
}
