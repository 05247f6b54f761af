package main

import (
	"context"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newTransformCommand(g *globals) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:     "transform",
		GroupID: groupMigrate,
		Short:   "Map the snapshots' records to entities of the unified schema",
		Long: `Transform maps each record of the snapshots to entities of the unified schema
by the sources' mappings. What cannot be mapped is rejected with a reason,
never dropped: extracted = accepted + rejected + excluded + joined.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun {
				return g.plan(cmd.Context(), "transform")
			}
			return runTransform(cmd.Context(), g)
		},
	}
	dryRunFlag(cmd, &dryRun)
	return cmd
}

func runTransform(ctx context.Context, g *globals) error {
	return g.hold(ctx, "transform", func(o pipeline.Options) error {
		r, err := pipeline.Transform(ctx, o)
		if err != nil {
			return err
		}
		g.touchTransform(r)
		err = g.show(r, func() error { return g.screen.Table(transformTable(r)) })
		g.next("sihctl match")
		return err
	})
}

func transformTable(r *pipeline.TransformReport) *term.Table {
	t := &term.Table{Titles: []string{"source", "extracted", "accepted", "rejected", "excluded", "joined", "difference", "entities", "warnings"}}
	var sum pipeline.SourceTransform
	for _, s := range r.Sources {
		t.Row(string(s.Source), s.Extracted, s.Accepted, s.Rejected, s.Excluded, s.Joined, difference(rowsDifference(s)), s.Entities, s.Warnings)
		sum.Extracted += s.Extracted
		sum.Accepted += s.Accepted
		sum.Rejected += s.Rejected
		sum.Excluded += s.Excluded
		sum.Joined += s.Joined
		sum.Entities += s.Entities
		sum.Warnings += s.Warnings
	}
	if len(r.Sources) > 1 {
		t.Row("all", sum.Extracted, sum.Accepted, sum.Rejected, sum.Excluded, sum.Joined, difference(rowsDifference(sum)), sum.Entities, sum.Warnings)
	}
	return t
}

// rowsDifference is the left side of the equation of rows less its right side.
func rowsDifference(s pipeline.SourceTransform) int64 {
	return s.Extracted - s.Accepted - s.Rejected - s.Excluded - s.Joined
}

// difference is a cell that is good where it is zero.
func difference(n int64) term.Toned {
	if n == 0 {
		return term.Toned{Cell: n, Tone: term.Good}
	}
	return term.Toned{Cell: n, Tone: term.Bad}
}
