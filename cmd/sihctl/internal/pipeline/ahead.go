package pipeline

import (
	"context"
	"iter"

	"github.com/sihctl/sih"
)

// batchSize is how many entities travel together between goroutines.
const batchSize = 512

// batch is a stretch of entities with memory of their own.
type batch struct {
	entities []sih.Entity
	last     bool  // nothing follows
	err      error // ends the sequence, and is the last
}

// readAhead runs the sequences of n pieces of work in goroutines of their own,
// width of them ahead of the one that was asked for last, and returns a function that
// hands out the sequence of each, which must be asked for in order. A sequence
// can be ranged over once; a second time it is empty. One that ctx has cut
// short ends with its error: it never looks complete.
func readAhead(ctx context.Context, width, n int, seq func(int) iter.Seq2[sih.Entity, error]) func(int) iter.Seq2[sih.Entity, error] {
	streams := make([]chan batch, n)
	started := 0
	start := func(upTo int) {
		for ; started < min(upTo, n); started++ {
			ch := make(chan batch, 8)
			streams[started] = ch
			go feed(ctx, ch, seq(started))
		}
	}
	return func(i int) iter.Seq2[sih.Entity, error] {
		start(i + 1 + max(width, 0))
		return func(yield func(sih.Entity, error) bool) {
			ch := streams[i]
			streams[i] = nil
			if ch == nil {
				return // it has been read to its end
			}
			for b := range ch {
				for _, e := range b.entities {
					if !yield(e, nil) {
						return
					}
				}
				if b.err != nil {
					yield(sih.Entity{}, b.err)
					return
				}
				if b.last {
					return
				}
			}
			yield(sih.Entity{}, ctx.Err())
		}
	}
}

// feed runs a sequence into a channel, in batches.
func feed(ctx context.Context, ch chan<- batch, seq iter.Seq2[sih.Entity, error]) {
	defer close(ch)
	send := func(b batch) bool {
		select {
		case ch <- b:
			return true
		case <-ctx.Done():
			return false
		}
	}
	var b batch
	var values []sih.Value
	for e, err := range seq {
		if err != nil {
			b.err = err
			break
		}
		at := len(values)
		values = append(values, e.Values...)
		b.entities = append(b.entities, sih.Entity{Table: e.Table, Values: values[at:len(values):len(values)]})
		if len(b.entities) == batchSize {
			if !send(b) {
				return
			}
			b, values = batch{}, make([]sih.Value, 0, cap(values))
		}
	}
	b.last = true
	send(b)
}
