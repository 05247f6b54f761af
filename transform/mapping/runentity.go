package mapping

import (
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// outcome is what became of one of the plan's kinds of entities for a row.
type outcome uint8

const (
	entityNone     outcome = iota // the row has none of it
	entityMade                    // it is pending
	entityRejected                // it was kept out
)

// entity makes the row's entity of one of the plan's kinds. The first one that
// the row has takes the row with it where it is rejected.
func (r *Runner) entity(at int) outcome {
	p := &r.plan.entities[at]
	has, err := r.has(p)
	if err != nil {
		r.note(p.table, p.slot, fault{reason: sih.R99, detail: "when: " + err.Error(), severity: sih.Warning}, sih.ID{})
	}
	if !has {
		return entityNone
	}
	e := r.newEntity(p.table, p.slot)
	id := e.Values[0].ID()
	r.faults, r.at = r.faults[:0], p
	for i := range p.fields {
		fd := &p.fields[i]
		before := len(r.faults)
		v, filled := r.value(fd)
		e.Values[fd.column] = v
		r.fill(at, i, filled, !v.IsNull(), len(r.faults) == before)
	}
	mark := len(r.pending)
	if p.complete != nil {
		r.complete(p, e)
	}
	for _, check := range p.checks {
		check(e.Values, r.plan.setting.Today, r.warn)
	}
	if i := p.table.Column("quality_flags"); i >= 0 {
		e.Values[i] = sih.StrValue(r.flags())
	}
	worst, rejected := r.worst(p, e)
	for _, f := range r.faults {
		if f.severity == sih.Warning {
			r.note(p.table, p.slot, f, id)
		}
	}
	if !rejected {
		if !r.primary.made {
			r.primary = primary{made: true, id: id}
			e.Primary = true
		}
		r.pending = append(r.pending, *e)
		return entityMade
	}
	// What was made of the rejected entity hangs on it.
	r.pending = r.pending[:mark]
	r.out.KeptOut(p.table, id, r.number)
	if !r.primary.made {
		worst.amount = r.refuse(worst.reason)
	} else {
		worst.amount = e.Amount()
	}
	r.note(p.table, p.slot, worst, id)
	return entityRejected
}

// has tells whether the row has an entity of one of the plan's kinds.
func (r *Runner) has(p *entityPlan) (bool, error) {
	for _, i := range p.needs {
		if r.row[i].Empty() {
			return false, nil
		}
	}
	if p.when == nil {
		return true, nil
	}
	return p.when.holds(r.row, r.env, &r.machine)
}

// newEntity begins an entity with what the program fills.
func (r *Runner) newEntity(t *sih.Table, slot string) *stage.Entity {
	e := &stage.Entity{Row: r.number, Facility: r.facility}
	e.Table = t
	e.Values = r.values(len(t.Columns))
	s := &r.plan.setting
	id := sih.NewID(string(s.Source), r.plan.Table.Name, r.key, t.Name, slot)
	e.Values[0] = sih.IDValue(id)
	for i := len(t.Columns) - 7; i < len(t.Columns); i++ {
		switch t.Columns[i].Name {
		case "source_system":
			e.Values[i] = sih.CodeValue(string(s.Source))
		case "source_table":
			e.Values[i] = sih.StrValue(r.plan.Table.Name)
		case "source_key":
			e.Values[i] = sih.StrValue(cut(r.key, 200))
		case "slot":
			e.Values[i] = sih.StrValue(slot)
		}
	}
	return e
}

// values returns room for an entity, valid until the next row.
func (r *Runner) values(n int) []sih.Value {
	if cap(r.arena)-len(r.arena) < n {
		r.arena = make([]sih.Value, 0, max(1024, n))
	}
	at := len(r.arena)
	r.arena = r.arena[:at+n]
	v := r.arena[at : at+n : at+n]
	clear(v)
	return v
}

// worst returns the fault that keeps the entity out, if one does.
func (r *Runner) worst(p *entityPlan, e *stage.Entity) (fault, bool) {
	for _, f := range r.faults {
		if f.severity == sih.Reject {
			return f, true
		}
	}
	for _, i := range p.required {
		c := &p.table.Columns[i]
		if !e.Values[i].IsNull() {
			continue
		}
		// A required field that a fault has emptied is told by the fault.
		at := slices.IndexFunc(r.faults, func(f fault) bool { return f.field == c.Name })
		if at < 0 {
			return fault{field: c.Name, reason: sih.R01, severity: sih.Reject}, true
		}
		f := r.faults[at]
		r.faults = slices.Delete(r.faults, at, at+1)
		f.severity = sih.Reject
		return f, true
	}
	return fault{}, false
}

func (r *Runner) fill(entity, field int, before, after, valid bool) {
	f := &r.fills[entity][field]
	f.Rows++
	if before {
		f.Before++
	}
	if after {
		f.After++
		if valid {
			f.Valid++
		}
	}
}
