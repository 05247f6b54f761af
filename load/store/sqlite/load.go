package sqlite

import (
	"context"
	"iter"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// heldValues bounds how many values are held back to be sorted; rows that come
// in the order of their ids are not. A value takes 40 bytes, so this is about
// 25 MB.
const heldValues = 16_384 * 40

// LoadChunk implements [store.Store].
func (s *Store) LoadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error]) (store.Loaded, error) {
	return s.chunk(ctx, c, rows, nil, s.whole)
}

// chunk loads a chunk and removes rows. Unchecked is told of each row, so that
// Finish looks at its references.
func (s *Store) chunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key, unchecked func(sih.Entity)) (store.Loaded, error) {
	op := "load chunk " + c.Name
	if s.conn == nil {
		return store.Loaded{}, s.fault(op, store.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return store.Loaded{}, err
	}
	restore := s.during(ctx)
	loaded, err := s.loadChunk(ctx, c, rows, removed, unchecked)
	restore()
	switch {
	case err == nil:
		return loaded, nil
	case ctx.Err() != nil:
		return store.Loaded{}, ctx.Err()
	}
	return store.Loaded{}, s.fault(op, err)
}

func (s *Store) loadChunk(ctx context.Context, c store.Chunk, rows iter.Seq2[sih.Entity, error], removed []store.Key, unchecked func(sih.Entity)) (loaded store.Loaded, err error) {
	if skip, err := s.has(c); err != nil || skip {
		return store.Loaded{Skipped: skip}, err
	}
	if err := s.wake(); err != nil {
		return store.Loaded{}, err
	}
	end, err := sqlitex.ImmediateTransaction(s.conn)
	if err != nil {
		return store.Loaded{}, err
	}
	defer end(&err)

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
		l, err := s.loader(e.Table)
		if err != nil {
			return store.Loaded{}, err
		}
		unchecked(e)
		kept, err := l.take(p, e)
		if err != nil {
			return store.Loaded{}, err
		}
		if total++; total%4096 == 0 && ctx.Err() != nil {
			return store.Loaded{}, ctx.Err()
		}
		if !kept {
			continue
		}
		if held += len(e.Values); held >= s.holds {
			if err := s.flush(ctx); err != nil {
				return store.Loaded{}, err
			}
			held = 0
		}
	}
	if err := s.flush(ctx); err != nil {
		return store.Loaded{}, err
	}
	if err := s.remove(removed); err != nil {
		return store.Loaded{}, err
	}
	if err := s.note(c, total, p); err != nil {
		return store.Loaded{}, err
	}
	for t, l := range s.loaders {
		loaded.Add(t, l.counts)
	}
	return loaded, nil
}

// flush writes the rows that are held, in the schema's order.
func (s *Store) flush(ctx context.Context) error {
	for _, t := range sih.Tables {
		if l := s.loaders[t]; l != nil {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// has tells whether the chunk is in the store.
func (s *Store) has(c store.Chunk) (bool, error) {
	found, hash := false, ""
	err := sqlitex.Execute(s.conn, "SELECT chunk_hash FROM load_chunk WHERE run_id = ?1 AND chunk = ?2", &sqlitex.ExecOptions{
		Args:       []any{c.Run.String(), c.Name},
		ResultFunc: func(stmt *sqlite.Stmt) error { found, hash = true, stmt.ColumnText(0); return nil },
	})
	if err == nil && found && hash != c.Hash {
		err = store.Refuse(store.ErrChunkChanged, "The stage has changed since the run began: start a new run.", nil)
	}
	return found, err
}

// note writes the chunk's line.
func (s *Store) note(c store.Chunk, rows int64, p pass) error {
	return sqlitex.Execute(s.conn, "INSERT INTO load_chunk (run_id, chunk, chunk_hash, row_count, loaded_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&sqlitex.ExecOptions{Args: []any{c.Run.String(), c.Name, c.Hash, rows, p.now.String()}})
}
