package pipeline

import (
	"bufio"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// judge holds what was loaded against the declared scope, and accounts for
// what may harm a patient. It returns the hash of the scope's file.
func (a *auditor) judge(ctx context.Context, o Options, r *reconcile.Report) (scope string, err error) {
	rules, scope, err := readScope(o.Project)
	if err != nil {
		return "", err
	}
	r.JudgeScope(rules)
	return scope, a.safety(ctx, r)
}

// fill asks for what the further sheets show, and notes the reconciliation
// among those before.
func (a *auditor) fill(ctx context.Context, o Options, c *workbook.Content) (err error) {
	if err := a.found(ctx, o.Project.Config.Country, c); err != nil {
		return err
	}
	if err := a.openPairs(ctx, o, c); err != nil {
		return err
	}
	if c.Sample, err = drawSample(ctx, o, a.p, a.store); err != nil {
		return err
	}
	if c.Details, err = a.details(ctx, o, *c, workbook.DefaultLimit); err != nil {
		return err
	}
	c.DetailDir = filepath.Join(o.Project.Dir, DetailDir)
	c.Corrections = a.p.corrections.list()
	c.Runs, err = history(o, a.p, c.Run.ScopeHash, c.Report)
	return err
}

// found asks the store for what it alone can tell.
func (a *auditor) found(ctx context.Context, country string, c *workbook.Content) (err error) {
	c.Codes, c.Clashes, c.Alerts, c.Hashes = codes(ctx, a.store), a.clashes(ctx), a.alerts(ctx), a.hashes
	if c.Series, err = a.sequences(ctx); err != nil {
		return err
	}
	if c.Identifiers, err = a.identifiers(ctx, country); err != nil {
		return err
	}
	c.Faults, err = a.faults(ctx, c.Report.Controls)
	return err
}

// undecided returns the pairs of the last match that nobody has decided,
// strongest first, and what else is decoded of it: nil where there was none.
func undecided(o Options) ([]doubt, *matched, error) {
	m, err := decodeDoubts(o)
	if err != nil || m == nil {
		return nil, nil, err
	}
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return nil, nil, err
	}
	held, err := ledger.Decisions(false)
	if err = errors.Join(err, ledger.Close()); err != nil {
		return nil, nil, err
	}
	return m.open(held, ""), m, nil
}

// Undecided counts the pairs that wait for a reviewer.
func Undecided(o Options) (int, error) {
	list, _, err := undecided(o)
	return len(list), err
}

// openPairs shows the pairs that nobody has decided, and the thresholds between
// which they lie.
func (a *auditor) openPairs(ctx context.Context, o Options, c *workbook.Content) error {
	list, m, err := undecided(o)
	if err != nil || m == nil {
		return err
	}
	c.Thresholds = &workbook.Thresholds{Review: m.Review, Join: m.Join}
	c.Pairs = func(yield func(workbook.Merge, error) bool) {
		for some := range slices.Chunk(list, pairsAtOnce) {
			records, err := a.records(ctx, some)
			if err != nil {
				yield(workbook.Merge{}, err)
				return
			}
			for _, d := range some {
				x := workbook.Merge{Method: "score", Rule: d.Rule, Weight: float64(d.Weight) / 1000, Probability: d.Probability, Evidence: review.Say(o.Lang, strings.Join(d.Says, "; ")),
					A: records[d.A], B: records[d.B]}
				if d.Rule != "" {
					x.Method = "rule"
				}
				if !yield(x, nil) {
					return
				}
			}
		}
	}
	return nil
}

// decodeDoubts is decodeMatched without who each record is, which for a region
// of millions would take most of the memory.
func decodeDoubts(o Options) (*matched, error) {
	f, err := os.Open(matchedFile(o))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read match: %w", err)
	}
	defer f.Close()
	var m matched
	if gob.NewDecoder(bufio.NewReader(f)).Decode(&m) != nil {
		return nil, nil // of another version
	}
	return &m, nil
}

// pairsAtOnce is how many pairs' records are asked for in one query: twice as
// many ids, which every engine takes.
const pairsAtOnce = 200

// records asks for what tells the records of some pairs apart.
func (a *auditor) records(ctx context.Context, pairs []doubt) (map[sih.ID]workbook.Record, error) {
	out := make(map[sih.ID]workbook.Record, 2*len(pairs))
	ids := make([]any, 0, 2*len(pairs))
	for _, d := range pairs {
		ids = append(ids, d.A, d.B)
	}
	return out, a.store.Query(ctx, `SELECT p.source_system, f.org_code, p.local_id, coalesce(p.given_name, p.given_name_ar), coalesce(p.family_name, p.family_name_ar), p.cin, p.id
		FROM source_person p LEFT JOIN organisation f ON f.id = p.facility_id WHERE p.id IN (?`+strings.Repeat(", ?", len(ids)-1)+")", ids, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(6))
		out[id] = workbook.Record{
			Source: sih.SourceID(strings.Clone(r.Text(0))), Facility: strings.Clone(r.Text(1)), LocalID: strings.Clone(r.Text(2)),
			Name: strings.TrimSpace(r.Text(3) + " " + r.Text(4)), CIN: strings.Clone(r.Text(5)),
		}
		return err
	})
}

// list gives the corrections in the order of their lines.
func (c *corrections) list() []workbook.Correction {
	type numbered struct {
		line int
		workbook.Correction
	}
	var all []numbered
	for source, tables := range c.lists {
		for table, keys := range tables {
			for key, list := range keys {
				for _, x := range list {
					all = append(all, numbered{c.lines[correctedField{source, table, key, x.Column}],
						workbook.Correction{Source: source, Table: table, Key: key, Column: x.Column, Old: x.Old, New: x.New, Who: x.Who, Why: x.Why}})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.line, b.line) })
	out := make([]workbook.Correction, len(all))
	for i, x := range all {
		out[i] = x.Correction
	}
	return out
}
