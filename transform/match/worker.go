package match

import "slices"

// A worker scores blocks of one pass.
type worker struct {
	*runner
	comparer comparer
	pass     int
	records  []uint32
	scored   uint64
	kept     [][]Pair

	// What follows is of the records at work, side by side: a block's records
	// lie anywhere in memory, and waiting for them one by one takes longer than
	// comparing them.
	all      []uint32
	meetings []meeting        // of these records
	seen     []uint64         // of all, two passes in each
	rows     []uint32         // of the alive
	alive    []uint8          // the records in a pair still to do
	codes    [gathered]uint32 // of the alive, of the comparison at work
	days     [gathered]day    // theirs
	todo     []pairAt
	found    []finding // of todo, once the first view has been taken
	touched  uint32    // what gather read
}

// A pairAt is a pair of the records at work, and the number of what the view
// at work tells of it, as far as it is known.
type pairAt struct {
	a, b uint8
	told uint32
}

// gathered is about how many records are brought side by side at a time, so
// that they stay in the processor's nearest memory.
const gathered = 256

// A meeting is records at work that are compared with each other, from where
// the meeting before ends; or, where half is set, two parts of a large block,
// of which only the records of different parts are.
type meeting struct{ half, end int }

// blocks scores blocks, as many at a time as are gathered.
func (w *worker) blocks(blocks []block) {
	meet := func(g, with block) {
		if len(w.all)+int(g.size()+with.size()) > gathered {
			w.some()
		}
		m := meeting{}
		w.all = append(w.all, w.records[g.start:g.end]...)
		if with.size() > 0 {
			m.half = len(w.all)
			w.all = append(w.all, w.records[with.start:with.end]...)
		}
		m.end = len(w.all)
		w.meetings = append(w.meetings, m)
	}
	for _, g := range blocks {
		if g.size() <= gathered {
			meet(g, block{})
			continue
		}
		const part = gathered / 2
		for a := g.start; a < g.end; a += part {
			first := block{a, min(a+part, g.end)}
			meet(first, block{})
			for b := first.end; b < g.end; b += part {
				meet(first, block{b, min(b+part, g.end)})
			}
		}
	}
	w.some()
}

// some scores the pairs of the records at work, and is then done with them.
func (w *worker) some() {
	w.gatherSeen()
	w.unmet()
	w.revive()
	w.gatherRows()
	w.scored += uint64(len(w.todo))
	w.sift()
	w.compare()
	w.all, w.meetings = w.all[:0], w.meetings[:0]
}

// unmet finds the pairs that have met in none of the passes before.
func (w *worker) unmet() {
	const most = gathered * (gathered - 1) / 2
	w.todo = slices.Grow(w.todo[:0], most)[:most]
	todo, all, words, start, n := w.todo, w.seen, lanes(w.pass), 0, 0
	for _, m := range w.meetings {
		end, with := m.end, start
		if m.half > 0 {
			end, with = m.half, m.half
		}
		for a := start; a < end; a++ {
			with = max(with, a+1)
			seen, rest := all[a*words:][:words], all[with*words:]
			for b := with; b < m.end; b++ {
				todo[n] = pairAt{a: uint8(a), b: uint8(b)}
				n += one(!anySame(seen, rest))
				rest = rest[words:]
			}
		}
		start = m.end
	}
	w.todo = w.todo[:n]
	if w.across {
		w.todo = slices.DeleteFunc(w.todo, func(p pairAt) bool { return w.lists[w.all[p.a]] == w.lists[w.all[p.b]] })
	}
}

// lanes returns how many words hold the blocks of so many passes, two in each.
func lanes(passes int) int { return (passes + 1) / 2 }

// gatherSeen brings together the blocks that the records had in the passes
// before.
func (w *worker) gatherSeen() {
	all, from, passes, pass, words := w.all, w.runner.seen, len(w.plan.passes), w.pass, lanes(w.pass)
	if pass == 0 {
		return
	}
	touched := uint32(0)
	for _, r := range all {
		touched |= from[int(r)*passes] | from[int(r)*passes+pass-1]
	}
	w.touched = touched
	w.seen = slices.Grow(w.seen[:0], gathered*words)[:gathered*words]
	seen := w.seen
	for k, r := range all {
		have, to := from[int(r)*passes:][:pass], seen[k*words:][:words]
		for i := range pass / 2 {
			to[i] = uint64(have[2*i]) | uint64(have[2*i+1])<<32
		}
		if pass%2 > 0 {
			to[words-1] = uint64(have[pass-1]) | uint64(r)<<32 | 1<<63
		}
	}
}

// gatherRows brings together the rows of the alive. All are read before any is
// kept, so that the processor waits for many at a time.
func (w *worker) gatherRows() {
	all, rows, stride := w.all, w.runner.rows, w.stride
	touched := uint32(0)
	for _, i := range w.alive {
		touched |= rows[int(all[i])*stride]
	}
	w.touched = touched
	w.rows = slices.Grow(w.rows[:0], gathered*stride)[:gathered*stride]
	to := w.rows
	if stride == mostWords32 { // as large models have it: no call
		for _, i := range w.alive {
			*(*[mostWords32]uint32)(to[int(i)*mostWords32:]) = [mostWords32]uint32(rows[int(all[i])*mostWords32:])
		}
		return
	}
	for _, i := range w.alive {
		copy(to[int(i)*stride:], rows[int(all[i])*stride:][:stride])
	}
}

// sift takes one view of the pairs to do after the other, and drops the pairs
// that these keep apart. One comparison is made of all pairs before the next.
func (w *worker) sift() {
	thorough := w.comparer.thorough
	first := &w.plan.views[0]
	w.look(first)
	n := 0
	for _, p := range w.todo {
		w.todo[n] = p
		n += one(thorough || !first.told[p.told].apart)
	}
	w.todo = w.todo[:n]
	w.found = slices.Grow(w.found[:0], n)[:n]
	for i := range w.todo {
		w.found[i], w.todo[i].told = first.told[w.todo[i].told].finding, 0
	}
	for k := range w.plan.views[1:] {
		v := &w.plan.views[k+1]
		w.revive()
		w.look(v)
		n := 0
		for i, p := range w.todo {
			f := &w.found[i]
			f.join(&v.told[p.told].finding, len(w.plan.caps))
			if thorough || !w.plan.keepApart(f.could, f.unknown|v.later) {
				if n < i {
					w.found[n] = *f
				}
				w.todo[n] = pairAt{a: p.a, b: p.b}
				n++
			}
		}
		w.todo, w.found = w.todo[:n], w.found[:n]
	}
}

// revive notes which records are in a pair still to do.
func (w *worker) revive() {
	var in [gathered]bool
	for _, p := range w.todo {
		in[p.a], in[p.b] = true, true
	}
	n := 0
	w.alive = slices.Grow(w.alive[:0], gathered)[:gathered]
	for i := range w.all {
		w.alive[n] = uint8(i)
		n += one(in[uint8(i)])
	}
	w.alive = w.alive[:n]
}

// one returns 1 for true: without a branch, which the processor would
// often guess wrongly.
func one(yes bool) (n int) {
	if yes {
		n = 1
	}
	return n
}

// look takes a view of all pairs to do.
func (w *worker) look(v *view) {
	todo, codes := w.todo, &w.codes
	for k := range v.looks {
		s := &v.looks[k]
		states := s.states
		w.encode(s)
		switch {
		case s.kind == dateField:
			w.dates(s)
		case s.byFlags != nil:
			byFlags := s.byFlags
			for i := range todo {
				p := &todo[i]
				p.told = p.told*states + uint32(byFlags[codes[p.a]|codes[p.b]])
			}
		case s.closer == 0:
			for i := range todo {
				p := &todo[i]
				p.told = p.told*states + wordState(codes[p.a], codes[p.b])
			}
		default:
			closer := s.closer
			for i := range todo {
				p := &todo[i]
				state := wordState(codes[p.a], codes[p.b])
				if closer>>state&1 != 0 {
					state = w.comparer.closer(s, state, w.row(p.a), w.row(p.b))
				}
				p.told = p.told*states + state
			}
		}
	}
}

// encode brings together by what a comparison's values are the same.
func (w *worker) encode(s *look) {
	at, shift, mask, stride, rows, codes := s.at, s.shift&31, s.mask, w.stride, w.rows, &w.codes
	if keys := w.values[s.number].keys; keys != nil {
		for _, i := range w.alive {
			codes[i] = sameAs(keys, rows[int(i)*stride+at])
		}
		return
	}
	for _, i := range w.alive {
		codes[i] = rows[int(i)*stride+at] >> shift & mask
	}
}

// dates makes a comparison of dates of all pairs to do. Most are the same, or
// so unlike that only the time between them counts.
func (w *worker) dates(s *look) {
	from, codes, days := w.calendars[s.texts].days, &w.codes, &w.days
	for _, i := range w.alive {
		days[i] = from[codes[i]]
	}
	same, states := uint32(s.sameAt), s.states
	for i := range w.todo {
		p := &w.todo[i]
		va, vb, a, b := codes[p.a], codes[p.b], &days[p.a], &days[p.b]
		level := s.period(daysApart(a, b))
		known := unlike(a.digits ^ b.digits)
		if same == 1 && va == vb { // nothing goes before it
			level, known = same, 1
		}
		if !a.exact || !b.exact || known == 0 {
			level = 0
			if va != 0 && vb != 0 {
				level = dateLevel(s.comparison, a, b, va == vb)
			}
		}
		p.told = p.told*states + level
	}
}

// row returns the row of one of the records at work.
func (w *worker) row(i uint8) []uint32 { return w.rows[int(i)*w.stride:][:w.stride] }

// weigh adds to the pairs to do what the rarity of their values does, one
// comparison after the other.
func (w *worker) weigh() {
	todo, found := w.todo, w.found
	for i := range w.plan.comparisons {
		x := &w.plan.comparisons[i]
		if x.rare == 0 {
			continue
		}
		for k := range todo {
			if f := &found[k]; f.rare>>i&1 != 0 {
				p := todo[k]
				w.comparer.weigh(f, i, x, x.of(w.row(p.a)), x.of(w.row(p.b)))
			}
		}
	}
}

// compare scores the pairs to do.
func (w *worker) compare() {
	least := w.review - w.prior
	w.weigh()
	for i, p := range w.todo {
		f := &w.found[i]
		v, weight, stop := w.comparer.finish(f, w.row(p.a), w.row(p.b), least)
		if stop {
			continue
		}
		if x, ok := w.judge(v, f.could, weight); ok {
			x.A, x.B, x.Pass = w.all[p.a], w.all[p.b], uint8(w.pass)
			w.keep(x)
		}
	}
}

// keptTogether is how many pairs are kept side by side: as many as there may
// be are not known beforehand, and none is to be moved for the next.
const keptTogether = 1 << 12

func (w *worker) keep(p Pair) {
	last := len(w.kept) - 1
	if last < 0 || len(w.kept[last]) == keptTogether {
		w.kept = append(w.kept, make([]Pair, 0, keptTogether))
		last++
	}
	w.kept[last] = append(w.kept[last], p)
}

// met tells whether two records shared a block of an earlier pass.
func met(a, b []uint32) bool {
	b = b[:len(a)]
	for i, x := range a {
		if x == b[i] {
			return true
		}
	}
	return false
}

// anySame is met for what gatherSeen brought together: it tells whether a half
// of a word is the same, and looks at all of them, so that the processor has
// nothing to guess.
func anySame(a, b []uint64) bool {
	const low, high = 1<<32 | 1, 1<<63 | 1<<31
	b = b[:len(a)]
	same := uint64(0)
	for i, x := range a {
		x ^= b[i]
		same |= (x - low) &^ x & high
	}
	return same != 0
}

// judge puts a pair that is likely enough into its band, or drops it when a
// rule keeps the two apart.
func (r *runner) judge(v vector, could ruleSet, weight int32) (Pair, bool) {
	rule, verdict := r.plan.first(could, v, weight+r.prior)
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
