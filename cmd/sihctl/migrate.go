package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func newMigrateCommand(g *globals) *cobra.Command {
	var dryRun, replace, unmasked bool
	cmd := &cobra.Command{
		Use:         "migrate",
		Annotations: map[string]string{speaksArabic: "yes"},
		GroupID:     groupMigrate,
		Short:       "Do all of it: extract, transform, match, load, reconcile",
		Long: `Migrate runs every stage, one after the other. What is done already with the
same input is not done again, so an interrupted migration goes on where it
stopped.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun {
				return g.plan(cmd.Context())
			}
			return runMigrate(cmd.Context(), g, replace, unmasked)
		},
	}
	dryRunFlag(cmd, &dryRun)
	replaceFlag(cmd, &replace)
	unmaskedFlag(cmd, &unmasked)
	return cmd
}

func runMigrate(ctx context.Context, g *globals, replace, unmasked bool) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, nil); err != nil {
		return err
	}
	return g.holdProject(ctx, p, "migrate", func(o pipeline.Options) error {
		o.Replace, o.Unmasked = replace, unmasked
		r, err := pipeline.Migrate(ctx, o)
		if err != nil {
			return err
		}
		g.touchMigrate(r, unmasked)
		result := newMigrateResult(r)
		err = g.show(result, func() error { return g.showMigrate(result) })
		g.screen.Notef("next: open %s", r.Reconcile.Workbook)
		err = first(err, g.noteUndecided(o))
		return first(err, verdict(r.Reconcile), keptRows(r.Load))
	})
}

// migrateResult is what migrate prints as JSON.
type migrateResult struct {
	Extract   []reading.Extracted       `json:"extract"`
	Transform *pipeline.TransformReport `json:"transform"`
	Match     *pipeline.MatchReport     `json:"match"`
	Load      *pipeline.LoadReport      `json:"load"`
	Reconcile *reconcileResult          `json:"reconcile"`
}

func newMigrateResult(r *pipeline.MigrateReport) *migrateResult {
	return &migrateResult{r.Extract, r.Transform, r.Match, r.Load, newReconcileResult(r.Reconcile)}
}

// showMigrate writes what each stage did, how fast, and whether it all adds
// up.
func (g *globals) showMigrate(r *migrateResult) error {
	return first(
		g.screen.Table(stagesTable(r)),
		g.screen.Printf("\n"),
		g.showReconcile(r.Reconcile),
	)
}

// stagesTable has a line for each stage: what it handled and how fast.
func stagesTable(r *migrateResult) *term.Table {
	var extract struct {
		rows    int64
		seconds float64
		skipped int
	}
	for _, s := range r.Extract {
		extract.rows += s.Rows
		extract.seconds += s.Seconds
		if s.Skipped {
			extract.skipped++
		}
	}
	t := &term.Table{Titles: []string{"stage", "handled", "unit", "time", "rate", "note"}}
	row := func(stage string, n int64, unit string, s float64, skipped bool) {
		if skipped {
			t.Row(stage, n, unit, seconds(s), "", "was done")
			return
		}
		t.Row(stage, n, unit, seconds(s), rate(n, s))
	}
	row("extract", extract.rows, "rows", extract.seconds, extract.skipped == len(r.Extract))
	var rows int64
	for _, s := range r.Transform.Sources {
		rows += s.Extracted
	}
	row("transform", rows, "rows", r.Transform.Seconds, r.Transform.Chunks > 0 && r.Transform.Skipped == r.Transform.Chunks)
	row("match", r.Match.Records, "patient records", r.Match.Seconds, r.Match.Skipped)
	row("load", r.Load.Inserted+r.Load.Updated+r.Load.Unchanged, "entities", r.Load.Seconds, r.Load.Chunks > 0 && r.Load.Skipped == r.Load.Chunks)
	t.Row("reconcile", "", "", seconds(r.Reconcile.Seconds))
	return t
}
