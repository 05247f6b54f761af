package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/sihctl/sih"
)

// What a store can refuse, for [errors.Is].
var (
	ErrForeign      = errors.New("not a unified store")
	ErrSchema       = errors.New("a unified store of another schema version")
	ErrUnreachable  = errors.New("cannot be reached")
	ErrReadOnly     = errors.New("cannot be written to")
	ErrLocked       = errors.New("in use by another program")
	ErrFull         = errors.New("no space left")
	ErrDamaged      = errors.New("damaged")
	ErrChunkChanged = errors.New("the chunk is in the store with other content")
	ErrClosed       = errors.New("the store is closed")
	ErrTwice        = errors.New("the run has written this id before")
)

// Error is a store's refusal: what was tried, on which store, why, and what
// may help.
type Error struct {
	Op   string // a verb and its object: open, load chunk NAME
	Path string // the store, without credentials
	// Why is one of the errors above, or nil where none fits.
	Why error
	// Hint is advice to the user, one sentence, or empty.
	Hint string
	// Err is the engine's own error, if there is one.
	Err error
}

// Error tells all but the hint.
func (e *Error) Error() string {
	switch {
	case e.Why == nil:
		return fmt.Sprintf("%s: %s: %v", e.Op, e.Path, e.Err)
	case e.Err == nil:
		return fmt.Sprintf("%s: %s: %v", e.Op, e.Path, e.Why)
	}
	return fmt.Sprintf("%s: %s: %v: %v", e.Op, e.Path, e.Why, e.Err)
}

// Unwrap returns the reason and the engine's error.
func (e *Error) Unwrap() []error {
	var list []error
	if e.Why != nil {
		list = append(list, e.Why)
	}
	if e.Err != nil {
		list = append(list, e.Err)
	}
	return list
}

// Refusal is a fault of which an engine knows the reason and what may help; the
// engine makes an [*Error] of it, which says on which store.
type Refusal struct {
	Why  error
	Hint string
	Err  error // more of it, or nil
}

// Refuse returns a [Refusal].
func Refuse(why error, hint string, err error) error { return Refusal{why, hint, err} }

// Error is the reason.
func (r Refusal) Error() string { return r.Why.Error() }

// Explain makes an [*Error] of what an engine met: what was tried, on which
// store, and what reason knows of it: why, what may help, and the error without
// what may quote a value. A [Refusal] knows all of it itself. The end of ctx,
// and what is complete already, stay as they are.
func Explain(ctx context.Context, op, path string, err error, reason func(error) (why error, hint string, quiet error)) error {
	var done *Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &done), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	out := &Error{Op: op, Path: path}
	var r Refusal
	if errors.As(err, &r) {
		out.Why, out.Hint, out.Err = r.Why, r.Hint, r.Err
	} else {
		out.Why, out.Hint, out.Err = reason(err)
	}
	return out
}

// LostHint is the advice where a server has gone in the midst of something.
const LostHint = "See that the server still runs, and its log; run the same command again: it goes on from there."

// RowError tells that an entity does not fit its table. It holds no value of
// the row.
type RowError struct {
	Table  string
	ID     sih.ID // the zero ID where the table has none
	Column string // empty where the whole row is meant
	Err    error
}

// Error names table, row and column.
func (e *RowError) Error() string {
	s := e.Table
	if !e.ID.IsZero() {
		s += " " + e.ID.String()
	}
	if e.Column != "" {
		s += " column " + e.Column
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *RowError) Unwrap() error { return e.Err }

// ReferenceError tells that rows point at rows that are not there.
type ReferenceError struct {
	// Broken lists the references, in the order of the schema.
	Broken []BrokenReference
}

// BrokenReference is a reference that some rows fill with what is not there.
type BrokenReference struct {
	Table, Column, Target string
	Rows                  int64
	First                 string // the smallest key of such a row
}

// Error names the first reference and counts the rest.
func (e *ReferenceError) Error() string {
	if len(e.Broken) == 0 {
		return "references point at nothing"
	}
	b := e.Broken[0]
	s := fmt.Sprintf("%d rows of %s point by %s at no %s, first %s", b.Rows, b.Table, b.Column, b.Target, b.First)
	if n := len(e.Broken) - 1; n > 0 {
		s += fmt.Sprintf(" (and %d other references)", n)
	}
	return s
}
