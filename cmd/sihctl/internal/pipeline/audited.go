package pipeline

import (
	"cmp"
	"context"
	"slices"

	"github.com/sihctl/sih/load/reconcile"
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
	c.Codes, c.Clashes, c.Alerts = codes(ctx, a.store), clashes(ctx, a.store), a.alerts(ctx)
	if c.Series, err = a.sequences(ctx); err != nil {
		return err
	}
	if c.Hashes, err = hashTotals(ctx, a.store); err != nil {
		return err
	}
	if c.Identifiers, err = identifiers(ctx, a.store, o.Project.Config.Country); err != nil {
		return err
	}
	if c.Faults, err = a.faults(ctx, c.Report.Controls); err != nil {
		return err
	}
	if c.Sample, err = drawSample(ctx, o, a.p, a.store); err != nil {
		return err
	}
	c.Corrections = a.p.corrections.list()
	c.Runs, err = history(o, a.p, c.Run.ScopeHash, c.Report)
	return err
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
