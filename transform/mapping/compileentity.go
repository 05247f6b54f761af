package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

func (p *Plan) entity(e *Entity, lists map[string]*CodeList) (out entityPlan, err error) {
	out = entityPlan{table: e.Table, slot: e.Slot, amount: -1, complete: p.setting.Complete[e.Table.Name], checks: checksOf(e.Table)}
	if e.When != "" {
		if out.when, err = p.condition(e.When); err != nil {
			return out, p.File.fault(e.pos, "when: %w", err)
		}
	}
	var faults Faults
	out.needs, err = p.columns(e.pos, "needs", e.Needs)
	faults.add(p.File, err)
	if e.AsOf != nil {
		asOf, err := p.field(e.AsOf, &sih.Column{Name: "as_of", Kind: sih.KindPDate}, lists)
		faults.add(p.File, err)
		asOf.column = -1
		out.asOf = &asOf
	}
	mapped := map[int]bool{}
	for i := range e.Fields {
		fd := &e.Fields[i]
		at := e.Table.Column(fd.Name)
		plan, err := p.field(fd, &e.Table.Columns[at], lists)
		faults.add(p.File, err)
		plan.column = at
		mapped[at] = true
		if at == stage.AmountColumn(e.Table) {
			out.amount = i
		}
		out.fields = append(out.fields, plan)
		out.fillName = append(out.fillName, e.Table.Name+"."+fd.Name)
	}
	for i := range e.Table.Columns {
		c := &e.Table.Columns[i]
		if !c.NotNull || filledByProgram(c) {
			continue
		}
		if !mapped[i] && out.complete == nil {
			faults.add(p.File, p.File.fault(e.pos, "%s.%s is required and not mapped", e.Table.Name, c.Name))
		}
		out.required = append(out.required, i)
	}
	return out, faults.err()
}

func (p *Plan) field(fd *Field, target *sih.Column, lists map[string]*CodeList) (out fieldPlan, err error) {
	out = fieldPlan{name: fd.Name, pos: fd.pos, target: target, with: fd.With, nullIf: fd.NullIf, gives: fd.Gives, unmapped: fd.Unmapped, reject: fd.Reject}
	if out.from, err = p.columns(fd.pos, fd.Name, fd.From); err != nil {
		return out, err
	}
	if out.key, err = p.columns(fd.pos, fd.Name, fd.Key); err != nil {
		return out, err
	}
	if fd.Expr != "" {
		out.kind = fromExpr
		if out.expr, err = p.noted(compileText(fd.Expr, p)); err != nil {
			return out, p.File.fault(fd.pos, "%s: expr: %w", fd.Name, err)
		}
	}
	if fd.When != "" {
		if out.when, err = p.condition(fd.When); err != nil {
			return out, p.File.fault(fd.pos, "%s: when: %w", fd.Name, err)
		}
	}
	if fd.Take != "" {
		if out.take, err = regexp.Compile(fd.Take); err != nil {
			return out, p.File.fault(fd.pos, "%s: take: %w", fd.Name, err)
		}
		if out.take.NumSubexp() != 1 {
			return out, p.File.fault(fd.pos, "%s: take: one group in parentheses is wanted, others as (?:…)", fd.Name)
		}
	}
	isRef := target.Ref != ""
	switch {
	case fd.Value != nil:
		out.kind = constant
		if out.constant, err = parse(target, *fd.Value); err != nil {
			return out, p.File.fault(fd.pos, "%s: value: %w", fd.Name, err)
		}
	case fd.Of != "":
		out.kind, out.ofTable, out.toSlot = toOther, fd.Of, fd.ToSlot
	case fd.Self != "":
		out.kind, out.toSlot = toSelf, fd.SelfSlot
		if fd.Self != target.Ref {
			return out, p.File.fault(fd.pos, "%s points at %s, not at %s", fd.Name, target.Ref, fd.Self)
		}
	case fd.Facility:
		out.kind = toFacility
		if target.Ref != "organisation" {
			return out, p.File.fault(fd.pos, "%s does not point at an organisation", fd.Name)
		}
	}
	if reference := out.kind == toOther || out.kind == toSelf; reference != isRef && out.kind != toFacility {
		return out, p.File.fault(fd.pos, "%s: a reference is given by of and key, self or facility, anything else by from, expr or value", fd.Name)
	}
	if isRef {
		out.to = sih.TableByName(target.Ref)
	}
	steps := fd.Steps
	if len(steps) == 0 {
		steps = []StepName{{Name: defaultStep(target.Kind)}}
	}
	for _, s := range steps {
		step, err := p.setting.Rules.Step(s.Name, s.Arg)
		if err != nil {
			return out, p.File.fault(fd.pos, "%s: %w", fd.Name, err)
		}
		out.steps = append(out.steps, step)
		out.stepNames = append(out.stepNames, strings.TrimSuffix(s.Name+" "+s.Arg, " "))
	}
	if fd.Default != nil {
		if out.def, err = parse(target, *fd.Default); err != nil {
			return out, p.File.fault(fd.pos, "%s: default: %w", fd.Name, err)
		}
	}
	if fd.Code != "" {
		if out.codes, err = p.codes(fd.Code, lists); err != nil {
			return out, p.File.fault(fd.pos, "%s: %w", fd.Name, err)
		}
		for _, c := range out.codes.codes {
			if _, err := parse(target, c.gives(fd.Gives)); err != nil {
				return out, p.File.fault(fd.pos, "%s: %s, code %q: %w", fd.Name, fd.Code, c.Code, err)
			}
		}
		switch fd.Unmapped {
		case "", "reject", "keep", "next":
		default:
			if _, err := parse(target, fd.Unmapped); err != nil {
				return out, p.File.fault(fd.pos, "%s: unmapped: %w", fd.Name, err)
			}
		}
	}
	if fd.Or != nil {
		or, err := p.field(fd.Or, target, lists)
		if err != nil {
			return out, err
		}
		out.or = &or
	}
	return out, nil
}

func (p *Plan) codes(name string, lists map[string]*CodeList) (*CodeList, error) {
	if l, ok := lists[name]; ok {
		return l, nil
	}
	l, err := loadCodes(p.setting.Files, p.File.codePath(name))
	if err != nil {
		return nil, err
	}
	l.Name = name
	lists[name] = l
	return l, nil
}

// defaultStep is what is done to a text for which no step is named: text is
// repaired, everything else must be canonical but for blanks.
func defaultStep(k sih.Kind) string {
	switch k {
	case sih.KindStr, sih.KindText:
		return "text"
	}
	return "trim"
}

// parse reads a value for a column and holds it against the column's codes.
func parse(c *sih.Column, s string) (sih.Value, error) {
	v, err := sih.ParseValue(c, s)
	if err == nil && !v.IsNull() && len(c.Codes) > 0 && !slices.Contains(c.Codes, s) {
		err = fmt.Errorf("%s allows %q only", c.Name, c.Codes)
	}
	return v, err
}
