package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newMappingCommand(g *globals) *cobra.Command {
	return family(&cobra.Command{Use: "mapping", GroupID: groupMigrate, Short: "Write, check, try and explain mappings"},
		newMappingLintCommand(g), newMappingTestCommand(g), newMappingExplainCommand(g), newMappingNewCommand(g), newMappingDocCommand(g), newMappingSchemaCommand(g), newMappingTotalsCommand(g))
}

// mappingError tells that mappings are not as they must be: what is wrong has
// been printed.
type mappingError struct{ message, hint string }

// Error counts the faults.
func (e *mappingError) Error() string { return e.message }

// Hint says what to do.
func (e *mappingError) Hint() string { return e.hint }

// namedSources returns the project's sources of these names, all of them where
// none is given.
func namedSources(p *project.Project, names []string) ([]*project.Source, error) {
	var out []*project.Source
	for i := range p.Config.Sources {
		s := &p.Config.Sources[i]
		if len(names) == 0 || slices.Contains(names, string(s.ID)) || slices.Contains(names, s.System) {
			out = append(out, s)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(out, func(s *project.Source) bool { return s.ID == sih.SourceID(name) || s.System == name }) {
			return nil, usagef("see sources in sihctl.yaml", "the project has no source or system %q", name)
		}
	}
	return out, nil
}

func newMappingLintCommand(g *globals) *cobra.Command {
	sample := 100000
	cmd := &cobra.Command{
		Use:   "lint [SOURCE…]",
		Short: "Tell all that is wrong with mappings, and what may be",
		Long: `Lint checks the mappings of the sources, of all where none is named. Errors,
which keep a mapping from running: what is not known where it stands, columns
that the source has not, required columns that nothing fills, references and
joins that lead nowhere. Warnings: columns that are neither mapped nor ignored,
fields whose type is not the column's, codes that a list lacks, and what would be
rejected, of the rows that it maps on trial. A note counts the codes that nobody
has approved.

It reads the sources' snapshots. Without one only the files are checked. A code
that stands there less than thrice is not shown: it may be somebody's words.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runMappingLint(cmd.Context(), g, args, sample) },
	}
	cmd.Flags().IntVar(&sample, "sample", sample, "`number` of rows of each table to map on trial; 0 for all")
	return cmd
}

func runMappingLint(ctx context.Context, g *globals, args []string, sample int) error {
	if sample < 0 {
		return usagef("use --sample 0 for all rows", "a negative number of rows")
	}
	p, err := g.open()
	if err != nil {
		return err
	}
	sources, err := namedSources(p, args)
	if err != nil {
		return err
	}
	r, err := pipeline.LintMappings(ctx, g.options(p), sources, sample)
	if err != nil {
		return err
	}
	err = g.show(r, func() error {
		for _, f := range r.Findings {
			place := string(f.Source) + ": "
			if f.File != "" {
				place += f.File + ":"
				if f.Line > 0 {
					place += fmt.Sprintf("%d:%d:", f.Line, f.Column)
				}
				place += " "
			}
			if err := g.screen.Printf("%s%s: %s\n", place, f.Level, f.Message); err != nil {
				return err
			}
		}
		return g.screen.Printf("%d errors, %d warnings; %d sources, %d files, %s rows on trial\n", r.Errors, r.Warnings, r.Sources, r.Files, term.Group(r.Rows))
	})
	if err == nil && r.Errors > 0 {
		err = &mappingError{fmt.Sprintf("the mappings have %d errors", r.Errors), "docs/mapping.md describes the language"}
	}
	return err
}
