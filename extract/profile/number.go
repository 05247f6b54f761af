package profile

import "math"

// number is what is seen of a decimal number.
type number struct {
	value    float64
	decimals int
	comma    bool
	zero     bool // begins with a needless zero
}

// parseNumber reads a decimal number of at most 15 digits, which is what a
// float64 holds exactly.
func parseNumber(s string) (n number, ok bool) {
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	whole, digits, mark := uint64(0), 0, -1
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			whole = whole*10 + uint64(c-'0')
			digits++
		case (c == '.' || c == ',') && mark < 0 && i > 0:
			mark = i
			n.comma = c == ','
		default:
			return number{}, false
		}
		if digits > 15 {
			return number{}, false
		}
	}
	if digits == 0 || mark == len(s)-1 {
		return number{}, false
	}
	if mark >= 0 {
		n.decimals = len(s) - 1 - mark
	}
	n.zero = s[0] == '0' && digits-n.decimals > 1
	n.value = float64(whole) / math.Pow10(n.decimals)
	if negative {
		n.value = -n.value
	}
	return n, true
}

// outwards rounds a range to two digits so that it grows.
func outwards(low, high float64) (float64, float64) {
	return round(low, math.Floor), round(high, math.Ceil)
}

func round(v float64, to func(float64) float64) float64 {
	if v == 0 {
		return 0
	}
	places := int(math.Floor(math.Log10(math.Abs(v)))) - 1
	// A power of ten below one has no exact float64: multiply by its inverse.
	if places < 0 {
		scale := math.Pow10(-places)
		return to(v*scale) / scale
	}
	scale := math.Pow10(places)
	return to(v/scale) * scale
}
