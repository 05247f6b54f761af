package match

import "math/bits"

// The hash below is fixed, not seeded: signatures must be the same in every
// run. It has the shape of wyhash's path for short strings.
const (
	hashA = 0xa0761d6478bd642f
	hashB = 0xe7037ed1a0b428db
)

// mix joins two words into one in which every bit of both counts.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^hashA, b^hashB)
	return hi ^ lo
}

func hashText(s string) uint64 {
	h := mix(uint64(len(s)), hashB)
	for len(s) > 8 {
		h = mix(h, word(s))
		s = s[8:]
	}
	return mix(h, word(s))
}

// word reads at most eight bytes of s.
func word(s string) (w uint64) {
	if len(s) >= 8 {
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	}
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	return w
}

// signature is the 32 bits kept of a value that is only ever tested for
// equality. It is never 0, which means missing.
func signature(s string) uint32 {
	return max(uint32(hashText(s)>>32), 1)
}
