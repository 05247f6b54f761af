package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/mapping"
)

// CheckMapping reads a source's mapping, as far as that can be done before the
// source has been read. Its errors are *ConfigError.
func CheckMapping(p *project.Project, s *project.Source) error {
	files, where, err := mappingFiles(p, s.System)
	if err != nil {
		return err
	}
	if _, err := mapping.Load(files); err != nil {
		return &ConfigError{Err: fmt.Errorf("%s: %w", where, err), Advice: "mend the mapping; docs/mapping.md describes the language"}
	}
	return nil
}

// CheckFacilities reads the project's master list of facilities, and holds the
// sources' codes against it. Its errors are *ConfigError.
func CheckFacilities(p *project.Project) error {
	list, err := readFacilities(p)
	if err != nil {
		return err
	}
	for _, s := range p.Config.Sources {
		if code := s.Facility.Code; code != "" && !list.codes[code] {
			return unknownFacility(code, s.ID)
		}
	}
	return nil
}

// CheckTarget opens the unified store for reading, where there is one.
func CheckTarget(ctx context.Context, p *project.Project) (name string, there bool, err error) {
	engine, err := openTarget(p)
	if err != nil {
		return "", false, err
	}
	defer engine.Close()
	name = engine.Name()
	there, err = engine.Exists(ctx, store.Live)
	if errors.Is(err, fs.ErrNotExist) {
		return name, false, nil
	}
	if err != nil || !there {
		return name, there, err
	}
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return name, true, err
	}
	return name, true, s.Close()
}
