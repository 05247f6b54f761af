package match

import (
	"slices"

	"github.com/sihctl/sih"
)

const (
	// noPass is the pass of a pair that was known before the run.
	noPass = 255
	// againstPerson and againstDecision stand in a pair's Against for what is
	// no rule of the model.
	againstPerson   = 254
	againstDecision = 255
)

// known is what a run must keep to: decisions, and the persons of a former
// run.
type known struct {
	same  []Pair              // decided, or of one person before; by rank
	apart map[uint32][]uint32 // per record, those that are decided to be others
	said  map[[2]uint32]bool  // decided pairs, whichever way
	start []uint32            // per record, its former person's number, from 1; 0 is none
	// person is start for the clusters at work: it is looked up at founders.
	person []uint32
	names  []sih.ID // of the persons, by number less one
}

// newKnown returns what is known of the records, or nil.
func newKnown(f *frozen, o *Options) *known {
	if len(o.Decisions) == 0 && o.Before == nil {
		return nil
	}
	k := &known{apart: map[uint32][]uint32{}, said: map[[2]uint32]bool{}}
	rank := func(id sih.ID) (uint32, bool) {
		i, ok := slices.BinarySearchFunc(f.ids, id, compareIDs)
		return uint32(i), ok
	}
	for _, d := range o.Decisions {
		a, okA := rank(d.A)
		b, okB := rank(d.B)
		if !okA || !okB || a == b {
			continue
		}
		a, b = min(a, b), max(a, b)
		k.said[[2]uint32{a, b}] = true
		if d.Same {
			k.same = append(k.same, Pair{A: a, B: b})
			continue
		}
		k.apart[a] = append(k.apart[a], b)
		k.apart[b] = append(k.apart[b], a)
	}
	if o.Before != nil {
		k.former(f, o.Before, o.Anew)
	}
	slices.SortFunc(k.same, Pair.before) // all weigh nothing yet: by rank
	k.same = slices.Compact(k.same)
	k.person = slices.Clone(k.start)
	return k
}

// former notes the persons of a former run: each record of one is tied to the
// first of them, but for persons who are grouped anew.
func (k *known) former(f *frozen, before func(sih.ID) (sih.ID, bool), anew []sih.ID) {
	k.start = make([]uint32, len(f.ids))
	loose := map[sih.ID]bool{}
	for _, person := range anew {
		loose[person] = true
	}
	for a, list := range k.apart {
		person, ok := before(f.ids[a])
		for _, b := range list {
			if other, there := before(f.ids[b]); ok && there && other == person {
				loose[person] = true
			}
		}
	}
	number := map[sih.ID]uint32{}
	first := []uint32{0}
	for i := range f.ids {
		person, ok := before(f.ids[i])
		if !ok {
			continue
		}
		n, ok := number[person]
		if !ok {
			n = uint32(len(number) + 1)
			number[person] = n
			k.names = append(k.names, person)
			first = append(first, uint32(i))
		} else if !loose[person] {
			k.same = append(k.same, Pair{A: first[n], B: uint32(i)})
		}
		k.start[i] = n
	}
}

// again returns k for another clustering of the same records.
func (k *known) again() *known {
	if k == nil {
		return nil
	}
	out := *k
	out.person = slices.Clone(k.start)
	return &out
}

// withKnown puts the pairs that are known before those that were found, and
// leaves out found ones that somebody decided.
func (r *runner) withKnown(pairs []Pair) []Pair {
	if r.known == nil {
		return pairs
	}
	c := comparer{frozen: r.frozen, thorough: true}
	out := make([]Pair, 0, len(r.known.same)+len(pairs))
	for _, p := range r.known.same {
		_, p.Weight, _ = c.levels(r.row(p.A), r.row(p.B), none)
		p.Pass, p.Band = noPass, BandKnown
		out = append(out, p)
	}
	for _, p := range pairs {
		if !r.known.said[[2]uint32{p.A, p.B}] {
			out = append(out, p)
		}
	}
	return out
}

// forbidden tells what keeps two clusters apart beside the model: a decision,
// or that both hold records of persons of a former run. 0 is nothing.
func (c *clustering) forbidden(x, y uint32) int {
	if c.known == nil {
		return 0
	}
	if p := c.known.person; p != nil && p[x] != 0 && p[y] != 0 && p[x] != p[y] {
		return againstPerson
	}
	if c.decidedApart(x, y) {
		return againstDecision
	}
	return 0
}

func (c *clustering) decidedApart(x, y uint32) bool {
	if len(c.known.apart) == 0 {
		return false
	}
	for a := range c.members(x) {
		for _, b := range c.known.apart[a] {
			if c.founder[b] == y {
				return true
			}
		}
	}
	return false
}

// joinKnown joins the clusters of a pair that is known, unless a decision
// keeps them apart.
func (c *clustering) joinKnown(pairs []Pair, i int) {
	x, y := c.founder[pairs[i].A], c.founder[pairs[i].B]
	switch {
	case x == y:
	case c.decidedApart(x, y):
		c.contradicted++
	default:
		c.join(pairs, i)
	}
}

// Person returns the person of a former run whose records are in a record's
// cluster: one of them, where decisions have joined several, and the same for
// several clusters, where they have parted one.
func (r *Result) Person(record uint32) (sih.ID, bool) {
	if r.known == nil || r.known.person == nil {
		return sih.ID{}, false
	}
	n := r.known.person[r.founder[record]]
	if n == 0 {
		return sih.ID{}, false
	}
	return r.known.names[n-1], true
}
