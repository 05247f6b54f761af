// Package store says what the unified store promises, whichever engine holds
// it: how the schema becomes tables, what a chunk is, how a row's hash is
// made, which errors a caller can tell apart. The packages below it each hold
// one engine; storetest is the suite that all of them pass.
//
// Begin with [Store], the contract; [DDL] gives the schema in an engine's
// words.
package store

import (
	"context"
	"iter"

	"github.com/sihctl/sih"
)

// Chunk names a piece of work that is in the store whole or not at all.
type Chunk struct {
	// Run is the run that loads it; its migration_run row is loaded like any
	// other, before Finish.
	Run sih.ID
	// Name tells the chunk from the run's others: source, table, number.
	Name string
	// Hash is the SHA-256 of the chunk's content in hexadecimal digits.
	Hash string
}

// Counts tells what became of a table's rows.
type Counts struct {
	Inserted  int64 // new
	Updated   int64 // there already, with other content
	Unchanged int64 // there already, the same
}

// Rows is the number of rows that were given.
func (c Counts) Rows() int64 { return c.Inserted + c.Updated + c.Unchanged }

// Loaded tells what became of a chunk.
type Loaded struct {
	// Skipped is set where the chunk was in the store already. Tables is then
	// empty.
	Skipped bool
	// Tables holds the counts by the unified table's name.
	Tables map[string]Counts
}

// Add notes what became of a table's rows, if there were any.
func (l *Loaded) Add(t *sih.Table, c Counts) {
	if c == (Counts{}) {
		return
	}
	if l.Tables == nil {
		l.Tables = map[string]Counts{}
	}
	l.Tables[t.Name] = c
}

// Row is a row of a query's result, valid until the callback returns. Columns
// count from 0. NULL reads as the zero of each type.
type Row interface {
	Null(column int) bool
	Int(column int) int64
	Float(column int) float64
	Text(column int) string
}

// Store is an open unified store. It serves one goroutine at a time; a query
// may be asked within another's callback.
type Store interface {
	// LoadChunk writes a chunk's rows and its load_chunk line in one
	// transaction. A chunk that is there under the same hash is skipped,
	// without asking for its rows; under another hash it is ErrChunkChanged.
	// An error, one that rows yields or a cancelled context leaves nothing of
	// the chunk.
	//
	// The rows may belong to any tables, in any order. An entity needs to be
	// valid only until the next one is asked for. The store fills run_id,
	// row_hash and updated_at, whatever they hold. An id that the run has
	// already written is ErrTwice, except in the migration's own tables.
	LoadChunk(ctx context.Context, c Chunk, rows iter.Seq2[sih.Entity, error]) (Loaded, error)

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

	// Finish makes the indexes that a load does without, checks every
	// reference, and leaves the store at rest. Loading may go on afterwards,
	// at the price of keeping the indexes. References that point at nothing
	// are a *ReferenceError.
	Finish(context.Context) error

	// Rows yields a table in the order of its primary key. The entity's values
	// are the caller's to keep. A yielded error is the last value.
	Rows(context.Context, *sih.Table) iter.Seq2[sih.Entity, error]

	// Scan yields the rows of a table whose ids lie in a span, in whatever order
	// costs least. A span other than the zero one is for tables that are
	// [KeyedByID]. An entity is valid until the next one. A yielded error is
	// the last value.
	Scan(context.Context, *sih.Table, Span) iter.Seq2[sih.Entity, error]

	// Fetch yields the rows of a table that have one of the ids, in whatever
	// order costs least; the table is [KeyedByID]. Ids that are not there yield
	// nothing. An entity is valid until the next one. A yielded error is the
	// last value.
	Fetch(ctx context.Context, t *sih.Table, ids []sih.ID) iter.Seq2[sih.Entity, error]

	// Count counts a table's rows by source; rows of tables without a source
	// are counted under the empty one.
	Count(context.Context, *sih.Table) (map[sih.SourceID]int64, error)

	// Query calls each for every row of the result, in the result's order. A
	// question mark in the SQL stands for an argument on every engine, and in
	// no text; an argument is a string, an int64, an int, a bool, an ID or nil.
	// Dates and times read as ISO writes them, as the schema says. An error of
	// each ends the query and is returned as it is.
	Query(ctx context.Context, sql string, args []any, each func(Row) error) error

	// Dialect tells what SQL the store understands beyond what all do.
	Dialect() *Dialect

	// Close frees what the store holds. It does not stand in for Finish.
	Close() error
}

// Key names a row by its table's primary key: the values of the key's columns,
// in their order.
type Key struct {
	Table  *sih.Table
	Values []sih.Value
}
