package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sihctl/sih/cmd/sihctl/internal/draft"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/rule"
)

// mappingNewOptions are the flags of mapping new.
type mappingNewOptions struct {
	rows   int
	dryRun bool
}

func newMappingNewCommand(g *globals) *cobra.Command {
	o := mappingNewOptions{rows: 50000}
	cmd := &cobra.Command{
		Use:   "new SOURCE",
		Short: "Write the first draft of a mapping, from what a source looks like",
		Long: `New reads a source's tables and writes a draft of its mapping into the project:
likely targets by the names of tables and columns, in French, Spanish, Turkish,
English and Arabic, and by what the columns hold; code lists of the codes that
stand there, their targets empty; everything else under ignored as "to be
decided". A draft is a beginning. It overwrites nothing.`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runMappingNew(cmd.Context(), g, &o, args[0]) },
	}
	cmd.Flags().IntVar(&o.rows, "rows", o.rows, "`number` of rows of each table to look at; 0 for all")
	dryRunFlag(cmd, &o.dryRun)
	return cmd
}

// mappingNewResult is what mapping new prints as JSON.
type mappingNewResult struct {
	Dir    string            `json:"dir"`
	Files  []string          `json:"files"`
	Tables []mappingNewTable `json:"tables"`
}

type mappingNewTable struct {
	Table  string   `json:"table"`
	Rows   int64    `json:"rows"`
	Target string   `json:"target"` // empty where nothing is likely
	Fields int      `json:"fields"`
	Open   []string `json:"open"` // required columns that nothing was found for
}

func runMappingNew(ctx context.Context, g *globals, o *mappingNewOptions, name string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	sources, err := namedSources(p, []string{name})
	if err != nil {
		return err
	}
	s := sources[0]
	dir := filepath.Join(p.Dir, p.Config.Mappings, s.System)
	d, err := g.draft(ctx, p, s, o.rows)
	if err != nil {
		return err
	}
	result := mappingNewResult{Dir: dir, Files: []string{}, Tables: []mappingNewTable{}}
	files := d.Files()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return usagef("put the mapping aside, or name another system for the source: nothing is overwritten", "%s exists", path)
		}
		result.Files = append(result.Files, f.Name)
	}
	for _, f := range files {
		if o.dryRun {
			break
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(f.Name)), f.Text); err != nil {
			return err
		}
	}
	for _, t := range d.Tables {
		one := mappingNewTable{Table: t.Name, Rows: t.Rows, Fields: len(t.Fields), Open: append([]string{}, t.Open...)}
		if t.Target != nil {
			one.Target = t.Target.Name
		}
		result.Tables = append(result.Tables, one)
	}
	err = g.show(result, func() error {
		t := &term.Table{Titles: []string{"table", "rows seen", "likely", "fields", "required and not found"}}
		for _, one := range result.Tables {
			target := one.Target
			if target == "" {
				target = "to be decided"
			}
			t.Row(one.Table, one.Rows, target, one.Fields, fmt.Sprint(len(one.Open)))
		}
		return first(g.screen.Table(t), g.screen.Printf("\n%d files in %s\n", len(result.Files), dir))
	})
	g.next("sihctl mapping lint " + name)
	return err
}

// draft looks at a source's rows, at most so many of each table.
func (g *globals) draft(ctx context.Context, p *project.Project, s *project.Source, rows int) (*draft.Draft, error) {
	src, _, err := reading.OpenRecords(p, s, func(text string) { g.screen.Notef("note: %s: %s", s.ID, text) })
	if err != nil {
		return nil, err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, err
	}
	bar := g.screen.Progress()
	var seen []profile.Table
	for i, t := range tables {
		if bar != nil {
			bar.Show(term.Step{Stage: "mapping new", Name: t.Name, Done: int64(i), Total: int64(len(tables)), Unit: "tables"})
		}
		one := profile.New(t, profile.Options{Values: true, Grade: grade})
		n := 0
		for row, err := range src.Rows(ctx, t.Name, func(extract.Rejected) error { return nil }) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, err
			}
			one.Row(row)
			if n++; n == rows {
				break
			}
		}
		seen = append(seen, one.Table())
	}
	return draft.New(s.System, rule.New(rule.Profile{Country: p.Config.Country, Encodings: s.Encodings}), seen), nil
}
