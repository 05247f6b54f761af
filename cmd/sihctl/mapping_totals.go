package main

import (
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
)

func newMappingTotalsCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "totals SOURCE",
		Short: "Print the SQL by which a hospital counts its own control totals",
		Long: `Totals prints totals.sql: statements made of the mapping's controls, which the
hospital's own people run on their server and sign. They only read, share nothing
with the rules, and give measure, facility, year, month, payer and amount, to be
held against what was counted on the snapshot. A control that SQL cannot tell,
such as one that reads another table, stands there as a comment.`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := g.open()
			if err != nil {
				return err
			}
			sources, err := namedSources(p, args)
			if err != nil {
				return err
			}
			text, err := pipeline.TotalsSQL(p, sources[0])
			if err != nil {
				return err
			}
			return g.screen.Printf("%s", text)
		},
	}
}
