package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/sqlserver"
	"github.com/sihctl/sih/load/workbook"
)

// Alone says what a reconciliation without a project reads and writes.
type Alone struct {
	// Snapshots are folders of snapshots, plain or opened by Keys.
	Snapshots []string
	Keys      snapshot.Keyring
	// Store is the file of an embedded store, or the address of a server:
	// postgres://…, sqlserver://… or mysql:….
	Store string
	// Schema is where in a server's database the store lies.
	Schema string
	// Config is a copy of the project's sihctl.yaml, or its folder, for what was
	// agreed: tolerances, scope, facilities, corrections, the hospitals' figures.
	// Without one nothing of these is judged.
	Config string
	// Mapping is a folder that holds one for each system, which goes before the
	// config's and the built-in ones.
	Mapping  string
	Country  string // where there is no config
	Out      string // the workbook
	Lang     string
	Unmasked bool
	Version  string
	Now      func() time.Time
}

// ReconcileAlone holds snapshots against a unified store, reading both and
// writing to neither: for an auditor who trusts nobody's project folder. The
// rows of every snapshot are counted anew, the mapping's controls too, and the
// store is asked anew; the terms between the two are those that the store itself
// keeps. Which source a snapshot is, its content tells.
func ReconcileAlone(ctx context.Context, q Alone) (*ReconcileReport, error) {
	begin := time.Now()
	p, err := q.plan()
	if err != nil {
		return nil, err
	}
	engine, err := storeAt(q)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if there, err := engine.Exists(ctx, store.Live); err != nil || !there {
		return nil, errors.Join(err, &reading.SourceError{Err: fmt.Errorf("%s: there is no unified store", engine.Name()), Advice: "see --store"})
	}
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	x := &alone{ask: q, store: s, p: p}
	if err := x.kept(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := x.snapshots(ctx); err != nil {
		return nil, err
	}
	a := x.auditor()
	for _, ask := range []func(context.Context) error{a.vanished, a.entities, a.noted, a.controls, a.amounts, a.persons} {
		if err := ask(ctx); err != nil {
			return nil, fmt.Errorf("reconcile: %w", err)
		}
	}
	if err := a.hands(p.project); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	report := x.tally.Report(p.project.Config.Tolerances)
	scope, err := a.judge(ctx, Options{Project: p.project}, report)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	c := workbook.Content{
		Report: report, Run: x.run, Lang: q.Lang, Unmasked: q.Unmasked, Measures: definitions[cmp.Or(q.Lang, "fr")],
		Merges: merges(ctx, s, q.Lang), Rejects: rejects(ctx, s), Excluded: excluded(ctx, s), Corrections: p.corrections.list(),
		DetailDir: strings.TrimSuffix(q.Out, filepath.Ext(q.Out)) + "-" + DetailDir,
	}
	now := time.Now
	if q.Now != nil {
		now = q.Now
	}
	c.Run.Country, c.Run.Tool, c.Run.Target, c.Run.Generated = p.project.Config.Country, q.Version, filepath.Base(engine.Name()), now().In(p.zone)
	c.Run.Project, c.Run.ScopeHash = p.project.Config.Project, scope
	if err := a.found(ctx, p.project.Config.Country, &c); err != nil {
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

// plan is one without sources: what was agreed, if a config says so.
func (q Alone) plan() (*runPlan, error) {
	p := &project.Project{Config: project.Config{Country: q.Country}}
	if q.Config != "" {
		var err error
		if p, err = project.Open(q.Config); err != nil {
			return nil, err
		}
		if p.Mission() {
			return nil, &ConfigError{Err: fmt.Errorf("%s is no project's config", filepath.Base(q.Config)), Advice: "--config takes a copy of the project's sihctl.yaml, under that name"}
		}
	}
	return emptyPlan(Options{Project: p})
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
	case strings.HasPrefix(q.Store, "sqlserver://"):
		return sqlserver.At(q.Store, schema)
	case strings.HasPrefix(q.Store, "mysql:"):
		return mysql.At(strings.TrimPrefix(q.Store, "mysql:"), schema)
	}
	return sqlite.At(q.Store), nil
}

// alone is a reconciliation without a project.
type alone struct {
	ask     Alone
	store   store.Store
	p       *runPlan
	run     workbook.Run
	counts  *reconcile.Report // what the store keeps of its last run
	tally   reconcile.Tally
	again   reconcile.Tally         // what the controls count on the snapshots
	hashes  map[string]sih.SourceID // by the content of the snapshot
	vendors map[sih.SourceID][2]string
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
	x.p.id = x.run.ID
	err = x.store.Query(ctx, "SELECT id, vendor_system, driver, snapshot_hash FROM source_system", nil, func(r store.Row) error {
		id := sih.SourceID(strings.Clone(r.Text(0)))
		x.hashes[strings.Clone(r.Text(3))] = id
		x.vendors[id] = [2]string{strings.Clone(r.Text(1)), strings.Clone(r.Text(2))}
		return nil
	})
	if err != nil {
		return err
	}
	// Without a config the store's own list of facilities is all that is known.
	err = x.store.Query(ctx, "SELECT org_code FROM organisation WHERE code_system = 'facilities'", nil, func(r store.Row) error {
		x.p.facilities.codes[strings.Clone(r.Text(0))] = true
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
		return &ConfigError{Err: errors.New("the store keeps no counts of its last run"), Advice: "whoever loaded it runs `sihctl reconcile` once"}
	}
	kept, err := reconcile.FromCountChecks(rows)
	if err != nil {
		return err
	}
	x.counts = kept.Report(nil)
	for _, l := range x.counts.Entities {
		*x.tally.Entities(l.EntitiesKey) = l.EntitiesCount
	}
	return nil
}

// auditor asks the store, knowing what the snapshots hold and what of it the
// store says was left out.
func (x *alone) auditor() *auditor {
	again := x.again.Report(nil)
	x.tally.Merge(&x.again)
	type told struct {
		source  sih.SourceID
		measure string
	}
	given, finely := map[sih.SourceID]bool{}, map[told]bool{} // by facility, or by payer
	for _, s := range x.p.sources {
		given[s.config.ID] = true
	}
	for _, l := range again.Controls {
		finely[told{l.Source, string(l.Measure)}] = finely[told{l.Source, string(l.Measure)}] || l.Facility != ""
	}
	for _, l := range again.Amounts {
		finely[told{l.Source, string(l.Item)}] = finely[told{l.Source, string(l.Item)}] || l.Payer != ""
	}
	for _, l := range x.counts.Controls {
		k := l.ControlKey
		if !finely[told{k.Source, string(k.Measure)}] {
			k.Facility = ""
		}
		if given[k.Source] && l.LeftOut != 0 {
			x.tally.Control(k).LeftOut += l.LeftOut
		}
	}
	for _, l := range x.counts.Amounts {
		k := l.AmountKey
		if !finely[told{k.Source, string(k.Item)}] {
			k.Payer = ""
		}
		if given[k.Source] && l.Item != reconcile.Remaining && l.LeftOut != 0 {
			x.tally.Amount(k).LeftOut += l.LeftOut
		}
	}
	source := &reconcile.Report{Entities: x.counts.Entities, Controls: again.Controls, Amounts: again.Amounts}
	return &auditor{store: x.store, p: x.p, tally: &x.tally, source: source}
}
