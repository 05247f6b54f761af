package match

import "slices"

// A worker scores blocks of one pass.
type worker struct {
	*runner
	comparer comparer
	pass     int
	records  []uint32
	scored   uint64
	kept     []Pair

	// What follows is of the records at work, side by side: a block's records
	// lie anywhere in memory, and waiting for them one by one takes longer than
	// comparing them.
	all, fresh []uint32 // the records; those of them that are in a block with a new pair
	seen       []uint64 // of all, two passes in each
	rows       []uint32 // of fresh, as what follows
	codes      []uint32
	days       []day
	todo       []pairAt
	touched    uint32 // what gather read
}

// A pairAt is a pair of the records at work, and its opening as far as it is
// known.
type pairAt struct {
	a, b    uint16
	opening uint32
}

// gathered is about how many records are brought side by side at a time, so
// that they stay in the processor's nearest memory.
const gathered = 256

// A meeting is a block whose records are compared with each other, or, where
// there is a second one, two parts of a large block, of which only the records
// of different parts are.
type meeting struct{ block, with block }

func (m *meeting) size() uint32 { return m.block.size() + m.with.size() }

// blocks scores blocks, as many at a time as are gathered.
func (w *worker) blocks(blocks []block) {
	var together []meeting
	records := uint32(0)
	add := func(m meeting) {
		if records+m.size() > gathered {
			w.some(together)
			together, records = together[:0], 0
		}
		together, records = append(together, m), records+m.size()
	}
	for _, g := range blocks {
		if g.size() <= gathered {
			add(meeting{block: g})
			continue
		}
		const part = gathered / 2
		for a := g.start; a < g.end; a += part {
			first := block{a, min(a+part, g.end)}
			add(meeting{block: first})
			for b := first.end; b < g.end; b += part {
				add(meeting{first, block{b, min(b+part, g.end)}})
			}
		}
	}
	w.some(together)
}

// some scores the pairs of meetings.
func (w *worker) some(meetings []meeting) {
	w.all = w.all[:0]
	for _, m := range meetings {
		w.all = append(w.all, w.records[m.block.start:m.block.end]...)
		w.all = append(w.all, w.records[m.with.start:m.with.end]...)
	}
	w.gatherSeen()
	w.fresh, w.todo = w.fresh[:0], w.todo[:0]
	all, seen := w.all, w.seen
	for _, m := range meetings {
		n, half := int(m.size()), 0
		if m.with.size() > 0 {
			half = int(m.block.size())
		}
		if w.unmet(all[:n], seen, half) {
			w.fresh = append(w.fresh, all[:n]...)
		}
		all, seen = all[n:], seen[n*lanes(w.pass):]
	}
	w.gatherRows()
	w.scored += uint64(len(w.todo))
	w.sift()
	w.compare()
}

// unmet notes the pairs that have met in none of the passes before, and tells
// whether there are any: of all these records, or only between the first half
// of them and the rest.
func (w *worker) unmet(records []uint32, seen []uint64, half int) bool {
	before, first, words := len(w.todo), len(w.fresh), lanes(w.pass)
	n := len(records)
	if half > 0 {
		n = half
	}
	for i, a := range records[:n] {
		seenA := seen[i*words:][:words]
		j := max(i+1, half)
		for rest := seen[j*words:]; j < len(records); j++ {
			if !anySame(seenA, rest) && !(w.across && w.lists[a] == w.lists[records[j]]) {
				w.todo = append(w.todo, pairAt{uint16(first + i), uint16(first + j), 0})
			}
			rest = rest[words:]
		}
	}
	return len(w.todo) > before
}

// lanes returns how many words hold the blocks of so many passes, two in each.
func lanes(passes int) int { return (passes + 1) / 2 }

// gatherSeen brings together the blocks that the records had in the passes
// before. Where a record had none it gets a number that no other has.
func (w *worker) gatherSeen() {
	passes := len(w.plan.passes)
	w.touch(w.all, w.runner.seen, passes, w.pass)
	w.seen = w.seen[:0]
	for i, r := range w.all {
		none := uint32(i) | 1<<31
		have := w.runner.seen[int(r)*passes:][:w.pass]
		for ; len(have) > 1; have = have[2:] {
			w.seen = append(w.seen, uint64(orElse(have[0], none))|uint64(orElse(have[1], none))<<32)
		}
		if len(have) > 0 {
			w.seen = append(w.seen, uint64(orElse(have[0], none))|uint64(none)<<32)
		}
	}
}

func orElse(x, other uint32) uint32 {
	if x == 0 {
		x = other
	}
	return x
}

// touch reads where each of the records begins and ends in from, so that the
// processor waits for many at a time.
func (w *worker) touch(records, from []uint32, words, n int) {
	if n == 0 {
		return
	}
	touched := uint32(0)
	for _, r := range records {
		touched |= from[int(r)*words] | from[int(r)*words+n-1]
	}
	w.touched = touched
}

// gatherRows brings together the rows of the records with a new pair.
func (w *worker) gatherRows() {
	w.touch(w.fresh, w.runner.rows, w.stride, w.stride)
	w.rows = slices.Grow(w.rows[:0], len(w.fresh)*w.stride)[:len(w.fresh)*w.stride]
	at := w.rows
	for _, r := range w.fresh {
		have := w.runner.rows[int(r)*w.stride:]
		if w.stride == mostWords32 { // as large models have it: no loop, no call
			*(*[mostWords32]uint32)(at) = [mostWords32]uint32(have)
		} else {
			copy(at, have[:w.stride])
		}
		at = at[w.stride:]
	}
}

// sift finds the openings of the pairs to do, and drops those that are kept apart
// by these. One comparison is made of all pairs before the next.
func (w *worker) sift() {
	for k := range w.plan.first {
		s := &w.plan.first[k]
		w.codes = w.codes[:0]
		for at := s.at; at < len(w.rows); at += w.stride {
			w.codes = append(w.codes, w.rows[at]>>(s.shift&31)&s.mask)
		}
		switch {
		case s.kind == dateField:
			w.dates(s)
		case s.word:
			for i := range w.todo {
				p := &w.todo[i]
				p.opening = p.opening*3 + wordState(w.codes[p.a], w.codes[p.b])
			}
		case s.byFlags != nil:
			for i := range w.todo {
				p := &w.todo[i]
				p.opening = p.opening*s.states + uint32(s.byFlags[w.codes[p.a]|w.codes[p.b]])
			}
		default:
			for i := range w.todo {
				p := &w.todo[i]
				p.opening = p.opening*s.states + w.comparer.state(s, w.codes[p.a], w.codes[p.b])
			}
		}
	}
	if w.comparer.thorough {
		return
	}
	left := w.todo[:0]
	for _, p := range w.todo {
		if !w.plan.openings[p.opening].apart {
			left = append(left, p)
		}
	}
	w.todo = left
}

// dates makes a comparison of dates of all pairs to do.
func (w *worker) dates(s *firstStep) {
	days := w.calendars[s.texts].days
	w.days = w.days[:0]
	for _, code := range w.codes {
		w.days = append(w.days, days[code])
	}
	for i := range w.todo {
		p := &w.todo[i]
		p.opening *= s.states
		if va, vb := w.codes[p.a], w.codes[p.b]; va != 0 && vb != 0 {
			p.opening += uint32(dateLevel(s.comparison, &w.days[p.a], &w.days[p.b], va == vb))
		}
	}
}

// compare scores the pairs to do.
func (w *worker) compare() {
	least := w.review - w.prior
	for _, p := range w.todo {
		a, b := w.rows[int(p.a)*w.stride:][:w.stride], w.rows[int(p.b)*w.stride:][:w.stride]
		v, weight, stop := w.comparer.rest(&w.plan.openings[p.opening], a, b, least)
		if stop {
			continue
		}
		if x, ok := w.judge(v, weight); ok {
			x.A, x.B, x.Pass = w.fresh[p.a], w.fresh[p.b], uint8(w.pass)
			w.kept = append(w.kept, x)
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
