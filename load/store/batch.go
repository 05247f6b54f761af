package store

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// Batches gives each row to hold, which tells how many bytes it keeps of it,
// and calls flush when these are limit or more, and at the end. It counts the
// rows.
func Batches(ctx context.Context, rows iter.Seq2[sih.Entity, error], limit int, hold func(sih.Entity) (bytes int, err error), flush func() error) (total int64, err error) {
	held := 0
	for e, err := range rows {
		if err != nil {
			return total, err
		}
		n, err := hold(e)
		if err != nil {
			return total, err
		}
		if total++; total%4096 == 0 && ctx.Err() != nil {
			return total, ctx.Err()
		}
		if held += n; held >= limit {
			if err := flush(); err != nil {
				return total, err
			}
			held = 0
		}
	}
	return total, flush()
}

// Kept yields the entities with values that are the caller's to keep.
func Kept(entities iter.Seq2[sih.Entity, error]) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for e, err := range entities {
			e.Values = slices.Clone(e.Values)
			if !yield(e, err) {
				return
			}
		}
	}
}

// ByIDs yields the rows of a table, which is [KeyedByID], that have one of the
// ids, asking for some at a time with a condition, WHERE before it, and its
// arguments.
func ByIDs(t *sih.Table, ids []sih.ID, some int, ask func(where string, args []any) iter.Seq2[sih.Entity, error]) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for part := range slices.Chunk(ids, some) {
			args := make([]any, len(part))
			for i, id := range part {
				args[i] = id
			}
			for e, err := range ask(" WHERE "+t.Key[0]+" IN (?"+strings.Repeat(", ?", len(part)-1)+")", args) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}
