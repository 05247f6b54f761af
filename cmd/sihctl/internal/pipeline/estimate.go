package pipeline

import (
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
	Need   int64        `json:"need"`   // bytes of the snapshot
	Room   int64        `json:"room"`   // bytes free where it goes
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
	e := &SourceEstimate{Source: s.ID, Rate: s.MaxRate}
	if e.Rate == 0 {
		e.Rate = UsualRate
	}
	var err error
	if e.Room, err = disk.Free(o.Project.SnapshotDir(s)); err != nil {
		return nil, err
	}
	if snap, err := o.Project.PeekSnapshot(s); err == nil {
		e.There, e.Tables, e.Rows = true, len(snap.Tables), count(o, s, snap).Rows
		return e, nil
	}
	if s.Driver == project.Snapshot {
		return e, nil // it is sent, not extracted
	}
	src, err := OpenSource(o.Project, s, func(string) {})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	x := &reading{o: o, s: s, src: src}
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, x.sourceError(err)
	}
	if err := e.size(ctx, x, tables); err != nil {
		return nil, x.sourceError(err)
	}
	takes := time.Duration(float64(e.Rows) / float64(e.Rate) * float64(time.Second))
	e.Hours = takes.Hours()
	if !s.Window.Always() && e.Rows > 0 {
		length := s.Window.Length()
		e.Nights = int((takes + length - 1) / length)
	}
	return e, nil
}

// size finds out how large the tables are that would be read, and their
// snapshot: rows, compressed, come to about a third of what they take on a
// server or in a text. Workbooks are compressed already.
func (e *SourceEstimate) size(ctx context.Context, x *reading, tables []extract.Table) error {
	var sizes []extract.Size
	var err error
	if db, ok := x.src.(extract.Database); ok {
		if sizes, err = db.Survey(ctx); err != nil {
			return err
		}
	}
	for i, t := range tables {
		if x.s.LeaveOut[t.Name].All {
			continue
		}
		e.Tables++
		if i < len(sizes) {
			e.Rows += sizes[i].Rows
			e.Bytes += sizes[i].Bytes
		}
	}
	if files, ok := x.src.(stamped); ok {
		list, err := files.Stamp(ctx)
		if err != nil {
			return err
		}
		for _, f := range list {
			e.Bytes += f.Bytes
		}
	}
	e.Need = e.Bytes / 3
	if x.s.Driver == project.XLSX {
		e.Need = e.Bytes
	}
	return nil
}
