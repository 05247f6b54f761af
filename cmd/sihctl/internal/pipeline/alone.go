package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/workbook"
)

// Alone says what a reconciliation without a project reads and writes.
type Alone struct {
	// Snapshots are folders of snapshots, plain or opened by Keys.
	Snapshots []string
	Keys      snapshot.Keyring
	// Store is the file of an embedded store, or the address of a server:
	// postgres://… or mysql:….
	Store string
	// Schema is where in a server's database the store lies.
	Schema   string
	Country  string
	Out      string // the workbook
	Lang     string
	Unmasked bool
	Version  string
	Now      func() time.Time
}

// ReconcileAlone holds snapshots against a unified store, reading both and
// writing to neither: for an auditor who trusts nobody's project folder. The
// rows of every snapshot are counted anew and the store is asked anew; the
// terms between the two are those that the store itself keeps. Which source a
// snapshot is, its content tells.
func ReconcileAlone(ctx context.Context, q Alone) (*ReconcileReport, error) {
	begin := time.Now()
	z, err := zone(q.Country)
	if err != nil {
		return nil, err
	}
	engine, err := storeAt(q)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if there, err := engine.Exists(ctx, store.Live); err != nil || !there {
		return nil, errors.Join(err, &SourceError{fmt.Errorf("%s: there is no unified store", engine.Name()), "see --store"})
	}
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	x := &alone{store: s, sources: map[sih.SourceID]*snapshot.Snapshot{}}
	if err := x.kept(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	for _, dir := range q.Snapshots {
		if err := x.snapshot(ctx, q.Keys, dir); err != nil {
			return nil, err
		}
	}
	a := &auditor{store: s, p: &runPlan{zone: z, id: x.run.ID}, tally: &x.tally, source: x.counts}
	for _, ask := range []func(context.Context) error{a.vanished, a.entities, a.controls, a.persons} {
		if err := ask(ctx); err != nil {
			return nil, fmt.Errorf("reconcile: %w", err)
		}
	}
	report := x.tally.Report(nil)
	if err := a.safety(ctx, report); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	c := workbook.Content{
		Report: report, Run: x.run, Lang: q.Lang, Unmasked: q.Unmasked, Measures: definitions[q.Lang],
		Merges: merges(ctx, s), Rejects: rejects(ctx, s), Excluded: excluded(ctx, s),
	}
	now := time.Now
	if q.Now != nil {
		now = q.Now
	}
	c.Run.Country, c.Run.Tool, c.Run.Target, c.Run.Generated = q.Country, q.Version, filepath.Base(engine.Name()), now().In(z)
	if err := a.found(ctx, q.Country, &c); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := workbook.WriteFile(q.Out, c); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	hash, err := fileHash(q.Out)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	return &ReconcileReport{
		Workbook: q.Out, Hash: hash, Report: report, Balanced: report.Balanced(), WithinTolerance: report.WithinTolerance(),
		Seconds: time.Since(begin).Seconds(),
	}, nil
}

// storeAt returns the engine of an address.
func storeAt(q Alone) (store.Engine, error) {
	schema := q.Schema
	if schema == "" {
		schema = "unified"
	}
	switch {
	case strings.HasPrefix(q.Store, "postgres://"), strings.HasPrefix(q.Store, "postgresql://"):
		return postgres.At(q.Store, schema)
	case strings.HasPrefix(q.Store, "mysql:"):
		return mysql.At(strings.TrimPrefix(q.Store, "mysql:"), schema)
	}
	return sqlite.At(q.Store), nil
}

// alone is a reconciliation without a project.
type alone struct {
	store   store.Store
	run     workbook.Run
	counts  *reconcile.Report // what the store keeps of its last run
	tally   reconcile.Tally
	hashes  map[string]sih.SourceID // by the content of the snapshot
	vendors map[sih.SourceID][2]string
	sources map[sih.SourceID]*snapshot.Snapshot
}

// kept reads what the store keeps of its last run.
func (x *alone) kept(ctx context.Context) error {
	x.hashes, x.vendors = map[string]sih.SourceID{}, map[sih.SourceID][2]string{}
	err := x.store.Query(ctx, "SELECT id, mode, wave, config_hash FROM migration_run ORDER BY started_at, id", nil, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(0))
		x.run = workbook.Run{ID: id, Mode: strings.Clone(r.Text(1)), Wave: strings.Clone(r.Text(2)), ConfigHash: strings.Clone(r.Text(3))}
		return err
	})
	if err != nil {
		return err
	}
	err = x.store.Query(ctx, "SELECT id, vendor_system, driver, snapshot_hash FROM source_system", nil, func(r store.Row) error {
		id := sih.SourceID(strings.Clone(r.Text(0)))
		x.hashes[strings.Clone(r.Text(3))] = id
		x.vendors[id] = [2]string{strings.Clone(r.Text(1)), strings.Clone(r.Text(2))}
		return nil
	})
	if err != nil {
		return err
	}
	var rows []sih.Entity
	at := sih.TableByName("count_check").Column("run_id")
	for e, err := range x.store.Rows(ctx, sih.TableByName("count_check")) {
		if err != nil {
			return err
		}
		if e.Values[at].ID() == x.run.ID {
			rows = append(rows, e)
		}
	}
	if len(rows) == 0 {
		return &ConfigError{errors.New("the store keeps no counts of its last run"), "whoever loaded it runs `sihctl reconcile` once"}
	}
	kept, err := reconcile.FromCountChecks(rows)
	if err != nil {
		return err
	}
	x.counts = kept.Report(nil)
	// What the store holds is asked anew: kept are the terms that stand against
	// it.
	for _, l := range x.counts.Controls {
		l.Found = 0
		*x.tally.Control(l.ControlKey) = l.ControlCount
	}
	for _, l := range x.counts.Entities {
		*x.tally.Entities(l.EntitiesKey) = l.EntitiesCount
	}
	return nil
}

// snapshot counts the rows of a snapshot and puts them against what the store
// says became of them.
func (x *alone) snapshot(ctx context.Context, keys snapshot.Keyring, dir string) error {
	snap, err := keys.Open(dir)
	if err != nil {
		return &SourceError{fmt.Errorf("snapshot %s: %w", filepath.Base(dir), err), "see --snapshot, --identity and --sender"}
	}
	if err := snap.Readable(); err != nil {
		return fmt.Errorf("snapshot %s: %w", filepath.Base(dir), err)
	}
	source, ok := x.hashes[snap.Content]
	if !ok {
		return &ConfigError{fmt.Errorf("snapshot %s: no source of the store was loaded from it", filepath.Base(dir)), "give the snapshot that was loaded: the store keeps the hash of its content"}
	}
	if x.sources[source] != nil {
		return &ConfigError{fmt.Errorf("snapshot %s: another of source %s was given", filepath.Base(dir), source), "give each once"}
	}
	x.sources[source] = snap
	counted := map[string]int64{}
	for _, t := range snap.Tables {
		for _, c := range t.Chunks {
			for _, err := range snap.Rows(t, c) {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					return err
				}
				counted[t.Name]++
			}
		}
		for _, c := range t.Rejects {
			list, err := snap.Rejected(c)
			if err != nil {
				return err
			}
			counted[t.Name] += int64(len(list))
		}
		if counted[t.Name] > 0 {
			x.tally.Rows(reconcile.RowsKey{Source: source, Table: t.Name}).Extracted += counted[t.Name]
		}
	}
	for _, l := range x.counts.Rows {
		if l.Source != source {
			continue
		}
		c := x.tally.Rows(l.RowsKey)
		c.Accepted, c.Rejected, c.Excluded, c.Joined = l.Accepted, l.Rejected, l.Excluded, l.Joined
	}
	v := x.vendors[source]
	x.run.Sources = append(x.run.Sources, workbook.Source{ID: source, System: v[0], Driver: v[1], Snapshot: views(snap.Views), SnapshotHash: snap.Hash})
	slices.SortFunc(x.run.Sources, func(a, b workbook.Source) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return nil
}
