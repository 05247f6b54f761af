// Package extract says what a source can be asked. A source is read once,
// whole and read-only, into a snapshot; everything after works from there.
//
// The packages below it each read one technology, and package snapshot holds
// the format in which a source's records travel and are kept.
package extract

import (
	"context"
	"iter"
	"time"

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
	// Order names the columns by which a database's rows come, and behind
	// whose values a reading can be gone on with. None: the rows come in one
	// pass, in no order to be relied on. Files have none.
	Order []string
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

// Database is a source that others may write to while it is read. Several of
// its tables may be read at the same time; how many connections serve them is
// the adapter's.
type Database interface {
	Source
	// View tells of the view that rows are read in now. It connects where that
	// is still to be done.
	View(context.Context) (View, error)
	// RowsIn yields, as Rows does, those rows of a table with an Order that lie
	// in a range, and holds their number against the server's own count.
	RowsIn(ctx context.Context, table string, in Range) iter.Seq2[Row, error]
	// Count counts a table's rows in the present view.
	Count(ctx context.Context, table string) (int64, error)
	// Survey tells the size of each table, in the order of Tables, as the
	// server's catalogue has it. It reads no table.
	Survey(context.Context) ([]Size, error)
	// Examine looks for whatever would stop a reading or make it unsafe, from
	// the way to the server to the login's rights, and changes nothing. It goes
	// on as far as it can come; the error is that of ctx alone.
	Examine(context.Context) ([]Finding, error)
}

// View is a state of a database that rows are read in.
type View struct {
	Opened time.Time // UTC, by the clock of this machine
	// Consistent says that all rows are as they stood at one moment, in all
	// tables but those that are Unsteady.
	Consistent bool
	// Unsteady names the tables that the view does not hold, such as those of
	// an engine without transactions.
	Unsteady []string
}

// Range is a part of a table in its Order: what lies behind the values of
// After, up to and with those of UpTo. Nil is open.
type Range struct{ After, UpTo Row }

// Size is about how large a table is.
type Size struct {
	Rows  int64 // an estimate
	Bytes int64 // of its rows on the server, an estimate; 0 where it is not known
}

// Level says how grave a finding is.
type Level int

// The levels.
const (
	Fine    Level = iota // nothing to do
	Notable              // the reading can go on; its user should know
	Faulty               // it cannot, or must not
)

// Finding is what an examination found.
type Finding struct {
	Level Level
	// Check names what was looked at, in lower-case words with hyphens: reach,
	// login, encryption, rights, view, tables, …
	Check string
	// Text says what was found, Advice what to do. Neither holds a value of a
	// record, a password or a key.
	Text, Advice string
	// Script is what an administrator can run, or empty.
	Script string
}
