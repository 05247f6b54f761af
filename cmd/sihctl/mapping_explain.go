package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newMappingExplainCommand(g *globals) *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "explain TABLE KEY",
		Short: "Show how one record is mapped, field by field",
		Long: `Explain maps one record of a source's table on trial and shows, field by field,
what the source has, what each step makes of it, what comes out and what is wrong
with it. KEY is the record's key as the store keeps it: its parts in order, parted
by |; or #12 for the table's twelfth row. It shows a patient's data: mind where it
goes.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runMappingExplain(cmd.Context(), g, source, args[0], args[1])
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "`name` of the source, where the project has several")
	return cmd
}

func runMappingExplain(ctx context.Context, g *globals, source, table, key string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	var names []string
	if source != "" {
		names = []string{source}
	}
	sources, err := namedSources(p, names)
	if err != nil {
		return err
	}
	if len(sources) != 1 {
		return usagef("name one with --source", "the project has %d sources", len(sources))
	}
	x, err := pipeline.Explain(ctx, g.options(p), sources[0], table, key)
	if err != nil {
		return err
	}
	if err := g.logged(p, "mapping explain", audit.Touched{Verb: "read", Kind: "snapshot", Name: string(x.Source) + " " + x.Table, Rows: 1}); err != nil {
		return err
	}
	return g.show(x, func() error { return g.showExplanation(x) })
}

func (g *globals) showExplanation(x *pipeline.Explanation) error {
	state := x.State
	if x.Reason != "" {
		state += ": " + x.Reason
	}
	record := &term.Table{Titles: []string{"column", "the source has"}}
	for _, f := range x.Record {
		text := "NULL"
		if f.Value != nil {
			text = *f.Value
		}
		record.Row(f.Column, text)
	}
	fields := &term.Table{Titles: []string{"entity", "field", "from", "steps", "result"}}
	for _, f := range x.Fields {
		fields.Row(f.Entity, f.Field, strings.Join(f.From, ", "), strings.Join(f.Steps, ", "), f.Result)
	}
	entities := &term.Table{Titles: []string{"entity", "column", "value"}}
	for _, e := range x.Entities {
		for _, name := range slices.Sorted(maps.Keys(e.Values)) {
			entities.Row(e.Entity, name, e.Values[name])
		}
	}
	issues := &term.Table{Titles: []string{"issue", "of", "what", "meaning"}}
	for _, i := range x.Issues {
		issues.Row(i.Reason, strings.TrimSuffix(i.Entity+"."+i.Field, "."), i.Severity, strings.TrimSuffix(i.Meaning+": "+i.Detail, ": "))
	}
	err := first(g.screen.Printf("%s %s, by %s: %s\n\n", x.Source, x.Place, x.Mapping, state), g.screen.Table(record))
	for _, t := range []struct {
		table *term.Table
		rows  int
	}{{fields, len(x.Fields)}, {entities, len(x.Entities)}, {issues, len(x.Issues)}} {
		if t.rows > 0 {
			err = first(err, g.screen.Printf("\n"), g.screen.Table(t.table))
		}
	}
	return err
}
