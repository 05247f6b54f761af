package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// chunkFaults is what resolving found wrong with a chunk: rows whose key was
// seen before, and what its entities point at in vain.
type chunkFaults struct {
	Twice []uint32 // rows, sorted
	Vain  []vain   // sorted by table and id
}

// vain is an entity that is pointed at and will not be in the store.
type vain struct {
	Rank   uint8
	ID     sih.ID
	Reason sih.Reason // R04: there is none; R16: it was kept out
	Root   sih.ID     // the entity at whose fault it all hangs
}

// find returns the fault of a reference, if it has one.
func (f *chunkFaults) find(rank uint8, id sih.ID) (vain, bool) {
	i, ok := slices.BinarySearchFunc(f.Vain, vain{Rank: rank, ID: id}, compareVain)
	if !ok {
		return vain{}, false
	}
	return f.Vain[i], true
}

func compareVain(a, b vain) int {
	return stage.Ref{Rank: a.Rank, ID: a.ID}.Compare(stage.Ref{Rank: b.Rank, ID: b.ID})
}

// mergeBuffer is the memory for each chunk's list while all are merged.
const mergeBuffer = 16 << 10

// resolve joins every reference to what it points at. Each chunk has a list of
// what it defines and wants, sorted by table and id; merged, they bring the
// definitions of an id and all that wants it together, tables in dependency
// order. So an entity that hangs on a rejected one is known to be out before
// anything that hangs on it is looked at. Extra are ids that the program
// itself defines.
//
// Which rows repeat a key is known when all is merged. Where some do, a second
// merge takes what else they define for what will not be there.
func resolve(ctx context.Context, p *runPlan, extra []stage.Ref) ([]chunkFaults, error) {
	slices.SortFunc(extra, stage.Ref.Compare)
	faults, err := mergeRefs(ctx, p, extra, nil)
	if err == nil && slices.ContainsFunc(faults, func(f chunkFaults) bool { return len(f.Twice) > 0 }) {
		faults, err = mergeRefs(ctx, p, extra, faults)
	}
	return faults, err
}

// mergeRefs merges the chunks' lists once. Before is what an earlier merge
// found, or nil.
func mergeRefs(ctx context.Context, p *runPlan, extra []stage.Ref, before []chunkFaults) ([]chunkFaults, error) {
	s := settler{faults: make([]chunkFaults, len(p.chunks)), before: before}
	var h cursorHeap
	at := 0
	h.add(-1, func() (stage.Ref, bool, error) {
		if at == len(extra) {
			return stage.Ref{}, false, nil
		}
		at++
		return extra[at-1], true, nil
	})
	for i, c := range p.chunks {
		r, err := stage.Open(c.path)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		h.add(i, r.Refs(mergeBuffer))
	}
	if h.err != nil {
		return nil, h.err
	}
	var group []sourced
	for n := 0; len(h.tops) > 0; n++ {
		if n%65536 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		group = append(group[:0], h.pop())
		for len(h.tops) > 0 {
			next := &h.list[h.tops[0].cursor].ref
			if next.Rank != group[0].ref.Rank || next.ID != group[0].ref.ID {
				break
			}
			group = append(group, h.pop())
		}
		if h.err != nil {
			return nil, h.err
		}
		s.settle(group)
	}
	for i := range s.faults {
		slices.Sort(s.faults[i].Twice)
		s.faults[i].Twice = slices.Compact(s.faults[i].Twice)
		slices.SortFunc(s.faults[i].Vain, compareVain)
	}
	return s.faults, nil
}

// sourced is an entry with the chunk that it came from.
type sourced struct {
	ref   stage.Ref
	chunk int
}

// kept lists entities that a fault of what they hang on keeps out, by id; it
// is filled while tables of lower rank are merged and asked later.
type kept map[stage.Ref]sih.ID

// A settler decides about each id in turn.
type settler struct {
	out    kept
	faults []chunkFaults
	before []chunkFaults // of the merge before this one, or nil
}

// repeats tells whether the merge before found that the entry's row repeats
// another's key.
func (s *settler) repeats(g sourced) bool {
	if s.before == nil || g.chunk < 0 {
		return false
	}
	_, ok := slices.BinarySearch(s.before[g.chunk].Twice, g.ref.Row)
	return ok
}

// settle decides about one id: whether it will be in the store, which rows
// repeat it, and who points at it in vain.
func (s *settler) settle(group []sourced) {
	first := group[0].ref
	rank, id := first.Rank, first.ID
	root, hangs := s.out[stage.Ref{Rank: rank, ID: id}]
	if hangs {
		delete(s.out, stage.Ref{Rank: rank, ID: id})
	}
	defined, bad := false, false
	for _, g := range group {
		switch g.ref.Kind {
		case stage.Defined:
			repeats := s.repeats(g)
			if defined || repeats {
				s.faults[g.chunk].Twice = append(s.faults[g.chunk].Twice, g.ref.Row)
			}
			defined = defined || !repeats
			bad = bad || repeats
		case stage.DefinedBad:
			bad = true
		}
	}
	if defined && !hangs {
		return
	}
	v := vain{Rank: rank, ID: id, Reason: sih.R04, Root: id}
	if hangs {
		v.Reason, v.Root = sih.R16, root
	} else if bad {
		v.Reason = sih.R16
	}
	for _, g := range group {
		switch g.ref.Kind {
		case stage.Link:
			if s.out == nil {
				s.out = kept{}
			}
			// Where there is nothing at all to name, the root is the record
			// that points at it: it is the first to be rejected.
			root := v.Root
			if v.Reason == sih.R04 {
				root = g.ref.Own
			}
			s.out[stage.Ref{Rank: g.ref.OwnRank, ID: g.ref.Own}] = root
		case stage.Wanted:
			s.faults[g.chunk].Vain = append(s.faults[g.chunk].Vain, v)
		}
	}
}

// cursorHeap merges the chunks' sorted lists: a heap with the list at its top
// whose entry comes first.
type cursorHeap struct {
	list []cursor
	tops []top
	err  error
}

// A top is a place of the heap: a list and the first bytes of its entry, which
// settle nearly every comparison.
type top struct {
	head   uint64
	cursor int
}

type cursor struct {
	ref   stage.Ref
	chunk int
	next  func() (stage.Ref, bool, error)
}

// head returns the first bytes of an entry, in the order of entries.
func head(r *stage.Ref) uint64 {
	return uint64(r.Rank)<<56 | binary.BigEndian.Uint64(r.ID[:])>>8
}

func (h *cursorHeap) add(chunk int, next func() (stage.Ref, bool, error)) {
	ref, ok, err := next()
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("resolve: %w", err)
	}
	if !ok {
		return
	}
	h.list = append(h.list, cursor{ref, chunk, next})
	h.tops = append(h.tops, top{head(&ref), len(h.list) - 1})
	for at := len(h.tops) - 1; at > 0; {
		above := (at - 1) / 2
		if !h.before(h.tops[at], h.tops[above]) {
			break
		}
		h.tops[at], h.tops[above] = h.tops[above], h.tops[at]
		at = above
	}
}

// pop returns the least entry and moves its list on.
func (h *cursorHeap) pop() sourced {
	c := &h.list[h.tops[0].cursor]
	out := sourced{c.ref, c.chunk}
	ref, ok, err := c.next()
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("resolve: %w", err)
	}
	if ok {
		c.ref, h.tops[0].head = ref, head(&ref)
	} else {
		last := len(h.tops) - 1
		h.tops[0] = h.tops[last]
		h.tops = h.tops[:last]
	}
	h.sink()
	return out
}

// sink moves the list at the top down to where it belongs.
func (h *cursorHeap) sink() {
	for at := 0; ; {
		below := 2*at + 1
		if below >= len(h.tops) {
			return
		}
		if other := below + 1; other < len(h.tops) && h.before(h.tops[other], h.tops[below]) {
			below = other
		}
		if !h.before(h.tops[below], h.tops[at]) {
			return
		}
		h.tops[at], h.tops[below] = h.tops[below], h.tops[at]
		at = below
	}
}

// before orders by entry, then by chunk: of equal entries the earlier chunk's
// comes first.
func (h *cursorHeap) before(x, y top) bool {
	if x.head != y.head {
		return x.head < y.head
	}
	a, b := &h.list[x.cursor], &h.list[y.cursor]
	if c := a.ref.Compare(b.ref); c != 0 && (a.ref.Rank != b.ref.Rank || a.ref.ID != b.ref.ID || a.ref.Kind != b.ref.Kind) {
		return c < 0
	}
	if a.chunk != b.chunk {
		return a.chunk < b.chunk
	}
	return a.ref.Compare(b.ref) < 0
}
