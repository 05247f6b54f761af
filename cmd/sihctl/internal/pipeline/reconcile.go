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
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// WorkbookName is the reconciliation workbook's name in the project.
const WorkbookName = "reconciliation.xlsx"

// Reconcile holds what was extracted, made and loaded against each other, asks
// the store what it holds, keeps the lines in it, and writes the workbook.
func Reconcile(ctx context.Context, o Options) (*ReconcileReport, error) {
	p, err := plan(o)
	if err != nil {
		return nil, err
	}
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	// A store that somebody took away must not be made again, empty.
	runs, err := runsIn(ctx, engine, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	l := readLoaded(o, p.id)
	if l == nil || !slices.Contains(runs, p.id) {
		return nil, &ConfigError{Err: errors.New("the run is not loaded"), Advice: "run `sihctl load` first"}
	}
	return reconcileAll(ctx, o, p, l)
}

func reconcileAll(ctx context.Context, o Options, p *runPlan, l *loaded) (*ReconcileReport, error) {
	begin := time.Now()
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	s, err := engine.Open(ctx, store.Live, store.Options{Now: o.now})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var t reconcile.Tally
	t.Add(l.Counts)
	for _, src := range p.sources {
		for _, table := range src.snap.Tables {
			line := t.Rows(reconcile.RowsKey{Source: src.config.ID, Table: table.Name})
			line.Extracted += int64(table.Rows + table.Rejected)
		}
	}
	a := &auditor{store: s, p: p, tally: &t, source: l.Counts}
	steps := []struct {
		name string
		ask  func(context.Context) error
	}{
		{"rows that have gone", a.vanished}, {"other projects", a.neighbours}, {"rows in the store", a.entities}, {"rows left out", a.noted}, {"control totals", a.controls}, {"amounts", a.amounts}, {"persons", a.persons},
	}
	for i, step := range steps {
		o.progress(Progress{Stage: "reconcile", Step: step.name, Done: int64(i), Total: int64(len(steps) + 1), Unit: "steps"})
		if err := step.ask(ctx); err != nil {
			return nil, fmt.Errorf("reconcile: %w", err)
		}
	}
	if err := a.hands(o.Project); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	report := t.Report(o.Project.Config.Tolerances)
	scopeHash, err := a.judge(ctx, o, report)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := keepChecks(ctx, s, p, report); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	o.progress(Progress{Stage: "reconcile", Step: "workbook", Done: int64(len(steps)), Total: int64(len(steps) + 1), Unit: "steps"})
	path := filepath.Join(o.Project.Dir, WorkbookName)
	content := book(ctx, o, p, targetName(o, engine), s, report)
	content.Run.ScopeHash = scopeHash
	if err := a.fill(ctx, o, &content); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := workbook.WriteFile(path, content); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := s.Finish(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	hash, err := keepWorkbook(o, path)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	return &ReconcileReport{
		Workbook: path, Hash: hash, Report: report, Balanced: report.Balanced(), WithinTolerance: report.WithinTolerance(),
		Seconds: time.Since(begin).Seconds(),
	}, nil
}

// keepChecks puts the lines into the store's count_check. The chunk's name
// holds their hash: lines that are there are not written twice, others take
// their place.
func keepChecks(ctx context.Context, s store.Store, p *runPlan, r *reconcile.Report) error {
	rows := r.CountChecks(p.id)
	h := newHash()
	for _, e := range rows {
		for _, v := range e.Values {
			fmt.Fprintf(h, "%s\x00", v)
		}
	}
	hash := sum(h)
	_, err := s.LoadChunk(ctx, store.Chunk{Run: p.id, Name: "count check " + hash[:16], Hash: hash}, func(yield func(sih.Entity, error) bool) {
		for _, e := range rows {
			if !yield(e, nil) {
				return
			}
		}
	})
	return err
}

// An auditor asks the store what it holds, in SQL of its own: nothing that
// loaded the rows counts them here.
type auditor struct {
	store  store.Store
	p      *runPlan
	tally  *reconcile.Tally
	source *reconcile.Report // what the controls counted
	units  map[string]string // organisation's id to its facility's code
	gone   bool              // a delta has left rows that no snapshot has any more
	// others are the sources that other projects have brought into the store.
	others map[sih.SourceID]bool
	hashes []workbook.HashTotal // of the living rows, once they are counted
}

// vanished asks whether there are rows that a delta has marked as gone: they
// are in the store, and count for nothing.
func (a *auditor) vanished(ctx context.Context) error {
	return a.store.Query(ctx, "SELECT count(*) FROM source_record WHERE state = 'gone'", nil, func(r store.Row) error {
		a.gone = r.Int(0) > 0
		return nil
	})
}

// neighbours asks which sources in the store are other projects'.
func (a *auditor) neighbours(ctx context.Context) error {
	a.others = map[sih.SourceID]bool{}
	return a.store.Query(ctx, "SELECT id FROM source_system", nil, func(r store.Row) error {
		if id := sih.SourceID(strings.Clone(r.Text(0))); a.p.project.Config.Source(id) == nil {
			a.others[id] = true
		}
		return nil
	})
}

// living is a condition that holds for the rows of a table, as the query calls
// it, that have not vanished. It follows another condition, or WHERE.
func (a *auditor) living(word, table string) string {
	if !a.gone {
		return ""
	}
	return " " + word + " NOT EXISTS (SELECT 1 FROM source_record g WHERE g.id = " + table + ".id AND g.state = 'gone')"
}

// entities holds the number of rows in the store against what was loaded. The
// rows are counted with the hash totals, which read every table anyway.
func (a *auditor) entities(ctx context.Context) (err error) {
	if a.hashes, err = a.hashTotals(ctx); err != nil {
		return err
	}
	type key struct {
		source sih.SourceID
		table  string
	}
	counted := map[key]int64{}
	for _, l := range a.source.Entities {
		counted[key{l.Source, l.Table}] += l.Inserted + l.Updated + l.Unchanged
	}
	for _, t := range sih.Tables {
		if t.Group == sih.Ledger {
			continue
		}
		have, err := a.rowsOf(ctx, t)
		if err != nil {
			return err
		}
		for source, n := range have {
			if a.others[source] || source == facilitiesSource && len(a.others) > 0 {
				delete(counted, key{source, t.Name}) // of the facilities, some may be theirs
				continue
			}
			if source == "" {
				source = personSource
			}
			k := key{source, t.Name}
			if d := n - counted[k]; d != 0 {
				a.tally.Entities(reconcile.EntitiesKey{Source: source, Table: t.Name}).Inserted += d
			}
			delete(counted, k)
		}
		for k, n := range counted {
			if k.table == t.Name && n != 0 {
				a.tally.Entities(reconcile.EntitiesKey{Source: k.source, Table: t.Name}).Inserted -= n
			}
		}
	}
	return nil
}

// rowsOf tells how many living rows a table has by source. A person, who is of
// no source, lives as long as one of their records, if it is not given to
// another person.
func (a *auditor) rowsOf(ctx context.Context, t *sih.Table) (map[sih.SourceID]int64, error) {
	out := map[sih.SourceID]int64{}
	if t.Has("source_system") {
		for _, h := range a.hashes {
			if h.Table == t.Name && h.Column == "" {
				out[h.Source] = h.Filled
			}
		}
		return out, nil
	}
	query := "SELECT count(*) FROM " + t.Name + " x"
	var args []any
	if t.Name == "person" {
		query, args = query+" WHERE x.active = ?", []any{true}
	}
	if (a.gone || len(a.others) > 0) && t.Name == "person" {
		query += " AND EXISTS (SELECT 1 FROM source_person p WHERE p.person_id = x.id" + a.living("AND", "p")
		for other := range a.others {
			query, args = query+" AND p.source_system <> ?", append(args, string(other))
		}
		query += ")"
	}
	err := a.store.Query(ctx, query, args, func(r store.Row) error {
		out[""] = r.Int(0)
		return nil
	})
	return out, err
}

// noted asks for the rows that the store lists as left out, and what it notes
// that they would have brought.
func (a *auditor) noted(ctx context.Context) error {
	from := "source_record WHERE state IN ('rejected', 'excluded')"
	return a.store.Query(ctx, grouped([]string{"source_system", "source_table"}, from, "count(*)", "sum(amount)"), nil, func(r store.Row) error {
		source := sih.SourceID(strings.Clone(r.Text(0)))
		if slices.ContainsFunc(a.p.sources, func(s *sourcePlan) bool { return s.config.ID == source }) {
			line := a.tally.Rows(reconcile.RowsKey{Source: source, Table: strings.Clone(r.Text(1))})
			line.Listed, line.Noted = r.Int(2), r.Int(3)
		}
		return nil
	})
}

// persons counts people and the systems that know them.
func (a *auditor) persons(ctx context.Context) error {
	last := ""
	var sources []sih.SourceID
	err := a.store.Query(ctx, "SELECT person_id, source_system FROM source_person"+a.living("WHERE", "source_person")+`
		ORDER BY person_id, CASE WHEN link_method = 'founder' THEN 0 ELSE 1 END, id`, nil, func(r store.Row) error {
		if p := r.Text(0); p != last {
			a.tally.Person(sources...)
			last, sources = p, sources[:0]
		}
		sources = append(sources, sih.SourceID(strings.Clone(r.Text(1))))
		return nil
	})
	a.tally.Person(sources...)
	return err
}
