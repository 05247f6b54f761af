package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sihctl/sih/load/export"
	"github.com/sihctl/sih/load/store"
)

// Crosswalk writes which person each old patient number is to the file at
// path, whole or not at all, and returns the number of its lines.
func Crosswalk(ctx context.Context, o Options, path string) (lines int64, err error) {
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return 0, err
	}
	defer done()
	err = streamFile(path, func(w io.Writer) error {
		lines, err = export.Crosswalk(ctx, s, w)
		return err
	})
	return lines, err
}

// readTarget opens the project's store for reading. What it returns beside it
// closes it.
func readTarget(ctx context.Context, o Options) (store.Store, func() error, error) {
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, nil, err
	}
	there, err := engine.Exists(ctx, store.Live)
	if err == nil && !there {
		err = &ConfigError{Err: fmt.Errorf("there is no store in %s", engine.Name()), Advice: "run `sihctl load` first"}
	}
	if err != nil {
		return nil, nil, errors.Join(err, engine.Close())
	}
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, errors.Join(err, engine.Close())
	}
	return s, func() error { return errors.Join(s.Close(), engine.Close()) }, nil
}
