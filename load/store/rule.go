package store

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

var (
	errTable    = errors.New("an entity of another table")
	errWidth    = errors.New("not as many values as columns")
	errRequired = errors.New("a required value is missing")
	errKind     = errors.New("a value of another kind")
	errCode     = errors.New("a code that is not in the list")
)

// Checker tells whether entities fit their table. It serves any number of
// goroutines.
type Checker struct {
	table *sih.Table
	rules []rule
}

// rule is what a value of one column must keep.
type rule struct {
	kind     sih.Kind
	size     int
	required bool
	filled   bool
	codes    []string
}

// NewChecker returns the checker of t.
func NewChecker(t *sih.Table) *Checker {
	c := &Checker{table: t, rules: make([]rule, len(t.Columns))}
	for i := range t.Columns {
		col := &t.Columns[i]
		c.rules[i] = rule{col.Kind, col.Size, col.NotNull && !EmptyForNull(t, i), Filled(col), col.Codes}
	}
	return c
}

// Check tells whether each value of e is of its column's kind, length and
// closed list of codes, and the required ones are there. What the store fills
// itself is not looked at. The error is a *RowError.
func (c *Checker) Check(e sih.Entity) error {
	switch {
	case e.Table != c.table:
		return &RowError{Table: c.table.Name, Err: errTable}
	case len(e.Values) != len(c.rules):
		return &RowError{Table: c.table.Name, Err: errWidth}
	}
	for i := range c.rules {
		if err := c.rules[i].check(e.Values[i]); err != nil {
			return &RowError{c.table.Name, e.Get("id").ID(), c.table.Columns[i].Name, err}
		}
	}
	return nil
}

func (r *rule) check(v sih.Value) error {
	switch k := v.Kind(); {
	case r.filled:
	case k == sih.KindNull:
		if r.required {
			return errRequired
		}
	case k != r.kind:
		return errKind
	case k == sih.KindStr:
		if s := v.String(); len(s) > r.size && utf8.RuneCountInString(s) > r.size {
			return &sih.TooLongError{Limit: r.size}
		}
	case k == sih.KindCode && r.codes != nil:
		if !slices.Contains(r.codes, v.String()) {
			return errCode
		}
	}
	return nil
}

// Filled tells whether the store fills c itself.
func Filled(c *sih.Column) bool {
	switch c.Name {
	case "run_id", "row_hash", "updated_at":
		return true
	}
	return false
}

// EmptyForNull tells whether the column at position i of t holds an empty text
// where there is no value, because it is part of what rows are told apart by.
func EmptyForNull(t *sih.Table, i int) bool {
	c := &t.Columns[i]
	return c.NotNull && c.Kind == sih.KindStr && (c.Name == "slot" || slices.Contains(t.Key, c.Name))
}
