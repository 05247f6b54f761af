package match

import (
	"iter"

	"github.com/sihctl/sih"
)

// moveMinors takes the numbers of people who are too young to have one for
// another person's, as the fields say.
func (f *frozen) moveMinors(asOf sih.Date) {
	if asOf == 0 {
		return
	}
	for i := range f.plan.fields {
		m := &f.plan.fields[i].minors
		if !m.set {
			continue
		}
		own, to, birth := f.plan.fields[i].slot, f.plan.fields[m.to].slot, f.plan.fields[m.birth].slot
		days := f.calendars[f.plan.fields[m.birth].texts].days
		y, month, d := asOf.Civil()
		since, ok := sih.DateOf(y-m.under, month, d)
		if !ok { // a 29 February
			since, _ = sih.DateOf(y-m.under, 3, 1)
		}
		for at := 0; at < len(f.rows); at += f.stride {
			row := f.rows[at : at+f.stride]
			w, b := own.of(row), birth.of(row)
			if w == 0 || b == 0 || days[b].first <= int32(since) {
				continue
			}
			row[own.at] = 0
			if row[to.at] == 0 {
				row[to.at] = w
			}
		}
	}
}

// dropCrowded makes values missing that more records have than the field allows.
func (f *frozen) dropCrowded() {
	for field := range f.plan.fields {
		most := f.model.Fields[field].Most
		if most == 0 {
			continue
		}
		s := f.plan.fields[field].slot
		for n := range f.sameValue(s) {
			if len(n) <= most {
				continue
			}
			for _, r := range n {
				f.row(r)[s.at] &^= s.mask << s.shift
			}
		}
	}
}

// sameValue yields the records that have one value of a field, value by value.
func (f *frozen) sameValue(s slot) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		holders := f.holders(s)
		for len(holders) > 0 {
			code := s.of(f.row(holders[0]))
			n := 1
			for n < len(holders) && s.of(f.row(holders[n])) == code {
				n++
			}
			if !yield(holders[:n]) {
				return
			}
			holders = holders[n:]
		}
	}
}

// markShared marks, for each field that says when, the values that belong to
// several people.
func (f *frozen) markShared() {
	for field := range f.plan.fields {
		p := &f.plan.fields[field]
		if p.above == 0 {
			continue
		}
		d := f.dictionaries[p.texts]
		d.shared = make([]bool, d.len())
		c := comparer{frozen: f}
		for n := range f.sameValue(p.slot) {
			d.shared[p.of(f.row(n[0]))] = len(n) > p.above || c.disagree(n, p.shared)
		}
	}
}

// holders returns the records that have the field, those of one value side by
// side.
func (f *frozen) holders(s slot) []uint32 {
	var keys []uint64
	var out []uint32
	for i := range f.ids {
		if w := s.of(f.row(uint32(i))); w != 0 {
			keys, out = append(keys, uint64(w)<<32), append(out, uint32(i))
		}
	}
	sortByKey(keys, out, new(sorter))
	return out
}

// disagree tells whether two of the records fit all of one list of conditions.
func (c *comparer) disagree(records []uint32, any [][]condition) bool {
	for i, a := range records {
		for _, b := range records[:i] {
			for _, all := range any {
				if c.fit(c.row(a), c.row(b), all) {
					return true
				}
			}
		}
	}
	return false
}

func (c *comparer) fit(a, b []uint32, all []condition) bool {
	for _, cond := range all {
		n, _, _ := c.compare(cond.comparison, a, b)
		if cond.allow>>n&1 == 0 {
			return false
		}
	}
	return true
}
