package match

// mostComponent is the greatest number of records that are worked on
// together. Pairs are taken strongest first, and one that would tie more
// together than that is refused: a greater component is cut at whatever weight
// makes its parts small enough.
const mostComponent = 10_000

// components brings the pairs that may join records into groups that have no
// record in common. order holds the pairs' numbers, group after group, each
// strongest first; ends, where each group ends.
func (c *clustering) components(pairs []Pair) (order, ends []uint32) {
	tied := newForest(len(c.ids))
	size := make([]uint32, len(c.ids))
	for i := range size {
		size[i] = 1
	}
	for i := range pairs {
		p := &pairs[i]
		if p.Band == BandReview {
			continue
		}
		a, b := tied.root(p.A), tied.root(p.B)
		switch {
		case a == b:
		case size[a]+size[b] > mostComponent && p.Band != BandKnown:
			p.Band = BandRefused
		default:
			tied.join(a, b)
			size[min(a, b)] += size[max(a, b)]
		}
	}
	var keys []uint64
	for i, p := range pairs {
		if p.Band == BandMerge || p.Band == BandKnown {
			keys, order = append(keys, uint64(tied.root(p.A))<<32), append(order, uint32(i))
		}
	}
	sortByKey(keys, order, new(sorter))
	for i := range keys {
		if i+1 == len(keys) || keys[i+1] != keys[i] {
			ends = append(ends, uint32(i+1))
		}
	}
	return order, ends
}
