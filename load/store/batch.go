package store

import (
	"context"
	"iter"

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
