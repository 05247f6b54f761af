package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// snapshots counts every snapshot. Indexes of joined tables hold patients' data:
// they lie beside the workbook while they are needed.
func (x *alone) snapshots(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(x.ask.Out), ".reconcile-")
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, folder := range x.ask.Snapshots {
		if err := x.snapshot(ctx, dir, folder); err != nil {
			return err
		}
	}
	slices.SortFunc(x.p.sources, func(a, b *sourcePlan) int { return strings.Compare(string(a.config.ID), string(b.config.ID)) })
	for _, s := range x.p.sources {
		x.run.Sources = append(x.run.Sources, workbook.Source{
			ID: s.config.ID, System: s.config.System, Driver: x.vendors[s.config.ID][1], Facility: s.config.Facility.Code,
			Views: s.snap.Views, SnapshotHash: s.snap.Hash, MappingHash: s.mapping,
		})
	}
	return nil
}

// snapshot counts the rows of a snapshot and puts them against what the store
// says became of them.
func (x *alone) snapshot(ctx context.Context, dir, folder string) error {
	name := filepath.Base(folder)
	snap, err := x.ask.Keys.Open(folder)
	if err != nil {
		return &reading.SourceError{Err: fmt.Errorf("snapshot %s: %w", name, err), Advice: "see --snapshot, --identity and --sender"}
	}
	if err := snap.Readable(); err != nil {
		return fmt.Errorf("snapshot %s: %w", name, err)
	}
	source, ok := x.hashes[snap.Content]
	if !ok {
		return &ConfigError{Err: fmt.Errorf("snapshot %s: no source of the store was loaded from it", name), Advice: "give the snapshot that was loaded: the store keeps the hash of its content"}
	}
	if slices.ContainsFunc(x.p.sources, func(s *sourcePlan) bool { return s.config.ID == source }) {
		return &ConfigError{Err: fmt.Errorf("snapshot %s: another of source %s was given", name, source), Advice: "give each once"}
	}
	s := &sourcePlan{config: x.config(source), snap: snap, plans: map[string]*mapping.Plan{}}
	files, where, err := x.mapping(s.config.System)
	if err != nil {
		return err
	}
	if err := x.p.prepare(s, files, where, x.p.project.Config.Country); err != nil {
		return err
	}
	x.p.sources = append(x.p.sources, s)
	counted, err := x.count(ctx, s, dir)
	if err != nil {
		return err
	}
	for _, t := range snap.Tables {
		if n := counted[t.Name]; n > 0 {
			x.tally.Rows(reconcile.RowsKey{Source: source, Table: t.Name}).Extracted += n
		}
	}
	for _, l := range x.counts.Rows {
		if l.Source == source {
			c := x.tally.Rows(l.RowsKey)
			c.Accepted, c.Rejected, c.Excluded, c.Joined, c.LeftOut = l.Accepted, l.Rejected, l.Excluded, l.Joined, l.LeftOut
		}
	}
	return nil
}

// config is what the given config says of a source, or what the store does: a
// source whose counts are all of one facility is that facility's.
func (x *alone) config(source sih.SourceID) *project.Source {
	if c := x.p.project.Config.Source(source); c != nil {
		return c
	}
	c := &project.Source{ID: source, System: x.vendors[source][0]}
	facilities := map[string]bool{}
	for _, l := range x.counts.Controls {
		if l.Source == source && l.Facility != "" {
			facilities[l.Facility] = true
			c.Facility.Code = l.Facility
		}
	}
	if len(facilities) != 1 {
		c.Facility.Code = ""
	}
	return c
}

// mapping finds a system's mapping.
func (x *alone) mapping(system string) (fs.FS, string, error) {
	if x.ask.Mapping != "" {
		dir := filepath.Join(x.ask.Mapping, system)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return os.DirFS(dir), dir, nil
		}
	}
	if x.ask.Config != "" {
		return mappingFiles(x.p.project, system)
	}
	if files, ok := mappings.System(system); ok {
		return files, "built-in mapping of " + system, nil
	}
	return nil, "", &ConfigError{Err: fmt.Errorf("there is no mapping of a system called %q", system), Advice: "give the folder that holds it with --mapping"}
}

// count reads every row of a snapshot: it counts them by table, and what they
// count for.
func (x *alone) count(ctx context.Context, s *sourcePlan, dir string) (rows map[string]int64, err error) {
	var chunks []*chunkPlan
	for _, t := range s.snap.Tables {
		for n, c := range t.Chunks {
			chunks = append(chunks, &chunkPlan{source: s, table: t, chunk: c, number: n})
		}
	}
	if err := s.openIndexes(dir, chunks); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.closeIndexes()) }()
	rows = map[string]int64{}
	for _, c := range chunks {
		n, err := x.chunk(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("count %s of %s: %w", c.table.Name, s.config.ID, err)
		}
		rows[c.table.Name] += n
	}
	for _, t := range s.snap.Tables {
		for _, c := range t.Rejects {
			list, err := s.snap.Rejected(c)
			if err != nil {
				return nil, err
			}
			rows[t.Name] += int64(len(list))
		}
	}
	return rows, nil
}

func (x *alone) chunk(ctx context.Context, c *chunkPlan) (n int64, err error) {
	all := func() iter.Seq2[[]sih.Raw, error] { return c.source.snap.Rows(c.table, c.chunk) }
	counter := c.source.plans[c.table.Name].NewCounter(func(k stage.Control) {
		// A row's texts share its chunk's memory, and what is counted by them stays.
		k.Payer = strings.Clone(k.Payer)
		countControl(&x.again, c.source.config.ID, k, false)
	})
	if !counter.Idle() {
		if err := counter.Begin(all); err != nil {
			return 0, err
		}
	}
	for row, err := range all() {
		if err != nil {
			return 0, err
		}
		counter.Row(int(n), row)
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return n, nil
}
