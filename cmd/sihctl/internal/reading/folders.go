package reading

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// AttachedFolder is a folder of files that a table's rows name.
type AttachedFolder struct {
	Table, Dir   string
	Files, Bytes int64 // that it holds, whether rows name them or not
	More         bool  // it holds more: there was no time to count them
	Err          error // it cannot be read
}

// countTime is how long the files of a source's folders are counted: a hundred
// thousand are counted in it on a disk, some thousands on a slow share.
const countTime = 5 * time.Second

// AttachedFolders looks at the folders of a source's attachments. The error is
// that of ctx alone.
func AttachedFolders(ctx context.Context, p *project.Project, s *project.Source) ([]AttachedFolder, error) {
	var out []AttachedFolder
	until := time.Now().Add(countTime)
	for _, table := range slices.Sorted(maps.Keys(s.Attachments)) {
		f := AttachedFolder{Table: table, Dir: p.Path(s.Attachments[table].Folder)}
		folder, err := snapshot.OpenFolder(f.Dir)
		if err != nil {
			f.Err = err
		} else {
			folder.Close()
			f.count(ctx, until)
		}
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		out = append(out, f)
	}
	return out, nil
}

var errLate = errors.New("it takes too long")

// count counts the folder's files. What it cannot look into it passes over, as
// the rows may name nothing there.
func (f *AttachedFolder) count(ctx context.Context, until time.Time) {
	err := filepath.WalkDir(f.Dir, func(_ string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(until):
			return errLate
		case err != nil || !d.Type().IsRegular():
			return nil
		}
		if info, err := d.Info(); err == nil {
			f.Files++
			f.Bytes += info.Size()
		}
		return nil
	})
	f.More = errors.Is(err, errLate)
}
