package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih/cmd/sihctl/internal/mappingdoc"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
)

func newMappingDocCommand(g *globals) *cobra.Command {
	out := "."
	cmd := &cobra.Command{
		Use:   "doc [SOURCE…]",
		Short: "Write mappings down for the auditor: a page and a workbook",
		Long: `Doc writes, for each system of the project, what becomes of every table and
column of it: SYSTEM-mapping.md to read and SYSTEM-mapping.xlsx to filter, with
the code lists and who approved each code. It holds no patient's data, and takes
the place of what it wrote before.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(_ *cobra.Command, args []string) error { return runMappingDoc(g, out, args) },
	}
	cmd.Flags().StringVar(&out, "out", out, "`folder` to write into")
	return cmd
}

func runMappingDoc(g *globals, out string, args []string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	sources, err := namedSources(p, args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(out); errors.Is(err, fs.ErrNotExist) {
		return usagef("make it, or name another with --out", "there is no folder %s", out)
	}
	result := struct {
		Files []string `json:"files"`
	}{[]string{}}
	var done []string
	for _, s := range sources {
		if slices.Contains(done, s.System) {
			continue
		}
		done = append(done, s.System)
		files, lists, err := pipeline.MappingOf(p, s.System)
		if err != nil {
			return err
		}
		d := mappingdoc.New(s.System, files, lists)
		book, err := d.Workbook()
		if err != nil {
			return err
		}
		for name, data := range map[string][]byte{s.System + "-mapping.md": d.Markdown(), s.System + "-mapping.xlsx": book} {
			path := filepath.Join(out, name)
			if err := replaceFile(path, data); err != nil {
				return err
			}
			result.Files = append(result.Files, path)
		}
	}
	slices.Sort(result.Files)
	return g.show(result, func() error {
		for _, f := range result.Files {
			if err := g.screen.Printf("%s\n", f); err != nil {
				return err
			}
		}
		return nil
	})
}
