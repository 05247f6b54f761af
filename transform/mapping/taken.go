package mapping

import (
	"fmt"
	"iter"

	"github.com/sihctl/sih"
)

// fate is what becomes of a record that other tables take in.
type fate uint8

// The fates, the better ones above.
const (
	notTaken fate = iota
	takenExcluded
	takenRejected
	takenIn
)

// takenRow says what becomes of a row of a chunk, and into which table it went.
type takenRow struct {
	fate fate
	by   string
}

// findTakers finds which rows of the chunk are taken in by records of other
// tables, and what became of those.
func (r *Runner) findTakers(chunk int, rows func() iter.Seq2[[]sih.Raw, error]) error {
	p := r.plan
	r.taken = r.taken[:0]
	for i := range p.takers {
		t := &p.takers[i]
		set := keySet{numbers: map[string]int32{}}
		for row, err := range rows() {
			if err != nil {
				return err
			}
			set.add(p.Corrected(row, r.fix, nil), t.join.theirs)
		}
		for len(r.taken) < len(set.slot) {
			r.taken = append(r.taken, takenRow{})
		}
		if err := r.findTaker(chunk, t, &set); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) findTaker(chunk int, t *taker, set *keySet) error {
	p := r.plan
	own, err := p.setting.Index(t.join.index)
	if err != nil {
		return err
	}
	here := make([]bool, len(set.slot))
	mark := func(c, row int) {
		if c == chunk && row < len(here) {
			here[row] = true
		}
	}
	fold := newFold(t.join, len(set.numbers))
	fold.taken = mark
	if err := fold.find(own, set); err != nil {
		return fmt.Errorf("%s: %w", t.join.spec.Name, err)
	}
	if t.join.spec.All == nil {
		for _, at := range fold.place {
			if at != (place{}) {
				mark(int(at.chunk-1), int(at.row))
			}
		}
	}
	fates, err := t.plan.setting.Index(t.fates)
	if err != nil {
		return err
	}
	best := make([]fate, len(set.numbers))
	keys, numbers := set.sorted()
	err = fates.Find(keys, func(key, _, _ int, fields []sih.Raw) error {
		n := numbers[key]
		best[n] = max(best[n], fateOf[fields[0].Text])
		return nil
	})
	for row, slot := range set.slot {
		if slot >= 0 && here[row] && best[slot] > r.taken[row].fate {
			r.taken[row] = takenRow{best[slot], t.plan.Table.Name}
		}
	}
	return err
}

// fateOf reads what an index of fates holds.
var fateOf = map[string]fate{"accepted": takenIn, "joined": takenIn, "excluded": takenExcluded, "rejected": takenRejected}

// unmade says what becomes of a record of which nothing was made: it is joined
// where another table has taken it in.
func (r *Runner) unmade() {
	m := r.meta
	f := r.plan.File
	if !f.Joined {
		r.exclude("holds nothing that is mapped")
		return
	}
	var t takenRow
	if r.number < len(r.taken) {
		t = r.taken[r.number]
	}
	switch t.fate {
	case takenIn:
		m.Joined++
		r.left("joined", "taken in by "+t.by, 0, "")
	case takenExcluded:
		r.exclude("belongs to a record of " + t.by + " that is excluded")
	case takenRejected:
		r.rejectRow(fault{reason: sih.R16, detail: "belongs to a record of " + t.by + " that was rejected"})
	default:
		if f.Otherwise != "" {
			r.exclude(f.Otherwise)
			return
		}
		r.rejectRow(fault{reason: sih.R04, detail: "no record takes it in"})
	}
}
