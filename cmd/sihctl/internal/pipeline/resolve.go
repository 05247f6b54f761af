package pipeline

import (
	"container/heap"
	"context"
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
	for n := 0; len(h.list) > 0; n++ {
		if n%65536 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		group = append(group[:0], h.pop())
		for len(h.list) > 0 && h.list[0].ref.Rank == group[0].ref.Rank && h.list[0].ref.ID == group[0].ref.ID {
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

// cursorHeap merges the chunks' sorted lists.
type cursorHeap struct {
	list []cursor
	err  error
}

type cursor struct {
	ref   stage.Ref
	chunk int
	next  func() (stage.Ref, bool, error)
}

func (h *cursorHeap) add(chunk int, next func() (stage.Ref, bool, error)) {
	ref, ok, err := next()
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("resolve: %w", err)
	}
	if ok {
		heap.Push(h, cursor{ref, chunk, next})
	}
}

// pop returns the least entry and moves its list on.
func (h *cursorHeap) pop() sourced {
	c := &h.list[0]
	out := sourced{c.ref, c.chunk}
	ref, ok, err := c.next()
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("resolve: %w", err)
	}
	if ok {
		c.ref = ref
		heap.Fix(h, 0)
	} else {
		heap.Pop(h)
	}
	return out
}

// Len, Less, Swap, Push and Pop make it a heap.
func (h *cursorHeap) Len() int { return len(h.list) }

// Less orders by entry, then by chunk: of equal entries the earlier chunk's
// comes first.
func (h *cursorHeap) Less(i, j int) bool {
	a, b := &h.list[i], &h.list[j]
	if c := a.ref.Compare(b.ref); c != 0 && (a.ref.Rank != b.ref.Rank || a.ref.ID != b.ref.ID || a.ref.Kind != b.ref.Kind) {
		return c < 0
	}
	if a.chunk != b.chunk {
		return a.chunk < b.chunk
	}
	return a.ref.Compare(b.ref) < 0
}

// Swap swaps two lists.
func (h *cursorHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }

// Push adds a list.
func (h *cursorHeap) Push(x any) { h.list = append(h.list, x.(cursor)) }

// Pop removes the last list.
func (h *cursorHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
