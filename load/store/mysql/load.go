package mysql

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// LoadChunk implements [store.Store].
func (s *Store) LoadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (store.Loaded, error) {
	var loaded store.Loaded
	err := s.write(ctx, "load chunk "+c.Name, func() (err error) {
		loaded, err = s.loadChunk(ctx, c, rows, nil)
		return err
	})
	if err != nil {
		return store.Loaded{}, err
	}
	return loaded, nil
}

// write does a piece of work that the store must be open for.
func (s *Store) write(ctx context.Context, op string, work func() error) error {
	switch {
	case s.closed:
		return s.fault(ctx, op, store.ErrClosed)
	case s.session == nil:
		return s.fault(ctx, op, store.Refuse(store.ErrReadOnly, "", nil))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.fault(ctx, op, work())
}

func (s *Store) loadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (loaded store.Loaded, err error) {
	if skip, err := s.has(ctx, c); err != nil || skip {
		return store.Loaded{Skipped: skip}, err
	}
	now := sih.TimestampOf(s.options.Now())
	var total int64
	err = s.transaction(ctx, func() error {
		fill := func(l *loader, e sih.Entity) ([]sih.Value, error) { return l.filler.Fill(e, c.Run, now) }
		if total, err = s.take(ctx, rows, fill, (*loader).send); err != nil {
			return err
		}
		if err := s.remove(ctx, removed); err != nil {
			return err
		}
		return s.session.run(ctx, "INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (?, ?, ?, ?, ?)",
			c.Run, c.Name, c.Hash, total, string(appendTime(nil, now)))
	})
	if err != nil {
		return store.Loaded{}, err
	}
	for t, l := range s.loaders {
		loaded.Add(t, l.counts)
	}
	return loaded, nil
}

// transaction does work whole or not at all.
func (s *Store) transaction(ctx context.Context, work func() error) error {
	if err := s.session.run(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	for _, l := range s.loaders {
		l.begin()
	}
	s.touched = map[string]bool{}
	err := work()
	if err == nil {
		err = s.note(ctx)
	}
	if err == nil {
		if err = s.session.run(ctx, "COMMIT"); err == nil {
			maps.Copy(s.unchecked, s.touched)
			return nil
		}
	}
	if !s.session.closed {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
		defer cancel()
		if s.session.run(ctx, "ROLLBACK") != nil {
			s.session.close()
		}
	}
	return err
}

// note has Finish look at the tables that were touched, whoever calls it.
func (s *Store) note(ctx context.Context) error {
	for _, t := range sih.Tables {
		if s.touched[t.Name] && !s.unchecked[t.Name] {
			if err := s.session.run(ctx, "UPDATE "+marker+" SET unchecked = 1 WHERE name = ?", t.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// has tells whether the chunk is in the store.
func (s *Store) has(ctx context.Context, c store.Chunk) (bool, error) {
	list, err := s.session.records(ctx, "SELECT chunk_hash FROM load_chunk WHERE run_id = ? AND chunk = ?", c.Run, c.Name)
	if err == nil && len(list) > 0 && list[0][0] != c.Hash {
		err = store.Refuse(store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil)
	}
	return len(list) > 0, err
}

// take holds rows, as fill makes them, and has them sent by parts. It counts
// them.
func (s *Store) take(ctx context.Context, rows iter.Seq2[sih.Entity, error], fill func(*loader, sih.Entity) ([]sih.Value, error), send func(*loader, context.Context) error) (total int64, err error) {
	hold := func(e sih.Entity) (int, error) {
		l := s.loader(e.Table)
		values, err := fill(l, e)
		if err != nil {
			return 0, err
		}
		return l.hold(values)
	}
	return store.Batches(ctx, rows, s.limit, hold, func() error {
		for _, t := range sih.Tables {
			if l := s.loaders[t]; l != nil && len(l.rows) > 0 {
				if err := send(l, ctx); err != nil {
					return err
				}
				l.empty()
				s.touched[t.Name] = true
			}
		}
		return nil
	})
}

// loader writes the rows of one table.
type loader struct {
	store  *Store
	table  *sih.Table
	filler *store.Filler

	buf    []byte // rows in the format of LOAD DATA
	keys   []byte // their keys
	rows   []held
	counts store.Counts
	// collides is set once a row was there already. Then rows go by way of a
	// temporary table.
	collides bool
}

// held is a row in the loader's memory: where it and its key begin and end.
type held struct{ row, end, key, keyEnd int }

// loader returns the loader of t.
func (s *Store) loader(t *sih.Table) *loader {
	l := s.loaders[t]
	if l == nil {
		l = &loader{store: s, table: t, filler: store.NewFiller(t)}
		s.loaders[t] = l
	}
	return l
}

// begin forgets what an earlier chunk has left.
func (l *loader) begin() {
	l.empty()
	l.counts = store.Counts{}
}

func (l *loader) empty() { l.buf, l.keys, l.rows = l.buf[:0], l.keys[:0], l.rows[:0] }

// hold keeps a row and tells how many bytes it takes.
func (l *loader) hold(values []sih.Value) (n int, err error) {
	h := held{row: len(l.buf), key: len(l.keys)}
	if l.buf, err = appendRow(l.buf, l.table, values); err != nil {
		var row *store.RowError
		if at := l.table.Column("id"); errors.As(err, &row) && at >= 0 {
			row.ID = values[at].ID()
		}
		return 0, err
	}
	for _, name := range l.table.Key {
		l.keys = append(values[l.table.Column(name)].AppendText(l.keys), 0)
	}
	h.end, h.keyEnd = len(l.buf), len(l.keys)
	l.rows = append(l.rows, h)
	return h.end - h.row + h.keyEnd - h.key, nil
}

// key returns the key of a row that is held, each part ended by a zero.
func (l *loader) key(h held) []byte { return l.keys[h.key:h.keyEnd] }

// sort puts the rows in the order of their keys, in which the server has them.
// Of rows with the same key the last stays; their number is returned.
func (l *loader) sort() (again int64, err error) {
	slices.SortFunc(l.rows, func(a, b held) int { return cmp.Or(bytes.Compare(l.key(a), l.key(b)), cmp.Compare(a.row, b.row)) })
	kept := l.rows[:0]
	for _, h := range l.rows {
		n := len(kept)
		switch {
		case n == 0 || !bytes.Equal(l.key(kept[n-1]), l.key(h)):
			kept = append(kept, h)
		case store.WrittenOnce(l.table):
			return 0, l.twice(string(bytes.TrimRight(l.key(h), "\x00")))
		default:
			kept[n-1] = h
			again++
		}
	}
	l.rows = kept
	return again, nil
}

func (l *loader) twice(id string) error {
	parsed, _ := sih.ParseID(id)
	return &store.RowError{Table: l.table.Name, ID: parsed, Err: store.ErrTwice}
}

// file gives the rows that are held, one after the other.
type file struct {
	buf  []byte
	rows []held
	rest []byte // of the row that is being given
}

// Read implements [io.Reader].
func (f *file) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(f.rest) == 0 {
			if len(f.rows) == 0 {
				break
			}
			f.rest, f.rows = f.buf[f.rows[0].row:f.rows[0].end], f.rows[1:]
		}
		c := copy(p[n:], f.rest)
		n, f.rest = n+c, f.rest[c:]
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}
