package mapping

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

// Table is a source's table, as far as a mapping needs to know it.
type Table struct {
	Name    string
	Columns []string
}

// Setting is what a plan needs to know besides the file and the table.
type Setting struct {
	Source sih.SourceID
	Rules  *rule.Set
	Files  fs.FS // where code lists lie
	// Facility is the code of the source's facility, where it is one
	// facility's.
	Facility string
	// Facilities translates the source's own code of a facility into the
	// master list's, and gives the organisation's id.
	Facilities func(local string) (code string, id sih.ID, ok bool)
	// Complete is called for each entity of a table once its fields are
	// filled: it may fill and change further ones and make entities that
	// follow from it, through the functions of c.
	Complete map[string]func(c *Completion)
	// Today is the source's day, by which stays are open too long; it may be
	// zero.
	Today sih.Date
	// Tables are the source's tables by name, for joins, and LeftOut those
	// that it has and the snapshot, on purpose, has not.
	Tables  map[string]Table
	LeftOut map[string]bool
	// Corrections are what somebody has corrected, by table and key.
	Corrections map[string]map[string][]Correction
	// Index returns what finds the records of another table. It is called by
	// workers, where a chunk first needs it.
	Index func(*IndexSpec) (Index, error)
}

// Completion is what a completing function works on.
type Completion struct {
	Entity *stage.Entity
	// AsOf is when the record was made, or the zero date.
	AsOf sih.PartialDate
	// Issue reports a fault of a field.
	Issue func(field string, reason sih.Reason, severity sih.Severity, detail string)
	// Emit adds an entity of the same record: values without the program's
	// own columns, in the slot.
	Emit func(t *sih.Table, slot string, set func(e *sih.Entity))
	// ID is the id that Emit gives.
	ID func(t *sih.Table, slot string) sih.ID
}

// Plan is a mapping file compiled for a table of a source. It is shared by
// all workers.
type Plan struct {
	File     *File
	Table    Table
	setting  Setting
	key      []int
	joins    []joinPlan
	virtual  []virtual // columns that joins add to the record, behind its own
	where    *expression
	unwanted []exclusionPlan
	facility int // column of the facility's code, or -1
	entities []entityPlan
	controls []controlPlan
	used     []bool // by column of the source's table
	// corrections are by the record's key.
	corrections map[string][]correctionPlan
	// Set by Link: who takes this table's records in, in which round of
	// transform it is mapped, and the other tables whose rows decide.
	takers []taker
	round  int
	reads  []string
}

type exclusionPlan struct {
	when   *expression
	reason string
}

type entityPlan struct {
	table  *sih.Table
	slot   string
	when   *expression
	needs  []int
	asOf   *fieldPlan
	fields []fieldPlan
	amount int // the field of [stage.AmountColumn], or -1
	// required lists the columns that must be filled in the end.
	required []int
	complete func(*Completion)
	checks   []check
	fillName []string // names of the fields' counters
}

type fieldPlan struct {
	name   string
	pos    yaml.Node
	column int         // in the unified table, -1 for as_of
	target *sih.Column // what the value must be
	when   *expression
	from   []int
	with   string
	nullIf []string
	take   *regexp.Regexp
	steps  []rule.Step
	// stepNames are the steps as the file names them.
	stepNames []string
	expr      *expression
	codes     *CodeList
	gives     string
	unmapped  string
	reject    bool
	constant  sih.Value
	def       sih.Value
	kind      fieldKind
	// For references: the source's table and its key, and the entity.
	ofTable string
	key     []int
	to      *sih.Table
	toSlot  string
	// or fills the column where this form gives nothing.
	or *fieldPlan
}

type fieldKind uint8

const (
	fromColumns fieldKind = iota
	fromExpr
	constant
	toOther
	toSelf
	toFacility
)

// Compile checks the file against the source's table and makes a plan of it.
// The error holds every fault with its place in the file, see [Faults]. [Link]
// must follow before the plan runs.
func Compile(f *File, t Table, s Setting) (*Plan, error) {
	p := &Plan{File: f, Table: t, setting: s, facility: -1, used: make([]bool, len(t.Columns))}
	var faults Faults
	for i := range f.Joins {
		j, err := p.join(&f.Joins[i])
		faults.add(f, err)
		p.joins = append(p.joins, j)
	}
	if len(faults) > 0 { // every column of a join that failed would be a fault too
		return nil, faults.sorted()
	}
	var err error
	p.key, err = p.columns(f.at["key"], "key", f.Key)
	faults.add(f, err)
	for _, at := range p.key {
		if at >= len(t.Columns) {
			faults.add(f, f.fault(f.at["key"], "key: only the table's own columns can tell its records apart"))
		}
	}
	faults.add(f, p.correct(s.Corrections[t.Name]))
	faults.add(f, p.conditions())
	if f.Facility != "" {
		at, err := p.columns(f.at["facility"], "facility", []string{f.Facility})
		faults.add(f, err)
		if err == nil {
			p.facility = at[0]
		}
	}
	lists := map[string]*CodeList{}
	for i := range f.Entities {
		e, err := p.entity(&f.Entities[i], lists)
		faults.add(f, err)
		p.entities = append(p.entities, e)
	}
	for i := range f.Controls {
		c, err := p.control(&f.Controls[i], lists)
		faults.add(f, err)
		p.controls = append(p.controls, c)
	}
	for name := range f.Ignored {
		at := slices.Index(t.Columns, name)
		if at < 0 {
			faults.add(f, f.fault(f.at["ignored"], "ignored: table %s has no column %q%s", t.Name, name, Suggest(name, t.Columns)))
			continue
		}
		p.use(at)
	}
	if len(faults) > 0 {
		return nil, faults.sorted()
	}
	return p, nil
}

// conditions compiles what decides over the whole record.
func (p *Plan) conditions() error {
	f := p.File
	var faults Faults
	var err error
	if f.Where != "" {
		if p.where, err = p.condition(f.Where); err != nil {
			faults.add(f, f.fault(f.at["where"], "where: %w", err))
		}
	}
	for _, x := range f.Unwanted {
		when, err := p.condition(x.When)
		if err != nil {
			faults.add(f, f.fault(x.pos, "excluded: when: %w", err))
		}
		p.unwanted = append(p.unwanted, exclusionPlan{when, x.Reason})
	}
	return faults.err()
}

// Targets lists the unified tables that some field of the plan points at.
func (p *Plan) Targets() (out []*sih.Table) {
	for _, e := range p.entities {
		for _, fd := range e.fields {
			if fd.target.Ref != "" {
				out = append(out, sih.TableByName(fd.target.Ref))
			}
		}
	}
	return out
}

// use notes that a column of the source's table is used.
func (p *Plan) use(at int) {
	if at < len(p.used) {
		p.used[at] = true
	}
}

// columns finds columns of the record by name.
func (p *Plan) columns(n yaml.Node, what string, names []string) ([]int, error) {
	var out []int
	for _, name := range names {
		i, err := p.column(name)
		if err != nil {
			return nil, p.File.fault(n, "%s: %w", what, err)
		}
		p.use(i)
		out = append(out, i)
	}
	return out, nil
}

// condition compiles an expression over the record's columns.
func (p *Plan) condition(src string) (*expression, error) {
	return p.noted(compileCondition(src, p))
}

// noted passes an expression on and notes which columns it uses.
func (p *Plan) noted(e *expression, err error) (*expression, error) {
	if err != nil {
		return nil, err
	}
	for _, u := range e.columns {
		p.use(u.index)
	}
	return e, nil
}

// Unused lists the columns of the source's table that no mapping reads and
// this one does not ignore. The reader's own, which begin with _, are not among
// them, nor are those of a table of which nothing is wanted.
func (p *Plan) Unused() (names []string) {
	for i, c := range p.Table.Columns {
		if !p.used[i] && !strings.HasPrefix(c, "_") && (len(p.entities) > 0 || p.File.Joined) {
			names = append(names, c)
		}
	}
	return names
}

// references holds the plan's references to other records against the plans of
// all tables of its source: the table must be mapped, to the entity that is
// pointed at, by a key of as many parts. A table with a nil plan was left out
// of the snapshot on purpose.
func (p *Plan) references(all map[string]*Plan) error {
	var faults Faults
	for i := range p.entities {
		for j := range p.entities[i].fields {
			for fd := &p.entities[i].fields[j]; fd != nil; fd = fd.or {
				faults.add(p.File, p.checkReference(fd, all))
			}
		}
	}
	return faults.err()
}

func (p *Plan) checkReference(fd *fieldPlan, all map[string]*Plan) error {
	at := p
	switch fd.kind {
	case toOther:
		known := false
		if at, known = all[fd.ofTable]; known && at == nil {
			return nil
		}
		if !known {
			names := make([]string, 0, len(all))
			for name := range all {
				names = append(names, name)
			}
			slices.Sort(names)
			return p.File.fault(fd.pos, "%s: the source has no table %q%s", fd.name, fd.ofTable, Suggest(fd.ofTable, names))
		}
		if len(at.key) != len(fd.key) {
			return p.File.fault(fd.pos, "%s: the key of %s has %d columns, not %d", fd.name, fd.ofTable, len(at.key), len(fd.key))
		}
	case toSelf:
	default:
		return nil
	}
	for _, e := range at.entities {
		// A completing function may make what no mapping names.
		if e.table == fd.to && e.slot == fd.toSlot || e.complete != nil {
			return nil
		}
	}
	return p.File.fault(fd.pos, "%s: the mapping of %s makes no %s%s", fd.name, at.Table.Name, fd.to.Name, inSlot(fd.toSlot))
}

func inSlot(slot string) string {
	if slot == "" {
		return ""
	}
	return fmt.Sprintf(" in slot %q", slot)
}
