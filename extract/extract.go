// Package extract says what a source can be asked. A source is read once,
// whole and read-only, into a snapshot; everything after works from there.
//
// The packages below it each read one technology, and package snapshot holds
// the format in which a source's records travel and are kept.
package extract

import (
	"context"
	"iter"

	"github.com/sihctl/sih"
)

// MaxChunkRows is the greatest number of rows of a chunk.
const MaxChunkRows = 65536

// Column is a column of a source's table.
type Column struct {
	Name string
	// Type is the source's own type, such as nvarchar(40); text for files.
	Type     string
	Nullable bool
}

// Table is a table of a source: for files, all those that are read as one.
type Table struct {
	Name    string
	Columns []Column
	// Key names the columns that identify a row, where the source declares
	// them.
	Key []string
}

// Row is a record's fields in the order of its table's columns.
type Row = []sih.Raw

// Rejected is a record that could not be read as a row, kept whole.
type Rejected struct {
	Where  string // file and line, sheet and row: never a value
	Offset int64  // in bytes from the start of the file, where it applies
	Detail string // what is wrong
	Raw    []byte // what the source has there
	// Aside marks what stands beside a table and belongs to no record: a
	// title, a total, a signature.
	Aside bool
}

// Source reads the tables of one source.
type Source interface {
	// Tables lists the tables in a fixed order.
	Tables(context.Context) ([]Table, error)
	// Rows yields the rows of a table in a fixed order, the same in every
	// reading of unchanged input. A yielded row is valid until the next one.
	// A yielded error is the last value. Records that are no rows go to
	// reject, which may stop the reading by an error of its own.
	Rows(ctx context.Context, table string, reject func(Rejected) error) iter.Seq2[Row, error]
	// Close frees what the source holds.
	Close() error
}
