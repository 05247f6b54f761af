package main

import (
	"fmt"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
)

func newMappingTestCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "test [SYSTEM…]",
		Short: "Run the cases that lie beside mappings",
		Long: `Test runs the cases in the folder cases of each mapping, of all mappings of the
project where none is named: a row goes in, and what comes out is held against
what the case wants. It reads no source.`,
		RunE: func(_ *cobra.Command, args []string) error { return runMappingTest(g, args) },
	}
}

func runMappingTest(g *globals, args []string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	sources, err := namedSources(p, args)
	if err != nil {
		return err
	}
	r, err := pipeline.TestMappings(g.options(p), sources)
	if err != nil {
		return err
	}
	err = g.show(r, func() error {
		for _, s := range r.Systems {
			for _, f := range s.Failures {
				if err := g.screen.Printf("%s: %s\n", s.System, f); err != nil {
					return err
				}
			}
			if err := g.screen.Printf("%s: %d cases, %d hold\n", s.System, s.Cases, s.Cases-s.Failed); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && r.Failed > 0 {
		err = &mappingError{fmt.Sprintf("%d cases do not hold", r.Failed), "sihctl mapping explain TABLE KEY shows a row of the source step by step"}
	}
	return err
}
