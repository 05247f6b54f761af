package sqlserver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// LoadChunk implements [store.Store].
func (s *Store) LoadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (store.Loaded, error) {
	return s.ReplaceChunk(ctx, c, rows, nil)
}

// ReplaceChunk implements [store.Store].
func (s *Store) ReplaceChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (loaded store.Loaded, err error) {
	err = s.write(ctx, "load chunk "+c.Name, func() error {
		if loaded.Skipped, err = s.has(ctx, c); err != nil || loaded.Skipped {
			return err
		}
		return s.transact(ctx, func() error { return s.loadChunk(ctx, c, rows, removed) })
	})
	switch {
	case err != nil:
		return store.Loaded{}, err
	case loaded.Skipped:
		return loaded, nil
	}
	for t, l := range s.loaders {
		loaded.Add(t, l.counts)
	}
	return loaded, nil
}

// write does a piece of work that the store must be open for.
func (s *Store) write(ctx context.Context, op string, work func() error) error {
	switch {
	case s.closed:
		return s.fault(ctx, op, store.ErrClosed)
	case s.session == nil:
		return s.fault(ctx, op, store.Refuse(store.ErrReadOnly, "Open the store for loading.", nil))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.fault(ctx, op, work())
}

// run runs a statement on the store's tables.
func (s *Store) run(ctx context.Context, statement string, args ...any) error {
	return s.session.run(ctx, within(s.schema, statement), args...)
}

// transact does work whole or not at all; what it took away of references is
// there again where it fails.
func (s *Store) transact(ctx context.Context, work func() error) error {
	s.untied = nil
	for _, l := range s.loaders {
		l.begin()
	}
	s.loading = true
	err := s.session.transact(ctx, work)
	s.loading = false
	if err != nil {
		for _, name := range s.untied {
			s.bound[name] = true
		}
	}
	return err
}

// has tells whether the chunk is in the store.
func (s *Store) has(ctx context.Context, c store.Chunk) (bool, error) {
	list, err := s.session.records(ctx, within(s.schema, "SELECT chunk_hash FROM load_chunk WHERE run_id = ? AND chunk = ?"), c.Run, c.Name)
	if err == nil && len(list) > 0 && list[0][0] != c.Hash {
		err = store.Refuse(store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil)
	}
	return len(list) > 0, err
}

func (s *Store) loadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) error {
	now := sih.TimestampOf(s.options.Now())
	total, err := s.take(ctx, rows, func(l *loader, e sih.Entity) ([]sih.Value, error) { return l.filler.Fill(e, c.Run, now) }, (*loader).send)
	if err != nil {
		return err
	}
	if err := s.remove(ctx, removed); err != nil {
		return err
	}
	// The run's own row may come with a later chunk.
	if err := s.untie(ctx, func(r store.Reference) bool { return r.Table == "load_chunk" }); err != nil {
		return err
	}
	return s.run(ctx, "INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (?, ?, ?, ?, ?)",
		c.Run, c.Name, c.Hash, total, now.Time().Format(store.SQLServer.Moment))
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
			l := s.loaders[t]
			if l == nil || len(l.rows) == 0 {
				continue
			}
			// Chunks come in an order of their own, and each row's references
			// would be looked up.
			if err := s.untie(ctx, func(r store.Reference) bool { return r.Table == t.Name }); err != nil {
				return err
			}
			if err := send(l, ctx); err != nil {
				return err
			}
			l.empty()
		}
		return nil
	})
}

// untie takes away some of the references, until Finish declares them again.
func (s *Store) untie(ctx context.Context, which func(store.Reference) bool) error {
	for _, r := range store.References() {
		if !s.bound[r.Name()] || !which(r) {
			continue
		}
		if err := s.run(ctx, "ALTER TABLE "+r.Table+" DROP CONSTRAINT "+r.Name()); err != nil {
			return err
		}
		delete(s.bound, r.Name())
		s.untied = append(s.untied, r.Name())
	}
	return nil
}

// loader writes the rows of one table.
type loader struct {
	store  *Store
	table  *sih.Table
	filler *store.Filler

	rows   []held
	values []sih.Value // of the rows, one after the other
	keys   []byte      // of the rows, each part ended by a zero
	counts store.Counts
	// collides is set once a row was there already. Then rows go by way of a
	// temporary table.
	collides bool
}

// held is a row in the loader's memory: where its values begin, and where its
// key begins and ends.
type held struct{ at, key, keyEnd int }

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

func (l *loader) empty() { l.rows, l.values, l.keys = l.rows[:0], l.values[:0], l.keys[:0] }

// valueBytes is what a value takes in memory, apart from its text.
const valueBytes = 40

// hold keeps a row and tells how many bytes it takes.
func (l *loader) hold(values []sih.Value) (n int, err error) {
	for i, v := range values {
		text, err := l.fits(i, v)
		if err != nil {
			return 0, &store.RowError{Table: l.table.Name, ID: l.id(values), Column: l.table.Columns[i].Name, Err: err}
		}
		n += valueBytes + text
	}
	h := held{at: len(l.values), key: len(l.keys)}
	l.values = append(l.values, values...)
	for _, name := range l.table.Key {
		l.keys = append(values[l.table.Column(name)].AppendText(l.keys), 0)
	}
	h.keyEnd = len(l.keys)
	l.rows = append(l.rows, h)
	return n + h.keyEnd - h.key, nil
}

// id is that of a row, of a table that has one.
func (l *loader) id(values []sih.Value) (id sih.ID) {
	if at := l.table.Column("id"); at >= 0 {
		id = values[at].ID()
	}
	return id
}

// key returns the key of a row that is held.
func (l *loader) key(h held) []byte { return l.keys[h.key:h.keyEnd] }

// sort puts the rows in the order of their keys, in which the server has them.
// Of rows with the same key the last stays; their number is returned.
func (l *loader) sort() (again int64, err error) {
	slices.SortFunc(l.rows, func(a, b held) int { return cmp.Or(bytes.Compare(l.key(a), l.key(b)), cmp.Compare(a.at, b.at)) })
	kept := l.rows[:0]
	for _, h := range l.rows {
		n := len(kept)
		switch {
		case n == 0 || !bytes.Equal(l.key(kept[n-1]), l.key(h)):
			kept = append(kept, h)
		case store.WrittenOnce(l.table):
			return 0, l.twice(l.values[h.at].ID())
		default:
			kept[n-1] = h
			again++
		}
	}
	l.rows = kept
	return again, nil
}

// twice is the error that the run has written an id before.
func (l *loader) twice(id sih.ID) error {
	return &store.RowError{Table: l.table.Name, ID: id, Err: store.ErrTwice}
}

// send writes the rows that are held.
func (l *loader) send(ctx context.Context) error {
	again, err := l.sort()
	if err != nil {
		return err
	}
	l.counts.Updated += again
	if !l.collides {
		conn := l.store.session
		if err := conn.run(ctx, "SAVE TRANSACTION sihctl"); err != nil {
			return err
		}
		switch err := l.put(ctx, quoteName(l.store.schema)+"."+quoteName(l.table.Name)); number(err) {
		case keyThere:
			if err := conn.run(ctx, "ROLLBACK TRANSACTION sihctl"); err != nil {
				return err
			}
			l.collides = true
		default:
			if err == nil {
				l.counts.Inserted += int64(len(l.rows))
			}
			return err
		}
	}
	return l.merge(ctx)
}

// keyThere is the server's number for a key that is there already.
const keyThere = 2627

// unbegun is the error with which a bulk copy broke off at a row. What the
// driver asks about the table before the first one, it tells of in words alone:
// the server is asked the same once more for its reason.
func (l *loader) unbegun(ctx context.Context, table string, row int, err error) error {
	conn := l.store.session
	switch {
	case number(err) != 0:
		return err
	case row > 0, strings.HasPrefix(err.Error(), "bulkcopy: "): // in the midst of the stream
		conn.close()
		return err
	}
	if reason := conn.run(ctx, "SELECT TOP 0 1 AS there FROM "+table); reason != nil {
		return reason
	}
	return err
}

// bulk is what the drivers' bulk copies are.
type bulk interface {
	AddRow([]any) error
	Done() (int64, error)
}

// put copies the rows in bulk into a table, whole or with an error.
func (l *loader) put(ctx context.Context, table string) error {
	conn := l.store.session
	if conn.closed {
		return errGone
	}
	defer conn.guard(ctx)()
	var order []string
	if store.KeyedByID(l.table) && table[0] != '#' { // the server need not sort what is sorted
		order = l.table.Key
	}
	b := copyIn(ctx, conn.conn, table, store.ColumnNames(l.table, nil), order)
	var row []any
	for n, h := range l.rows {
		row = l.row(row[:0], h)
		if err := b.AddRow(row); err != nil {
			return l.unbegun(ctx, table, n, err)
		}
		if n%4096 == 0 && ctx.Err() != nil {
			conn.close()
			return ctx.Err()
		}
	}
	n, err := b.Done()
	switch {
	case err != nil:
		return conn.failed(ctx, err)
	case n != int64(len(l.rows)):
		return fmt.Errorf("%s: the server took %d of %d rows", l.table.Name, n, len(l.rows))
	}
	return nil
}
