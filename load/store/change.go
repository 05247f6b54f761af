package store

import (
	"context"
	"iter"

	"github.com/sihctl/sih"
)

// Key names a row by its table's primary key: the values of the key's columns,
// in their order.
type Key struct {
	Table  *sih.Table
	Values []sih.Value
}

// Changer is a store whose rows can be changed where they are, and changed
// back: what a delta and its undoing need beyond loading.
type Changer interface {
	Store

	// Fetch yields the rows of a table that have one of the ids, in whatever
	// order costs least; the table is [KeyedByID]. Ids that are not there yield
	// nothing. An entity is valid until the next one. A yielded error is the
	// last value.
	Fetch(ctx context.Context, t *sih.Table, ids []sih.ID) iter.Seq2[sih.Entity, error]

	// ReplaceChunk is LoadChunk that also removes rows, in the same
	// transaction. Keys that are not there are passed over; nothing may point
	// at what is removed, which Finish checks.
	ReplaceChunk(ctx context.Context, c Chunk, rows iter.Seq2[sih.Entity, error], removed []Key) (Loaded, error)

	// Undo takes a run out of the store, in one transaction. It writes the rows
	// as they are given, with their run_id, row_hash and updated_at: as they
	// were before the run. Whatever else the run has written is removed, and
	// its load_chunk lines and its migration_run row too. A run that is not
	// there changes nothing but the rows that are given.
	Undo(ctx context.Context, run sih.ID, rows iter.Seq2[sih.Entity, error]) error
}
