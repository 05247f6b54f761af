package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// Reader is the half of a [Store] that reads, over the one thing that engines do
// each in their own way: to step through an answer. A store embeds it.
type Reader struct {
	// Ask asks and steps through the answer until each says that it is enough.
	// An error of each is returned as it is. It may be called again within each.
	Ask func(ctx context.Context, sql string, args []any, each func(Answer) (more bool, err error)) error
	// Fault makes an [*Error] of what Ask returns, and nil of nil.
	Fault func(ctx context.Context, op string, err error) error
	// Counted is what counts rows without an end: count(*), COUNT_BIG(*).
	Counted string
}

// Answer is a row of an answer, valid until the callback returns.
type Answer interface {
	Row
	// Value reads the value of a column of a table from the cells that begin at
	// one, as many as Cells tells. Most texts are those of the row before:
	// last may serve again.
	Value(cell int, t *sih.Table, column int, last sih.Value) (sih.Value, error)
}

// asked is how many rows one statement names, which no engine refuses.
const asked = 500

// Rows implements [Store].
func (r *Reader) Rows(ctx context.Context, t *sih.Table) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for e, err := range r.entities(ctx, t, " ORDER BY "+strings.Join(t.Key, ", "), nil) {
			e.Values = slices.Clone(e.Values)
			if !yield(e, err) {
				return
			}
		}
	}
}

// Scan implements [Store]. Without a span the rows come as they lie.
func (r *Reader) Scan(ctx context.Context, t *sih.Table, span Span) iter.Seq2[sih.Entity, error] {
	where, args := span.Where(t)
	return r.entities(ctx, t, where, args)
}

// Fetch implements [Store].
func (r *Reader) Fetch(ctx context.Context, t *sih.Table, ids []sih.ID) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for part := range slices.Chunk(ids, asked) {
			args := make([]any, len(part))
			for i, id := range part {
				args[i] = id
			}
			for e, err := range r.entities(ctx, t, " WHERE "+t.Key[0]+" IN (?"+strings.Repeat(", ?", len(part)-1)+")", args) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// entities yields the rows of a table that end selects, one after the other in
// the same memory.
func (r *Reader) entities(ctx context.Context, t *sih.Table, end string, args []any) iter.Seq2[sih.Entity, error] {
	sql := "SELECT " + strings.Join(ColumnNames(t, nil), ", ") + " FROM " + t.Name + end
	return func(yield func(sih.Entity, error) bool) {
		stopped := false
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		err := r.Ask(ctx, sql, args, func(a Answer) (bool, error) {
			if err := read(a, e); err != nil {
				return false, err
			}
			stopped = !yield(e, nil)
			return !stopped, nil
		})
		if err != nil && !stopped {
			yield(sih.Entity{}, r.Fault(ctx, "read "+t.Name, err))
		}
	}
}

// read reads the values of e, whose table's columns the answer has.
func read(a Answer, e sih.Entity) error {
	cell := 0
	for i := range e.Values {
		v, err := a.Value(cell, e.Table, i, e.Values[i])
		if err != nil {
			return fmt.Errorf("column %s: %w", e.Table.Columns[i].Name, err)
		}
		e.Values[i] = v
		cell += Cells(&e.Table.Columns[i])
	}
	return nil
}

// Cells is how many cells of an answer the value of a column takes.
func Cells(c *sih.Column) int {
	if c.Kind == sih.KindPDate {
		return 3
	}
	return 1
}

// Count implements [Store].
func (r *Reader) Count(ctx context.Context, t *sih.Table) (map[sih.SourceID]int64, error) {
	sql := "SELECT '', " + r.Counted + " FROM " + t.Name + " HAVING " + r.Counted + " > 0"
	if t.Has("source_system") {
		sql = "SELECT source_system, " + r.Counted + " FROM " + t.Name + " GROUP BY source_system"
	}
	counts := map[sih.SourceID]int64{}
	err := r.Ask(ctx, sql, nil, func(a Answer) (bool, error) {
		counts[sih.SourceID(strings.Clone(a.Text(0)))] = a.Int(1)
		return true, nil
	})
	if err != nil {
		return nil, r.Fault(ctx, "count "+t.Name, err)
	}
	return counts, nil
}

// Query implements [Store].
func (r *Reader) Query(ctx context.Context, sql string, args []any, each func(Row) error) error {
	var caller error
	err := r.Ask(ctx, sql, args, func(a Answer) (bool, error) {
		caller = each(a)
		return caller == nil, nil
	})
	if err == nil {
		return caller
	}
	return r.Fault(ctx, "query", err)
}
