package mapping

import (
	"errors"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

// value computes a field: the first of its forms that gives something. Filled
// tells whether the source had something.
func (r *Runner) value(fd *fieldPlan) (v sih.Value, filled bool) {
	for n := 1; fd != nil && v.IsNull(); fd, n = fd.or, n+1 {
		before := len(r.faults)
		r.steps = r.steps[:0]
		if fd.when != nil {
			ok, err := fd.when.holds(r.row, r.env, &r.machine)
			if err != nil {
				r.fault(fd, sih.R99, "when: "+err.Error(), "")
			}
			if !ok {
				if r.trace != nil {
					r.traced(fd, n, v, before, true)
				}
				continue
			}
		}
		var had bool
		v, had = r.form(fd)
		filled = filled || had
		if r.trace != nil {
			r.traced(fd, n, v, before, false)
		}
	}
	return v, filled
}

// traced tells how a form of a field came about.
func (r *Runner) traced(fd *fieldPlan, form int, v sih.Value, before int, skipped bool) {
	t := Trace{Table: r.at.table.Name, Slot: r.at.slot, Field: fd.name, Form: form, Value: v, Skipped: skipped}
	read := func(at int) {
		t.From, t.Raw = append(t.From, r.plan.columnName(at)), append(t.Raw, r.row[at])
	}
	if fd.expr != nil {
		for _, u := range fd.expr.columns {
			t.From, t.Raw = append(t.From, u.name), append(t.Raw, r.row[u.index])
		}
	}
	for _, at := range append(slices.Clone(fd.from), fd.key...) {
		read(at)
	}
	t.Steps = slices.Clone(r.steps)
	for _, f := range r.faults[before:] {
		known := slices.ContainsFunc(t.Steps, func(s TraceStep) bool { return s.Reason == f.reason && s.Detail == f.detail })
		if !known {
			t.Steps = append(t.Steps, TraceStep{Reason: f.reason, Detail: f.detail})
		}
	}
	r.trace(t)
}

// did notes what a step did, in a trial.
func (r *Runner) did(name, out string, f rule.Fault) {
	if r.trace != nil {
		r.steps = append(r.steps, TraceStep{name, out, f.Reason, f.Detail})
	}
}

// form computes one form of a field.
func (r *Runner) form(fd *fieldPlan) (v sih.Value, filled bool) {
	switch fd.kind {
	case constant:
		return fd.constant, true
	case toFacility:
		if r.orgID.IsZero() {
			r.fault(fd, sih.R04, "the facility is not in the master list", "")
		}
		return sih.IDValue(r.orgID), true
	case toSelf:
		s := &r.plan.setting
		return sih.IDValue(sih.NewID(string(s.Source), r.plan.Table.Name, r.key, fd.to.Name, fd.toSlot)), true
	case toOther:
		return r.reference(fd)
	}
	text, raw, filled := r.gather(fd)
	if text == "" {
		return fd.def, filled
	}
	for i, step := range fd.steps {
		out, f := step(text)
		r.did(fd.stepNames[i], out, f)
		if f.Reason != "" {
			r.fault(fd, f.Reason, f.Detail, raw)
		}
		if text = out; text == "" {
			return fd.def, filled
		}
	}
	if fd.codes != nil {
		text = r.translate(fd, text, raw)
		r.did(fd.codes.Name, text, rule.Fault{})
		if text == "" {
			return fd.def, filled
		}
	}
	v, err := parse(fd.target, text)
	if err == nil {
		return v, filled
	}
	var long *sih.TooLongError
	if errors.As(err, &long) {
		r.fault(fd, sih.R10, err.Error(), raw)
		v, _ = sih.ParseValue(fd.target, cut(text, long.Limit))
		return v, filled
	}
	reason := sih.R99
	switch fd.target.Kind {
	case sih.KindDate, sih.KindTS, sih.KindPDate:
		reason = sih.R02
	case sih.KindNum, sih.KindMoney, sih.KindInt:
		reason = sih.R08
	case sih.KindCode, sih.KindBool:
		reason = sih.R03
	}
	detail := ""
	if reason == sih.R99 {
		detail = err.Error()
	}
	r.fault(fd, reason, detail, raw)
	return fd.def, filled
}

// gather gives a field's text: what its expression gives, or its columns.
func (r *Runner) gather(fd *fieldPlan) (text, raw string, filled bool) {
	if fd.kind != fromExpr {
		return r.text(fd)
	}
	text, err := fd.expr.text(r.row, r.env, &r.machine)
	if err != nil {
		r.fault(fd, sih.R99, "expr: "+err.Error(), "")
	}
	if slices.Contains(fd.nullIf, strings.TrimSpace(text)) {
		return "", text, text != ""
	}
	out := fd.cutOut(text)
	r.did("expr", out, rule.Fault{})
	return out, text, text != ""
}

// cutOut returns what of the text the field's regular expression matches.
func (fd *fieldPlan) cutOut(text string) string {
	if fd.take == nil {
		return text
	}
	at := fd.take.FindStringSubmatchIndex(text)
	if at == nil || at[2] < 0 {
		return ""
	}
	return text[at[2]:at[3]]
}

// text gathers a field's source columns into one text, decoding what arrived
// as bytes. Raw is what the source has, for the reject table.
func (r *Runner) text(fd *fieldPlan) (text, raw string, filled bool) {
	for n, at := range fd.from {
		f := &r.row[at]
		if f.Null {
			continue
		}
		s := f.Text
		if f.Bytes {
			var lost rule.Fault
			s, lost = r.plan.setting.Rules.Decode([]byte(s))
			if lost.Reason != "" {
				r.fault(fd, lost.Reason, lost.Detail, s)
			}
		}
		if strings.TrimSpace(s) == "" {
			continue
		}
		filled = true
		if slices.Contains(fd.nullIf, strings.TrimSpace(s)) {
			continue
		}
		if n == 0 || text == "" {
			text = s
		} else {
			text += fd.with + s
		}
	}
	return fd.cutOut(text), text, filled
}

// reference derives the id of the entity that another record becomes.
func (r *Runner) reference(fd *fieldPlan) (sih.Value, bool) {
	full := false
	var parts [8]string
	list := parts[:0]
	for _, at := range fd.key {
		s := strings.TrimSpace(r.row[at].Text)
		if r.row[at].Null || s == "" || slices.Contains(fd.nullIf, s) {
			// A part of the key is missing: it points at nothing.
			return sih.Value{}, full
		}
		full = true
		list = append(list, s)
	}
	s := &r.plan.setting
	return sih.IDValue(sih.NewID(string(s.Source), fd.ofTable, sih.JoinKey(list...), fd.to.Name, fd.toSlot)), true
}

func (r *Runner) fault(fd *fieldPlan, reason sih.Reason, detail, raw string) {
	severity := sih.Warning
	if fd.reject {
		severity = sih.Reject
	}
	r.faults = append(r.faults, fault{field: fd.name, reason: reason, severity: severity, detail: detail, value: raw})
}

// translate looks a code up, and counts its use.
func (r *Runner) translate(fd *fieldPlan, text, raw string) string {
	c, ok := fd.codes.Lookup(text)
	if !ok && fd.unmapped == "next" {
		return ""
	}
	if fd.gives != "" && fd.gives != "target" { // the code is counted where its target is taken
		if !ok {
			return fd.unmapped
		}
		return c.gives(fd.gives)
	}
	use := codeUse{fd.codes.Name, c.Code}
	if !ok {
		use.code = cut(text, 120)
		c = Code{Status: "unmapped"}
	}
	if n := r.codes[use]; n != nil {
		n.Uses++
	} else {
		r.codes[codeUse{strings.Clone(use.list), strings.Clone(use.code)}] = &stage.CodeUse{List: use.list, Code: use.code, Label: c.Label, Target: c.Target, Status: c.Status, By: c.By, Uses: 1}
	}
	if ok {
		return c.Target
	}
	switch fd.unmapped {
	case "keep":
		return text
	case "reject":
		r.faults = append(r.faults, fault{field: fd.name, reason: sih.R03, severity: sih.Reject, detail: "not in " + fd.codes.Name, value: raw})
		return ""
	}
	r.fault(fd, sih.R03, "not in "+fd.codes.Name, raw)
	return fd.unmapped
}
