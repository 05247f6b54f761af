package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/sheet"
	"github.com/sihctl/sih/extract/snapshot"
)

// Extract makes the snapshot of the named sources, of all where none is
// named. A snapshot that is there is checked, and never made again; one that
// was interrupted is gone on with. A source whose window is closed is passed
// over; the error is then a *WindowError, beside what was done of the others.
func Extract(ctx context.Context, o Options, sources []string) ([]SourceExtract, error) {
	for _, name := range sources {
		if o.Project.Config.Source(sih.SourceID(name)) == nil {
			var known []string
			for _, s := range o.Project.Config.Sources {
				known = append(known, string(s.ID))
			}
			return nil, &ConfigError{fmt.Errorf("the project has no source %q", name), fmt.Sprintf("its sources are %v", known)}
		}
	}
	if o.Again {
		if err := renew(o, sources); err != nil {
			return nil, err
		}
	}
	var out []SourceExtract
	var closed error
	for i := range o.Project.Config.Sources {
		s := &o.Project.Config.Sources[i]
		if len(sources) > 0 && !slices.Contains(sources, string(s.ID)) {
			continue
		}
		begin := time.Now()
		done, err := extractSource(ctx, o, s)
		if err != nil {
			err = fmt.Errorf("extract %s: %w", s.ID, err)
			var window *WindowError
			if !errors.As(err, &window) {
				return out, err
			}
			closed = cmp.Or(closed, err) // another source may have other hours
			continue
		}
		done.Seconds = time.Since(begin).Seconds()
		out = append(out, *done)
	}
	return out, closed
}

func extractSource(ctx context.Context, o Options, s *project.Source) (*SourceExtract, error) {
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
	src, err := openSource(o.Project, s, n.add, n.remark)
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

// SourceError tells that a source cannot be read.
type SourceError struct {
	Err    error
	Advice string
}

// Error tells what happened.
func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap returns the reader's own error.
func (e *SourceError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *SourceError) Hint() string { return e.Advice }

func openSource(p *project.Project, s *project.Source, notice, remark func(string)) (extract.Source, error) {
	switch s.Driver {
	case project.MySQL:
		return openMySQL(p, s, notice, remark)
	case project.SQLServer:
		return openSQLServer(p, s, notice, remark)
	case project.Postgres:
		return openPostgres(p, s, notice, remark)
	}
	dir := p.Path(s.Path)
	if _, err := os.Stat(dir); err != nil {
		return nil, &SourceError{err, "mend path of the source in sihctl.yaml, or put its files there"}
	}
	switch s.Driver {
	case project.CSV:
		quote := s.Quote
		if s.Unquoted {
			quote = csvfile.NoQuote
		}
		src, err := csvfile.New(csvfile.Config{
			Dir: dir, Files: s.Files, Tables: s.Tables, Separator: s.Separator, Quote: quote, Escaped: s.Escaped, Encoding: s.Encoding,
		})
		if err != nil {
			return nil, &SourceError{err, "see the source in sihctl.yaml and its files"}
		}
		return src, nil
	case project.XLSX:
		tables := map[string]sheet.Table{}
		for name, sheets := range s.Tables {
			tables[name] = sheet.Table{Sheets: sheets}
		}
		src, err := sheet.New(sheet.Config{Dir: dir, Files: s.Files, Tables: tables})
		if err != nil {
			return nil, &SourceError{err, "see the source in sihctl.yaml and its files"}
		}
		return src, nil
	}
	return nil, &SourceError{fmt.Errorf("this build does not read %s databases", s.Driver), "export the tables as files, or give a snapshot"}
}

// verified checks every file of a finished snapshot.
func verified(ctx context.Context, o Options, s *project.Source, snap *snapshot.Snapshot) (*SourceExtract, error) {
	if snap.Source != s.ID && s.Driver != project.Snapshot {
		return nil, &ConfigError{
			fmt.Errorf("the snapshot in %s is of source %s", o.Project.SnapshotDir(s), snap.Source),
			"move it away, or name the source as it was named when it was extracted",
		}
	}
	if err := forget(o, s); err != nil {
		return nil, err
	}
	out := count(o, s, snap)
	out.Skipped = true
	if len(o.Project.Config.Recipients) > 0 && !o.Plain && !snap.Encrypted && s.Driver != project.Snapshot {
		text := "the snapshot that is there is plain, though the project names recipients; to have it encrypted, move it away and extract again"
		out.Notes = append(out.Notes, text)
		o.note(string(s.ID) + ": " + text)
	}
	err := snap.Verify(ctx, func(n int64) {
		o.progress(Progress{Stage: "extract", Step: string(s.ID) + ", checking", Done: n, Unit: "bytes"})
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

func count(o Options, s *project.Source, snap *snapshot.Snapshot) *SourceExtract {
	out := &SourceExtract{Source: s.ID, Snapshot: o.Project.SnapshotDir(s), Tables: len(snap.Tables), Hash: snap.Hash, Encrypted: snap.Encrypted, Readable: snap.Readable() == nil}
	for _, t := range snap.Tables {
		out.Rows += int64(t.Rows + t.Rejected)
		out.Rejected += int64(t.Rejected)
		out.Files += int64(t.Attached.Copied)
		out.FilesMissed += int64(t.Attached.Named - t.Attached.Copied)
	}
	return out
}
