package match

import (
	"cmp"
	"slices"
)

// Three digits of eleven bits put 2^33 groups in order, which leaves next to
// no two different keys side by side among the records of a country.
const (
	digitBits = 11
	digits    = 1 << digitBits
	sortBits  = 3 * digitBits
)

// sortByKey brings records of equal key together, each group in ascending
// order of record when the records were. The order of the groups is that of
// the keys' upper bits and has no further meaning. Small inputs are sorted by
// comparison.
func sortByKey(keys []uint64, records []uint32) {
	if len(keys) < digits {
		sortPairs(keys, records)
		return
	}
	keys2, records2 := make([]uint64, len(keys)), make([]uint32, len(keys))
	// The number of passes is odd, so the result ends in the second buffer
	// and is copied back.
	from, to := keys, keys2
	fromRec, toRec := records, records2
	for shift := 64 - sortBits; shift < 64; shift += digitBits {
		var start [digits]uint32
		for _, k := range from {
			start[k>>shift&(digits-1)]++
		}
		sum := uint32(0)
		for i, n := range start {
			start[i] = sum
			sum += n
		}
		for i, k := range from {
			at := &start[k>>shift&(digits-1)]
			to[*at], toRec[*at] = k, fromRec[i]
			*at++
		}
		from, to = to, from
		fromRec, toRec = toRec, fromRec
	}
	copy(keys, from)
	copy(records, fromRec)
	for start := 0; start < len(keys); {
		end, mixed := start+1, false
		for end < len(keys) && keys[end]>>(64-sortBits) == keys[start]>>(64-sortBits) {
			mixed = mixed || keys[end] != keys[start]
			end++
		}
		if mixed {
			sortPairs(keys[start:end], records[start:end])
		}
		start = end
	}
}

type keyed struct {
	key    uint64
	record uint32
}

func sortPairs(keys []uint64, records []uint32) {
	pairs := make([]keyed, len(keys))
	for i := range keys {
		pairs[i] = keyed{keys[i], records[i]}
	}
	slices.SortFunc(pairs, func(a, b keyed) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		return cmp.Compare(a.record, b.record)
	})
	for i, p := range pairs {
		keys[i], records[i] = p.key, p.record
	}
}
