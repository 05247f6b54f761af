package match

// A bridge is a pair without which a cluster falls into two parts of two
// records or more: the whole cluster hangs on it. Unless it is certain, it is
// left to a human.

// bridges returns the numbers of the pairs that are bridges of their clusters
// and not certain (Tarjan, 1974: a pair is one when no way leads around it).
func (c *clustering) bridges(pairs []Pair, order []uint32) map[uint32]bool {
	if c.bridge == none || len(order) < 3 { // a pair on either side of it
		return nil
	}
	ways := map[uint32][]uint32{} // per record, the pairs that hold it in its cluster
	for _, i := range order {
		if p := pairs[i]; c.founder[p.A] == c.founder[p.B] && (p.Band == BandMerge || p.Band == BandKnown) {
			ways[p.A], ways[p.B] = append(ways[p.A], i), append(ways[p.B], i)
		}
	}
	var found map[uint32]bool
	s := search{ways: ways, pairs: pairs, entered: map[uint32]int{}, lowest: map[uint32]int{}, below: map[uint32]uint32{}}
	for _, i := range order {
		root := pairs[i].A
		if s.entered[root] > 0 || c.size[c.founder[root]] < 4 {
			continue
		}
		s.from(root)
		for _, b := range s.bridges {
			p := pairs[b.pair]
			if p.Band == BandMerge && p.Weight+c.prior < c.bridge && !c.decided(p) && b.below > 1 && c.size[c.founder[root]]-b.below > 1 {
				if found == nil {
					found = map[uint32]bool{}
				}
				found[b.pair] = true
			}
		}
	}
	return found
}

// decided tells whether a rule joins a pair, whatever its weight.
func (c *clustering) decided(p Pair) bool {
	return p.Rule > 0 && c.plan.rules[p.Rule-1].verdict == Merge
}

// A search goes through a cluster, depth first and without recursion: a
// cluster may be a chain.
type search struct {
	ways    map[uint32][]uint32
	pairs   []Pair
	clock   int
	entered map[uint32]int    // when a record was reached, from 1
	lowest  map[uint32]int    // the earliest that it leads back to
	below   map[uint32]uint32 // records reached through it, itself included
	bridges []lone
}

// lone is a bridge and how many records are beyond it.
type lone struct{ pair, below uint32 }

// noPair is the way to the record where a search begins.
const noPair = ^uint32(0)

func (s *search) from(root uint32) {
	type step struct{ record, by, next uint32 }
	enter := func(record, by uint32) step {
		s.clock++
		s.entered[record], s.lowest[record], s.below[record] = s.clock, s.clock, 1
		return step{record: record, by: by}
	}
	s.bridges = s.bridges[:0]
	stack := []step{enter(root, noPair)}
	for len(stack) > 0 {
		at := &stack[len(stack)-1]
		if int(at.next) < len(s.ways[at.record]) {
			i := s.ways[at.record][at.next]
			at.next++
			to := s.pairs[i].A ^ s.pairs[i].B ^ at.record
			switch {
			case i == at.by:
			case s.entered[to] > 0:
				s.lowest[at.record] = min(s.lowest[at.record], s.entered[to])
			default:
				stack = append(stack, enter(to, i))
			}
			continue
		}
		done := *at
		stack = stack[:len(stack)-1]
		if len(stack) == 0 {
			break
		}
		up := stack[len(stack)-1].record
		s.lowest[up] = min(s.lowest[up], s.lowest[done.record])
		s.below[up] += s.below[done.record]
		if s.lowest[done.record] > s.entered[up] {
			s.bridges = append(s.bridges, lone{done.by, s.below[done.record]})
		}
	}
}
