package main

import (
	"context"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/load/store"
	"github.com/spf13/cobra"
)

func newVerifyCommand(g *globals) *cobra.Command {
	var against string
	cmd := &cobra.Command{
		Use:     "verify",
		GroupID: groupMigrate,
		Short:   "Read the unified store back and compare it with what was to be loaded",
		Long: `Verify reads every row of the unified store back and compares it with the
stage: a value that was changed, a row that is missing and one that nobody
loaded are each found, and named by table, id and column. It ends with exit
code 3 where there is one.

With --against it compares the store with that of another project, whichever
engine holds it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), g, against) },
	}
	cmd.Flags().StringVar(&against, "against", "", "the folder of another project, whose store is compared instead of the stage")
	return cmd
}

// notVerifiedError tells that the store is not as it should be.
type notVerifiedError struct{ against string }

// Error says so.
func (e *notVerifiedError) Error() string { return "the store differs from " + e.against }

// Hint says what to do.
func (e *notVerifiedError) Hint() string {
	return "somebody has changed the store, or it is not that of this run; load again into a new one to mend it"
}

func runVerify(ctx context.Context, g *globals, against string) error {
	var other *project.Project
	if against != "" {
		var err error
		if other, err = project.Open(against); err != nil {
			return err
		}
	}
	return g.hold(ctx, "verify", func(o pipeline.Options) error {
		r, err := pipeline.Verify(ctx, o, other)
		if err != nil {
			return err
		}
		g.touch("read", "store", r.Target, r.Rows)
		if err := g.show(r, func() error { return g.showVerify(r) }); err != nil {
			return err
		}
		if len(r.Tables) > 0 {
			return &notVerifiedError{r.Against}
		}
		g.next("sihctl reconcile")
		return nil
	})
}

// showVerify writes the result as text.
func (g *globals) showVerify(r *pipeline.VerifyReport) error {
	if len(r.Tables) > 0 {
		tables := &term.Table{Titles: []string{"table", "expected", "found", "difference"}}
		for _, t := range r.Tables {
			tables.Row(t.Table, t.Expected, t.Found, difference(t.Found-t.Expected))
		}
		rows := differingRows(r.Differences)
		if err := first(g.screen.Table(tables), g.screen.Printf("\n"), g.screen.Table(rows), g.screen.Printf("\n")); err != nil {
			return err
		}
	}
	return g.screen.Printf("%s: %d rows compared with %s in %s (%s): %s\n", r.Target, r.Rows, r.Against,
		seconds(r.Seconds).Round(10e6), rate(r.Rows, r.Seconds), word(len(r.Tables) == 0, "the same", "NOT THE SAME"))
}

// differingRows lists rows, not too many.
func differingRows(list []store.Difference) *term.Table {
	t := &term.Table{Titles: []string{"table", "id", "row is", "columns", "from"}}
	for i, d := range list {
		if i == mostDifferences {
			t.Row("…", "", "", "", "")
			break
		}
		t.Row(d.Table, d.ID, string(d.Kind), strings.Join(d.Columns, ", "), strings.TrimSpace(string(d.Source)+" "+d.SourceTable))
	}
	return t
}
