package main

import (
	"context"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newExportCommand(g *globals) *cobra.Command {
	return family(&cobra.Command{Use: "export", GroupID: groupMigrate, Short: "Write what comes after the migration asks for"},
		newCrosswalkCommand(g))
}

func newCrosswalkCommand(g *globals) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "crosswalk",
		Short: "Write which person each old patient number is",
		Long: `Crosswalk writes a CSV file that tells which person of the unified store each
patient number of each old system is: source, facility, local_id, person_id,
valid_from. Image archives and laboratories go on with it on the first day. It
holds patients' numbers: mind where it goes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCrosswalk(cmd.Context(), g, out) },
	}
	cmd.Flags().StringVar(&out, "out", "crosswalk.csv", "the file to write; one that is there is replaced")
	return cmd
}

// crosswalkResult is what export crosswalk prints as JSON.
type crosswalkResult struct {
	File string `json:"file"`
	Rows int64  `json:"rows"`
}

func runCrosswalk(ctx context.Context, g *globals, out string) error {
	return g.hold(ctx, "export crosswalk", func(o pipeline.Options) error {
		rows, err := pipeline.Crosswalk(ctx, o, out)
		if err != nil {
			return err
		}
		g.touch("exported", "crosswalk", out, rows)
		return g.show(crosswalkResult{out, rows}, func() error {
			t := &term.Table{Titles: []string{"file", "rows"}}
			t.Row(out, rows)
			return g.screen.Table(t)
		})
	})
}
