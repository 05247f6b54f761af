package main

import (
	"context"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newMatchCommand(g *globals) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:     "match",
		GroupID: groupMigrate,
		Short:   "Find the records of one person, and join every reference",
		Long: `Match finds which patient records are one person, makes a golden record of
each person's, and joins every reference; what points at a rejected or missing
row is rejected with it. Doubtful pairs stay apart and are kept for review.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun {
				return g.plan(cmd.Context(), "match")
			}
			return runMatch(cmd.Context(), g)
		},
	}
	dryRunFlag(cmd, &dryRun)
	run := &cobra.Command{
		Use:   "run",
		Short: "The same as match alone",
		Args:  cobra.NoArgs,
		RunE:  cmd.RunE,
	}
	dryRunFlag(run, &dryRun)
	cmd.AddCommand(run, newTrainCommand(g), newExplainCommand(g), newEvaluateCommand(g), newModelCommand(g))
	return cmd
}

func runMatch(ctx context.Context, g *globals) error {
	return g.hold(ctx, "match", func(o pipeline.Options) error {
		r, err := pipeline.Match(ctx, o)
		if err != nil {
			return err
		}
		g.touch("read", "stage", "persons", r.Records)
		err = g.show(r, func() error { return g.screen.Table(matchTable(r)) })
		g.next("sihctl load")
		return err
	})
}

func matchTable(r *pipeline.MatchReport) *term.Table {
	t := &term.Table{Titles: []string{"records", "persons", "merged", "to review", "pairs compared", "unresolved", "time"}}
	t.Row(r.Records, r.Persons, r.Merged, r.Review, r.Pairs, r.Unresolved, seconds(r.Seconds))
	return t
}
