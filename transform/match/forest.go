package match

// A forest is a set of trees over records.
type forest []uint32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = uint32(i)
	}
	return f
}

func (f forest) root(x uint32) uint32 {
	for f[x] != x {
		f[x] = f[f[x]]
		x = f[x]
	}
	return x
}

// join joins two trees, and tells whether they were two. The smaller root
// stays.
func (f forest) join(x, y uint32) bool {
	x, y = f.root(x), f.root(y)
	f[max(x, y)] = min(x, y)
	return x != y
}
