package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/spf13/cobra"
)

func newReconcileCommand(g *globals) *cobra.Command {
	var dryRun, unmasked bool
	var alone aloneOptions
	cmd := &cobra.Command{
		Use:         "reconcile",
		Annotations: map[string]string{speaksArabic: "yes"},
		GroupID:     groupMigrate,
		Short:       "Prove that nothing was lost: write the workbook that the auditor signs",
		Long: `Reconcile adds up what every stage counted, asks the store what it holds, and
writes the workbook that the auditor signs. It ends with exit code 3 where an
equation does not balance or more was rejected than was agreed.

With --snapshot and --store it needs no project, and only reads: the rows of the
snapshots, and what the mappings' controls count, are counted anew, and the store
is asked anew. What was agreed is enforced where --config tells it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if alone.asked() {
				if dryRun {
					return usagef("leave out --dry-run", "a reconciliation without a project changes nothing")
				}
				return runReconcileAlone(cmd.Context(), g, alone, unmasked)
			}
			if dryRun {
				return g.plan(cmd.Context(), "reconcile")
			}
			return runReconcile(cmd.Context(), g, unmasked)
		},
	}
	dryRunFlag(cmd, &dryRun)
	unmaskedFlag(cmd, &unmasked)
	alone.addFlags(cmd)
	return cmd
}

// unmaskedFlag declares --unmasked.
func unmaskedFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "unmasked", false, "show names and identity numbers in the workbook")
}

func runReconcile(ctx context.Context, g *globals, unmasked bool) error {
	return g.hold(ctx, "reconcile", func(o pipeline.Options) error {
		o.Unmasked = unmasked
		r, err := pipeline.Reconcile(ctx, o)
		if err != nil {
			return err
		}
		g.touchReconcile(r, unmasked)
		result := newReconcileResult(r)
		err = g.show(result, func() error { return g.showReconcile(result) })
		g.screen.Notef("next: open %s", r.Workbook)
		return first(err, verdict(r))
	})
}

// reconcileResult is what reconcile prints as JSON. The lines behind it are in
// the workbook, and in the store's count_check.
type reconcileResult struct {
	Workbook        string                    `json:"workbook"`
	Balanced        bool                      `json:"balanced"`
	WithinTolerance bool                      `json:"within_tolerance"`
	Sources         []sourceRows              `json:"sources"`
	Differences     []reconcile.Difference    `json:"differences"`
	Tolerances      []reconcile.ToleranceLine `json:"tolerances"`
	Seconds         float64                   `json:"seconds"`
}

// sourceRows is the equation of rows over a source.
type sourceRows struct {
	Source sih.SourceID `json:"source"`
	reconcile.RowsCount
	Difference int64 `json:"difference"`
}

func newReconcileResult(r *pipeline.ReconcileReport) *reconcileResult {
	result := &reconcileResult{
		Workbook: r.Workbook, Balanced: r.Balanced, WithinTolerance: r.WithinTolerance, Seconds: r.Seconds,
		Sources: []sourceRows{}, Differences: []reconcile.Difference{}, Tolerances: []reconcile.ToleranceLine{},
	}
	if r.Report == nil {
		return result
	}
	for _, l := range r.Report.Rows {
		if n := len(result.Sources); n == 0 || result.Sources[n-1].Source != l.Source {
			result.Sources = append(result.Sources, sourceRows{Source: l.Source})
		}
		s := &result.Sources[len(result.Sources)-1]
		s.Extracted += l.Extracted
		s.Accepted += l.Accepted
		s.Rejected += l.Rejected
		s.Excluded += l.Excluded
		s.Joined += l.Joined
		s.Listed += l.Listed
		s.LeftOut += l.LeftOut
		s.Noted += l.Noted
		s.Difference += l.Difference()
	}
	for d := range r.Report.Differences() {
		result.Differences = append(result.Differences, d)
	}
	result.Tolerances = append(result.Tolerances, r.Report.Tolerances...)
	return result
}

// showReconcile writes the result as text: the equation of rows by source, and
// what is not as it must be.
func (g *globals) showReconcile(r *reconcileResult) error {
	rows := &term.Table{Titles: []string{"source", "extracted", "accepted", "rejected", "excluded", "joined", "difference"}}
	for _, s := range r.Sources {
		rows.Row(string(s.Source), s.Extracted, s.Accepted, s.Rejected, s.Excluded, s.Joined, difference(s.Difference))
	}
	if err := g.screen.Table(rows); err != nil {
		return err
	}
	if len(r.Differences) > 0 {
		if err := first(g.screen.Printf("\n"), g.screen.Table(differenceTable(r.Differences))); err != nil {
			return err
		}
	}
	if !r.WithinTolerance {
		if err := first(g.screen.Printf("\n"), g.screen.Table(toleranceTable(r.Tolerances))); err != nil {
			return err
		}
	}
	return g.screen.Printf("\nequations: %s · tolerances: %s · %s\n",
		word(r.Balanced, "balanced", "NOT BALANCED"), tolerances(r), r.Workbook)
}

// tolerances says whether those that were fixed were kept.
func tolerances(r *reconcileResult) string {
	if !slices.ContainsFunc(r.Tolerances, func(l reconcile.ToleranceLine) bool { return l.Limit != nil }) {
		return "none fixed"
	}
	return word(r.WithinTolerance, "kept", "EXCEEDED")
}

func word(good bool, yes, no string) string {
	if good {
		return yes
	}
	return no
}

// mostDifferences is how many differences are listed; the workbook has all.
const mostDifferences = 20

func differenceTable(list []reconcile.Difference) *term.Table {
	t := &term.Table{Titles: []string{"equation", "source", "table", "facility", "payer", "period", "measure", "difference"}}
	for i, d := range list {
		if i == mostDifferences {
			t.Row("…", "", "", "", "", "", "", "")
			break
		}
		period := d.Month
		if d.Year != 0 {
			period = strconv.Itoa(d.Year)
		}
		off := difference(d.Value)
		if d.Money() {
			off.Cell = sih.NumValue(d.Value * 100).String() // in units of the currency
		}
		t.Row(string(d.Equation), string(d.Source), d.Table, d.Facility, d.Payer, period, d.Measure, off)
	}
	return t
}

// toleranceTable lists the tables that lost more than was agreed.
func toleranceTable(list []reconcile.ToleranceLine) *term.Table {
	t := &term.Table{Titles: []string{"table", "made", "rejected", "share", "agreed"}}
	for _, l := range list {
		if !l.Kept() {
			t.Row(l.Table, l.Made, l.Rejected, term.Percent(float64(l.Rejected)/float64(max(l.Made, 1))), term.Toned{Cell: l.Limit.String(), Tone: term.Bad})
		}
	}
	return t
}

// verdict is the error of a reconciliation that is not as it must be.
func verdict(r *pipeline.ReconcileReport) error {
	if r.Balanced && r.WithinTolerance {
		return nil
	}
	return &differsError{unbalanced: !r.Balanced, overTolerance: !r.WithinTolerance}
}
