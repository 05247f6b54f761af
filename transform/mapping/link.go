package mapping

import (
	"fmt"
	"slices"
)

// taker is a join of another table's mapping that takes a table's records in.
type taker struct {
	plan  *Plan
	join  *joinPlan
	fates *IndexSpec // finds the records of the taker's table, and their fates
}

// Link joins the plans of all tables of a source, by the tables' names: their
// references and joins must lead somewhere, and a table whose records are
// taken in by others must be so. A table with a nil plan was left out of the
// snapshot on purpose. The error holds every fault.
func Link(all map[string]*Plan) error {
	var faults Faults
	names := make([]string, 0, len(all))
	for name, p := range all {
		if p != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	specs := map[string]*IndexSpec{}
	for _, name := range names {
		p := all[name]
		faults.add(p.File, p.references(all))
		for i := range p.joins {
			if j := &p.joins[i]; !j.absent {
				j.need = j.needs()
				j.index = shared(specs, j.other.Name, j.theirs, j.need, false)
				if other := all[j.other.Name]; other != nil {
					other.takenBy(p, j, specs)
				}
			}
		}
	}
	if len(faults) > 0 {
		return faults.sorted()
	}
	for _, name := range names {
		p := all[name]
		if p.File.Joined && len(p.takers) == 0 {
			faults.add(p.File, p.File.fault(p.File.at["joined"], "joined: no join of another table's mapping takes in %s by columns of its own", name))
		}
	}
	for _, name := range names {
		if _, err := all[name].rank(nil); err != nil {
			faults.add(all[name].File, err)
		}
	}
	for _, name := range names {
		p := all[name]
		p.reads = p.closure(all, nil)
	}
	if len(faults) > 0 {
		return faults.sorted()
	}
	return nil
}

// shared returns the index for records of a table by the given columns, which
// holds the needed ones too.
func shared(specs map[string]*IndexSpec, table string, key, need []int, fates bool) *IndexSpec {
	name := fmt.Sprint(table, key, fates)
	s := specs[name]
	if s == nil {
		s = &IndexSpec{Table: table, Key: key, Fates: fates}
		specs[name] = s
	}
	for _, at := range need {
		if !slices.Contains(s.Columns, at) {
			s.Columns = append(s.Columns, at)
		}
	}
	slices.Sort(s.Columns)
	return s
}

// takenBy notes that a join of another table's mapping reads this table.
func (p *Plan) takenBy(by *Plan, j *joinPlan, specs map[string]*IndexSpec) {
	for _, at := range j.need {
		p.use(at)
	}
	for _, at := range j.theirs {
		p.use(at)
	}
	// A table that looks at itself, for the record in use, takes nothing in.
	if p.File.Joined && j.level == 0 && by != p {
		p.takers = append(p.takers, taker{by, j, shared(specs, by.Table.Name, j.ours, nil, true)})
	}
}

// rank finds the round in which the table is mapped: after the tables that
// take its records in, whose fate these share.
func (p *Plan) rank(below []*Plan) (int, error) {
	if slices.Contains(below, p) {
		return 0, p.File.fault(p.File.at["joined"], "joined: %s takes itself in, by way of other tables", p.Table.Name)
	}
	p.round = 0
	for _, t := range p.takers {
		n, err := t.plan.rank(append(below, p))
		if err != nil {
			return 0, err
		}
		p.round = max(p.round, n+1)
	}
	return p.round, nil
}

// Round is when the table is mapped: tables of a higher round ask what became
// of the records of those of lower ones.
func (p *Plan) Round() int { return p.round }

// Reads lists the other tables whose rows decide what becomes of this one's.
func (p *Plan) Reads() []string { return p.reads }

func (p *Plan) closure(all map[string]*Plan, seen []string) []string {
	visit := func(name string) {
		if name == p.Table.Name || slices.Contains(seen, name) {
			return
		}
		seen = append(seen, name)
	}
	for i := range p.joins {
		if !p.joins[i].absent {
			visit(p.joins[i].other.Name)
		}
	}
	for _, t := range p.takers {
		if !slices.Contains(seen, t.plan.Table.Name) {
			visit(t.plan.Table.Name)
			seen = t.plan.closure(all, seen)
		}
	}
	slices.Sort(seen)
	return seen
}
