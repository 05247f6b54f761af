package match

import (
	"context"
	"errors"
	"slices"

	"github.com/sihctl/sih"
	"golang.org/x/sync/errgroup"
)

// A Batch is records on their way into a table: the values of one record
// after the other, and their ids.
type Batch struct {
	IDs []sih.ID
	// Values holds len(Model.Columns) values per record.
	Values []string
	// List is the number of the list that they belong to, from 0: see
	// [Options.Lists].
	List uint8

	first int // number of the first record
}

// Fill adds the records of batches, cleaning and encoding them on several
// goroutines. Batches come in the order of the input; they are given back
// through recycle, which may be nil, when they may be filled again.
func (t *Table) Fill(ctx context.Context, workers int, batches <-chan *Batch, recycle func(*Batch)) error {
	if t.ran {
		return errors.New("add record: the table has been matched")
	}
	workers = max(workers, 1)
	shards := make([]shard, workers)
	numbered := make(chan *Batch)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(numbered)
		next := len(t.ids)
		for b := range batches {
			b.first = next
			next += len(b.IDs)
			select {
			case numbered <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for i := range shards {
		shards[i] = newShard(t.plan, t.model, t.cleaners)
		s := &shards[i]
		group.Go(func() error {
			width := len(t.model.Columns)
			complete := func([]string) {}
			if t.Complete != nil {
				complete = t.Complete()
			}
			for b := range numbered {
				if len(b.Values) != width*len(b.IDs) {
					return errors.New("add records: the values do not fit the columns")
				}
				for k, id := range b.IDs {
					values := b.Values[k*width : (k+1)*width]
					complete(values)
					if err := s.add(b.first+k, b.List, id, values); err != nil {
						return err
					}
				}
				if recycle != nil {
					recycle(b)
				}
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
