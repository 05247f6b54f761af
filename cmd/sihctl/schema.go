package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/load/store"
	"github.com/spf13/cobra"
)

func newSchemaCommand(g *globals) *cobra.Command {
	var dialect string
	ddl := &cobra.Command{
		Use:   "ddl",
		Short: "Print the statements that make every table, the migration's own included",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runDDL(g, dialect) },
	}
	ddl.Flags().StringVar(&dialect, "dialect", "sqlite", "`engine` that is to understand it: "+strings.Join(dialectNames(), ", "))
	doc := &cobra.Command{
		Use:   "doc",
		Short: "Print a description of every table and column, as Markdown",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return g.show(newSchemaResult(), func() error { return store.WriteMarkdown(g.stdout) })
		},
	}
	upgrade := &cobra.Command{
		Use:   "upgrade",
		Short: "Bring the store to the latest version of the schema",
		Long: `Upgrade brings a store that an older sihctl has made to the latest version of the
schema: it gets new tables, columns and views, and no row is written but in its log
of versions, which is then listed. A load does the same by itself; commands that
only read the store ask for it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUpgrade(cmd.Context(), g) },
	}
	return family(&cobra.Command{Use: "schema", GroupID: groupLook, Short: "Print the unified schema, or bring a store to it"}, ddl, doc, upgrade)
}

func runUpgrade(ctx context.Context, g *globals) error {
	return g.hold(ctx, "schema upgrade", func(o pipeline.Options) error {
		list, err := pipeline.Upgrade(ctx, o)
		if err != nil {
			return err
		}
		return g.show(struct {
			Versions []pipeline.SchemaVersion `json:"versions"`
		}{list}, func() error {
			t := &term.Table{Titles: []string{"version", "since", "what it brought"}}
			for _, v := range list {
				t.Row(strconv.FormatInt(v.Version, 10), v.AppliedAt, v.What)
			}
			return g.screen.Table(t)
		})
	})
}

// schemaResult is what schema doc prints as JSON.
type schemaResult struct {
	Tables []tableResult `json:"tables"`
}

type tableResult struct {
	Name    string         `json:"name"`
	Group   string         `json:"group"`
	Doc     string         `json:"doc"`
	FHIR    string         `json:"fhir,omitempty"`
	Key     []string       `json:"key"`
	Index   [][]string     `json:"index,omitempty"`
	Columns []columnResult `json:"columns"`
}

type columnResult struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Size     int      `json:"size,omitempty"`
	Required bool     `json:"required"`
	Ref      string   `json:"ref,omitempty"`
	Soft     bool     `json:"soft,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	FHIR     string   `json:"fhir,omitempty"`
	Doc      string   `json:"doc"`
}

func newSchemaResult() schemaResult {
	var r schemaResult
	for _, t := range sih.Tables {
		table := tableResult{Name: t.Name, Group: string(t.Group), Doc: t.Doc, FHIR: t.FHIR, Key: t.Key, Index: t.Index}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, columnResult{c.Name, c.Kind.String(), c.Size, c.NotNull, c.Ref, c.Soft, c.Codes, c.FHIR, c.Doc})
		}
		r.Tables = append(r.Tables, table)
	}
	return r
}

func dialectNames() []string {
	names := make([]string, len(store.Dialects))
	for i, d := range store.Dialects {
		names[i] = d.Name
	}
	return names
}

func runDDL(g *globals, name string) error {
	i := slices.IndexFunc(store.Dialects, func(d *store.Dialect) bool { return d.Name == name })
	if i < 0 {
		return usagef("use --dialect "+strings.Join(dialectNames(), ", "), "unknown dialect %q", name)
	}
	d := store.Dialects[i]
	statements := store.DDL(d)
	return g.show(struct {
		Statements []string `json:"statements"`
	}{statements}, func() error { return g.screen.Printf("%s;\n", strings.Join(statements, d.Separator)) })
}
