package store

import (
	"slices"

	"github.com/sihctl/sih"
)

// Filler makes entities the rows of a table: it checks them and fills what the
// store fills itself. It serves one goroutine.
type Filler struct {
	checker *Checker
	hasher  Hasher
	row     []sih.Value
	// run, hash and updated are positions, or -1.
	run, hash, updated int
}

// NewFiller returns the filler of t.
func NewFiller(t *sih.Table) *Filler {
	return &Filler{checker: NewChecker(t), run: t.Column("run_id"), hash: t.Column("row_hash"), updated: t.Column("updated_at")}
}

// Fill returns the values of e with those that the store fills, of the given
// run and time. They are valid until the next call. The error is a *RowError.
func (f *Filler) Fill(e sih.Entity, run sih.ID, now sih.Timestamp) ([]sih.Value, error) {
	if err := f.checker.Check(e); err != nil {
		return nil, err
	}
	f.row = append(f.row[:0], e.Values...)
	if f.run >= 0 {
		f.row[f.run] = sih.IDValue(run)
	}
	if f.updated >= 0 {
		f.row[f.updated] = sih.TSValue(now)
	}
	if f.hash >= 0 {
		f.row[f.hash] = sih.IDValue(f.hasher.Row(e))
	}
	return f.row, nil
}

// ColumnNames names the columns of a table as a database has them, all or those
// of the declared columns that keep tells.
func ColumnNames(t *sih.Table, keep func(column int) bool) (names []string) {
	for _, p := range t.Physical() {
		if keep == nil || keep(p.Column) {
			names = append(names, p.Name)
		}
	}
	return names
}

// Compared tells of the columns by which a row is told from the one that is
// there: where rows have a hash, the hash and what it does not cover apart from
// clocks and the run; otherwise all but the key.
func Compared(t *sih.Table, column int) bool {
	c := &t.Columns[column]
	switch {
	case slices.Contains(t.Key, c.Name):
		return false
	case !t.Has("row_hash"):
		return true
	}
	return c.Volatile && !c.Clock && c.Name != "run_id"
}

// WrittenOnce tells whether a run may write an id of a table once only. Rows
// without a hash are the migration's own, of which the last one counts.
func WrittenOnce(t *sih.Table) bool { return t.Has("row_hash") && t.Has("run_id") && t.Has("id") }
