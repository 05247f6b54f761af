package store

import (
	"cmp"
	"slices"

	"github.com/sihctl/sih"
)

// Difference is a row in which a store is not as it was expected.
type Difference struct {
	Table string `json:"table"`
	// ID identifies the row, where its table has ids.
	ID string `json:"id,omitempty"`
	// Kind is missing, foreign or changed.
	Kind DifferenceKind `json:"kind"`
	// Columns are those that differ in a row that was changed.
	Columns []string `json:"columns,omitempty"`
	// Source and SourceTable say where the row comes from.
	Source      sih.SourceID `json:"source,omitempty"`
	SourceTable string       `json:"source_table,omitempty"`
}

// DifferenceKind says in what way a row differs.
type DifferenceKind string

// The kinds of differences.
const (
	Missing DifferenceKind = "missing" // expected, and not there
	Foreign DifferenceKind = "foreign" // there, and not expected
	Changed DifferenceKind = "changed" // there with other content
)

// Comparison puts rows beside each other that two digests have told apart.
// The zero Comparison is ready and serves one goroutine.
type Comparison struct {
	hasher   Hasher
	expected map[rowKey]expectation
	list     []Difference
}

// expectation is what a row should say, or only its sum.
type expectation struct {
	values []sih.Value
	id     sih.ID
	sum    sih.ID
}

// rowKey tells a row from all others.
type rowKey struct {
	table *sih.Table
	key   string
}

func keyOf(e sih.Entity) rowKey {
	var b []byte
	for _, name := range e.Table.Key {
		b = appendField(b, e.Get(name))
	}
	return rowKey{e.Table, string(b)}
}

// Expect notes a row that should be there, with the row_hash that the store
// fills.
func (c *Comparison) Expect(e sih.Entity) {
	if c.expected == nil {
		c.expected = map[rowKey]expectation{}
	}
	values := slices.Clone(e.Values)
	if at := e.Table.Column("row_hash"); at >= 0 && values[at].IsNull() {
		values[at] = sih.IDValue(c.hasher.Row(e))
	}
	c.expected[keyOf(e)] = expectation{values: values}
}

// ExpectSum notes a row of which only the id and the [Hasher.Sum] are known.
func (c *Comparison) ExpectSum(t *sih.Table, id, sum sih.ID) {
	if c.expected == nil {
		c.expected = map[rowKey]expectation{}
	}
	c.expected[rowKey{t, string(appendField(nil, sih.IDValue(id)))}] = expectation{id: id, sum: sum}
}

// Find compares a row that is there with what was expected. All rows that are
// expected are noted before.
func (c *Comparison) Find(e sih.Entity) {
	k := keyOf(e)
	want, ok := c.expected[k]
	if !ok {
		c.list = append(c.list, difference(Foreign, e, nil))
		return
	}
	delete(c.expected, k)
	values := want.values
	if values == nil {
		if c.hasher.Sum(e) != want.sum {
			c.list = append(c.list, difference(Changed, e, nil))
		}
		return
	}
	var columns []string
	for i := range e.Table.Columns {
		col := &e.Table.Columns[i]
		if col.Clock || col.Name == "run_id" {
			continue
		}
		if string(appendField(nil, values[i])) != string(appendField(nil, e.Values[i])) {
			columns = append(columns, col.Name)
		}
	}
	if columns != nil {
		c.list = append(c.list, difference(Changed, e, columns))
	}
}

// Differences lists what was found, by table and key, once all rows have been
// compared.
func (c *Comparison) Differences() []Difference {
	for k, want := range c.expected {
		if want.values == nil {
			c.list = append(c.list, Difference{Table: k.table.Name, ID: want.id.String(), Kind: Missing})
			continue
		}
		c.list = append(c.list, difference(Missing, sih.Entity{Table: k.table, Values: want.values}, nil))
	}
	c.expected = nil
	slices.SortFunc(c.list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(sih.TableByName(a.Table).Rank(), sih.TableByName(b.Table).Rank()), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind))
	})
	return c.list
}

func difference(kind DifferenceKind, e sih.Entity, columns []string) Difference {
	d := Difference{Table: e.Table.Name, Kind: kind, Columns: columns}
	if KeyedByID(e.Table) {
		d.ID = e.Get(e.Table.Key[0]).String()
	}
	if e.Table.Has("source_system") {
		d.Source = sih.SourceID(e.Get("source_system").String())
	}
	if e.Table.Has("source_table") {
		d.SourceTable = e.Get("source_table").String()
	}
	return d
}
