package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// LoadChunk implements [store.Store].
func (s *Store) LoadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (store.Loaded, error) {
	op := "load chunk " + c.Name
	if s.conn == nil {
		return store.Loaded{}, s.fault(op, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return store.Loaded{}, err
	}
	restore := s.during(ctx)
	loaded, err := s.loadChunk(c, rows)
	restore()
	switch {
	case err == nil:
		return loaded, nil
	case ctx.Err() != nil:
		return store.Loaded{}, ctx.Err()
	}
	return store.Loaded{}, s.fault(op, err)
}

func (s *Store) loadChunk(c store.Chunk, rows iter.Seq2[sih.Entity, error]) (loaded store.Loaded, err error) {
	skip, err := s.has(c)
	if err != nil || skip {
		return store.Loaded{Skipped: skip}, err
	}
	end, err := sqlitex.ImmediateTransaction(s.conn)
	if err != nil {
		return store.Loaded{}, err
	}
	defer end(&err)

	p := pass{run: c.Run, now: sih.TimestampOf(s.options.Now())}
	counts := map[*loader]*store.Counts{}
	var last *loader
	var tally *store.Counts
	var total int64
	for e, err := range rows {
		if err != nil {
			return store.Loaded{}, err
		}
		if last == nil || last.table != e.Table {
			if last, err = s.loader(e.Table); err != nil {
				return store.Loaded{}, err
			}
			if tally = counts[last]; tally == nil {
				tally = new(store.Counts)
				counts[last] = tally
			}
		}
		if err := last.put(p, e, tally); err != nil {
			return store.Loaded{}, err
		}
		total++
	}
	if err := s.note(c, total, p.now); err != nil {
		return store.Loaded{}, err
	}
	loaded.Tables = make(map[string]store.Counts, len(counts))
	for l, n := range counts {
		loaded.Tables[l.table.Name] = *n
	}
	return loaded, nil
}

// has tells whether the chunk is in the store.
func (s *Store) has(c store.Chunk) (bool, error) {
	found, hash := false, ""
	err := sqlitex.Execute(s.conn, "SELECT chunk_hash FROM load_chunk WHERE run_id = ?1 AND chunk = ?2", &sqlitex.ExecOptions{
		Args:       []any{c.Run.String(), c.Name},
		ResultFunc: func(stmt *sqlite.Stmt) error { found, hash = true, stmt.ColumnText(0); return nil },
	})
	if err == nil && found && hash != c.Hash {
		err = refusal{store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil}
	}
	return found, err
}

// note writes the chunk's line.
func (s *Store) note(c store.Chunk, rows int64, now sih.Timestamp) error {
	return sqlitex.Execute(s.conn, "INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&sqlitex.ExecOptions{Args: []any{c.Run.String(), c.Name, c.Hash, rows, now.String()}})
}

// pass is what the rows of one chunk have in common.
type pass struct {
	run sih.ID
	now sih.Timestamp
}

// put writes one row.
func (l *loader) put(p pass, e sih.Entity, tally *store.Counts) error {
	if err := store.Check(e); err != nil {
		return err
	}
	copy(l.row.Values, e.Values)
	l.fill(p)
	if err := l.insert.run(l.row.Values); err != nil {
		return l.fault(err)
	}
	if l.conn.Changes() > 0 {
		tally.Inserted++
		return nil
	}
	changed, err := l.changed(p)
	switch {
	case err != nil:
		return l.fault(err)
	case !changed:
		tally.Unchanged++
		return nil
	}
	if err := l.update.run(l.row.Values); err != nil {
		return l.fault(err)
	}
	tally.Updated++
	return nil
}

// fault names the row. SQLite's messages name columns and constraints, never
// values.
func (l *loader) fault(err error) error {
	if code := sqlite.ErrCode(err).ToPrimary(); code != sqlite.ResultConstraint && !errors.Is(err, store.ErrTwice) {
		return fmt.Errorf("%s: %w", l.table.Name, err)
	}
	return &store.RowError{Table: l.table.Name, ID: l.row.Get("id").ID(), Err: err}
}
