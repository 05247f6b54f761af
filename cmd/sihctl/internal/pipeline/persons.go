package pipeline

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/golden"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
	"golang.org/x/sync/errgroup"
)

// partRecords is about how many source persons are gathered at once while
// golden records are made.
const partRecords = 50_000

// personSource is what stands as the source of rows that matching makes.
const personSource = "match"

// makePersons computes every person from its source persons and writes them,
// with the decisions that made them, as stage files. The records come in the
// order of the chunks and are needed in the order of persons: they are dealt
// out by the first bits of the person's id, so that one part fits in memory.
func makePersons(ctx context.Context, o Options, p *runPlan, m *matched, result *match.Result, who persons) ([]string, error) {
	dir := filepath.Join(o.Project.Dir, "match")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("match: %w", err)
	}
	parts := min(len(m.Links)/partRecords+1, 256)
	spills := make([]*stage.Spill, parts)
	defer func() {
		for _, s := range spills {
			if s != nil {
				s.Close()
			}
		}
	}()
	for i := range spills {
		var err error
		if spills[i], err = stage.NewSpill(dir); err != nil {
			return nil, err
		}
	}
	o.progress(Progress{Stage: "match", Step: "gathering persons"})
	gather := func(e *stage.Entity) error {
		l, ok := who.person(e.Values[0].ID())
		if !ok {
			return fmt.Errorf("match: a record was not matched")
		}
		return spills[int(l.Person[0])*parts/256].Add(e)
	}
	if err := eachPerson(ctx, p, m.Faults, gather); err != nil {
		return nil, err
	}
	if err := who.eachOther(ctx, o, result, gather); err != nil {
		return nil, err
	}
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	maker := personMaker{p, who, result, who.decisions(result), p.apartDecisions(who, result)}
	var out []string
	for i, s := range spills {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.progress(Progress{Stage: "match", Step: "making persons", Done: int64(i), Total: int64(parts), Unit: "parts"})
		w.Reset(stage.Meta{Source: personSource, Table: "person", Chunk: fmt.Sprintf("person %06d", i), Input: m.Input})
		if err := maker.makePart(ctx, o.workers(), s, w); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "persons", fmt.Sprintf("%06d.stage", i))
		if _, err := w.Close(path); err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	return out, nil
}

// persons tells who every record is that was matched: own ones, and those that
// other projects have in the store.
type persons struct {
	before   *former
	links    []link // by the record's number
	own      int
	replaced map[sih.ID]sih.ID // persons of before whose records are another's now
}

// person returns who a record is.
func (who persons) person(id sih.ID) (link, bool) { return findLink(who.links, id) }

// ours are the links of the project's own records.
func (who persons) ours(r *match.Result) []link {
	if who.before.alone() {
		return who.links
	}
	out := make([]link, 0, who.own)
	for i, l := range who.links {
		if int(r.Input(uint32(i))) < who.own {
			out = append(out, l)
		}
	}
	return out
}

// eachOther calls fn for the records of other projects whose persons are made
// again.
func (who persons) eachOther(ctx context.Context, o Options, r *match.Result, fn func(*stage.Entity) error) error {
	if who.before.alone() {
		return nil
	}
	touched := who.before.touched(r, who.links, who.own)
	return who.before.eachOther(ctx, o, func(e *stage.Entity) error {
		if l, _ := who.person(e.Values[0].ID()); touched[l.Person] {
			return fn(e)
		}
		return nil
	})
}

// decisions lists the merges in the order of persons, to be cut into parts.
func (who persons) decisions(result *match.Result) []match.Join {
	joins := slices.Clone(result.Merges())
	slices.SortFunc(joins, func(a, b match.Join) int {
		pa, pb := who.links[a.Record].Person, who.links[b.Record].Person
		if c := slices.Compare(pa[:], pb[:]); c != 0 {
			return c
		}
		return int(a.Record) - int(b.Record)
	})
	return joins
}

// A member is a record of a person.
type member struct {
	person sih.ID
	entity sih.Entity
}

// windowRecords is about how many records of a part one goroutine makes persons
// of at a time.
const windowRecords = 2048

// makePart makes the persons of one part: several windows of them at once,
// which are written in their order.
func (k *personMaker) makePart(ctx context.Context, workers int, s *stage.Spill, w *stage.Writer) error {
	var members []member
	for e, err := range s.All() {
		if err != nil {
			return err
		}
		l, _ := k.who.person(e.Values[0].ID())
		members = append(members, member{l.Person, e.Entity})
	}
	slices.SortFunc(members, func(a, b member) int {
		if c := slices.Compare(a.person[:], b.person[:]); c != 0 {
			return c
		}
		ia, ib := a.entity.Values[0].ID(), b.entity.Values[0].ID()
		return slices.Compare(ia[:], ib[:])
	})
	for len(members) > 0 && ctx.Err() == nil {
		made := make([][]*stage.Entity, workers)
		var group errgroup.Group
		for i := range made {
			n := min(windowRecords, len(members))
			for n > 0 && n < len(members) && members[n].person == members[n-1].person {
				n++
			}
			window := members[:n]
			members = members[n:]
			group.Go(func() (err error) {
				made[i], err = k.makeWindow(window)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, list := range made {
			for _, e := range list {
				w.Entity(e)
			}
		}
	}
	return ctx.Err()
}

// A personMaker makes persons of records, and tells why they are one.
type personMaker struct {
	p      *runPlan
	who    persons
	result *match.Result
	joins  []match.Join               // in the order of persons
	apart  map[sih.ID][]*stage.Entity // decisions that keep records apart, by person
}

// makeWindow makes the persons of a window.
func (k *personMaker) makeWindow(members []member) (made []*stage.Entity, err error) {
	var records []golden.Source
	for i := 0; i < len(members); {
		person := members[i].person
		records = records[:0]
		for ; i < len(members) && members[i].person == person; i++ {
			records = append(records, golden.Source{Entity: members[i].entity})
		}
		if made, err = makePerson(made, person, records); err != nil {
			return nil, err
		}
		if made, err = k.who.replace(made, person, records); err != nil {
			return nil, err
		}
		at, _ := slices.BinarySearchFunc(k.joins, person, func(j match.Join, id sih.ID) int {
			of := k.who.links[j.Record].Person
			return slices.Compare(of[:], id[:])
		})
		for ; at < len(k.joins) && k.who.links[k.joins[at].Record].Person == person; at++ {
			j := k.joins[at]
			if k.p.delta() && j.Pair.Band == match.BandKnown && k.p.decisions.by[pair{k.result.ID(j.Pair.A), k.result.ID(j.Pair.B)}] == nil {
				continue // the run before has told why
			}
			made = append(made, decision(k.p, k.result, j, person))
		}
		made = append(made, k.apart[person]...)
	}
	return made, nil
}

// makePerson appends the golden record of a person, and where its values come
// from wherever records competed for one.
func makePerson(made []*stage.Entity, id sih.ID, records []golden.Source) ([]*stage.Entity, error) {
	e, choices, err := goldenRecord(id, records)
	if err != nil {
		return nil, err
	}
	made = append(made, e)
	t := sih.TableByName("field_provenance")
	for _, c := range choices {
		if !c.Competed() {
			continue
		}
		f := &stage.Entity{}
		f.Table, f.Values = t, make([]sih.Value, len(t.Columns))
		set := func(name string, v sih.Value) { f.Values[t.Column(name)] = v }
		set("id", sih.IDValue(sih.NewID(personSource, "person", id.String(), "field_provenance", c.Column)))
		set("table_name", sih.StrValue("person"))
		set("entity_id", sih.IDValue(id))
		set("field", sih.StrValue(c.Column))
		set("source_person_id", sih.IDValue(c.From))
		set("source_value", sih.StrValue(e.Get(c.Column).String()))
		set("policy", sih.StrValue(fmt.Sprintf("%s: %d of %d records", c.Rule, c.Agree, c.Known)))
		made = append(made, f)
	}
	return made, nil
}

// goldenRecord computes a person's row. Its id is the one that it has in the
// store, or its founder's.
func goldenRecord(id sih.ID, records []golden.Source) (*stage.Entity, []golden.Choice, error) {
	person, err := golden.Policy{}.Merge(records)
	if err != nil {
		return nil, nil, err
	}
	e := &stage.Entity{Entity: person.Entity, Primary: true}
	e.Values[e.Table.Column("id")] = sih.IDValue(id)
	e.Values[e.Table.Column("founder")] = sih.IDValue(id)
	return e, person.Choices, nil
}

// replace appends those whom decisions have replaced by a person, whose records
// are given: as they would be on their own, and not active.
func (who persons) replace(made []*stage.Entity, person sih.ID, records []golden.Source) ([]*stage.Entity, error) {
	if len(who.replaced) == 0 {
		return made, nil
	}
	of := map[sih.ID][]golden.Source{}
	for _, r := range records {
		if was, ok := who.before.find(r.Entity.Values[0].ID()); ok && who.replaced[was.Person] == person {
			of[was.Person] = append(of[was.Person], r)
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(of), func(a, b sih.ID) int { return slices.Compare(a[:], b[:]) }) {
		e, _, err := goldenRecord(id, of[id])
		if err != nil {
			return nil, err
		}
		e.Values[e.Table.Column("active")] = sih.BoolValue(false)
		e.Values[e.Table.Column("replaced_by")] = sih.IDValue(person)
		made = append(made, e)
	}
	return made, nil
}

// decision tells why a record joined a person, or was kept out of it by a
// reviewer.
func decision(p *runPlan, r *match.Result, j match.Join, person sih.ID) *stage.Entity {
	t := sih.TableByName("merge_decision")
	e := &stage.Entity{}
	e.Table, e.Values = t, make([]sih.Value, len(t.Columns))
	set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
	a, b := r.ID(j.Pair.A), r.ID(j.Pair.B)
	set("id", sih.IDValue(sih.NewID(personSource, "merge_decision", a.String(), b.String(), r.ID(j.Record).String())))
	set("source_person_a", sih.IDValue(a))
	set("source_person_b", sih.IDValue(b))
	set("person_id", sih.IDValue(person))
	verdict, method, by := "merge", "score", "sihctl"
	if name := r.RuleName(j.Pair); name != "" {
		method = "rule"
		set("rule_name", sih.CodeValue(name))
	}
	if b := p.decisions.by[pair{a, b}]; b != nil {
		method, by = "human", short(b.By, 64)
		if !b.Same {
			verdict = "apart"
		}
	}
	set("decision", sih.CodeValue(verdict))
	set("method", sih.CodeValue(method))
	set("weight", weightValue(j.Pair.Weight))
	set("probability", probabilityValue(r.Probability(j.Pair)))
	set("evidence", sih.StrValue(short(r.Words(j.Pair), 400)))
	set("evidence_hash", sih.StrValue(p.evidence(r, j.Pair.A, j.Pair.B)))
	set("decided_by", sih.StrValue(by))
	return e
}
