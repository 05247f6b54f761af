package reconcile

import (
	"cmp"
	"math"
	"slices"
)

// SampleSize returns how many of a population must be looked at so that, with
// no error found among them, one may say with the given confidence (0.95) that
// at most the given share (0.01) of the population is wrong: the smallest n for
// which the chance to draw only right ones, were just more than that share
// wrong, is at most 1 - confidence. It draws without putting back: a small
// population is looked at whole where it must be. This is the auditor's
// discovery sampling.
func SampleSize(population int64, confidence, tolerable float64) int64 {
	if population <= 0 || !(confidence > 0) {
		return 0
	}
	wrong := int64(math.Floor(tolerable*float64(population))) + 1
	if confidence >= 1 || !(tolerable >= 0) || wrong > population {
		return population
	}
	left := math.Log(1 - confidence)
	chance := 0.0 // of having drawn right ones only, as a logarithm
	for n := int64(0); n < population; n++ {
		if chance <= left {
			return n
		}
		right := population - wrong - n
		if right <= 0 {
			return n + 1
		}
		chance += math.Log(float64(right)) - math.Log(float64(population-n))
	}
	return population
}

// Allot deals n draws out to strata of the given sizes by the square roots of
// these, so that the largest does not take all, and at least one to each that
// is not empty, even if that makes more than n. No stratum gets more than it
// has.
func Allot(n int64, sizes []int64) []int64 {
	out := make([]int64, len(sizes))
	var dealt int64
	for i, s := range sizes {
		if s > 0 {
			out[i] = 1
			dealt++
		}
	}
	for dealt < n {
		// The next draw goes to the stratum that has fewest for its size; ties go
		// to the first.
		best, least := -1, math.Inf(1)
		for i, s := range sizes {
			if out[i] < s {
				if v := float64(out[i]) / math.Sqrt(float64(s)); v < least {
					best, least = i, v
				}
			}
		}
		if best < 0 {
			break
		}
		out[best]++
		dealt++
	}
	return out
}

// Draw returns k different numbers below n, ascending: a simple random sample,
// which whoever knows the seed can draw again.
func Draw(seed uint64, n, k int64) []int64 {
	if k >= n {
		k = n
	}
	if k <= 0 {
		return nil
	}
	// Floyd's method: k steps, whatever n is.
	x := seed
	next := func() uint64 { // SplitMix64
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	taken := make(map[int64]bool, k)
	for j := n - k; j < n; j++ {
		t := int64(next() % uint64(j+1))
		if taken[t] {
			t = j
		}
		taken[t] = true
	}
	out := make([]int64, 0, k)
	for t := range taken {
		out = append(out, t)
	}
	slices.SortFunc(out, cmp.Compare[int64])
	return out
}
