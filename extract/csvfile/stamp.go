package csvfile

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
)

// Stamp lists the files that the tables are read from, by name, as they lie
// there now. A reading that goes on by position is right as long as the stamp
// is the same. An error is an [*Error].
func (s *Source) Stamp(ctx context.Context) ([]extract.File, error) {
	tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	var out []extract.File
	for _, t := range tables {
		for _, name := range t.files {
			info, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(name)))
			if err != nil {
				return nil, &Error{File: name, Err: err}
			}
			out = append(out, extract.File{Name: name, Bytes: info.Size(), Modified: info.ModTime().UTC()})
		}
	}
	slices.SortFunc(out, func(a, b extract.File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
