package reading

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// OpenRecords opens a source to be looked at, and changes nothing: its snapshot
// where that is finished and the project has the key to it, which snap then is,
// and otherwise the source itself, without what is left out of it. Note is told
// what a reading finds; it may be nil.
func OpenRecords(p *project.Project, s *project.Source, note func(string)) (src extract.Source, snap *snapshot.Snapshot, err error) {
	snap, err = p.OpenSnapshot(s)
	if err == nil {
		err = snap.Readable()
	}
	var key *snapshot.KeyError
	switch {
	case err == nil:
		return SnapshotRecords(snap), snap, nil
	case s.Driver == project.Snapshot && errors.Is(err, fs.ErrNotExist):
		return nil, nil, &SourceError{err, "put the snapshot that the hospital sent there, or mend path in sihctl.yaml"}
	case s.Driver == project.Snapshot:
		return nil, nil, err
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, snapshot.ErrIncomplete), errors.As(err, &key):
	default:
		return nil, nil, err
	}
	if note == nil {
		note = func(string) {}
	}
	src, err = Open(p, s, note, note)
	if err != nil {
		return nil, nil, err
	}
	return &keptRecords{src, s.LeaveOut}, nil, nil
}

// SnapshotRecords returns the rows of a snapshot as a source.
func SnapshotRecords(s *snapshot.Snapshot) extract.Source { return snapshotRecords{s} }

type snapshotRecords struct{ *snapshot.Snapshot }

// Tables implements [extract.Source].
func (s snapshotRecords) Tables(context.Context) ([]extract.Table, error) {
	tables := make([]extract.Table, len(s.Snapshot.Tables))
	for i, t := range s.Snapshot.Tables {
		tables[i] = t.Table
	}
	return tables, nil
}

// Rows implements [extract.Source].
func (s snapshotRecords) Rows(ctx context.Context, table string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		t, ok := s.Table(table)
		if !ok {
			yield(nil, fmt.Errorf("the snapshot has no table %s", table))
			return
		}
		for _, c := range t.Chunks {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			for row, err := range s.Snapshot.Rows(t, c) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
		for _, c := range t.Rejects {
			list, err := s.Rejected(c)
			for i := 0; err == nil && i < len(list); i++ {
				err = reject(list[i])
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// Close implements [extract.Source]: a snapshot holds nothing open.
func (s snapshotRecords) Close() error { return nil }

// keptRecords is a source without the tables and columns that are left out.
type keptRecords struct {
	extract.Source
	out map[string]project.LeaveOut
}

// Tables lists the tables without what is left out.
func (k *keptRecords) Tables(ctx context.Context) ([]extract.Table, error) {
	all, err := k.Source.Tables(ctx)
	if err != nil {
		return nil, &SourceError{err, "see the source in sihctl.yaml"}
	}
	var tables []extract.Table
	for _, t := range all {
		if out := k.out[t.Name]; !out.All {
			_, kept := keptColumns(t, out)
			tables = append(tables, kept)
		}
	}
	return tables, nil
}

// Rows yields the rows without the columns that are left out.
func (k *keptRecords) Rows(ctx context.Context, table string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		all, err := k.Source.Tables(ctx)
		if err != nil {
			yield(nil, &SourceError{err, "see the source in sihctl.yaml"})
			return
		}
		var keep []int
		for _, t := range all {
			if t.Name == table {
				keep, _ = keptColumns(t, k.out[table])
			}
		}
		narrow := make(extract.Row, len(keep))
		for row, err := range k.Source.Rows(ctx, table, reject) {
			if err != nil {
				if ctx.Err() == nil {
					err = &SourceError{err, "see the source in sihctl.yaml"}
				}
				yield(nil, err)
				return
			}
			for i, at := range keep {
				narrow[i] = row[at]
			}
			if !yield(narrow, nil) {
				return
			}
		}
	}
}
