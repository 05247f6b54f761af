package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/batch"
	"github.com/spf13/cobra"
)

func newExtractScriptCommand(g *globals) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "script SOURCE",
		Short: "Write a batch that exports a database where sihctl does not run",
		Long: `Script writes a folder of scripts for a server on which no current program
starts, such as Windows before 10 and Server 2016: for SQL Server by sqlcmd and
bcp, for MySQL by its own client. They need nothing else, ask the database for its
tables, leave out what the source leaves out, and write each table into a file in
which NULL, an empty text, separators, ends of lines and bytes can all be told.
What is printed is how these files are read: a source of driver csv.

Better is to read such a server over the network from a newer machine, which
takes no script. The script reads table after table, each as it then stands: run
it where nobody writes, best on a restored backup. From SQL Server, float values
come with 16 digits.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runExtractScript(g, args[0], out) },
	}
	cmd.Flags().StringVar(&out, "out", "", "`folder` to write into (default: the source's name and -script)")
	return cmd
}

// scriptResult is what extract script prints as JSON.
type scriptResult struct {
	Dir    string   `json:"dir"`
	Files  []string `json:"files"`
	Source string   `json:"source"` // how the output is read, for sihctl.yaml
}

func runExtractScript(g *globals, name, out string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, []string{name}); err != nil {
		return err
	}
	b, err := batch.New(p.Config.Source(sih.SourceID(name)))
	var none *batch.DriverError
	if errors.As(err, &none) {
		return usagef(none.Hint(), "%v", none)
	}
	if err != nil {
		return err
	}
	if out == "" {
		out = name + "-script"
	}
	r := scriptResult{Dir: out}
	for _, f := range b.Files {
		if _, err := os.Lstat(filepath.Join(out, f.Name)); !errors.Is(err, fs.ErrNotExist) {
			return usagef("nothing is overwritten: name another folder with --out", "%s exists", filepath.Join(out, f.Name))
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, f := range b.Files {
		mode := os.FileMode(0o644)
		switch {
		case f.Runs:
			mode = 0o755
		case f.Private:
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(out, f.Name), f.Text, mode); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		r.Files = append(r.Files, f.Name)
	}
	b.Source.Path = "incoming/" + name
	text, err := b.Source.Written()
	if err != nil {
		return err
	}
	r.Source = string(text)
	err = g.show(r, func() error {
		return g.screen.Printf("sources:\n  %s\n", strings.ReplaceAll(strings.TrimSpace(r.Source), "\n", "\n  "))
	})
	g.screen.Notef("next: copy %s to the server and run export there; put the .txt files that it writes into incoming/%s, and the source above into the config", out, name)
	return err
}
