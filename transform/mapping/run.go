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
}

// NewRunner makes a runner that writes to out. Zone is where reports' years
// are counted.
func (p *Plan) NewRunner(out *stage.Writer, zone *time.Location) *Runner {
	return p.newRunner(out, &out.Meta, zone)
}

func (p *Plan) newRunner(out sink, meta *stage.Meta, zone *time.Location) *Runner {
	r := &Runner{plan: p, out: out, meta: meta, env: map[string]any{}, zone: zone, codes: map[codeUse]*stage.CodeUse{}}
	r.warn = func(field string, reason sih.Reason, detail string) {
		r.faults = append(r.faults, fault{field, reason, sih.Warning, detail, ""})
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
		r.left("excluded", f.Excluded, "")
		return false
	}
	if p.where != nil {
		ok, err := p.where.holds(r.row, r.env, &r.machine)
		if err != nil {
			r.rejectRow(fault{reason: sih.R99, detail: "where: " + err.Error()})
			return false
		}
		if !ok {
			m.Excluded++
			r.left("excluded", f.Excluded, r.content())
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
			m.Excluded++
			r.left("excluded", x.reason, r.content())
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
func (r *Runner) left(state, reason, content string) {
	r.out.Left(stage.Left{Row: r.number, Key: r.key, State: state, Reason: reason, Content: content})
}

// rejectRow keeps the whole row out, before it is known what it would become.
func (r *Runner) rejectRow(f fault) {
	if len(r.plan.entities) > 0 {
		r.reject(r.plan.entities[0].table, f)
		return
	}
	r.meta.Rejected++
	r.left("rejected", string(f.reason), r.content())
	f.severity = sih.Reject
	r.out.Note(stage.Note{Row: r.number, Key: r.key, Reason: f.reason, Severity: f.severity, Detail: f.detail, Facility: r.facility})
}

// reject keeps the whole row out.
func (r *Runner) reject(t *sih.Table, f fault) {
	r.meta.Rejected++
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
