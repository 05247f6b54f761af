package store

import (
	"context"
	"fmt"
	"time"
)

// Place is one of the places that a target has for a store.
type Place int

// The places. A store is built beside the live one and takes its place when it
// is whole, so that an interrupted load leaves what was there.
const (
	Live Place = iota
	Building
	Previous
)

// String names the place.
func (p Place) String() string {
	switch p {
	case Live:
		return "live"
	case Building:
		return "building"
	case Previous:
		return "previous"
	}
	return fmt.Sprintf("place %d", int(p))
}

// Beside names a server's schema or database for the place, where the live
// store's has this name.
func (p Place) Beside(live string) string {
	if p == Live {
		return live
	}
	return live + "_" + p.String()
}

// Options say how a store is opened. The zero value opens it for loading.
type Options struct {
	// ReadOnly opens a finished store for reading; several may do so at once.
	ReadOnly bool
	// Now gives the time for updated_at and loaded_at, time.Now where it is
	// nil. It is asked once for each chunk.
	Now func() time.Time
	// Busy is how long to wait for another program to let go of the store, 2
	// seconds where it is 0.
	Busy time.Duration
}

// Engine holds the stores of one target. What it refuses is an [*Error].
type Engine interface {
	// Name tells the target to its user, without credentials: a file, or
	// server, database and schema.
	Name() string
	// Exists tells whether there is a store, or anything else, in a place. An
	// empty file or schema is none.
	Exists(context.Context, Place) (bool, error)
	// Open opens the store in a place. It creates one where there is none,
	// unless it is opened for reading only.
	Open(context.Context, Place, Options) (Store, error)
	// Move puts the store of one place in another, whose own is removed: whole
	// or not at all. Nobody must have either open. Where there is none to
	// move, it does nothing.
	Move(ctx context.Context, from, to Place) error
	// Remove removes the store of a place, or what is left of one.
	Remove(context.Context, Place) error
	// Close frees what the engine holds; the stores that it opened are closed
	// before.
	Close() error
}
