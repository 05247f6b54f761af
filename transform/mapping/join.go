package mapping

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Join takes columns of another table of the source into each record: of the
// one record that belongs to it, of the first of several in a given order, of
// all of them put together, or of one for each of several attributes. They are
// written name.column.
type Join struct {
	Name  string
	From  string     // the other table
	On    []JoinOn   // what must agree
	Where string     // records for which it is not true are passed over
	Order []OrderKey // which record is the first; then the source's order
	All   *string    // the records' texts are put together, parted by this
	// By, Value and Attributes read a table of attributes, with a record for
	// each: the column that tells which attribute it is, the column of its
	// value, and for each name the attributes that go by it.
	By, Value  string
	Attributes []Attribute
	pos        yaml.Node
}

// JoinOn says that a column of the other table must agree with one of the
// record, or of a join before.
type JoinOn struct{ Theirs, Ours string }

// OrderKey is a column by which records are sorted: numbers by size and before
// texts, what is empty last.
type OrderKey struct {
	Column string
	Down   bool
}

// Attribute is a column that a join makes of a table of attributes.
type Attribute struct {
	Name   string
	Values []string
}

func (f *File) join(k, v yaml.Node) error {
	j := Join{Name: k.Value, pos: v}
	var order []string
	err := f.object(v, map[string]func(yaml.Node) error{
		"from": f.text(&j.From),
		"on": func(n yaml.Node) error {
			return f.each(n, func(k, v yaml.Node) error {
				on := JoinOn{Theirs: k.Value}
				err := f.text(&on.Ours)(v)
				j.On = append(j.On, on)
				return err
			})
		},
		"where": f.text(&j.Where),
		"order": f.texts(&order),
		"all":   f.optional(&j.All),
		"by":    f.text(&j.By),
		"value": f.text(&j.Value),
		"attributes": func(n yaml.Node) error {
			return f.each(n, func(k, v yaml.Node) error {
				a := Attribute{Name: k.Value}
				err := f.texts(&a.Values)(v)
				j.Attributes = append(j.Attributes, a)
				return err
			})
		},
	})
	if err != nil {
		return err
	}
	for _, name := range order {
		column, down := strings.CutPrefix(name, "-")
		j.Order = append(j.Order, OrderKey{column, down})
	}
	attributes := 0
	for _, is := range []bool{j.By != "", j.Value != "", len(j.Attributes) > 0} {
		if is {
			attributes++
		}
	}
	switch {
	case strings.ContainsAny(j.Name, ". \"'") || j.Name == "":
		return f.fault(k, "join: %q is no name: use letters, digits and _", j.Name)
	case j.From == "":
		return f.fault(v, "join %s: from is missing: name the other table", j.Name)
	case len(j.On) == 0:
		return f.fault(v, "join %s: on is missing: say which of its columns agree with which of ours, as {theirs: ours}", j.Name)
	case attributes != 0 && attributes != 3:
		return f.fault(v, "join %s: by, value and attributes go together", j.Name)
	case attributes != 0 && j.All != nil:
		return f.fault(v, "join %s: all and attributes exclude each other", j.Name)
	}
	for _, a := range j.Attributes {
		for _, o := range j.Attributes {
			if i := slices.IndexFunc(o.Values, func(s string) bool { return slices.Contains(a.Values, s) }); i >= 0 && o.Name != a.Name {
				return f.fault(v, "join %s: attribute %q is both %s and %s", j.Name, o.Values[i], a.Name, o.Name)
			}
		}
	}
	f.Joins = append(f.Joins, j)
	return nil
}
