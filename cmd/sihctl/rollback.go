package main

import (
	"context"
	"errors"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newRollbackCommand(g *globals) *cobra.Command {
	var discard bool
	cmd := &cobra.Command{
		Use:     "rollback [RUN]",
		GroupID: groupMigrate,
		Short:   "Put the store back as it was before a run",
		Long: `Rollback takes the store that a run has loaded out of its place and puts the
one before back, where one was kept: a rehearsal keeps none. RUN is its id, which
the workbook's Summary tells; without it, the last one is meant. What is taken
out can be loaded again: sihctl load puts it back. A delta is taken back where
it is, also one that was interrupted: what it changed is put back from the images
that it kept, what it brought is removed.

Rows that somebody has changed in the store since it was loaded are listed, and
nothing is done.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRollback(cmd.Context(), g, strings.Join(args, ""), discard)
		},
	}
	cmd.Flags().BoolVar(&discard, "discard-edits", false, "go back although the store was changed since")
	return cmd
}

func runRollback(ctx context.Context, g *globals, run string, discard bool) error {
	return g.hold(ctx, "rollback", func(o pipeline.Options) error {
		id, err := sih.ParseID(strings.ToLower(run))
		if run == "" {
			if id, err = pipeline.LastRun(ctx, o); err != nil {
				return err
			}
		}
		if err != nil {
			return usagef("take the id from the workbook's Summary, or leave it out for the last run", "RUN is no run's id: %v", err)
		}
		r, err := pipeline.Rollback(ctx, o, id, discard)
		var edited *pipeline.EditedError
		if errors.As(err, &edited) {
			return first(g.show(edited.Verify, func() error { return g.showVerify(edited.Verify) }), err)
		}
		if err != nil {
			return err
		}
		g.touch("changed", "store", r.Target, 0)
		err = g.show(r, func() error {
			t := &term.Table{Titles: []string{"store", "undone", "holds now"}}
			t.Row(r.Target, r.Run, strings.Join(r.Left, ", "))
			return g.screen.Table(t)
		})
		g.next("sihctl load")
		return err
	})
}
