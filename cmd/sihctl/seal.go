package main

import (
	"context"
	"path/filepath"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
)

func newSealCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "seal FILE",
		GroupID: groupMigrate,
		Short:   "Confirm that a signed workbook is the one that was written",
		Long: `Seal takes back the workbook that reconcile wrote and that people have filled in:
verdicts and initials on the sample, declared figures, signatures. It confirms
that nothing else was changed, by a copy that the project keeps of the last five
workbooks, prints the file's hash for the minutes, and notes it in the audit log.
Whatever else was changed is named cell by cell, without values, with exit code 4.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runSeal(cmd.Context(), g, args[0]) },
	}
}

func runSeal(ctx context.Context, g *globals, file string) error {
	return g.hold(ctx, "seal", func(o pipeline.Options) error {
		r, err := pipeline.Seal(o, file)
		if err != nil {
			return err
		}
		g.touched = append(g.touched, audit.Touched{Verb: "sealed", Kind: "workbook", Name: filepath.Base(file), Rows: int64(r.Filled), SHA256: r.SHA256})
		err = g.show(r, func() error {
			return g.screen.Printf("%s is as it was written, but for %d cells that were filled in\nfor the minutes: SHA-256 %s\nas it was written: SHA-256 %s\n",
				filepath.Base(file), r.Filled, r.SHA256, r.Written)
		})
		return err
	})
}
