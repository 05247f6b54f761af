package match

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"golang.org/x/sync/errgroup"
)

// A batch is the values of some records on their way into a table, of one
// record after the other.
type batch struct {
	span
	values []string
}

// batchRecords is how many records travel together.
const batchRecords = 1024

// Fill adds the records that source gives to add, in their order, cleaning and
// encoding them on several goroutines. List is the number of the list that a
// record belongs to, from 0: see [Options.Lists]; it never falls. Values are
// those of the model's columns; the slice may be used again after the call,
// the texts stay as they are. When add fails, source ends with its error, and
// the table is of no use.
func (t *Table) Fill(ctx context.Context, workers int, source func(add func(list uint8, id sih.ID, values []string) error) error) error {
	if t.ran {
		return errors.New("add record: the table has been matched")
	}
	before := len(t.ids)
	shards := make([]shard, max(workers, 1))
	full, empty := make(chan *batch, 4), make(chan *batch, 4+len(shards))
	for range cap(empty) {
		empty <- new(batch)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		return t.deal(ctx, source, full, empty)
	})
	for i := range shards {
		group.Go(func() error {
			shards[i] = newShard(t.plan, t.model, t.cleaners)
			complete := func([]string) {}
			if t.Complete != nil {
				complete = t.Complete()
			}
			var rows []uint32
			for b := range full {
				for values := range slices.Chunk(b.values, len(t.model.Columns)) {
					complete(values)
				}
				n := (b.end - b.start) * t.plan.stride
				rows = slices.Grow(rows[:0], n)[:n]
				clear(rows)
				shards[i].fillRows(b.values, rows)
				shards[i].spans = append(shards[i].spans, b.span)
				t.room.RLock()
				copy(t.rows[b.start*t.plan.stride:], rows)
				t.room.RUnlock()
				empty <- b
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range shards {
		if i == 0 && before == 0 {
			t.shard = shards[i]
		} else {
			t.take(&shards[i])
		}
		shards[i] = shard{}
	}
	t.spans = nil
	return nil
}

// deal puts the records of a source into batches.
func (t *Table) deal(ctx context.Context, source func(add func(uint8, sih.ID, []string) error) error, full, empty chan *batch) error {
	var b *batch
	send := func() error {
		t.room.Lock()
		t.makeRoom()
		t.room.Unlock()
		b.end = len(t.ids)
		select {
		case full <- b:
			b = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := source(func(list uint8, id sih.ID, values []string) error {
		if len(values) != len(t.model.Columns) {
			return fmt.Errorf("add record: %d values for %d columns", len(values), len(t.model.Columns))
		}
		if b != nil && len(t.ids)-b.start == batchRecords {
			if err := send(); err != nil {
				return err
			}
		}
		if b == nil {
			select {
			case b = <-empty:
			case <-ctx.Done():
				return ctx.Err()
			}
			b.start, b.values = len(t.ids), b.values[:0]
		}
		b.values = append(b.values, values...)
		return t.enter(id, list)
	})
	if err == nil && b != nil {
		err = send()
	}
	return err
}

// take makes another shard's codes this one's, and writes these into the rows
// that have the other's.
func (t *Table) take(o *shard) {
	codes := make([][]uint32, len(o.dictionaries))
	for i, d := range o.dictionaries {
		codes[i] = make([]uint32, d.len())
		for c := 1; c < d.len(); c++ {
			codes[i][c] = t.dictionaries[i].add(string(d.entry(uint32(c))))
		}
		o.dictionaries[i] = nil
	}
	days := make([][]uint32, len(o.calendars))
	for i, c := range o.calendars {
		days[i] = make([]uint32, len(c.days))
		for code, d := range c.days[1:] {
			days[i][code+1] = t.calendars[i].add(d)
		}
	}
	for i := range t.plan.fields {
		f := &t.plan.fields[i]
		t.unread[i] += o.unread[i]
		var to []uint32
		switch f.kind {
		case textField:
			to = codes[f.texts]
		case dateField:
			to = days[f.texts]
		default:
			continue
		}
		stride := t.plan.stride
		for _, s := range o.spans {
			for at := s.start*stride + f.at; at < s.end*stride; at += stride {
				t.rows[at] = to[t.rows[at]]
			}
		}
	}
}
