package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sihctl/sih/load/store"
)

// SchemaVersion is a version that a store's schema has had.
type SchemaVersion struct {
	Version   int64  `json:"version"`
	AppliedAt string `json:"applied_at"` // UTC
	What      string `json:"what"`
}

// Upgrade brings the project's store to the latest version of the schema, and
// lists the versions that it has had.
func Upgrade(ctx context.Context, o Options) (list []SchemaVersion, err error) {
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	there, err := engine.Exists(ctx, store.Live)
	if err == nil && !there {
		err = &ConfigError{Err: fmt.Errorf("there is no store in %s", engine.Name()), Advice: "run `sihctl load` first"}
	}
	if err != nil {
		return nil, err
	}
	s, err := engine.Open(ctx, store.Live, store.Options{Now: o.Now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.Query(ctx, "SELECT version, applied_at, what FROM schema_version ORDER BY version", nil, func(r store.Row) error {
		list = append(list, SchemaVersion{r.Int(0), strings.Clone(r.Text(1)), strings.Clone(r.Text(2))})
		return nil
	})
	return list, err
}
