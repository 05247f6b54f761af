package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Fingerprint is the SHA-256, in hexadecimal, of what the tables are: their
// names, columns, types, keys and orders, not their rows. Two readings of one
// snapshot must find the same.
func Fingerprint(tables []Table) string {
	h := sha256.New()
	for _, t := range tables {
		fmt.Fprintf(h, "table %q key %q order %q\n", t.Name, t.Key, t.Order)
		for _, c := range t.Columns {
			fmt.Fprintf(h, "column %q %q %t\n", c.Name, c.Type, c.Nullable)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Differences says, a clause each, in what the tables of now are others than
// those before. There is none just where the fingerprints are equal.
func Differences(before, now []Table) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, was := range before {
		if find(now, was.Name) == nil {
			add("table %s was dropped", was.Name)
		}
	}
	for _, is := range now {
		was := find(before, is.Name)
		if was == nil {
			add("table %s was added", is.Name)
			continue
		}
		out = append(out, was.differences(is)...)
	}
	if len(out) == 0 && Fingerprint(before) != Fingerprint(now) {
		add("the tables come in another order")
	}
	return out
}

func find(tables []Table, name string) *Table {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &tables[i]
}

func (t *Table) differences(now Table) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, was := range t.Columns {
		if now.column(was.Name) == nil {
			add("column %s of %s was dropped", was.Name, t.Name)
		}
	}
	for _, is := range now.Columns {
		was := t.column(is.Name)
		switch {
		case was == nil:
			add("column %s of %s was added", is.Name, t.Name)
		case was.Type != is.Type:
			add("column %s of %s was %s and is %s", is.Name, t.Name, was.Type, is.Type)
		case was.Nullable && !is.Nullable:
			add("column %s of %s could be NULL and no longer can", is.Name, t.Name)
		case !was.Nullable && is.Nullable:
			add("column %s of %s can now be NULL", is.Name, t.Name)
		}
	}
	if len(out) > 0 {
		return out // what follows is mostly their consequence
	}
	if !slices.Equal(t.Key, now.Key) {
		add("the key of %s was %v and is %v", t.Name, t.Key, now.Key)
	}
	if !slices.Equal(t.Order, now.Order) {
		add("%s was read in the order of %v and would now be in that of %v", t.Name, t.Order, now.Order)
	}
	if len(out) == 0 && Fingerprint([]Table{*t}) != Fingerprint([]Table{now}) {
		add("the columns of %s come in another order", t.Name)
	}
	return out
}

func (t *Table) column(name string) *Column {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// File is a file that a source is read from, as far as can be told without
// reading it.
type File struct {
	Name     string // below the source's folder, with "/"
	Bytes    int64
	Modified time.Time // UTC
}

// FileDifferences says, a clause each, which files of now are others than those
// before.
func FileDifferences(before, now []File) []string {
	was := map[string]File{}
	for _, f := range before {
		was[f.Name] = f
	}
	var out []string
	for _, f := range now {
		switch old, ok := was[f.Name]; {
		case !ok:
			out = append(out, fmt.Sprintf("file %s was added", f.Name))
		case old.Bytes != f.Bytes:
			out = append(out, fmt.Sprintf("file %s had %d bytes and has %d", f.Name, old.Bytes, f.Bytes))
		case !old.Modified.Equal(f.Modified):
			out = append(out, fmt.Sprintf("file %s was written to", f.Name))
		}
		delete(was, f.Name)
	}
	for _, f := range before {
		if _, gone := was[f.Name]; gone {
			out = append(out, fmt.Sprintf("file %s is gone", f.Name))
		}
	}
	return out
}
