package sheet

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih/extract"
)

// Stamp lists the workbooks that the tables are read from, by name, as they lie
// there now. A reading that goes on by position is right as long as the stamp
// is the same. An error is an [*Error].
func (s *Source) Stamp(ctx context.Context) ([]extract.File, error) {
	tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range tables {
		for _, p := range t.parts {
			names = append(names, p.file)
		}
	}
	slices.Sort(names)
	var out []extract.File
	for _, name := range slices.Compact(names) {
		info, err := os.Stat(filepath.Join(s.cfg.Dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, at(name, "", err)
		}
		out = append(out, extract.File{Name: name, Bytes: info.Size(), Modified: info.ModTime().UTC()})
	}
	return out, nil
}
