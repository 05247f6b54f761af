package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/spf13/cobra"
)

func newStageCommand(g *globals) *cobra.Command {
	cat := &cobra.Command{
		Use:   "cat FILE",
		Short: "Print a stage file as JSON, one entity a line",
		Long: `Cat prints a stage file as JSON, one entity a line. It shows patients' data:
mind where it goes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); errors.Is(err, fs.ErrNotExist) {
				return usagef("sihctl status shows which stages are done", "no file %s", args[0])
			}
			// A stage file that was carried elsewhere is of no project.
			p, err := project.Find(filepath.Dir(args[0]))
			var none *project.NotFoundError
			if err == nil {
				err = g.logged(p, "stage cat", audit.Touched{Verb: "read", Kind: "stage", Name: filepath.Base(args[0])})
			} else if errors.As(err, &none) {
				err = nil
			}
			if err != nil {
				return err
			}
			return pipeline.StageCat(g.stdout, args[0])
		},
	}
	return family(&cobra.Command{Use: "stage", GroupID: groupLook, Short: "Look into the files between the stages"}, cat)
}
