package sih

import (
	"fmt"
	"slices"
	"time"
)

// Group is the part of the schema that a table belongs to.
type Group string

// The groups, in the order of the document.
const (
	Identity     Group = "Identity"
	Organisation Group = "Organisation and resources"
	Clinical     Group = "Clinical"
	Money        Group = "Money"
	Ledger       Group = "The migration's own"
)

// Column declares one column of a unified table.
type Column struct {
	Name    string
	Kind    Kind
	Size    int  // greatest length in characters, for KindStr
	NotNull bool // the value is required
	// Ref names the table whose id the column holds.
	Ref string
	// Soft marks a reference that is emptied, with a warning, where it points
	// at nothing. Any other reference that does keeps its row out.
	Soft bool
	// Codes lists the codes that are allowed, where the list is closed.
	Codes []string
	// FHIR is the element that the column becomes in an export.
	FHIR string
	// Clock marks a column that tells when the program ran. It is no part of
	// what two runs must agree on.
	Clock bool
	// Volatile marks a column that row_hash does not cover.
	Volatile bool
	Doc      string
}

// Table declares one table of the unified schema.
type Table struct {
	Name    string
	Group   Group
	Doc     string
	FHIR    string // the resource that a row becomes
	Columns []Column
	Key     []string   // primary key
	Index   [][]string // further indexes
	// When names the column whose local year a row counts in; empty where
	// rows belong to no year.
	When string

	byName map[string]int
	rank   int
}

// Rank is the table's place in dependency order, from 0: every reference that
// is not soft leads from a table of greater rank to one of smaller rank.
func (t *Table) Rank() int { return t.rank }

// Column returns the position of the column of that name, or -1.
func (t *Table) Column(name string) int {
	if i, ok := t.byName[name]; ok {
		return i
	}
	return -1
}

// Has tells whether t has a column of that name.
func (t *Table) Has(name string) bool { _, ok := t.byName[name]; return ok }

// Year returns the year in loc that the entity counts in, 0 for none.
func (e Entity) Year(loc *time.Location) int {
	if e.Table.When == "" {
		return 0
	}
	switch v := e.Get(e.Table.When); v.Kind() {
	case KindTS:
		return Timestamp(v.Int()).Time().In(loc).Year()
	case KindDate:
		return Date(v.Int()).Year()
	case KindPDate:
		return v.PDate().First.Year()
	}
	return 0
}

// Sourced tells whether t's rows come from source records.
func (t *Table) Sourced() bool { return t.Has("source_key") }

// OfPatient tells whether t's rows belong to a patient.
func (t *Table) OfPatient() bool { return t.Has("source_person_id") }

// Physical is a column as a database holds it. A partial date takes three: its
// first day under the column's own name, its last day under name_to, and its
// precision under name_prec.
type Physical struct {
	Name    string
	Kind    Kind // never KindPDate
	Size    int
	NotNull bool
	Column  int // position of the declared column
}

// Physical returns the columns as a database holds them, in order.
func (t *Table) Physical() []Physical {
	var out []Physical
	for i, c := range t.Columns {
		if c.Kind == KindPDate {
			out = append(out,
				Physical{c.Name, KindDate, 0, c.NotNull, i},
				Physical{c.Name + "_to", KindDate, 0, false, i},
				Physical{c.Name + "_prec", KindCode, 0, false, i})
			continue
		}
		out = append(out, Physical{c.Name, c.Kind, c.Size, c.NotNull, i})
	}
	return out
}

// Entity is a row of a unified table: one value per column, in the table's
// order.
type Entity struct {
	Table  *Table
	Values []Value
}

// Get returns the value of the named column, NULL where there is none.
func (e Entity) Get(name string) Value {
	if i := e.Table.Column(name); i >= 0 {
		return e.Values[i]
	}
	return Value{}
}

// Tables lists every unified table, the migration's own last, each after
// every table that it points at by a reference that is not soft.
var Tables = build(identityTables(), organisationTables(), clinicalTables(), moneyTables(), ledgerTables())

var tableByName = func() map[string]*Table {
	m := make(map[string]*Table, len(Tables))
	for _, t := range Tables {
		m[t.Name] = t
	}
	return m
}()

// TableByName returns the unified table of that name, or nil.
func TableByName(name string) *Table { return tableByName[name] }

// build gathers the declarations, completes them, and orders them so that
// tables come after those they depend on, otherwise as declared.
func build(groups ...[]*Table) []*Table {
	var declared []*Table
	for _, g := range groups {
		declared = append(declared, g...)
	}
	byName := map[string]*Table{}
	for _, t := range declared {
		t.byName = make(map[string]int, len(t.Columns))
		for i, c := range t.Columns {
			if _, dup := t.byName[c.Name]; dup {
				panic(fmt.Sprintf("schema: %s.%s declared twice", t.Name, c.Name))
			}
			t.byName[c.Name] = i
		}
		byName[t.Name] = t
	}
	var ordered []*Table
	var place func(t *Table, path []string)
	place = func(t *Table, path []string) {
		if slices.Contains(ordered, t) {
			return
		}
		if slices.Contains(path, t.Name) {
			panic(fmt.Sprintf("schema: references run in a circle: %v", append(path, t.Name)))
		}
		for _, c := range t.Columns {
			if c.Ref == "" || c.Soft {
				continue
			}
			target, ok := byName[c.Ref]
			if !ok {
				panic(fmt.Sprintf("schema: %s.%s points at no table", t.Name, c.Name))
			}
			place(target, append(path, t.Name))
		}
		t.rank = len(ordered)
		ordered = append(ordered, t)
	}
	for _, t := range declared {
		place(t, nil)
	}
	return ordered
}

// The words in which the files beside this one declare columns.

func col(name string, k Kind, doc string) Column { return Column{Name: name, Kind: k, Doc: doc} }

func str(name string, size int, doc string) Column {
	return Column{Name: name, Kind: KindStr, Size: size, Doc: doc}
}

func ref(name, table, doc string) Column {
	return Column{Name: name, Kind: KindID, Ref: table, Doc: doc}
}

func code(name, doc string, codes ...string) Column {
	return Column{Name: name, Kind: KindCode, Codes: codes, Doc: doc}
}

func (c Column) required() Column         { c.NotNull = true; return c }
func (c Column) soft() Column             { c.Soft = true; return c }
func (c Column) fhir(path string) Column  { c.FHIR = path; return c }
func (c Column) clock() Column            { c.Clock, c.Volatile = true, true; return c }
func (c Column) volatile() Column         { c.Volatile = true; return c }
func key(names ...string) []string        { return names }
func index(names ...string) []string      { return names }
func indexes(list ...[]string) [][]string { return list }
func columns(parts ...[]Column) []Column  { return slices.Concat(parts...) }
func these(cols ...Column) []Column       { return cols }

// rowID is the id that every table with rows of its own begins with.
func rowID() []Column {
	return these(col("id", KindID, "Derived from source, table, key and slot.").required())
}

// patient are the two ids that every row about a patient carries.
func patient() []Column {
	return these(
		ref("source_person_id", "source_person", "The patient's record in the source. Never changes.").required(),
		ref("person_id", "person", "The human being. Changes when persons are merged or parted.").required().volatile(),
	)
}

// duringEncounter is the encounter that a clinical row belongs to.
func duringEncounter() []Column {
	return these(ref("encounter_id", "encounter", "The encounter in which it happened.").fhir("encounter"))
}

// provenance is what every table that comes from a source ends with.
func provenance() []Column {
	return columns(these(
		code("source_system", "The source, as the config names it.").required(),
		str("source_table", 128, "The source's table, file or sheet.").required(),
		str("source_key", 200, "The record's key there; parts are joined by |.").required(),
		str("slot", 40, "Tells apart several entities of one record; empty for the only one.").required(),
	), bookkeeping())
}

// bookkeeping is what every loaded table ends with.
func bookkeeping() []Column {
	return these(
		ref("run_id", "migration_run", "The run that wrote the row last.").required().volatile(),
		str("row_hash", IDLength, "Hash of the content, without person_id, run_id and updated_at.").required().volatile(),
		col("updated_at", KindTS, "When the row was written last.").required().clock(),
	)
}
