package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/sihctl/sih/load/store"
)

// At returns the engine whose live store is the file at path. Its other places
// are files beside it.
func At(path string) store.Engine { return engine{path} }

// engine is a target's files.
type engine struct{ path string }

// Name is the live file's path.
func (e engine) Name() string { return e.path }

// file names the file of a place.
func (e engine) file(p store.Place) string {
	switch p {
	case store.Building:
		return e.path + ".partial"
	case store.Previous:
		return e.path + ".previous"
	}
	return e.path
}

// fault tells which file an operation was about.
func (e engine) fault(op string, p store.Place, err error) error {
	if err == nil {
		return nil
	}
	return (&Store{path: e.file(p)}).fault(op, err)
}

// Exists tells whether there is a file that is not empty.
func (e engine) Exists(_ context.Context, p store.Place) (bool, error) {
	info, err := os.Stat(e.file(p))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, e.fault("look for", p, err)
	}
	return info.Size() > 0, nil
}

// Open opens the file, which is its user's alone: it holds patients' data.
func (e engine) Open(_ context.Context, p store.Place, o store.Options) (store.Store, error) {
	if !o.ReadOnly {
		f, err := os.OpenFile(e.file(p), os.O_CREATE|os.O_RDWR, 0o600)
		if err == nil {
			err = f.Close()
		}
		// Opening the store says these better.
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, e.fault("create", p, err)
		}
	}
	options := Options{Options: o}
	if p == store.Live {
		options.CacheMiB = liveCache
	}
	return Open(e.file(p), options)
}

// liveCache is the memory for pages of a live store, in MiB: what reads it goes
// through whole tables, where a cache serves little, and each of its sorts may
// take as much again.
const liveCache = 32

// Move renames the file.
func (e engine) Move(ctx context.Context, from, to store.Place) error {
	if there, err := e.Exists(ctx, from); err != nil || !there {
		return err
	}
	// The log of a store that is replaced would be taken for the new one's.
	for _, end := range beside {
		if err := os.Remove(e.file(to) + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return e.fault("replace", to, err)
		}
	}
	return e.fault("move", from, os.Rename(e.file(from), e.file(to)))
}

// beside are the ends of the names of the files that SQLite keeps beside its
// own.
var beside = []string{"-wal", "-shm", "-journal"}

// Remove removes the file and those beside it.
func (e engine) Remove(_ context.Context, p store.Place) error {
	for _, end := range append([]string{""}, beside...) {
		if err := os.Remove(e.file(p) + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return e.fault("remove", p, err)
		}
	}
	return nil
}

// Close has nothing to free.
func (e engine) Close() error { return nil }
