package pipeline

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// An applier turns a stage chunk into what is loaded of it: entities with
// their persons, without those that are kept out, and the migration's own rows
// about what was. It counts both equations and what the controls make of it.
type applier struct {
	p    *runPlan
	m    *matched
	zone *time.Location
	run  sih.Value

	reject, sourceRecord *sih.Table
	refs                 [][]refColumn // by rank
	personAt             []int         // by rank: column of person_id, or -1
	spersonAt            []int         // by rank: column of source_person_id, or -1

	once   sync.Once
	across *across
	err    error

	// causes has what keeps entities out gathered, with the source's values
	// and with warnings where these are set too.
	causes, values, warnings bool
}

// ready reads what is asked of all chunks, once.
func (a *applier) ready() error {
	a.once.Do(func() { a.across, a.err = newAcross(a.p) })
	return a.err
}

// refColumn is a column whose reference is resolved.
type refColumn struct {
	at   int
	rank uint8
	soft bool
}

func newApplier(p *runPlan, m *matched) *applier {
	a := &applier{
		p: p, m: m, zone: p.zone, run: sih.IDValue(p.id),
		reject: sih.TableByName("reject"), sourceRecord: sih.TableByName("source_record"),
	}
	for _, t := range sih.Tables {
		var cols []refColumn
		for i := range t.Columns {
			if c := &t.Columns[i]; stage.Resolved(c) {
				cols = append(cols, refColumn{i, uint8(sih.TableByName(c.Ref).Rank()), c.Soft})
			}
		}
		a.refs = append(a.refs, cols)
		a.personAt = append(a.personAt, t.Column("person_id"))
		sp := t.Column("source_person_id")
		if t.Name == "source_person" {
			sp = 0
		}
		a.spersonAt = append(a.spersonAt, sp)
	}
	return a
}

// applied is what one chunk came to.
type applied struct {
	tally    reconcile.Tally
	rejected int64           // entities that resolving kept out
	codes    []stage.CodeUse // what was met of the code lists
	causes   []cause         // where the applier gathers them
	listed   []listedRow     // the chunk's rows, where they are listed
}

// rows yields what is loaded of a chunk: its entities, and then the rows about
// what was left out. What it counts goes to out. A yielded entity is valid
// until the next one.
func (a *applier) rows(index int, out *applied) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		if err := a.ready(); err != nil {
			yield(sih.Entity{}, err)
			return
		}
		c := a.p.chunks[index]
		r, err := stage.Open(c.path)
		if err != nil {
			yield(sih.Entity{}, err)
			return
		}
		defer r.Close()
		st := &chunkState{a: a, c: c, faults: &a.m.Faults[index], out: out, meta: r.Meta}
		if !st.entities(r, yield) || !st.leftOut(r, yield) {
			return
		}
		st.counts(r.Meta)
		out.codes = r.Meta.Codes
		if err := st.controls(r); err != nil {
			yield(sih.Entity{}, err)
		}
	}
}

type chunkState struct {
	a      *applier
	c      *chunkPlan
	faults *chunkFaults
	out    *applied
	meta   stage.Meta
	notes  []stage.Note
	roots  map[int]sih.ID // by position in notes
	gone   map[int]sih.Reason
	left   []stage.Left // records that transform left out
	seq    int
}

func (s *chunkState) key(table, facility string, year int) reconcile.EntitiesKey {
	return reconcile.EntitiesKey{Source: s.meta.Source, Table: table, Facility: facility, Year: year}
}

// entities yields what is left of the chunk's entities.
func (s *chunkState) entities(r *stage.Reader, yield func(sih.Entity, error) bool) bool {
	s.gone, s.roots = map[int]sih.Reason{}, map[int]sih.ID{}
	for e, err := range r.Entities() {
		if err != nil {
			yield(sih.Entity{}, err)
			return false
		}
		line := s.out.tally.Entities(s.key(e.Table.Name, e.Facility, e.Year(s.a.zone)))
		line.Produced++
		if !s.resolve(e) {
			line.Rejected++
			s.out.rejected++
			continue
		}
		line.Inserted++
		if !yield(e.Entity, nil) {
			return false
		}
	}
	return true
}

// resolve fills an entity's person, empties soft references that lead nowhere
// and tells whether the entity stays.
func (s *chunkState) resolve(e *stage.Entity) bool {
	if repeated(s.faults, e) {
		s.keepOut(e, stage.Note{Reason: sih.R05, Detail: "a record before it has the same key"}, sih.ID{})
		return false
	}
	rank := e.Table.Rank()
	if len(s.faults.Vain) > 0 {
		for _, c := range s.a.refs[rank] {
			if e.Values[c.at].IsNull() {
				continue
			}
			v, bad := s.faults.find(c.rank, e.Values[c.at].ID())
			if !bad {
				continue
			}
			note := stage.Note{Field: e.Table.Columns[c.at].Name, Reason: v.Reason, Detail: "of " + sih.Tables[c.rank].Name}
			if c.soft {
				s.note(e, note, sih.Warning, v.Root)
				e.Values[c.at] = sih.Value{}
				continue
			}
			s.keepOut(e, note, v.Root)
			return false
		}
	}
	at := s.a.personAt[rank]
	if at < 0 || s.a.spersonAt[rank] < 0 {
		return true
	}
	l, ok := s.a.m.person(e.Values[s.a.spersonAt[rank]].ID())
	if !ok {
		// Resolving has checked the reference: this cannot be, and is counted
		// where it is.
		s.keepOut(e, stage.Note{Field: "person_id", Reason: sih.R04}, sih.ID{})
		return false
	}
	e.Values[at] = sih.IDValue(l.Person)
	if n, wrong := s.a.across.find(e, e.Values[s.a.spersonAt[rank]].ID()); wrong {
		s.note(e, n, sih.Warning, sih.ID{})
	}
	if e.Table.Name == "source_person" {
		e.Values[e.Table.Column("link_method")] = sih.CodeValue(linkMethods[l.Method])
		if l.Method != 0 {
			e.Values[e.Table.Column("link_weight")] = weightValue(l.Weight)
		}
	}
	return true
}

func (s *chunkState) keepOut(e *stage.Entity, n stage.Note, root sih.ID) {
	if e.Primary {
		s.gone[e.Row] = n.Reason
	}
	s.note(e, n, sih.Reject, root)
}

func (s *chunkState) note(e *stage.Entity, n stage.Note, severity sih.Severity, root sih.ID) {
	n.Row, n.Table, n.Severity = e.Row, e.Table.Name, severity
	n.Key, n.Slot = e.Get("source_key").String(), e.Get("slot").String()
	n.Facility, n.Entity = e.Facility, e.Values[0].String()
	if severity == sih.Reject {
		n.Amount = e.Amount()
	}
	if !root.IsZero() {
		s.roots[len(s.notes)] = root
	}
	s.notes = append(s.notes, n)
}

// leftOut yields the rows of reject and source_record.
func (s *chunkState) leftOut(r *stage.Reader, yield func(sih.Entity, error) bool) bool {
	left, notes, err := r.Notes()
	if err != nil {
		yield(sih.Entity{}, err)
		return false
	}
	s.left = left
	rows := s.out.tally.Rows(reconcile.RowsKey{Source: s.meta.Source, Table: s.meta.Table})
	for _, n := range notes {
		if n.Severity == sih.Reject && n.Table != "" {
			line := s.out.tally.Entities(s.key(n.Table, n.Facility, 0))
			line.Produced++
			line.Rejected++
		}
		if !yield(s.rejectRow(n, sih.ID{}), nil) {
			return false
		}
	}
	for i, n := range s.notes {
		if !yield(s.rejectRow(n, s.roots[i]), nil) {
			return false
		}
	}
	gone, err := s.goneRecords()
	if err != nil {
		yield(sih.Entity{}, err)
		return false
	}
	for _, l := range slices.Concat(left, gone) {
		rows.LeftOut += l.Amount
		if !yield(s.recordRow(l), nil) {
			return false
		}
	}
	return true
}

// rowID identifies a row about a record: records that repeat a key have the
// same key, but never the same place.
func (s *chunkState) rowID(row int, table, what string) sih.Value {
	place := fmt.Sprintf("%s %d", s.meta.Chunk, row)
	return sih.IDValue(sih.NewID(string(s.meta.Source), s.meta.Table, place, table, what))
}

func (s *chunkState) rejectRow(n stage.Note, root sih.ID) sih.Entity {
	s.cause(n, root)
	t := s.a.reject
	e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
	set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
	s.seq++
	set("id", s.rowID(n.Row, "reject", fmt.Sprint(s.seq)))
	set("source_system", sih.CodeValue(string(s.meta.Source)))
	set("source_table", sih.StrValue(s.meta.Table))
	set("source_key", sih.StrValue(short(cmp.Or(n.Key, fmt.Sprintf("row %d", n.Row+1)), 200)))
	// A broken record of a table of which nothing is mapped would have become
	// no entity: it is missing from the records alone.
	set("table_name", sih.StrValue(cmp.Or(n.Table, s.a.sourceRecord.Name)))
	set("slot", sih.StrValue(n.Slot))
	set("field", sih.StrValue(n.Field))
	set("reason", sih.CodeValue(string(n.Reason)))
	set("severity", sih.CodeValue(n.Severity.String()))
	set("detail", sih.StrValue(short(n.Detail, 250)))
	set("value_text", sih.StrValue(n.Value))
	if id, err := sih.ParseID(n.Entity); err == nil {
		set("entity_id", sih.IDValue(id))
	}
	set("root_id", sih.IDValue(root))
	set("facility_code", sih.StrValue(n.Facility))
	if n.Amount != 0 {
		set("amount", sih.MoneyValue(n.Amount))
	}
	set("run_id", s.a.run)
	return e
}

func (s *chunkState) recordRow(l stage.Left) sih.Entity {
	t := s.a.sourceRecord
	e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
	set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
	set("id", s.rowID(l.Row, "source_record", ""))
	set("source_system", sih.CodeValue(string(s.meta.Source)))
	set("source_table", sih.StrValue(s.meta.Table))
	set("source_key", sih.StrValue(short(cmp.Or(l.Key, fmt.Sprintf("row %d", l.Row+1)), 200)))
	set("state", sih.CodeValue(l.State))
	set("reason", sih.StrValue(short(l.Reason, 200)))
	set("place", sih.StrValue(fmt.Sprintf("%s row %d", s.meta.Chunk, l.Row+1)))
	if l.Amount != 0 {
		set("amount", sih.MoneyValue(l.Amount))
	}
	set("content", sih.TextValue(l.Content))
	set("run_id", s.a.run)
	return e
}

// goneRecords returns the records whose first entity resolving kept out, with
// their content, which the snapshot still has.
func (s *chunkState) goneRecords() ([]stage.Left, error) {
	if len(s.gone) == 0 {
		return nil, nil
	}
	// A record's entities tell its key, and the first that has an amount what it
	// would have brought.
	told := map[int]stage.Left{}
	for _, n := range s.notes {
		if n.Severity == sih.Reject {
			l := told[n.Row]
			told[n.Row] = stage.Left{Key: n.Key, Amount: cmp.Or(l.Amount, n.Amount)}
		}
	}
	var out []stage.Left
	n := 0
	for row, err := range s.c.source.snap.Rows(s.c.table, s.c.chunk) {
		if err != nil {
			return nil, err
		}
		if reason, ok := s.gone[n]; ok {
			l := told[n]
			l.Row, l.State, l.Reason = n, "rejected", string(reason)
			l.Content = mapping.Content(mappingTable(s.c.table).Columns, row)
			out = append(out, l)
		}
		n++
	}
	return out, nil
}

func short(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	r := []rune(s)
	return string(r[:min(limit, len(r))])
}

// counts adds what transform counted. How many rows there were is not its
// word: the snapshot's own count is taken where the run begins.
func (s *chunkState) counts(m stage.Meta) {
	line := s.out.tally.Rows(reconcile.RowsKey{Source: m.Source, Table: m.Table})
	gone := int64(len(s.gone))
	line.Accepted += m.Accepted - gone
	line.Rejected += m.Rejected + gone
	line.Excluded += m.Excluded
	line.Joined += m.Joined
	for name, f := range m.Filled {
		table, column, _ := strings.Cut(name, ".")
		c := s.out.tally.Field(reconcile.FieldKey{Source: m.Source, Table: table, Column: column})
		c.Rows += f.Rows
		c.Before += f.Before
		c.After += f.After
		c.Valid += f.Valid
	}
}

// controls adds what the mapping's controls counted, in the source's own
// terms, and how much of it is of rows that were left out.
func (s *chunkState) controls(r *stage.Reader) error {
	list, err := r.Controls()
	if err != nil || len(list) == 0 {
		return err
	}
	out := map[int]bool{}
	for _, l := range s.left {
		out[l.Row] = true
	}
	for row := range s.gone {
		out[row] = true
	}
	for _, c := range list {
		countControl(&s.out.tally, s.meta.Source, c, out[c.Row])
	}
	return nil
}
