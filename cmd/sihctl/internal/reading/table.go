package reading

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash/crc32"
	"iter"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// tableReading is the reading of one table.
type tableReading struct {
	*reading
	planned project.PlannedTable
	keep    []int // places of the columns that are not left out
	order   []int // places of the columns that a database's rows come by
	tw      *snapshot.TableWriter
	tally   tally
	cut     bool // a chunk has ended
}

// open opens a table of the snapshot.
func (x *reading) open(p project.PlannedTable) (*tableReading, error) {
	keep, kept := keptColumns(p.Table, p.LeaveOut)
	tw, err := x.w.Table(kept)
	if err != nil {
		return nil, err
	}
	t := &tableReading{reading: x, planned: p, keep: keep, tw: tw}
	if x.db != nil {
		for _, name := range p.Order {
			t.order = append(t.order, slices.IndexFunc(p.Columns, func(c extract.Column) bool { return c.Name == name }))
		}
	}
	t.tally.order = t.order
	tw.Cut = func(rows int) func(snapshot.Chunk, []byte) error {
		t.cut = true
		if t.order == nil {
			return nil
		}
		return t.noted(t.tally.cut(rows))
	}
	return t, nil
}

// unsteady tells whether the view does not hold the table.
func (t *tableReading) unsteady() bool { return slices.Contains(t.view.Unsteady, t.planned.Name) }

// read reads what is not read yet of the table.
func (t *tableReading) read(ctx context.Context) error {
	rows, rejects, complete := t.tw.Done()
	if complete {
		t.took(t.planned.Name, int64(rows))
		return nil
	}
	release, err := attachFiles(ctx, t.o, t.s, t.tw, t.planned.Name)
	if err != nil {
		return err
	}
	defer release()
	switch {
	case t.db == nil:
		return t.stream(ctx, rows, rejects)
	case t.order == nil && rows > 0:
		t.notes.tell(t.planned.Name + " has no key to be gone on behind, and is begun again")
		if err := t.tw.Restart(); err != nil {
			return err
		}
	case rows > 0:
		last, ok := t.last()
		if ok {
			t.took(t.planned.Name, int64(rows))
			return t.behind(ctx, last)
		}
		t.notes.tell(t.planned.Name + " is begun again: " + project.LedgerFile + " does not know where it ended")
		if err := t.tw.Restart(); err != nil {
			return err
		}
	}
	if t.order == nil {
		return t.stream(ctx, 0, 0)
	}
	return t.behind(ctx, nil)
}

// last returns the key that the table's last chunk ends with.
func (t *tableReading) last() (extract.Row, bool) {
	chunks, _ := t.tw.Chunks()
	notes, ok := t.notesOf(chunks)
	if !ok || len(notes) == 0 {
		return nil, false
	}
	return notes[len(notes)-1].Last, true
}

// notesOf returns what the ledger has noted of chunks, and false where it lacks
// one or has it of another file.
func (t *tableReading) notesOf(chunks []snapshot.Chunk) ([]project.ChunkNote, bool) {
	out := make([]project.ChunkNote, len(chunks))
	for i, c := range chunks {
		n, ok := t.known[c.Path]
		if !ok || n.SHA256 != c.SHA256 || len(n.Last) != len(t.order) {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// behind reads by the table's order all that follows a key.
func (t *tableReading) behind(ctx context.Context, key extract.Row) error {
	t.tally.reset()
	ended, err := t.rows(ctx, t.db.RowsIn(ctx, t.planned.Name, extract.Range{After: key}), func(row, narrow extract.Row) error {
		t.tally.add(row)
		return t.tw.Append(narrow)
	})
	if err != nil || !ended {
		return err
	}
	return t.tw.Close()
}

// stream reads the whole table, passing over what there is of it.
func (t *tableReading) stream(ctx context.Context, skipRows, skipRejects int) error {
	var failed error
	reject := func(r extract.Rejected) error {
		if skipRejects > 0 {
			skipRejects--
			return nil
		}
		failed = t.tw.Reject(r)
		return failed
	}
	ended, err := t.rows(ctx, t.src.Rows(ctx, t.planned.Name, reject), func(_, narrow extract.Row) error {
		if skipRows > 0 {
			skipRows--
			return nil
		}
		return t.tw.Append(narrow)
	})
	switch {
	case failed != nil:
		return failed
	case err != nil || !ended:
		return err
	}
	return t.tw.Close()
}

// rows hands on the rows of the source, whole and without what is left out, in
// the source's pace and hours. It returns false where the window has closed.
func (t *tableReading) rows(ctx context.Context, seq iter.Seq2[extract.Row, error], put func(row, narrow extract.Row) error) (ended bool, err error) {
	narrow := make(extract.Row, len(t.keep))
	n, step := int64(0), t.pace.step()
	last := false
	t.cut = false
	for row, err := range seq {
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			return false, t.sourceError(err)
		}
		for i, at := range t.keep {
			narrow[i] = row[at]
		}
		if err := put(row, narrow); err != nil {
			return false, err
		}
		if n++; n%step == 0 {
			if err := t.pace.wait(ctx, step); err != nil {
				return false, err
			}
			var stop bool
			if last, stop = t.hours.state(); stop {
				t.hours.end()
				return false, nil
			}
		}
		if last && t.cut {
			t.hours.end()
			return false, nil
		}
		t.cut = false
		if n%8192 == 0 {
			t.took(t.planned.Name, 8192)
		}
	}
	t.took(t.planned.Name, n%8192)
	return true, ctx.Err()
}

// noted returns what notes a chunk in the ledger, before the journal knows it.
func (t *tableReading) noted(last extract.Row, keys []uint32) func(snapshot.Chunk, []byte) error {
	return func(c snapshot.Chunk, lines []byte) error {
		digest := sha256.Sum256(lines)
		return t.ledger.NoteChunk(t.s.ID, project.ChunkNote{Path: c.Path, SHA256: c.SHA256, Last: last, Digest: digest[:], Marks: marks(keys, lines)})
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// marks makes the marks of rows whose keys' checksums are known.
func marks(keys []uint32, lines []byte) []project.Mark {
	out := make([]project.Mark, 0, len(keys))
	for _, key := range keys {
		end := bytes.IndexByte(lines, '\n') + 1
		out = append(out, project.Mark{Key: key, Row: crc32.Checksum(lines[:end], castagnoli)})
		lines = lines[end:]
	}
	return out
}

// tally remembers the keys of rows until they are in a chunk.
type tally struct {
	order []int
	keys  []uint32 // checksums
	// last is the key of the row that was added last, before that of the one
	// before it.
	last, before keyCopy
}

// keyCopy is a copy of a key in memory of its own, which is used again.
type keyCopy struct {
	values extract.Row
	text   []byte
	ends   []int
}

func (t *tally) reset() { t.keys = t.keys[:0] }

// add takes a row of the source.
func (t *tally) add(row extract.Row) {
	t.last, t.before = t.before, t.last
	t.keys = append(t.keys, t.last.take(row, t.order))
}

// take copies the key of a row and returns its checksum.
func (k *keyCopy) take(row extract.Row, order []int) (sum uint32) {
	k.values, k.text, k.ends = k.values[:0], k.text[:0], k.ends[:0]
	for _, at := range order {
		v := row[at]
		k.text = append(k.text, v.Text...)
		k.ends = append(k.ends, len(k.text))
		k.values = append(k.values, sih.Raw{Null: v.Null, Bytes: v.Bytes})
		kind := byte(0)
		if v.Null {
			kind = 1
		}
		k.text = append(k.text, kind)
	}
	return crc32.Checksum(k.text, castagnoli)
}

// row returns the key.
func (k *keyCopy) row() extract.Row {
	out := slices.Clone(k.values)
	from := 0
	for i, end := range k.ends {
		out[i].Text = string(k.text[from:end])
		from = end + 1
	}
	return out
}

// cut takes the first rows out, which make a chunk, and returns the last one's
// key. The chunk ends with the row that was added last or the one before.
func (t *tally) cut(rows int) (last extract.Row, keys []uint32) {
	key := &t.last
	if rows < len(t.keys) {
		key = &t.before
	}
	keys = t.keys
	t.keys = append(make([]uint32, 0, len(keys)), keys[rows:]...)
	return key.row(), keys[:rows:rows]
}
