package mapping

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

// Runner maps the rows of chunks, for one goroutine.
type Runner struct {
	plan    *Plan
	out     *stage.Writer
	env     map[string]any
	machine vm.VM
	zone    *time.Location

	// The record at hand.
	row      []sih.Raw
	number   int
	key      string
	facility string
	orgID    sih.ID
	primary  primary
	pending  []stage.Entity
	arena    []sih.Value
	fills    [][]stage.Fill
	codes    map[codeUse]*stage.CodeUse
	faults   []fault
}

// primary is what became of the record's first entity.
type primary struct {
	made bool
	id   sih.ID
}

type codeUse struct{ list, code string }

type fault struct {
	field    string
	reason   sih.Reason
	severity sih.Severity
	detail   string
	value    string
}

// NewRunner makes a runner that writes to out. Zone is where reports' years
// are counted.
func (p *Plan) NewRunner(out *stage.Writer, zone *time.Location) *Runner {
	r := &Runner{plan: p, out: out, env: map[string]any{}, zone: zone, codes: map[codeUse]*stage.CodeUse{}}
	for _, e := range p.entities {
		r.fills = append(r.fills, make([]stage.Fill, len(e.fields)))
	}
	return r
}

// Row maps the row with the given number of its chunk. What becomes of it goes
// to the stage writer; every row ends as accepted, rejected or excluded.
func (r *Runner) Row(number int, row []sih.Raw) {
	r.row, r.number, r.primary = row, number, primary{}
	r.pending, r.arena = r.pending[:0], r.arena[:0]
	m := &r.out.Meta
	m.Rows++
	keyed := r.readKey()
	r.readFacility()
	for i := range r.plan.controls {
		r.count(&r.plan.controls[i])
	}
	f := r.plan.File
	if len(r.plan.entities) == 0 {
		m.Excluded++
		r.left("excluded", f.Excluded, "")
		return
	}
	if r.plan.where != nil {
		ok, err := r.plan.where.holds(row, r.env, &r.machine)
		if err != nil {
			r.reject(r.plan.entities[0].table, fault{reason: sih.R99, detail: "where: " + err.Error()})
			return
		}
		if !ok {
			m.Excluded++
			r.left("excluded", f.Excluded, r.content())
			return
		}
	}
	if !keyed {
		r.reject(r.plan.entities[0].table, fault{reason: sih.R01, detail: "the key is empty"})
		return
	}
	for i := range r.plan.entities {
		if !r.entity(i) && i == 0 {
			return
		}
	}
	if !r.primary.made && len(r.pending) == 0 {
		m.Excluded++
		r.left("excluded", "holds nothing that is mapped", r.content())
		return
	}
	m.Accepted++
	for i := range r.pending {
		r.out.Entity(&r.pending[i])
	}
}

// Broken counts a record that could not be read as a row at all. What stands
// aside, beside the table, is excluded; anything else is rejected.
// Where tells its place in the source, offset its place in the file in bytes,
// and raw what the source has there.
func (r *Runner) Broken(number int, where string, offset int64, detail string, raw []byte, aside bool) {
	m := &r.out.Meta
	m.Rows++
	content, err := json.Marshal(map[string]any{"where": where, "offset": offset, "b64": raw})
	if err != nil {
		content = nil // texts, numbers and bytes always marshal
	}
	if aside {
		m.Excluded++
		r.out.Left(stage.Left{Row: number, Key: where, State: "excluded", Reason: "beside the table: " + detail, Content: string(content)})
		return
	}
	m.Rejected++
	table := ""
	if len(r.plan.entities) > 0 {
		table = r.plan.entities[0].table.Name
	}
	r.out.Left(stage.Left{Row: number, Key: where, State: "rejected", Reason: string(sih.R99), Content: string(content)})
	r.out.Note(stage.Note{Row: number, Key: where, Table: table, Reason: sih.R99, Severity: sih.Reject, Detail: where + ": " + detail})
}

func (r *Runner) readKey() bool {
	full := false
	var parts [8]string
	list := parts[:0]
	for _, at := range r.plan.key {
		s := strings.TrimSpace(r.row[at].Text)
		full = full || s != ""
		list = append(list, s)
	}
	r.key = ""
	if len(list) > 0 {
		r.key = sih.JoinKey(list...)
	}
	return full
}

func (r *Runner) readFacility() {
	r.facility, r.orgID = r.plan.setting.Facility, sih.ID{}
	local := r.facility
	if at := r.plan.facility; at >= 0 {
		local = strings.TrimSpace(r.row[at].Text)
	} else if local == "" {
		return
	}
	code, id, ok := r.plan.setting.Facilities(local)
	if !ok {
		r.facility = ""
		return
	}
	r.facility, r.orgID = code, id
}

// left records that the row is not in the store as it is.
func (r *Runner) left(state, reason, content string) {
	r.out.Left(stage.Left{Row: r.number, Key: r.key, State: state, Reason: reason, Content: content})
}

// reject keeps the whole row out.
func (r *Runner) reject(t *sih.Table, f fault) {
	r.out.Meta.Rejected++
	r.left("rejected", string(f.reason), r.content())
	f.severity = sih.Reject
	r.note(t, "", f, sih.ID{})
}

func (r *Runner) note(t *sih.Table, slot string, f fault, id sih.ID) {
	n := stage.Note{
		Row: r.number, Key: r.key, Table: t.Name, Slot: slot, Field: f.field, Reason: f.reason,
		Severity: f.severity, Detail: f.detail, Value: cut(f.value, 400), Facility: r.facility,
	}
	if !id.IsZero() {
		n.Entity = id.String()
	}
	r.out.Note(n)
}

func (r *Runner) content() string { return Content(r.plan.Table.Columns, r.row) }

// Content writes a whole record as a JSON object, by column; bytes that are no
// text are {"b64":…}.
func Content(columns []string, row []sih.Raw) string {
	m := make(map[string]any, len(row))
	for i, f := range row {
		switch {
		case f.Null:
			m[columns[i]] = nil
		case f.Bytes:
			m[columns[i]] = map[string][]byte{"b64": []byte(f.Text)}
		default:
			m[columns[i]] = f.Text
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "" // maps of texts and bytes always marshal
	}
	return string(b)
}

func cut(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

// entity makes the row's entity of one of the plan's kinds. It is false where
// the first one was rejected, and with it the row.
func (r *Runner) entity(at int) bool {
	p := &r.plan.entities[at]
	for _, i := range p.needs {
		if r.row[i].Empty() {
			return true
		}
	}
	if p.when != nil {
		ok, err := p.when.holds(r.row, r.env, &r.machine)
		if err != nil {
			r.note(p.table, p.slot, fault{reason: sih.R99, detail: "when: " + err.Error(), severity: sih.Warning}, sih.ID{})
		}
		if !ok {
			return true
		}
	}
	e := r.newEntity(p.table, p.slot)
	id := e.Values[0].ID()
	r.faults = r.faults[:0]
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
		return true
	}
	// What was made of the rejected entity hangs on it.
	r.pending = r.pending[:mark]
	r.out.KeptOut(p.table, id, r.number)
	if at == 0 {
		r.out.Meta.Rejected++
		r.left("rejected", string(worst.reason), r.content())
		r.note(p.table, p.slot, worst, id)
		return false
	}
	r.note(p.table, p.slot, worst, id)
	return true
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

// value computes a field: the first of its forms that gives something. Filled
// tells whether the source had something.
func (r *Runner) value(fd *fieldPlan) (v sih.Value, filled bool) {
	for ; fd != nil && v.IsNull(); fd = fd.or {
		if fd.when != nil {
			ok, err := fd.when.holds(r.row, r.env, &r.machine)
			if err != nil {
				r.fault(fd, sih.R99, "when: "+err.Error(), "")
			}
			if !ok {
				continue
			}
		}
		var had bool
		v, had = r.form(fd)
		filled = filled || had
	}
	return v, filled
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
	text, raw, filled := r.text(fd)
	if text == "" {
		return fd.def, filled
	}
	for _, step := range fd.steps {
		out, f := step(text)
		if f.Reason != "" {
			r.fault(fd, f.Reason, f.Detail, raw)
		}
		if text = out; text == "" {
			return fd.def, filled
		}
	}
	if fd.codes != nil {
		if text = r.translate(fd, text, raw); text == "" {
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
	raw = text
	if fd.take != nil {
		at := fd.take.FindStringSubmatchIndex(text)
		if at == nil || at[2] < 0 {
			return "", raw, filled
		}
		text = text[at[2]:at[3]]
	}
	return text, raw, filled
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
	r.faults = append(r.faults, fault{fd.name, reason, severity, detail, raw})
}

// translate looks a code up, and counts its use.
func (r *Runner) translate(fd *fieldPlan, text, raw string) string {
	c, ok := fd.codes.Lookup(text)
	if !ok && fd.unmapped == "next" {
		return ""
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
		r.faults = append(r.faults, fault{fd.name, sih.R03, sih.Reject, "not in " + fd.codes.Name, raw})
		return ""
	}
	r.fault(fd, sih.R03, "not in "+fd.codes.Name, raw)
	return fd.unmapped
}

// complete lets the entity's completing function work on it.
func (r *Runner) complete(p *entityPlan, e *stage.Entity) {
	c := Completion{
		Entity: e,
		Issue: func(field string, reason sih.Reason, severity sih.Severity, detail string) {
			r.faults = append(r.faults, fault{field, reason, severity, detail, ""})
		},
		ID: func(t *sih.Table, slot string) sih.ID {
			return sih.NewID(string(r.plan.setting.Source), r.plan.Table.Name, r.key, t.Name, slot)
		},
		Emit: func(t *sih.Table, slot string, set func(*sih.Entity)) {
			made := r.newEntity(t, slot)
			set(&made.Entity)
			r.pending = append(r.pending, *made)
		},
	}
	if p.asOf != nil {
		v, _ := r.value(p.asOf)
		c.AsOf = v.PDate()
	}
	p.complete(&c)
}

// flags lists the reasons of the entity's faults, sorted, each once.
func (r *Runner) flags() string {
	var list []string
	for _, f := range r.faults {
		list = append(list, string(f.reason))
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// Flush hands what was counted over the chunk to the stage writer. It is
// called once, after the last row.
func (r *Runner) Flush() {
	for i, p := range r.plan.entities {
		for j, name := range p.fillName {
			r.out.Fill(name, r.fills[i][j])
			r.fills[i][j] = stage.Fill{}
		}
	}
	for _, u := range r.codes {
		r.out.Meta.Codes = append(r.out.Meta.Codes, *u)
	}
	slices.SortFunc(r.out.Meta.Codes, func(a, b stage.CodeUse) int {
		return strings.Compare(a.List+"\x00"+a.Code, b.List+"\x00"+b.Code)
	})
	clear(r.codes)
}
