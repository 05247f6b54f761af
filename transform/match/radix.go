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

// A sorter holds what sorting needs beside its input, to be used again.
type sorter struct {
	keys    []uint64
	records []uint32
	made    []uint64 // keys of the last pass
}

// sortByKey brings records of equal key together, each group in ascending
// order of record when the records were. The order of the groups is that of
// the keys' upper bits and has no further meaning. Small inputs are sorted by
// comparison.
func sortByKey(keys []uint64, records []uint32, s *sorter) {
	n := len(keys)
	if n < digits {
		sortPairs(keys, records)
		return
	}
	if cap(s.keys) < n {
		s.keys, s.records = make([]uint64, n), make([]uint32, n)
	}
	// One reading counts the digits of all rounds.
	var start [3][digits]uint32
	for _, k := range keys {
		start[0][k>>(64-sortBits)&(digits-1)]++
		start[1][k>>(64-2*digitBits)&(digits-1)]++
		start[2][k>>(64-digitBits)]++
	}
	// The number of rounds is odd, so the result ends in the second buffer and
	// is copied back.
	from, to := keys, s.keys[:n]
	fromRec, toRec := records, s.records[:n]
	for round := range start {
		at := &start[round]
		sum := uint32(0)
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		shift := 64 - sortBits + round*digitBits
		for i, k := range from {
			p := &at[k>>shift&(digits-1)]
			to[*p], toRec[*p] = k, fromRec[i]
			*p++
		}
		from, to = to, from
		fromRec, toRec = toRec, fromRec
	}
	copy(keys, from)
	copy(records, fromRec)
	for start := 0; start < n; {
		end, mixed := start+1, false
		for end < n && keys[end]>>(64-sortBits) == keys[start]>>(64-sortBits) {
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
