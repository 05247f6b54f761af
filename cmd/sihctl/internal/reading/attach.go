package reading

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// checkAttachments refuses a config that wants the files of tables or columns
// that are not read.
func checkAttachments(s *project.Source, tables []extract.Table) error {
	for _, name := range slices.Sorted(maps.Keys(s.Attachments)) {
		column := s.Attachments[name].Column
		i := slices.IndexFunc(tables, func(t extract.Table) bool { return t.Name == name })
		if i < 0 || s.LeaveOut[name].All {
			return &ConfigError{fmt.Errorf("attachments name the table %s, which is not read", name), "mend attachments of the source in sihctl.yaml"}
		}
		_, kept := keptColumns(tables[i], s.LeaveOut[name])
		if !slices.ContainsFunc(kept.Columns, func(c extract.Column) bool { return c.Name == column }) {
			return &ConfigError{fmt.Errorf("attachments name the column %s of %s, which is not read", column, name), "mend attachments of the source in sihctl.yaml"}
		}
	}
	return nil
}

// shownFaults is how many rows of a table are named one by one whose file could
// not be copied. The others are counted.
const shownFaults = 10

// attachFiles has the files copied with a table's rows, where the config says
// so. It is called in each run before the first row; close, which is to be
// called behind the last, lets go of their folder.
func attachFiles(ctx context.Context, o Options, s *project.Source, tw *snapshot.TableWriter, table string) (close func(), err error) {
	a, ok := s.Attachments[table]
	if !ok {
		return func() {}, nil
	}
	folder, err := snapshot.OpenFolder(o.Project.Path(a.Folder))
	if err != nil {
		return nil, err
	}
	shown := 0
	missed := func(ref sih.Ref, fault snapshot.Fault) {
		if shown++; shown <= shownFaults {
			o.note(fmt.Sprintf("%s: the file that %s names %s", ref, a.Column, faultWords(fault)))
		}
	}
	if err := tw.Attach(ctx, snapshot.Attach{Column: a.Column, Folder: folder, Missed: missed}); err != nil {
		folder.Close()
		return nil, err
	}
	return func() { folder.Close() }, nil
}

// faultWords says what is the matter with a file.
func faultWords(f snapshot.Fault) string {
	switch f {
	case snapshot.Missing:
		return "is not there"
	case snapshot.Unreadable:
		return "cannot be read"
	case snapshot.Outside:
		return "lies outside of the folder"
	case snapshot.BadName:
		return "has a name that no file has"
	case snapshot.NoFile:
		return "is no file"
	case snapshot.Changed:
		return "was written to while it was copied"
	}
	return "is " + string(f)
}

// noteAttached tells how many files were copied, and how many not.
func noteAttached(o Options, s *project.Source, snap *snapshot.Snapshot) {
	for _, t := range snap.Tables {
		if t.FileColumn == "" {
			continue
		}
		a := t.Attached
		text := fmt.Sprintf("%s: %s: of %d rows whose %s names a file, %d have it in the snapshot", s.ID, t.Name, a.Named, t.FileColumn, a.Copied)
		var faults []string
		for _, f := range slices.Sorted(maps.Keys(a.Faults)) {
			faults = append(faults, fmt.Sprintf("%d %s", a.Faults[f], faultWords(f)))
		}
		if faults != nil {
			text += "; " + strings.Join(faults, ", ")
		}
		o.note(text)
	}
}
