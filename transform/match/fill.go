package match

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/sihctl/sih"
	"golang.org/x/sync/errgroup"
)

// A batch is records on their way into a table: the values of one record after
// the other, and their ids.
type batch struct {
	first  int // number of the first record
	list   uint8
	ids    []sih.ID
	values []string
}

// batchRecords is how many records travel together.
const batchRecords = 1024

// Fill adds the records that source gives to add, in their order, cleaning and
// encoding them on several goroutines. List is the number of the list that a
// record belongs to, from 0: see [Options.Lists]; it never falls. Values are
// those of the model's columns; the slice may be used again after the call,
// the texts stay as they are. When add fails, source ends with its error.
func (t *Table) Fill(ctx context.Context, workers int, source func(add func(list uint8, id sih.ID, values []string) error) error) error {
	if t.ran {
		return errors.New("add record: the table has been matched")
	}
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
			for b := range full {
				for values := range slices.Chunk(b.values, len(t.model.Columns)) {
					complete(values)
				}
				if err := shards[i].addAll(b); err != nil {
					return err
				}
				empty <- b
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range shards {
		t.take(&shards[i])
		shards[i] = shard{}
	}
	return nil
}

// deal puts the records of a source into batches.
func (t *Table) deal(ctx context.Context, source func(add func(uint8, sih.ID, []string) error) error, full, empty chan *batch) error {
	var b *batch
	next := len(t.ids)
	send := func() error {
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
		if b != nil && (len(b.ids) == batchRecords || b.list != list) {
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
			b.first, b.list, b.ids, b.values = next, list, b.ids[:0], b.values[:0]
		}
		b.ids, b.values = append(b.ids, id), append(b.values, values...)
		next++
		return nil
	})
	if err == nil && b != nil {
		err = send()
	}
	return err
}

// addAll adds a batch, a field of all its records before the next: what is
// remembered of a field then stays in the processor's nearest memory.
func (s *shard) addAll(b *batch) error {
	width := len(s.model.Columns)
	if b.first+len(b.ids) > math.MaxUint32 {
		return errors.New("add record: the table is full")
	}
	if b.list > 0 && s.lists == nil {
		s.lists = make([]uint8, len(s.ids), cap(s.ids))
	}
	s.ids = append(s.ids, b.ids...)
	for k := range b.ids {
		s.input = append(s.input, uint32(b.first+k))
		if s.lists != nil {
			s.lists = append(s.lists, b.list)
		}
	}
	start, stride := len(s.rows), s.plan.stride
	s.rows = slices.Grow(s.rows, len(b.ids)*stride)[:start+len(b.ids)*stride]
	rows := s.rows[start:]
	clear(rows)
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		for k, at := 0, f.at; at < len(rows); k, at = k+width, at+stride {
			rows[at] |= s.code(i, b.values[k:k+width]) << f.shift
		}
	}
	return nil
}

// take moves another shard's records here: their codes become this shard's.
func (s *shard) take(o *shard) {
	if len(s.ids) == 0 {
		*s = *o
		return
	}
	codes := make([][]uint32, len(o.dictionaries))
	for i, d := range o.dictionaries {
		codes[i] = make([]uint32, d.len())
		for c := 1; c < d.len(); c++ {
			codes[i][c] = s.dictionaries[i].add(string(d.entry(uint32(c))))
		}
		d.slots = nil
	}
	days := make([][]uint32, len(o.calendars))
	for i, c := range o.calendars {
		days[i] = make([]uint32, len(c.days))
		for p, code := range c.code {
			days[i][code] = s.calendars[i].add(p)
		}
	}
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		s.unread[i] += o.unread[i]
		var to []uint32
		switch f.kind {
		case textField:
			to = codes[f.texts]
		case dateField:
			to = days[f.texts]
		default:
			continue
		}
		for at := f.at; at < len(o.rows); at += s.plan.stride {
			o.rows[at] = to[o.rows[at]]
		}
	}
	if o.lists != nil && s.lists == nil {
		s.lists = make([]uint8, len(s.ids))
	}
	if s.lists != nil && o.lists == nil {
		o.lists = make([]uint8, len(o.ids))
	}
	s.lists = append(s.lists, o.lists...)
	s.ids = append(slices.Grow(s.ids, len(o.ids)), o.ids...)
	s.input = append(slices.Grow(s.input, len(o.ids)), o.input...)
	s.rows = append(slices.Grow(s.rows, len(o.rows)), o.rows...)
}
