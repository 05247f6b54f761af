package reading

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

// UsualRate is how many rows a second are counted on where no rate is set: a
// quarter of what SQL Server gave by chunks on a quiet machine.
const UsualRate = 10_000

// SourceEstimate is about what the extraction of a source would take.
type SourceEstimate struct {
	Source sih.SourceID `json:"source"`
	There  bool         `json:"there"`  // its snapshot is there, whole: there is nothing to do
	Tables int          `json:"tables"` // that would be read
	Rows   int64        `json:"rows"`   // 0 for files, where only reading tells
	Bytes  int64        `json:"bytes"`  // of the rows on the server, or of the files
	Rate   int64        `json:"rate"`   // rows a second that are counted on
	Hours  float64      `json:"hours"`  // at that rate; 0 for files
	Nights int          `json:"nights"` // windows that takes; 0 where the source has none
	// Files, of FileBytes, lie in the folders of attachments, MoreFiles where
	// there was no time to count them all.
	Files     int64 `json:"files"`
	FileBytes int64 `json:"file_bytes"`
	MoreFiles bool  `json:"more_files"`
	Need      int64 `json:"need"` // bytes of the snapshot, at most
	Room      int64 `json:"room"` // bytes free where it goes
}

// Estimate asks how large the named sources are, all where none is named, and
// reads no table.
func Estimate(ctx context.Context, o Options, sources []string) ([]SourceEstimate, error) {
	var out []SourceEstimate
	for i := range o.Project.Config.Sources {
		s := &o.Project.Config.Sources[i]
		if len(sources) > 0 && !slices.Contains(sources, string(s.ID)) {
			continue
		}
		e, err := estimate(ctx, o, s)
		if err != nil {
			return out, err
		}
		out = append(out, *e)
	}
	return out, nil
}

func estimate(ctx context.Context, o Options, s *project.Source) (*SourceEstimate, error) {
	e := &SourceEstimate{Source: s.ID, Rate: Rate(s)}
	var err error
	if e.Room, err = disk.Free(o.Project.SnapshotDir(s)); err != nil {
		return nil, err
	}
	if snap, err := o.Project.PeekSnapshot(s); err == nil {
		e.There, e.Tables, e.Rows = true, len(snap.Tables), Summary(o, s, snap).Rows
		return e, nil
	}
	if s.Driver == project.Snapshot {
		return e, nil // it is sent, not extracted
	}
	src, err := Open(o.Project, s, silent, silent)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	x := &reading{o: o, s: s, src: src}
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, x.sourceError(err)
	}
	size, err := Measure(ctx, s, src, tables)
	if err != nil {
		return nil, x.sourceError(err)
	}
	e.Tables, e.Rows, e.Bytes = size.Tables, size.Rows, size.Bytes
	takes := size.Takes(s)
	e.Hours, e.Nights = takes.Hours(), Nights(s, takes)
	// Rows, compressed, come to about a third of what they take on a server or
	// in a text. Workbooks are compressed already, and so are most scans.
	e.Need = e.Bytes / 3
	if s.Driver == project.XLSX {
		e.Need = e.Bytes
	}
	folders, err := AttachedFolders(ctx, o.Project, s)
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if f.Err != nil {
			return nil, f.Err
		}
		e.Files, e.FileBytes, e.MoreFiles = e.Files+f.Files, e.FileBytes+f.Bytes, e.MoreFiles || f.More
	}
	e.Need += e.FileBytes
	return e, nil
}

// Rate is how many rows a second of a source are counted on.
func Rate(s *project.Source) int64 { return cmp.Or(s.MaxRate, UsualRate) }

// SourceSize is about how large that of a source is which will be read.
type SourceSize struct {
	Tables int
	Rows   int64 // 0 for files, where only reading tells
	Bytes  int64 // of the rows on the server, or of the files
}

// Measure asks a source how large its tables are that will be read, and reads
// none.
func Measure(ctx context.Context, s *project.Source, src extract.Source, tables []extract.Table) (out SourceSize, err error) {
	var sizes []extract.Size
	if db, ok := src.(extract.Database); ok {
		if sizes, err = db.Survey(ctx); err != nil {
			return out, err
		}
	}
	for i, t := range tables {
		if s.LeaveOut[t.Name].All {
			continue
		}
		out.Tables++
		if i < len(sizes) {
			out.Rows += sizes[i].Rows
			out.Bytes += sizes[i].Bytes
		}
	}
	if files, ok := src.(stamped); ok {
		list, err := files.Stamp(ctx)
		if err != nil {
			return out, err
		}
		for _, f := range list {
			out.Bytes += f.Bytes
		}
	}
	return out, nil
}

// Takes is how long reading the rows takes at the source's rate.
func (z SourceSize) Takes(s *project.Source) time.Duration {
	return time.Duration(float64(z.Rows) / float64(Rate(s)) * float64(time.Second))
}

// Nights is how many of a source's windows something takes; 0 where it has
// none, or takes no time.
func Nights(s *project.Source, takes time.Duration) int {
	if s.Window.Always() {
		return 0
	}
	length := s.Window.Length()
	return int((takes + length - 1) / length)
}
