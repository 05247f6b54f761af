package match

import "github.com/sihctl/sih"

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
			f.moved[i]++
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
		holders := f.holders(p.slot)
		c := comparer{frozen: f}
		for len(holders) > 0 {
			code := p.of(f.row(holders[0]))
			n := 1
			for n < len(holders) && p.of(f.row(holders[n])) == code {
				n++
			}
			d.shared[code] = n > p.above || c.disagree(holders[:n], p.shared)
			holders = holders[n:]
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
