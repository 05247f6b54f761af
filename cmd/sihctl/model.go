package main

import (
	"context"
	"io"
	"os"

	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

// modelNewOptions are the flags of match model new.
type modelNewOptions struct{ id, encoding, out string }

func newModelNewCommand(g *globals) *cobra.Command {
	var o modelNewOptions
	cmd := &cobra.Command{
		Use:   "new FILE",
		Short: "Draft a model for a CSV file, from its columns and what stands in them",
		Long: `New reads the first 50,000 records of a CSV file and drafts a model: what each
column seems to be, and the passes with the pairs that they make. The draft is
to be looked at: leave out what says nothing about who somebody is, correct the
kinds. Weights are not in it: match train, or link --train, estimates them.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runModelNew(cmd.Context(), g, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.id, "id", "", "`column` of a record's id (default: found by its name and values)")
	f.StringVar(&o.encoding, "encoding", "", "`encoding` of the file, such as windows-1252 (default: utf-8)")
	f.StringVar(&o.out, "out", "", "`file` for the model (default: the standard output)")
	return cmd
}

func runModelNew(ctx context.Context, g *globals, o *modelNewOptions, file string) error {
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		return usagef("name a CSV file", "no file %s", file)
	}
	if o.out != "" {
		if err := mayWrite(o.out); err != nil {
			return err
		}
	}
	p, err := linkage.Propose(ctx, file, o.id, o.encoding)
	if err != nil {
		return err
	}
	if o.out == "" {
		return g.show(p, func() error { return g.screen.Printf("%s", p.Text()) })
	}
	err = linkage.WriteFile(o.out, func(w io.Writer) error {
		_, err := io.WriteString(w, p.Text())
		return err
	})
	if err != nil {
		return err
	}
	err = g.show(p, func() error {
		t := &term.Table{Titles: []string{"column", "kind", "filled", "values", "why"}}
		for _, c := range p.Columns {
			t.Row(c.Column, c.Kind, term.Percent(c.Filled), c.Distinct, c.Why)
		}
		return g.screen.Table(t)
	})
	g.screen.Notef("next: %s", "sihctl link "+file+" --model "+o.out+" --train --out clusters.csv")
	return err
}
