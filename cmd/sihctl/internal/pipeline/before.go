package pipeline

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/match"
)

// former is who the records of the live store are: what the store says of that
// binds a delta, unless a human has decided otherwise since.
type former struct {
	links []link // sorted by record
	// anew are persons who hang on a human's decision that holds no more.
	anew []sih.ID
	// others are the sources of other projects in the store, and gone their
	// records that have vanished.
	others []sih.SourceID
	gone   map[sih.ID]bool
}

// readBefore asks the store who its records are, where the run is a delta.
func readBefore(ctx context.Context, o Options, p *runPlan) (*former, error) {
	if !p.delta() {
		return nil, nil
	}
	if p.base.IsZero() && !p.wave() {
		return nil, errNothingBefore
	}
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return nil, err
	}
	defer done()
	f := &former{}
	err = s.Query(ctx, "SELECT id, person_id, link_method, link_weight FROM source_person", nil, func(r store.Row) error {
		record, err1 := sih.ParseID(r.Text(0))
		person, err2 := sih.ParseID(r.Text(1))
		method := max(slices.Index(linkMethods[:], r.Text(2)), 0)
		f.links = append(f.links, link{record, person, uint8(method), int32(math.Round(r.Float(3) * 1000))})
		return errors.Join(err1, err2)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(f.links, func(a, b link) int { return bytes.Compare(a.Record[:], b.Record[:]) })
	return f, errors.Join(f.withdrawn(ctx, s, p.decisions), f.readOthers(ctx, s, p))
}

// withdrawn finds the persons whom a decision has made one that was taken back.
func (f *former) withdrawn(ctx context.Context, s store.Store, now *decisions) error {
	return s.Query(ctx, "SELECT source_person_a, source_person_b FROM merge_decision WHERE method = 'human' AND decision = 'merge'", nil, func(r store.Row) error {
		a, err1 := sih.ParseID(r.Text(0))
		b, err2 := sih.ParseID(r.Text(1))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		x, okX := f.find(a)
		y, okY := f.find(b)
		if d := now.by[pair{a, b}]; (d == nil || !d.Same) && okX && okY && x.Person == y.Person {
			f.anew = append(f.anew, x.Person)
		}
		return nil
	})
}

// find returns what the store says of a record.
func (f *former) find(id sih.ID) (link, bool) { return findLink(f.links, id) }

// bind tells the matcher who the records are.
func (f *former) bind(to *match.Options) {
	if f == nil {
		return
	}
	to.Anew = f.anew
	to.Before = func(id sih.ID) (sih.ID, bool) {
		l, ok := f.find(id)
		return l.Person, ok
	}
}

// links lists who every record is. Records are numbered in the order of their
// ids, so the list is sorted. Replaced are persons of the store whose records
// decisions have given to another, who is named.
//
// A record that the store has is who it was, by what joined it then, unless a
// human's decision has joined or parted persons since. Of persons who became
// one, the one with the smallest id survives. Of parts of one, that of the
// founding record keeps the id, or else that of the smallest; the others are
// called after their smallest records. Records of other projects, which were
// added after own ones, stay who they were, and their persons survive.
func links(r *match.Result, before *former, own int) (out []link, replaced map[sih.ID]sih.ID) {
	out = make([]link, r.Len())
	for i := range out {
		out[i] = link{Record: r.ID(uint32(i)), Person: r.ID(r.Founder(uint32(i)))}
	}
	if before == nil {
		for _, j := range r.Merges() {
			out[j.Record].by(j.Pair)
		}
		return out, nil
	}
	persons, replaced := before.persons(r, own)
	for i := range out {
		out[i].Person = persons[r.Founder(uint32(i))]
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
		l := &out[i]
		was, ok := before.find(l.Record)
		switch {
		case !ok:
		case int(r.Input(uint32(i))) >= own:
			*l = was
		case was.Person == l.Person, was.Method != 0 && l.Record != l.Person:
			l.Method, l.Weight = was.Method, was.Weight
		case l.Record == l.Person: // founds a part
			l.Method, l.Weight = 0, 0
		default: // founded a person who was given to another
			l.Method = methodHuman
		}
	}
	return out, replaced
}

// persons names the person of each cluster, by its founder.
func (f *former) persons(r *match.Result, own int) (persons map[uint32]sih.ID, replaced map[sih.ID]sih.ID) {
	home := map[sih.ID]uint32{} // the cluster that a person of before goes on in
	bound := map[sih.ID]bool{}  // persons with a record of another project
	for i := range uint32(r.Len()) {
		was, ok := f.find(r.ID(i))
		if !ok {
			continue
		}
		_, seen := home[was.Person]
		switch theirs := int(r.Input(i)) >= own; {
		case bound[was.Person]:
		case theirs, !seen, r.ID(i) == was.Person:
			home[was.Person], bound[was.Person] = r.Founder(i), theirs
		}
	}
	persons = make(map[uint32]sih.ID, len(home))
	for person, at := range home {
		is, ok := persons[at]
		if !ok || bound[person] && !bound[is] || bound[person] == bound[is] && bytes.Compare(person[:], is[:]) < 0 {
			persons[at] = person
		}
	}
	replaced = map[sih.ID]sih.ID{}
	for person, at := range home {
		if persons[at] != person && !bound[person] {
			replaced[person] = persons[at]
		}
	}
	for i := range uint32(r.Len()) {
		at, id := r.Founder(i), r.ID(i)
		if _, named := persons[at]; named {
			continue
		}
		if _, taken := home[id]; !taken {
			persons[at] = id
		}
	}
	// All of a part's records have founded persons who go on elsewhere.
	for i := range uint32(r.Len()) {
		if at := r.Founder(i); persons[at].IsZero() {
			persons[at] = sih.NewID(personSource, "person", r.ID(at).String(), "person", "parted")
		}
	}
	return persons, replaced
}

// by notes the pair that joined a record.
func (l *link) by(p match.Pair) {
	l.Weight, l.Method = p.Weight, 2
	switch {
	case p.Band == match.BandKnown:
		l.Method = methodHuman
	case p.Rule != 0:
		l.Method = 1
	}
}
