package mapping

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// Runner maps the rows of chunks, for one goroutine.
type Runner struct {
	plan    *Plan
	out     sink
	meta    *stage.Meta
	trace   func(Trace) // nil but in a trial
	at      *entityPlan // the entity at hand, for the trace
	env     map[string]any
	machine vm.VM
	zone    *time.Location

	// What other tables have for the chunk, see Begin.
	joins []chunkJoin
	taken []takenRow
	wide  []sih.Raw
	fix   []sih.Raw

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
	steps    []TraceStep // of the field at hand, in a trial
	// warn adds a warning to the faults, for checks.
	warn func(field string, reason sih.Reason, detail string)
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
	amount   int64 // that is kept out, in centimes
}

// NewRunner makes a runner that writes to out. Zone is where reports' years
// are counted.
func (p *Plan) NewRunner(out *stage.Writer, zone *time.Location) *Runner {
	return p.newRunner(out, &out.Meta, zone)
}

func (p *Plan) newRunner(out sink, meta *stage.Meta, zone *time.Location) *Runner {
	r := &Runner{plan: p, out: out, meta: meta, env: map[string]any{}, zone: zone, codes: map[codeUse]*stage.CodeUse{}}
	r.warn = func(field string, reason sih.Reason, detail string) {
		r.faults = append(r.faults, fault{field: field, reason: reason, severity: sih.Warning, detail: detail})
	}
	for _, e := range p.entities {
		r.fills = append(r.fills, make([]stage.Fill, len(e.fields)))
	}
	return r
}

// Row maps the row with the given number of its chunk. What becomes of it goes
// to the stage writer; every row ends as accepted, rejected or excluded.
func (r *Runner) Row(number int, row []sih.Raw) {
	r.number, r.primary = number, primary{}
	r.row = r.extend(number, r.fixed(row))
	r.pending, r.arena = r.pending[:0], r.arena[:0]
	m := r.meta
	m.Rows++
	keyed := r.readKey()
	r.readFacility()
	for i := range r.plan.controls {
		r.count(&r.plan.controls[i])
	}
	if !r.wanted() {
		return
	}
	if len(r.plan.entities) == 0 {
		r.unmade()
		return
	}
	if !keyed {
		r.reject(r.plan.entities[0].table, fault{reason: sih.R01, detail: "the key is empty"})
		return
	}
	kept := false
	for i := range r.plan.entities {
		switch r.entity(i) {
		case entityMade:
			kept = true
		case entityRejected:
			// What is kept out before anything is made is the record's first
			// entity, and takes the record with it.
			if !kept {
				return
			}
		}
	}
	if !kept {
		r.unmade()
		return
	}
	m.Accepted++
	for i := range r.pending {
		r.out.Entity(&r.pending[i])
	}
}

// wanted tells whether the record is one of those that are mapped; it is
// excluded otherwise.
func (r *Runner) wanted() bool {
	p, m := r.plan, r.meta
	f := p.File
	if len(p.entities) == 0 && !f.Joined {
		m.Excluded++
		r.left("excluded", f.Excluded, 0, "")
		return false
	}
	if p.where != nil {
		ok, err := p.where.holds(r.row, r.env, &r.machine)
		if err != nil {
			r.rejectRow(fault{reason: sih.R99, detail: "where: " + err.Error()})
			return false
		}
		if !ok {
			r.exclude(f.Excluded)
			return false
		}
	}
	for i := range p.unwanted {
		x := &p.unwanted[i]
		out, err := x.when.holds(r.row, r.env, &r.machine)
		if err != nil {
			r.rejectRow(fault{reason: sih.R99, detail: "excluded: when: " + err.Error()})
			return false
		}
		if out {
			r.exclude(x.reason)
			return false
		}
	}
	return true
}

// Broken counts a record that could not be read as a row at all. What stands
// aside, beside the table, is excluded; anything else is rejected.
// Where tells its place in the source, offset its place in the file in bytes,
// and raw what the source has there.
func (r *Runner) Broken(number int, where string, offset int64, detail string, raw []byte, aside bool) {
	m := r.meta
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
func (r *Runner) left(state, reason string, amount int64, content string) {
	r.out.Left(stage.Left{Row: r.number, Key: r.key, State: state, Reason: reason, Amount: amount, Content: content})
}

// exclude leaves the row out as nothing that is wanted.
func (r *Runner) exclude(reason string) {
	r.meta.Excluded++
	r.left("excluded", reason, r.amount(), r.content())
}

// refuse leaves the row out for a reason. It returns what the row would have
// brought.
func (r *Runner) refuse(reason sih.Reason) (amount int64) {
	amount = r.amount()
	r.meta.Rejected++
	r.left("rejected", string(reason), amount, r.content())
	return amount
}

// amount is what the row would have brought, in centimes, if nothing had kept
// it out: what the first of its entities that has an amount would say of it. It
// is 0 where that cannot be read. What is wrong with the amount is not noted,
// nor are its codes counted: the row is out, and why has been said.
func (r *Runner) amount() int64 {
	if !slices.ContainsFunc(r.plan.entities, func(p entityPlan) bool { return p.amount >= 0 }) {
		return 0
	}
	faults, codes, trace := len(r.faults), r.codes, r.trace
	r.codes, r.trace = map[codeUse]*stage.CodeUse{}, nil
	defer func() { r.faults, r.codes, r.trace = r.faults[:faults], codes, trace }()
	for i := range r.plan.entities {
		p := &r.plan.entities[i]
		if p.amount < 0 {
			continue
		}
		if has, err := r.has(p); err != nil || !has {
			continue
		}
		if v, _ := r.value(&p.fields[p.amount]); !v.IsNull() {
			return v.Int()
		}
	}
	return 0
}

// rejectRow keeps the whole row out, before it is known what it would become.
func (r *Runner) rejectRow(f fault) {
	if len(r.plan.entities) > 0 {
		r.reject(r.plan.entities[0].table, f)
		return
	}
	r.refuse(f.reason) // it would have become nothing that has an amount
	r.out.Note(stage.Note{Row: r.number, Key: r.key, Reason: f.reason, Severity: sih.Reject, Detail: f.detail, Facility: r.facility})
}

// reject keeps the whole row out.
func (r *Runner) reject(t *sih.Table, f fault) {
	f.severity, f.amount = sih.Reject, r.refuse(f.reason)
	r.note(t, "", f, sih.ID{})
}

func (r *Runner) note(t *sih.Table, slot string, f fault, id sih.ID) {
	n := stage.Note{
		Row: r.number, Key: r.key, Table: t.Name, Slot: slot, Field: f.field, Reason: f.reason,
		Severity: f.severity, Detail: f.detail, Value: cut(f.value, 400), Facility: r.facility, Amount: f.amount,
	}
	if !id.IsZero() {
		n.Entity = id.String()
	}
	r.out.Note(n)
}

// content is the record as its own table has it.
func (r *Runner) content() string {
	own := r.plan.Table.Columns
	return Content(own, r.row[:len(own)])
}

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

// complete lets the entity's completing function work on it.
func (r *Runner) complete(p *entityPlan, e *stage.Entity) {
	c := Completion{
		Entity: e,
		Issue: func(field string, reason sih.Reason, severity sih.Severity, detail string) {
			r.faults = append(r.faults, fault{field: field, reason: reason, severity: severity, detail: detail})
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
		r.meta.Codes = append(r.meta.Codes, *u)
	}
	slices.SortFunc(r.meta.Codes, func(a, b stage.CodeUse) int {
		return strings.Compare(a.List+"\x00"+a.Code, b.List+"\x00"+b.Code)
	})
	clear(r.codes)
}

// Key is the key of a row, as entities carry it.
func (p *Plan) Key(row []sih.Raw) string {
	parts := make([]string, len(p.key))
	for i, at := range p.key {
		parts[i] = strings.TrimSpace(row[at].Text)
	}
	return sih.JoinKey(parts...)
}
