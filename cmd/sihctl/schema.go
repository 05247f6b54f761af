package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
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
			return g.show(schemaResult{sih.Tables}, func() error { return g.screen.Printf("%s", schemaDoc()) })
		},
	}
	return family(&cobra.Command{Use: "schema", GroupID: groupLook, Short: "Print the unified schema"}, ddl, doc)
}

// schemaResult is what schema doc prints as JSON: the declarations.
type schemaResult struct {
	Tables []*sih.Table `json:"tables"`
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
	statements := store.DDL(store.Dialects[i])
	return g.show(struct {
		Statements []string `json:"statements"`
	}{statements}, func() error { return g.screen.Printf("%s;\n", strings.Join(statements, ";\n\n")) })
}

// schemaDoc describes the schema, group by group.
func schemaDoc() string {
	var b strings.Builder
	b.WriteString("# The unified schema\n\n`*` marks a required column, `→` a reference; `soft` references are emptied where they point at nothing.\n")
	var group sih.Group
	for _, t := range sih.Tables {
		if t.Group != group {
			group = t.Group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s", t.Name, t.Doc)
		if t.FHIR != "" {
			fmt.Fprintf(&b, " FHIR: %s.", t.FHIR)
		}
		fmt.Fprintf(&b, " Key: %s.\n\n| column | kind | holds |\n|---|---|---|\n", strings.Join(t.Key, ", "))
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Name, kindOf(c), meaning(c))
		}
	}
	return b.String()
}

func kindOf(c sih.Column) string {
	s := c.Kind.String()
	if c.Kind == sih.KindStr {
		s = fmt.Sprintf("str(%d)", c.Size)
	}
	if c.NotNull {
		s += "*"
	}
	if c.Ref != "" {
		s += " → " + c.Ref
		if c.Soft {
			s += " (soft)"
		}
	}
	return s
}

func meaning(c sih.Column) string {
	s := c.Doc
	if len(c.Codes) > 0 {
		s += " One of " + strings.Join(c.Codes, ", ") + "."
	}
	if c.FHIR != "" {
		s += " FHIR: " + c.FHIR + "."
	}
	return strings.ReplaceAll(s, "|", "\\|")
}
