package pipeline

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"sort"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/match"
)

// former tells who the records of the live store are, sorted by record: what
// the store says of that binds a delta.
type former []link

// readBefore asks the store who its records are, where the run is a delta.
func readBefore(ctx context.Context, o Options, p *runPlan) (former, error) {
	if !p.delta() {
		return nil, nil
	}
	if p.base.IsZero() {
		return nil, errNothingBefore
	}
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return nil, err
	}
	defer done()
	var list former
	err = s.Query(ctx, "SELECT id, person_id, link_method, link_weight FROM source_person", nil, func(r store.Row) error {
		record, err1 := sih.ParseID(r.Text(0))
		person, err2 := sih.ParseID(r.Text(1))
		method := max(slices.Index(linkMethods[:], r.Text(2)), 0)
		list = append(list, link{record, person, uint8(method), int32(math.Round(r.Float(3) * 1000))})
		return errors.Join(err1, err2)
	})
	slices.SortFunc(list, func(a, b link) int { return bytes.Compare(a.Record[:], b.Record[:]) })
	return list, err
}

// find returns what the store says of a record.
func (f former) find(id sih.ID) (link, bool) {
	i, ok := sort.Find(len(f), func(i int) int { return bytes.Compare(id[:], f[i].Record[:]) })
	if !ok {
		return link{}, false
	}
	return f[i], true
}

// lookup is how the matcher asks, nil where there is nobody to ask about.
func (f former) lookup() func(sih.ID) (sih.ID, bool) {
	if f == nil {
		return nil
	}
	return func(id sih.ID) (sih.ID, bool) {
		l, ok := f.find(id)
		return l.Person, ok
	}
}

// links lists who every record is. Records are numbered in the order of their
// ids, so the list is sorted. A record that the store has is who it was, by
// what joined it then.
func links(r *match.Result, before former) []link {
	out := make([]link, r.Len())
	for i := range out {
		out[i] = link{Record: r.ID(uint32(i)), Person: r.ID(r.Founder(uint32(i)))}
		if person, ok := r.Person(uint32(i)); ok {
			out[i].Person = person
		}
	}
	for _, j := range r.Merges() {
		out[j.Record].by(j.Pair)
		// A new record may have the smallest id of a person of before: it is
		// then what the others are tied to, and joined by the strongest tie.
		if n := j.Other(); r.Founder(n) == n && out[n].Record != out[n].Person && (out[n].Method == 0 || j.Pair.Weight > out[n].Weight) {
			out[n].by(j.Pair)
		}
	}
	for i := range out {
		if was, ok := before.find(out[i].Record); ok {
			out[i] = was
		}
	}
	return out
}

// by notes the pair that joined a record.
func (l *link) by(p match.Pair) {
	l.Weight, l.Method = p.Weight, 2
	switch {
	case p.Band == match.BandKnown:
		l.Method = 3
	case p.Rule != 0:
		l.Method = 1
	}
}
