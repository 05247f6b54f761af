package postgres

import (
	"bytes"
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
	op := "load chunk " + c.Name
	switch {
	case s.closed:
		return store.Loaded{}, s.fault(ctx, op, errClosed)
	case s.conn == nil:
		return store.Loaded{}, s.fault(ctx, op, refusal{store.ErrReadOnly, "", nil})
	}
	if err := ctx.Err(); err != nil {
		return store.Loaded{}, err
	}
	loaded, err := s.loadChunk(ctx, c, rows)
	if err != nil {
		return store.Loaded{}, s.fault(ctx, op, err)
	}
	return loaded, nil
}

func (s *Store) loadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (loaded store.Loaded, err error) {
	if skip, err := s.has(ctx, c); err != nil || skip {
		return store.Loaded{Skipped: skip}, err
	}
	if err := run(ctx, s.conn, "BEGIN"); err != nil {
		return store.Loaded{}, err
	}
	open := true
	defer func() {
		if open {
			s.undo(ctx)
		}
	}()
	for _, l := range s.loaders {
		l.begin()
	}
	p := pass{run: sih.IDValue(c.Run), now: sih.TSValue(sih.TimestampOf(s.options.Now()))}
	var total int64
	held := 0
	for e, err := range rows {
		if err != nil {
			return store.Loaded{}, err
		}
		l := s.loader(e.Table)
		n, err := l.take(p, e)
		if err != nil {
			return store.Loaded{}, err
		}
		if total++; total%4096 == 0 && ctx.Err() != nil {
			return store.Loaded{}, ctx.Err()
		}
		if held += n; held >= s.limit {
			if err := s.flush(ctx); err != nil {
				return store.Loaded{}, err
			}
			held = 0
		}
	}
	if err := s.flush(ctx); err != nil {
		return store.Loaded{}, err
	}
	note := fmt.Sprintf("INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (%s, %s, %s, %d, %s)",
		literal(c.Run.String()), literal(c.Name), literal(c.Hash), total, literal(p.now.String()))
	if err := run(ctx, s.conn, note); err != nil {
		return store.Loaded{}, err
	}
	if err := run(ctx, s.conn, "COMMIT"); err != nil {
		return store.Loaded{}, err
	}
	open = false
	loaded.Tables = map[string]store.Counts{}
	for t, l := range s.loaders {
		if l.counts != (store.Counts{}) {
			loaded.Tables[t.Name] = l.counts
		}
	}
	return loaded, nil
}

// undo goes back to before a chunk that failed, and to the references that were
// declared then.
func (s *Store) undo(ctx context.Context) {
	for _, l := range s.loaders {
		for _, name := range l.untied {
			s.bound[name] = true
		}
		l.untied = nil
	}
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
		err = refusal{store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil}
	}
	return len(list) > 0, err
}

// flush sends what is held, in the schema's order.
func (s *Store) flush(ctx context.Context) error {
	for _, t := range sih.Tables {
		if l := s.loaders[t]; l != nil && l.rows > 0 {
			if err := l.send(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// loader writes the rows of one table.
type loader struct {
	store   *Store
	table   *sih.Table
	checker *store.Checker
	hasher  store.Hasher

	row    []sih.Value
	buf    []byte // rows in the format of COPY
	rows   int64  // in buf
	counts store.Counts
	// collides is set once a row was there already. Then rows go by way of a
	// temporary table.
	collides bool
	untied   []string // those that this chunk took away

	// id, run, hash and updated are positions, or -1.
	id, run, hash, updated int
}

// pass is what the rows of one chunk have in common.
type pass struct{ run, now sih.Value }

// loader returns the loader of t.
func (s *Store) loader(t *sih.Table) *loader {
	l := s.loaders[t]
	if l == nil {
		l = &loader{store: s, table: t, checker: store.NewChecker(t),
			id: t.Column("id"), run: t.Column("run_id"), hash: t.Column("row_hash"), updated: t.Column("updated_at")}
		s.loaders[t] = l
	}
	return l
}

// begin forgets what an earlier chunk has left.
func (l *loader) begin() {
	l.buf, l.rows, l.counts, l.untied = l.buf[:0], 0, store.Counts{}, nil
}

// take checks a row and holds it; it tells how many bytes it takes.
func (l *loader) take(p pass, e sih.Entity) (n int, err error) {
	if err := l.checker.Check(e); err != nil {
		return 0, err
	}
	l.row = append(l.row[:0], e.Values...)
	if l.run >= 0 {
		l.row[l.run] = p.run
	}
	if l.updated >= 0 {
		l.row[l.updated] = p.now
	}
	if l.hash >= 0 {
		l.row[l.hash] = sih.IDValue(l.hasher.Row(e))
	}
	before := len(l.buf)
	if l.buf, err = appendRow(l.buf, l.table, l.row); err != nil {
		var row *store.RowError
		if errors.As(err, &row) && l.id >= 0 {
			row.ID = l.row[l.id].ID()
		}
		return 0, err
	}
	l.rows++
	return len(l.buf) - before, nil
}

// send writes the rows that are held.
func (l *loader) send(ctx context.Context) error {
	if err := l.untie(ctx); err != nil {
		return err
	}
	defer func() { l.buf, l.rows = l.buf[:0], 0 }()
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

// untie takes away the references of a table that is written to: chunks come in
// an order of their own, and each row's would be looked up. Finish declares
// them again.
func (l *loader) untie(ctx context.Context) error {
	for _, c := range l.table.Columns {
		r := store.Reference{Table: l.table.Name, Column: c.Name, Target: c.Ref}
		if c.Ref == "" || !l.store.bound[r.Name()] {
			continue
		}
		if err := run(ctx, l.store.conn, "ALTER TABLE "+r.Table+" DROP CONSTRAINT "+r.Name()); err != nil {
			return err
		}
		delete(l.store.bound, r.Name())
		l.untied = append(l.untied, r.Name())
	}
	return nil
}

// columns names the columns of the database, all or those that keep tells.
func columns(t *sih.Table, keep func(column int) bool) (names []string) {
	for _, p := range t.Physical() {
		if keep == nil || keep(p.Column) {
			names = append(names, p.Name)
		}
	}
	return names
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
	l.counts.Inserted += l.rows
	return run(ctx, conn, "RELEASE SAVEPOINT sihctl")
}

func (l *loader) copyInto(ctx context.Context, table string) error {
	query := "COPY " + table + " (" + strings.Join(columns(l.table, nil), ", ") + ") FROM STDIN"
	tag, err := l.store.conn.CopyFrom(ctx, bytes.NewReader(l.buf), query)
	if err == nil && tag.RowsAffected() != l.rows {
		err = fmt.Errorf("%s: the server took %d of %d rows", l.table.Name, tag.RowsAffected(), l.rows)
	}
	return err
}
