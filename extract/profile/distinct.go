package profile

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/sihctl/sih/extract"
)

// hash returns 64 bits of s, the same on every machine and in every run, so
// that equal inputs give equal estimates. It folds eight bytes at a time with
// the multiplication of wyhash; who chooses the values could make them
// collide, and would gain nothing by it.
func hash(s string, h uint64) uint64 {
	const a, b = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	h ^= uint64(len(s)) * b
	for ; len(s) >= 8; s = s[8:] {
		h = fold(h^binary.LittleEndian.Uint64([]byte(s[:8])), a)
	}
	if s != "" {
		var tail [8]byte
		copy(tail[:], s)
		h = fold(h^binary.LittleEndian.Uint64(tail[:]), a)
	}
	return fold(h^a, b)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// sketch estimates how many distinct hashes it was shown: HyperLogLog (Flajolet
// et al., 2007) with 2^14 registers, whose standard error is 0.8 %.
type sketch struct{ registers [1 << sketchBits]uint8 }

const sketchBits = 14

func (s *sketch) add(h uint64) {
	rank := uint8(bits.LeadingZeros64(h<<sketchBits|1<<(sketchBits-1)) + 1)
	if r := &s.registers[h>>(64-sketchBits)]; rank > *r {
		*r = rank
	}
}

func (s *sketch) count() int64 {
	const m = 1 << sketchBits
	sum, zeros := 0.0, 0
	for _, r := range s.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && zeros > 0 {
		estimate = m * math.Log(m/float64(zeros)) // few: count the empty registers
	}
	return int64(math.Round(estimate))
}

// keys finds rows whose key a row before had.
type keys struct {
	at              []int
	seen            hashSet
	repeated, nulls int64
}

func newKeys(at []int) *keys { return &keys{at: at} }

func (k *keys) add(row extract.Row) {
	h, null := uint64(0), false
	for _, i := range k.at {
		null = null || row[i].Null
		h = hash(row[i].Text, h+1)
		if row[i].Null {
			h++ // NULL is no empty text
		}
	}
	if null {
		k.nulls++
	}
	if k.seen.add(h) {
		k.repeated++
	}
}

// maxKeys is how many keys a hashSet takes where it is not said: 16 MiB of
// slots.
const maxKeys = 1 << 20

// hashSet is a set of hashes by open addressing, half empty at least. Zero
// marks an empty slot.
type hashSet struct {
	most  int // hashes that are taken; 0 stands for maxKeys
	slots []uint64
	n     int
	full  bool // something was not taken
}

// add tells whether h is there already, and takes it where there is room.
func (s *hashSet) add(h uint64) bool {
	h = max(h, 1)
	most := cmp.Or(s.most, maxKeys)
	if 2*(s.n+1) > len(s.slots) && s.n < most {
		old := s.slots
		s.slots = make([]uint64, max(1024, 2*len(old)))
		for _, o := range old {
			if o != 0 {
				s.slots[s.slot(o)] = o
			}
		}
	}
	i := s.slot(h)
	switch {
	case s.slots[i] == h:
		return true
	case s.n == most:
		s.full = true
	default:
		s.slots[i] = h
		s.n++
	}
	return false
}

// slot returns where h stands, or else where it would.
func (s *hashSet) slot(h uint64) int {
	mask := len(s.slots) - 1
	i := int(h) & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return i
}
