package match

// A worker scores blocks of one pass.
type worker struct {
	*runner
	comparer comparer
	pass     int
	records  []uint32
	scored   uint64
	kept     []Pair

	// rows and seen are those of the records at work, side by side: a block's
	// records lie anywhere in memory, and waiting for them one by one takes
	// longer than comparing them.
	rows, seen []uint32
	fresh      []block // those of the blocks at work that hold a new pair
	touched    uint32  // what gather read
}

// gathered is about how many records are brought side by side at a time, so
// that they stay in the processor's nearest memory.
const gathered = 256

// blocks scores blocks, as many at a time as are gathered.
func (w *worker) blocks(blocks []block) {
	for len(blocks) > 0 {
		n, records := 0, uint32(0)
		for n < len(blocks) && (n == 0 || records+blocks[n].size() <= gathered) {
			records += blocks[n].size()
			n++
		}
		w.some(blocks[:n], int(records))
		blocks = blocks[n:]
	}
}

// some scores blocks that have so many records together.
func (w *worker) some(blocks []block, records int) {
	w.seen = w.gather(w.seen, blocks, records, w.runner.seen, len(w.plan.passes), w.pass)
	w.fresh = w.fresh[:0]
	at, seen := 0, w.seen
	for _, g := range blocks {
		n := int(g.size())
		if anyUnmet(seen[:n*w.pass], n, w.pass) {
			w.fresh = append(w.fresh, g)
			copy(w.seen[at*w.pass:], seen[:n*w.pass])
			at += n
		}
		seen = seen[n*w.pass:]
	}
	w.rows = w.gather(w.rows, w.fresh, at, w.runner.rows, w.stride, w.stride)
	w.touchDays()
	at = 0
	for _, g := range w.fresh {
		w.block(w.records[g.start:g.end], w.seen[at*w.pass:], w.rows[at*w.stride:])
		at += int(g.size())
	}
}

// anyUnmet tells whether two of n records have not met in one of the passes
// before.
func anyUnmet(seen []uint32, n, passes int) bool {
	for i := range n {
		for j := i + 1; j < n; j++ {
			if !met(seen[i*passes:][:passes], seen[j*passes:]) {
				return true
			}
		}
	}
	return false
}

// gather brings together the first n words of what the blocks' records have in
// from, which has so many words for each.
func (w *worker) gather(to []uint32, blocks []block, records int, from []uint32, words, n int) []uint32 {
	if cap(to) < records*n {
		to = make([]uint32, records*n)
	}
	to = to[:records*n]
	if n == 0 {
		return to
	}
	// Reading a word of each first lets the processor wait for many at a time.
	touched := uint32(0)
	for _, g := range blocks {
		for _, r := range w.records[g.start:g.end] {
			touched |= from[int(r)*words]
		}
	}
	w.touched = touched
	at := to
	for _, g := range blocks {
		for _, r := range w.records[g.start:g.end] {
			start := int(r) * words
			copy(at[:n], from[start:start+n])
			at = at[n:]
		}
	}
	return to
}

// touchDays reads the dates of the records at work, so that the processor waits
// for many at a time here and not for one at each pair.
func (w *worker) touchDays() {
	for _, i := range w.plan.plain {
		x := &w.plan.comparisons[i]
		if x.kind != dateField {
			continue
		}
		days := w.calendars[x.texts].days
		for at := x.at; at < len(w.rows); at += w.stride {
			w.touched |= days[w.rows[at]].digits
		}
	}
}

// block scores the pairs of a block, whose records lie side by side.
func (w *worker) block(records, seen, rows []uint32) {
	stride, passes := w.stride, w.pass
	least := w.review - w.prior
	for i, a := range records {
		rowA, seenA := rows[i*stride:][:stride], seen[i*passes:][:passes]
		for j := i + 1; j < len(records); j++ {
			if met(seenA, seen[j*passes:]) {
				continue
			}
			b := records[j]
			if w.across && w.lists[a] == w.lists[b] {
				continue
			}
			w.scored++
			v, weight, stop := w.comparer.levels(rowA, rows[j*stride:][:stride], least)
			if stop {
				continue
			}
			if p, ok := w.judge(v, weight); ok {
				p.A, p.B, p.Pass = a, b, uint8(w.pass)
				w.kept = append(w.kept, p)
			}
		}
	}
}

// met tells whether two records shared a block of an earlier pass.
func met(a, b []uint32) bool {
	b = b[:len(a)]
	for i, x := range a {
		if x == b[i] && x != 0 {
			return true
		}
	}
	return false
}

// judge puts a pair that is likely enough into its band, or drops it when a
// rule keeps the two apart.
func (r *runner) judge(v vector, weight int32) (Pair, bool) {
	rule, verdict := r.plan.verdict(v, weight+r.prior)
	p := Pair{Weight: weight, Rule: uint8(rule), Band: BandReview}
	switch verdict {
	case Apart:
		return p, false
	case Merge:
		p.Band = BandMerge
	case None, Weigh:
		if weight+r.prior >= r.merge {
			p.Band = BandMerge
		}
	}
	return p, true
}
