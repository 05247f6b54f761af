package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is a fault of a mapping file.
type Error struct {
	File         string
	Line, Column int // from 1, or 0 where the place is not known
	Err          error
}

// Error says where and what.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap returns the fault itself.
func (e *Error) Unwrap() error { return e.Err }

// Faults are all the faults of one file, or of a system's, by file and line.
type Faults []*Error

// Error tells the first one, and how many there are besides.
func (l Faults) Error() string {
	switch len(l) {
	case 0:
		return "no fault"
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", l[0], len(l)-1)
}

// Unwrap returns each of them.
func (l Faults) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// AllFaults returns the faults that errors of this package hold, by file and
// place.
func AllFaults(errs ...error) Faults {
	var l Faults
	for _, err := range errs {
		l.add(&File{}, err)
	}
	return l.sorted()
}

// add adds what is wrong; a fault without a place is the file's.
func (l *Faults) add(f *File, err error) {
	var list Faults
	var one *Error
	switch {
	case err == nil:
	case errors.As(err, &list):
		*l = append(*l, list...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, &Error{File: f.Path, Err: err})
	}
}

// err returns the faults as an error, nil where there are none.
func (l Faults) err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// sorted returns the faults by file and place, each once: what several fields
// share through an anchor is found several times.
func (l Faults) sorted() Faults {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(l, func(a, b *Error) bool { return a.Error() == b.Error() })
}

func (f *File) fault(n yaml.Node, format string, args ...any) error {
	return &Error{f.Path, n.Line, n.Column, fmt.Errorf(format, args...)}
}

// notYAML takes the line out of the parser's words, which tell no column.
func notYAML(name string, err error) *Error {
	e := &Error{File: name, Err: fmt.Errorf("not YAML: %w", err)}
	rest, found := strings.CutPrefix(err.Error(), "yaml: line ")
	line, what, ok := strings.Cut(rest, ": ")
	if n, bad := strconv.Atoi(line); found && ok && bad == nil {
		e.Line, e.Column, e.Err = n, 1, fmt.Errorf("not YAML: %s", what)
	}
	return e
}
