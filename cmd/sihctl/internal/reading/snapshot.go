package reading

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// Extracted is what there is of a source in its snapshot, and how it came there.
type Extracted struct {
	Source   sih.SourceID `json:"source"`
	Snapshot string       `json:"snapshot"` // its directory
	Tables   int          `json:"tables"`
	Rows     int64        `json:"rows"`     // rows and records that were no rows
	Rejected int64        `json:"rejected"` // records that could not be read as rows
	// Files counts the rows whose file was copied, FilesMissed those whose file
	// was not, or not as it should be; both are of tables with attachments.
	Files       int64   `json:"files,omitempty"`
	FilesMissed int64   `json:"files_missed,omitempty"`
	Seconds     float64 `json:"seconds"`
	Skipped     bool    `json:"skipped"` // was there already, whole
	// Encrypted tells whether its rows are; Readable, whether the project has
	// the key to them.
	Hash      string `json:"hash"` // SHA-256 of its manifest, which stands for the whole snapshot
	Encrypted bool   `json:"encrypted"`
	Readable  bool   `json:"readable"`
	// Notes are what a user should know of the reading, a sentence each.
	Notes []string `json:"notes,omitempty"`
}

// Snapshot makes the snapshot of a source. One that is there is checked, and
// never made again; one that was interrupted is gone on with. Where the source's
// window is closed the error is a *WindowError.
func Snapshot(ctx context.Context, o Options, s *project.Source) (*Extracted, error) {
	dir := o.Project.SnapshotDir(s)
	snap, err := o.Project.PeekSnapshot(s)
	switch {
	case err == nil:
		return verified(ctx, o, s, snap)
	case s.Driver == project.Snapshot && errors.Is(err, fs.ErrNotExist):
		return nil, &SourceError{err, "put the snapshot that the hospital sent there, or mend path in sihctl.yaml"}
	case s.Driver == project.Snapshot, !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, snapshot.ErrIncomplete):
		return nil, err
	}
	if !s.Window.Open(o.now()) {
		return nil, (&hours{now: o.now, window: s.Window}).closed(false)
	}
	n := &notes{show: func(text string) { o.note(string(s.ID) + ": " + text) }}
	src, err := Open(o.Project, s, n.add, n.remark)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	out, err := read(ctx, o, s, src, dir, n)
	if err == nil {
		out.Notes = n.all
	}
	return out, err
}

// verified checks every file of a finished snapshot.
func verified(ctx context.Context, o Options, s *project.Source, snap *snapshot.Snapshot) (*Extracted, error) {
	if snap.Source != s.ID && s.Driver != project.Snapshot {
		return nil, &ConfigError{
			fmt.Errorf("the snapshot in %s is of source %s", o.Project.SnapshotDir(s), snap.Source),
			"move it away, or name the source as it was named when it was extracted",
		}
	}
	if err := forget(o, s); err != nil {
		return nil, err
	}
	out := Summary(o, s, snap)
	out.Skipped = true
	if len(o.Project.Config.Recipients) > 0 && !o.Plain && !snap.Encrypted && s.Driver != project.Snapshot {
		text := "the snapshot that is there is plain, though the project names recipients; to have it encrypted, move it away and extract again"
		out.Notes = append(out.Notes, text)
		o.note(string(s.ID) + ": " + text)
	}
	err := snap.Verify(ctx, func(n int64) {
		o.progress(string(s.ID)+", checking", n, 0, "bytes")
	})
	return out, err
}

// forget clears the ledger of what a run left there that was killed just after
// it had finished the snapshot: the keys of its rows.
func forget(o Options, s *project.Source) error {
	if s.Driver == project.Snapshot {
		return nil
	}
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return err
	}
	defer ledger.Close()
	if p, err := ledger.Extraction(s.ID); p == nil || err != nil {
		return err
	}
	return ledger.FinishExtraction(s.ID)
}

// Summary is what there is of a source in a finished snapshot.
func Summary(o Options, s *project.Source, snap *snapshot.Snapshot) *Extracted {
	out := &Extracted{Source: s.ID, Snapshot: o.Project.SnapshotDir(s), Tables: len(snap.Tables), Hash: snap.Hash, Encrypted: snap.Encrypted, Readable: snap.Readable() == nil}
	for _, t := range snap.Tables {
		out.Rows += int64(t.Rows + t.Rejected)
		out.Rejected += int64(t.Rejected)
		out.Files += int64(t.Attached.Copied)
		out.FilesMissed += int64(t.Attached.Named - t.Attached.Copied)
	}
	return out
}
