package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newReviewCommand(g *globals) *cobra.Command {
	return family(&cobra.Command{Use: "review", GroupID: groupMigrate, Short: "Let people decide the doubtful pairs of patients"},
		newReviewExportCommand(g), newReviewImportCommand(g), newReviewListCommand(g), newReviewUndoCommand(g))
}

// noteUndecided says that pairs wait for a reviewer, if any do.
func (g *globals) noteUndecided(o pipeline.Options) error {
	n, err := pipeline.Undecided(o)
	if n > 0 {
		g.screen.Notef("%d pairs of patient records wait for a decision: sihctl review export", n)
	}
	return err
}

// ReviewName is the workbook's name where none is given.
const reviewName = "review.xlsx"

func newReviewExportCommand(g *globals) *cobra.Command {
	var q pipeline.ReviewRequest
	cmd := &cobra.Command{
		Use:         "export",
		Short:       "Write the doubtful pairs to a workbook",
		Annotations: map[string]string{speaksArabic: "yes"},
		Long: `Export writes the pairs that match has left open to a workbook: the two records
of each side by side, the cells marked in which they differ, the evidence in
words, and a cell for the verdict. With --for, pairs that this reviewer has
decided are left out; without, those that anybody has. --sample draws pairs, the
same for every reviewer, so that two of them can be compared.

The workbook shows patients' names and numbers, since nobody could decide
without: mind where it goes. That it was written stands in the audit log.
--masked hides them, for showing what such a workbook looks like. One that is
there already is not overwritten: somebody may have filled it in.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runReviewExport(cmd.Context(), g, q) },
	}
	f := cmd.Flags()
	f.StringVar(&q.Out, "out", "", "the `file` to write (default: "+reviewName+" in the project's folder)")
	f.StringVar(&q.Reviewer, "for", "", "the `reviewer`'s name, which stands in every row")
	f.IntVar(&q.Sample, "sample", 0, "`number` of pairs to draw; 0 is all")
	f.BoolVar(&q.Masked, "masked", false, "hide names and numbers")
	return cmd
}

func runReviewExport(ctx context.Context, g *globals, q pipeline.ReviewRequest) error {
	if q.Sample < 0 {
		return usagef("use --sample 0 for all pairs", "a negative number of pairs")
	}
	q.Reviewer = strings.Join(strings.Fields(q.Reviewer), " ")
	return g.hold(ctx, "review export", func(o pipeline.Options) error {
		if q.Out == "" {
			q.Out = filepath.Join(o.Project.Dir, reviewName)
		}
		if _, err := os.Lstat(q.Out); err == nil {
			return usagef("read it in with sihctl review import, then put it away; or name another with --out", "%s is there already, and may be filled in", q.Out)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("export pairs: %w", err)
		}
		r, err := pipeline.ReviewExport(ctx, o, q)
		if err != nil {
			return err
		}
		kind := "unmasked review"
		if q.Masked {
			kind = "review"
		}
		g.touched = append(g.touched, audit.Touched{Verb: "exported", Kind: kind, Name: filepath.Base(q.Out), Rows: int64(r.Pairs), SHA256: r.SHA256})
		err = g.show(r, func() error {
			t := &term.Table{Titles: []string{"file", "pairs", "doubtful", "left out as decided"}}
			t.Row(r.File, r.Pairs, r.Doubtful, r.Decided)
			return g.screen.Table(t)
		})
		if !q.Masked {
			g.screen.Notef("note: the workbook shows patients' names and numbers")
		}
		g.next("sihctl review import " + q.Out)
		return err
	})
}

func newReviewImportCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Read the decisions of a workbook that came back",
		Long: `Import reads what a reviewer decided, and notes it in the ledger; the next match
keeps to it. Rows may be left open, sorted and removed. Rows that are not of a
workbook of this project, in which anything but the verdict, the reviewer and
the comment was changed, or whose records say something else by now, are refused
with the reason; then nothing is taken, and the command ends with exit code 4.

A reviewer's later verdict on a pair takes the place of his former. Pairs on
which two reviewers contradict each other are listed, and stay open until one of
them changes his mind or a decision is undone. Where two have decided the same
pairs, their agreement is told with Cohen's kappa.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runReviewImport(cmd.Context(), g, args[0]) },
	}
}

// reviewImportResult is what review import prints as JSON.
type reviewImportResult struct {
	*pipeline.ReviewImportReport
	Agreements []agreementResult `json:"agreements"`
}

// agreementResult is how far two reviewers agree.
type agreementResult struct {
	A     string   `json:"a"`
	B     string   `json:"b"`
	Pairs int      `json:"pairs"`
	Alike int      `json:"alike"`
	Kappa *float64 `json:"kappa"` // null where it is not defined
}

func runReviewImport(ctx context.Context, g *globals, file string) error {
	return g.hold(ctx, "review import", func(o pipeline.Options) error {
		r, err := pipeline.ReviewImport(ctx, o, file)
		if err != nil {
			return err
		}
		g.touched = append(g.touched, audit.Touched{Verb: "read", Kind: "review", Name: filepath.Base(file), Rows: int64(r.Rows), SHA256: r.SHA256},
			audit.Touched{Verb: "changed", Kind: "decisions", Name: project.LedgerFile, Rows: int64(r.Added + r.Replaced)})
		result := reviewImportResult{r, []agreementResult{}}
		for _, a := range r.Agreements {
			one := agreementResult{a.A, a.B, a.Pairs, a.Alike, nil}
			if a.Known {
				one.Kappa = &a.Kappa
			}
			result.Agreements = append(result.Agreements, one)
		}
		err = g.show(result, func() error { return g.showReviewImport(result) })
		g.next("sihctl match")
		return err
	})
}

func (g *globals) showReviewImport(r reviewImportResult) error {
	t := &term.Table{Titles: []string{"decided", "same", "not the same", "unsure", "left open", "new", "replaced", "known before"}}
	t.Row(r.Rows, r.Same, r.Apart, r.Unsure, r.Open, r.Added, r.Replaced, r.Known)
	if err := g.screen.Table(t); err != nil {
		return err
	}
	if len(r.Agreements) > 0 {
		t := &term.Table{Titles: []string{"reviewer", "and", "pairs of both", "alike", "kappa"}}
		for _, a := range r.Agreements {
			kappa := "not defined"
			if a.Kappa != nil {
				kappa = fmt.Sprintf("%.2f", *a.Kappa)
			}
			t.Row(a.A, a.B, a.Pairs, a.Alike, kappa)
		}
		if err := first(g.screen.Printf("\n"), g.screen.Table(t)); err != nil {
			return err
		}
	}
	if len(r.Conflicts) == 0 {
		return nil
	}
	c := &term.Table{Titles: []string{"contradiction in rows", "same", "not the same", "decisions"}}
	for _, x := range r.Conflicts {
		c.Row(numbers(x.Lines), x.Same, x.Apart, numbers(x.Decisions))
	}
	return first(g.screen.Printf("\n"), g.screen.Table(c))
}

func numbers[T int | int64](list []T) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.FormatInt(int64(n), 10))
	}
	return strings.Join(out, ", ")
}

func newReviewListCommand(g *globals) *cobra.Command {
	var ended bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the decisions of reviewers",
		Long: `List shows what reviewers decided, each decision with its number and the ids of
the two source persons. Comments are not shown: they may name a patient.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runReviewList(g, ended) },
	}
	cmd.Flags().BoolVar(&ended, "all", false, "those that were replaced or undone, too")
	return cmd
}

// reviewListResult is what review list prints as JSON.
type reviewListResult struct {
	Decisions []decisionResult `json:"decisions"`
}

// decisionResult is a reviewer's decision.
type decisionResult struct {
	ID       int64     `json:"id"`
	A        string    `json:"source_person_a"`
	B        string    `json:"source_person_b"`
	Verdict  string    `json:"verdict"`
	Reviewer string    `json:"reviewer"`
	Decided  time.Time `json:"decided"`
	State    string    `json:"state"` // holds, replaced or undone
}

func runReviewList(g *globals, ended bool) error {
	return g.ledger(func(l *project.Ledger) error {
		list, err := l.Decisions(ended)
		if err != nil {
			return err
		}
		r := reviewListResult{[]decisionResult{}}
		for _, d := range list {
			state := d.Why
			if d.Ended.IsZero() {
				state = "holds"
			}
			r.Decisions = append(r.Decisions, decisionResult{d.ID, d.A.String(), d.B.String(), d.Verdict, d.Reviewer, d.Decided, state})
		}
		return g.show(r, func() error {
			if len(r.Decisions) == 0 {
				return g.screen.Printf("nobody has decided anything\n")
			}
			t := &term.Table{Titles: []string{"decision", "source person", "and", "verdict", "reviewer", "read in", "state"}}
			for _, d := range r.Decisions {
				t.Row(d.ID, d.A, d.B, d.Verdict, d.Reviewer, d.Decided.Local().Format(time.DateTime), d.State)
			}
			return g.screen.Table(t)
		})
	})
}

func newReviewUndoCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "undo NUMBER...",
		Short: "Take decisions back",
		Long: `Undo takes decisions back, by their numbers in sihctl review list. They stay in the
ledger as undone; the next match no longer keeps to them.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runReviewUndo(cmd.Context(), g, args) },
	}
}

// reviewUndoResult is what review undo prints as JSON.
type reviewUndoResult struct {
	Undone []int64 `json:"undone"`
}

func runReviewUndo(ctx context.Context, g *globals, args []string) error {
	var ids []int64
	for _, a := range args {
		n, err := strconv.ParseInt(a, 10, 64)
		if err != nil {
			return usagef("sihctl review list shows their numbers", "%q is not a decision's number", a)
		}
		ids = append(ids, n)
	}
	return g.hold(ctx, "review undo", func(pipeline.Options) error {
		err := g.ledger(func(l *project.Ledger) error { return l.Undo(ids) })
		if err != nil {
			return err
		}
		g.touch("changed", "decisions", project.LedgerFile, int64(len(ids)))
		err = g.show(reviewUndoResult{ids}, func() error { return g.screen.Printf("undone: %s\n", numbers(ids)) })
		g.next("sihctl match")
		return err
	})
}
