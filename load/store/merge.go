package store

import (
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// SameKey is SQL's condition that a row t of a table and a staged row s of it
// have the same key.
func SameKey(t *sih.Table) string {
	list := make([]string, len(t.Key))
	for i, name := range t.Key {
		list[i] = "t." + name + " = s." + name
	}
	return strings.Join(list, " AND ")
}

// Assignments is SQL that gives a row of a table all that a staged row s says,
// but for the key; target stands before the names of the row's own columns. It
// is empty where the key is all that there is.
func Assignments(t *sih.Table, target string) string {
	list := ColumnNames(t, func(i int) bool { return !slices.Contains(t.Key, t.Columns[i].Name) })
	for i, name := range list {
		list[i] = target + name + " = s." + name
	}
	return strings.Join(list, ", ")
}
