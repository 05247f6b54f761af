package store

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

var (
	errRequired = errors.New("a required value is missing")
	errKind     = errors.New("a value of another kind")
	errWidth    = errors.New("as many values as the table has columns are needed")
)

// Check tells whether e fits its table: each value of its column's kind and
// length, the required ones there. What the store fills itself is not looked
// at. Closed lists of codes are left to the store's own constraints. The error
// is a *RowError.
func Check(e sih.Entity) error {
	t := e.Table
	if len(e.Values) != len(t.Columns) {
		return &RowError{Table: t.Name, Err: errWidth}
	}
	for i := range t.Columns {
		c, v := &t.Columns[i], e.Values[i]
		var err error
		switch k := v.Kind(); {
		case Filled(c):
		case k == sih.KindNull:
			if c.NotNull && !EmptyForNull(t, i) {
				err = errRequired
			}
		case k != c.Kind:
			err = errKind
		case k == sih.KindStr:
			if s := v.String(); len(s) > c.Size && utf8.RuneCountInString(s) > c.Size {
				err = &sih.TooLongError{Limit: c.Size}
			}
		}
		if err != nil {
			return &RowError{t.Name, e.Get("id").ID(), c.Name, err}
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
