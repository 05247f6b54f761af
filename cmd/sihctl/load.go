package main

import (
	"context"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newLoadCommand(g *globals) *cobra.Command {
	var dryRun, replace bool
	cmd := &cobra.Command{
		Use:     "load",
		GroupID: groupMigrate,
		Short:   "Put the entities into the unified store",
		Long: `Load puts the persons and all that is theirs into the unified store. Loading
twice equals loading once. In rehearsal mode a store of another run is replaced;
otherwise it is refused, unless
--replace says to put it aside.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun {
				return g.plan(cmd.Context(), "load")
			}
			return runLoad(cmd.Context(), g, replace)
		},
	}
	dryRunFlag(cmd, &dryRun)
	replaceFlag(cmd, &replace)
	return cmd
}

// replaceFlag declares --replace.
func replaceFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "replace", false, "put a store that holds another run aside, as FILE.previous")
}

func runLoad(ctx context.Context, g *globals, replace bool) error {
	return g.hold(ctx, "load", func(o pipeline.Options) error {
		o.Replace = replace
		r, err := pipeline.Load(ctx, o)
		if err != nil {
			return err
		}
		g.touchLoad(r)
		err = g.show(r, func() error { return g.screen.Table(loadTable(r)) })
		g.next("sihctl reconcile")
		return err
	})
}

func loadTable(r *pipeline.LoadReport) *term.Table {
	t := &term.Table{Titles: []string{"store", "inserted", "updated", "unchanged", "rejected", "time"}}
	t.Row(r.Target, r.Inserted, r.Updated, r.Unchanged, r.Rejected, seconds(r.Seconds))
	return t
}
