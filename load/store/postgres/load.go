package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// LoadChunk implements [store.Store].
func (s *Store) LoadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (store.Loaded, error) {
	return s.chunk(ctx, c, rows, nil)
}

// chunk loads a chunk and removes rows.
func (s *Store) chunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) (loaded store.Loaded, err error) {
	op := "load chunk " + c.Name
	if err := s.writable(ctx); err != nil {
		return store.Loaded{}, s.fault(ctx, op, err)
	}
	skip, err := s.has(ctx, c)
	if err == nil && !skip {
		err = s.transact(ctx, func() error { return s.loadChunk(ctx, c, rows, removed) })
	}
	if err != nil {
		return store.Loaded{}, s.fault(ctx, op, err)
	}
	if skip {
		return store.Loaded{Skipped: true}, nil
	}
	for t, l := range s.loaders {
		loaded.Add(t, l.counts)
	}
	return loaded, nil
}

// writable refuses what is not open for loading.
func (s *Store) writable(ctx context.Context) error {
	switch {
	case s.closed:
		return store.ErrClosed
	case s.conn == nil:
		return store.Refuse(store.ErrReadOnly, "Open the store for loading.", nil)
	}
	return ctx.Err()
}

// transact does some work in one transaction: whole or not at all.
func (s *Store) transact(ctx context.Context, work func() error) error {
	s.untied = nil
	for _, l := range s.loaders {
		l.begin()
	}
	if err := run(ctx, s.conn, "BEGIN"); err != nil {
		return err
	}
	s.loading = true
	err := work()
	s.loading = false
	if err == nil {
		err = run(ctx, s.conn, "COMMIT")
	}
	if err != nil {
		s.rollBack(ctx)
	}
	return err
}

func (s *Store) loadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key) error {
	now := sih.TimestampOf(s.options.Now())
	total, err := s.each(ctx, rows, func(l *loader, e sih.Entity) (int, error) {
		row, err := l.filler.Fill(e, c.Run, now)
		if err != nil {
			return 0, err
		}
		return l.hold(row)
	}, (*loader).send)
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
	return run(ctx, s.conn, fmt.Sprintf("INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (%s, %s, %s, %d, %s)",
		literal(c.Run.String()), literal(c.Name), literal(c.Hash), total, literal(sih.TSValue(now).String())))
}

// each has every row taken by its table's loader, which tells how many bytes it
// holds for it, and what is held sent, in the schema's order. While rows are
// sent the next are taken: server and program would wait for each other.
func (s *Store) each(ctx context.Context, rows iter.Seq2[sih.Entity, error], take func(*loader, sih.Entity) (int, error), send func(*loader, context.Context) error) (total int64, err error) {
	hold := func(e sih.Entity) (int, error) { return take(s.loader(e.Table), e) }
	total, err = store.Batches(ctx, rows, s.limit, hold, func() error {
		if err := s.sent(); err != nil {
			return err
		}
		var full []*loader
		for _, t := range sih.Tables {
			if l := s.loaders[t]; l != nil && l.held.rows > 0 {
				l.held, l.sending = l.sending, l.held
				l.held.clear()
				full = append(full, l)
			}
		}
		done := make(chan error, 1)
		s.sending = done
		go func() {
			for _, l := range full {
				if err := send(l, ctx); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		return nil
	})
	return total, cmp.Or(s.sent(), err)
}

// sent waits until the rows under way are sent: until then the connection is
// the sender's, and so are the references that it unties.
func (s *Store) sent() error {
	if s.sending == nil {
		return nil
	}
	err := <-s.sending
	s.sending = nil
	return err
}

// rollBack goes back to before a transaction, and to the references that were
// declared then.
func (s *Store) rollBack(ctx context.Context) {
	for _, name := range s.untied {
		s.bound[name] = true
	}
	s.untied = nil
	if s.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	if run(ctx, s.conn, "ROLLBACK") != nil {
		hangUp(s.conn)
	}
}

// has tells whether the chunk is in the store.
func (s *Store) has(ctx context.Context, c store.Chunk) (bool, error) {
	list, err := records(ctx, s.conn, "SELECT chunk_hash FROM load_chunk WHERE run_id = $1 AND chunk = $2", c.Run.String(), c.Name)
	if err == nil && len(list) > 0 && list[0][0] != c.Hash {
		err = store.Refuse(store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil)
	}
	return len(list) > 0, err
}

// loader writes the rows of one table.
type loader struct {
	store  *Store
	table  *sih.Table
	filler *store.Filler

	held    batch // rows taken
	sending batch // rows that are sent meanwhile
	counts  store.Counts
	// collides is set once a row was there already. Then rows go by way of a
	// temporary table.
	collides bool
}

// batch is rows of a table in the format of COPY.
type batch struct {
	bytes []byte
	rows  int64
}

func (b *batch) clear() { b.bytes, b.rows = b.bytes[:0], 0 }

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
	l.held.clear()
	l.counts = store.Counts{}
}

// hold holds a row as it is; it tells how many bytes it takes.
func (l *loader) hold(row []sih.Value) (n int, err error) {
	before := len(l.held.bytes)
	if l.held.bytes, err = appendRow(l.held.bytes, l.table, row); err != nil {
		var misfit *store.RowError
		if at := l.table.Column("id"); errors.As(err, &misfit) && at >= 0 {
			misfit.ID = row[at].ID()
		}
		return 0, err
	}
	l.held.rows++
	return len(l.held.bytes) - before, nil
}

// send writes the rows of the batch.
func (l *loader) send(ctx context.Context) error {
	// Chunks come in an order of their own, and each row's references would be
	// looked up.
	if err := l.store.untie(ctx, func(r store.Reference) bool { return r.Table == l.table.Name }); err != nil {
		return err
	}
	if !l.collides {
		err := l.copy(ctx)
		var answer *pgconn.PgError
		if !errors.As(err, &answer) || answer.Code != uniqueViolation {
			return err
		}
		l.collides = true
	}
	return l.merge(ctx)
}

// uniqueViolation is the server's code for a key that is there already.
const uniqueViolation = "23505"

// untie takes away some of the references, until Finish declares them again.
func (s *Store) untie(ctx context.Context, which func(store.Reference) bool) error {
	for _, r := range store.References() {
		if !s.bound[r.Name()] || !which(r) {
			continue
		}
		if err := run(ctx, s.conn, "ALTER TABLE "+r.Table+" DROP CONSTRAINT "+r.Name()); err != nil {
			return err
		}
		delete(s.bound, r.Name())
		s.untied = append(s.untied, r.Name())
	}
	return nil
}

// copy puts the rows straight into the table.
func (l *loader) copy(ctx context.Context) error {
	conn := l.store.conn
	if err := run(ctx, conn, "SAVEPOINT sihctl"); err != nil {
		return err
	}
	if err := l.copyInto(ctx, l.table.Name); err != nil {
		if !conn.IsClosed() {
			err = errors.Join(err, run(context.WithoutCancel(ctx), conn, "ROLLBACK TO SAVEPOINT sihctl"))
		}
		return err
	}
	l.counts.Inserted += l.sending.rows
	return run(ctx, conn, "RELEASE SAVEPOINT sihctl")
}

func (l *loader) copyInto(ctx context.Context, table string) error {
	query := "COPY " + table + " (" + strings.Join(store.ColumnNames(l.table, nil), ", ") + ") FROM STDIN"
	tag, err := l.store.conn.CopyFrom(ctx, bytes.NewReader(l.sending.bytes), query)
	if err == nil && tag.RowsAffected() != l.sending.rows {
		err = fmt.Errorf("%s: the server took %d of %d rows", l.table.Name, tag.RowsAffected(), l.sending.rows)
	}
	return err
}
