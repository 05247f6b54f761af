package pipeline

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// across knows what rows are held against that stand elsewhere: when a patient
// was born and died, and what a bill's lines come to. It takes 16 bytes for
// each patient's record and each bill: an id is told by its first half, of
// which two are alike once in a million migrations of a nation.
type across struct {
	lives []life
	bills []bill
	dates []int // by rank: the column of the event's time, or -1
}

type life struct {
	id         uint64
	born, died sih.Date // the earliest birth and the latest death that may be
}

type bill struct {
	id    uint64
	sum   int64 // the total, less the lines that were found; noLines where there are none
	chunk int   // that the bill stands in
}

// The bounds of what is not known.
const (
	neverBorn sih.Date = math.MinInt32
	neverDied sih.Date = math.MaxInt32
)

func half(id sih.ID) uint64 { return binary.BigEndian.Uint64(id[:8]) }

// newAcross reads the stage files of patients, bills and lines.
func newAcross(p *runPlan) (*across, error) {
	x := &across{}
	lines := []int{}
	for i, c := range p.chunks {
		r, err := stage.Open(c.path)
		if err != nil {
			return nil, err
		}
		err = x.read(i, r)
		if r.Has("claim_line") {
			lines = append(lines, i)
		}
		r.Close()
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(x.lives, func(a, b life) int { return cmp.Compare(a.id, b.id) })
	slices.SortFunc(x.bills, func(a, b bill) int { return cmp.Compare(a.id, b.id) })
	lined := make([]bool, len(x.bills))
	for _, i := range lines {
		if err := x.lines(p.chunks[i].path, lined); err != nil {
			return nil, err
		}
	}
	kept := x.bills[:0]
	for i, b := range x.bills {
		if lined[i] && b.sum != 0 {
			kept = append(kept, b)
		}
	}
	x.bills = slices.Clone(kept)
	for _, t := range sih.Tables {
		at := -1
		if t.Group == sih.Clinical && t.Name != "appointment" && t.Name != "document" && t.When != "" {
			at = t.Column(t.When)
		}
		x.dates = append(x.dates, at)
	}
	return x, nil
}

// read takes up what a chunk says.
func (x *across) read(chunk int, r *stage.Reader) error {
	for e, err := range r.Entities("source_person", "claim") {
		if err != nil {
			return err
		}
		id := half(e.Values[0].ID())
		if e.Table.Name == "claim" {
			if total := e.Get("total"); !total.IsNull() {
				x.bills = append(x.bills, bill{id, total.Int(), chunk})
			}
			continue
		}
		l := life{id, neverBorn, neverDied}
		if birth := e.Get("birth_date"); !birth.IsNull() {
			l.born = birth.PDate().First
		}
		if death := e.Get("death_ts"); !death.IsNull() {
			l.died = dayOf(death)
		}
		if l.born != neverBorn || l.died != neverDied {
			x.lives = append(x.lives, l)
		}
	}
	return nil
}

func (x *across) lines(path string, lined []bool) error {
	r, err := stage.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for e, err := range r.Entities("claim_line") {
		if err != nil {
			return err
		}
		at, ok := slices.BinarySearchFunc(x.bills, half(e.Get("claim_id").ID()), func(b bill, id uint64) int { return cmp.Compare(b.id, id) })
		if ok {
			lined[at] = true
			x.bills[at].sum -= e.Get("amount").Int()
		}
	}
	return nil
}

// life returns what is known of when a patient lived.
func (x *across) life(patient sih.ID) (life, bool) {
	i, ok := slices.BinarySearchFunc(x.lives, half(patient), func(l life, id uint64) int { return cmp.Compare(l.id, id) })
	if !ok {
		return life{}, false
	}
	return x.lives[i], true
}

// off lists the bills of a chunk whose lines do not add up.
func (x *across) off(chunk int) (list []uint64) {
	for _, b := range x.bills {
		if b.chunk == chunk {
			list = append(list, b.id)
		}
	}
	return list
}

// dayOf is the day of a moment or of a day, in UTC.
func dayOf(v sih.Value) sih.Date {
	switch v.Kind() {
	case sih.KindTS:
		return sih.Date(math.Floor(float64(sih.Timestamp(v.Int()).Time().Unix()) / 86400))
	case sih.KindPDate:
		return v.PDate().First
	}
	return sih.Date(v.Int())
}

// find says what is wrong with an entity beside the rest: at most one thing.
func (x *across) find(e *stage.Entity, patient sih.ID) (stage.Note, bool) {
	if e.Table.Name == "claim" {
		_, off := slices.BinarySearchFunc(x.bills, half(e.Values[0].ID()), func(b bill, id uint64) int { return cmp.Compare(b.id, id) })
		return stage.Note{Field: "total", Reason: sih.R12, Detail: "its lines do not add up to the total"}, off
	}
	at := x.dates[e.Table.Rank()]
	if at < 0 || e.Values[at].IsNull() {
		return stage.Note{}, false
	}
	l, ok := x.life(patient)
	if !ok {
		return stage.Note{}, false
	}
	day := dayOf(e.Values[at])
	last := day
	switch e.Values[at].Kind() {
	case sih.KindPDate:
		last = e.Values[at].PDate().Last
	case sih.KindTS:
		last++ // it is told in UTC, an hour behind the day of the birth
	}
	n := stage.Note{Field: e.Table.Columns[at].Name, Reason: sih.R11}
	switch {
	case l.born != neverBorn && last < l.born:
		n.Detail = "before the patient's birth"
	// What was taken from the living is reported a little later.
	case l.died != neverDied && day > l.died+1:
		n.Detail = "after the patient's death"
	default:
		return n, false
	}
	return n, true
}
