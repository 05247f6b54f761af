package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/transform/match"
	"github.com/spf13/cobra"
)

// evaluateOptions are the flags of match evaluate.
type evaluateOptions struct {
	link   linkOptions
	review float64
}

func newEvaluateCommand(g *globals) *cobra.Command {
	var o evaluateOptions
	cmd := &cobra.Command{
		Use:   "evaluate [FILE…]",
		Short: "Say how right the merges are, and what other thresholds would give",
		Long: `Evaluate links files, or without any the patient records of the project as match
left them, and says what each threshold for merging would give: how
many records are joined, how many pairs are left for review, how many merges are
wrong by the model's own account. With --truth it says how many are right: over
the pairs within clusters, and B-cubed. Without a truth the model's account is
all there is: it is as good as its weights. Where the truth has a column trap,
of records that were made to be mistaken for another's, it counts how many were.

The first table keeps to the rules: what a rule sends to review stays there. The
second lets the threshold alone decide.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.review < 0 || o.review > 1 {
				return usagef("use --review 0.03 for three in a hundred", "a share is between 0 and 1")
			}
			return runEvaluate(cmd.Context(), g, &o, args)
		},
	}
	o.link.addInput(cmd.Flags())
	o.link.addTruth(cmd.Flags())
	cmd.Flags().Float64Var(&o.review, "review", 0.03, "`share` of the records that can be reviewed, as pairs")
	return cmd
}

// evaluateResult is what evaluate prints as JSON.
type evaluateResult struct {
	Records  int            `json:"records"`
	Merged   int            `json:"merged"`
	Review   int            `json:"review"`
	Missed   float64        `json:"expected_missed"` // doubtful pairs that are one person, by the model's own account
	Wrong    float64        `json:"expected_wrong"`
	Score    *linkage.Score `json:"score,omitempty"`
	Reviewed *linkage.Score `json:"reviewed,omitempty"` // if the review's pairs were decided rightly
	Decided  int            `json:"decided"`            // pairs that the review would decide
	// Strangers is, by rule, the share of its pairs that are two people alike,
	// as those tell who have a number.
	Strangers map[string]float64 `json:"strangers"`
	Left      []linkage.Reason   `json:"left"`            // what keeps pairs from being joined
	Traps     []linkage.Trap     `json:"traps,omitempty"` // where the truth tells of such
	Rules     []linkage.Point    `json:"rules"`           // thresholds beside the rules
	Alone     []linkage.Point    `json:"alone"`           // thresholds alone
}

// evaluated are the thresholds that are tried.
var evaluated = []float64{0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 0.999999}

func runEvaluate(ctx context.Context, g *globals, o *evaluateOptions, files []string) error {
	records, res, err := o.matched(ctx, g, files)
	if err != nil {
		return err
	}
	var truth *linkage.Truth
	if o.link.knowsTruth() {
		if truth, err = o.link.readTruth(ctx, files, res.Model()); err != nil {
			return err
		}
	}
	r := evaluateResult{Records: res.Len(), Merged: res.Stats.Merged, Review: res.Stats.Doubtful, Missed: res.Stats.ExpectedMissed, Wrong: res.Stats.ExpectedWrong}
	clusters := records.Clusters(res)
	if truth != nil {
		r.Score = clusters.Score(truth)
		r.Traps = clusters.Traps(truth)
		r.Reviewed, r.Decided = clusters.Reviewed(res, truth, int(math.Round(o.review*float64(r.Records))))
	}
	r.Strangers = res.Strangers()
	r.Left = clusters.Left(res, truth, r.Score)
	if r.Rules, err = records.Points(ctx, res, evaluated, false, truth); err != nil {
		return err
	}
	ruled := len(res.Model().Rules) > 0
	if r.Alone = r.Rules; ruled {
		if r.Alone, err = records.Points(ctx, res, evaluated, true, truth); err != nil {
			return err
		}
	}
	return g.show(r, func() error { return showEvaluated(g, &r, ruled) })
}

// matched matches the records of the files, or of the project.
func (o *evaluateOptions) matched(ctx context.Context, g *globals, files []string) (*linkage.Records, *match.Result, error) {
	if len(files) > 0 {
		return o.link.run(ctx, g, files)
	}
	p, err := g.open()
	var none *project.NotFoundError
	if errors.As(err, &none) && g.dir == "" {
		return nil, nil, usagef("sihctl match evaluate FILE --truth truth.csv, or --project for a project's patients", "no file to evaluate, and no project here")
	}
	if err != nil {
		return nil, nil, err
	}
	if o.link.mode != "dedupe" || o.link.train || o.link.truth == "" && o.link.entity != "" {
		return nil, nil, usagef("--mode, --train and --entity without --truth are for files", "a project's patients are matched as match does")
	}
	model, _, err := readModel(o.link.model)
	if err != nil {
		return nil, nil, err
	}
	options := g.options(p)
	if o.link.asOf != "" {
		day, err := o.link.day()
		if err != nil {
			return nil, nil, err
		}
		options.Now = func() time.Time { return day.Time(time.UTC) }
	}
	res, err := pipeline.RunPatients(ctx, options, model)
	if err != nil {
		return nil, nil, err
	}
	read := audit.Touched{Verb: "read", Kind: "stage", Name: "source_person", Rows: int64(res.Len())}
	return linkage.OfProject(res), res, g.logged(p, "match evaluate", read)
}

// showEvaluated shows the result; without rules both tables are one.
func showEvaluated(g *globals, r *evaluateResult, ruled bool) error {
	err := g.screen.Printf("%d records, %d joined another's cluster, %d pairs to review\nby the model's own account %.1f merges are wrong, %.0f of the pairs to review are one person\n",
		r.Records, r.Merged, r.Review, r.Wrong, r.Missed)
	for _, rule := range slices.Sorted(maps.Keys(r.Strangers)) {
		err = first(err, g.screen.Printf("%s: of pairs like these that have a number %.2f %% are two people\n", rule, 100*r.Strangers[rule]))
	}
	err = first(err, g.screen.Printf("\n"))
	if s := r.Score; s != nil {
		t := &term.Table{Titles: []string{"", "precision", "recall", "F1", "B-cubed precision", "recall", "F1"}}
		row := func(name string, s *linkage.Score) {
			t.Row(name, term.Percent(s.Precision), term.Percent(s.Recall), term.Percent(s.F1), term.Percent(s.BPrecision), term.Percent(s.BRecall), term.Percent(s.BF1))
		}
		row("merged", s)
		row(fmt.Sprintf("and %d pairs reviewed", r.Decided), r.Reviewed)
		err = first(err, g.screen.Table(t), g.screen.Printf("\n"))
	}
	if r.Score == nil {
		g.screen.Notef("note: --truth, or --entity for a column of the records, would tell how many of the merges are right")
	}
	err = first(err, showLeft(g, r))
	type table struct {
		title  string
		points []linkage.Point
	}
	tables := []table{{"threshold beside the rules", r.Rules}, {"threshold alone", r.Alone}}
	if !ruled {
		tables = []table{{"threshold", r.Alone}}
	}
	for _, list := range tables {
		t := &term.Table{Titles: []string{list.title, "merged", "to review", "expected wrong"}}
		if r.Score != nil {
			t.Titles = append(t.Titles, "precision", "recall", "F1")
		}
		for _, p := range list.points {
			row := []any{strconv.FormatFloat(p.Merge, 'f', -1, 64), p.Merged, p.Review, fmt.Sprintf("%.1f", p.Wrong)}
			if p.Score != nil {
				row = append(row, term.Percent(p.Score.Precision), term.Percent(p.Score.Recall), term.Percent(p.Score.F1))
			}
			t.Row(row...)
		}
		err = first(err, g.screen.Table(t), g.screen.Printf("\n"))
	}
	return err
}

// showLeft shows what keeps pairs from being joined, and what became of traps.
func showLeft(g *globals, r *evaluateResult) error {
	left := &term.Table{Titles: []string{"not joined for", "pairs"}}
	if r.Score != nil {
		left.Titles = append(left.Titles, "one person", "of all true pairs")
	}
	for _, x := range r.Left {
		row := []any{x.Rule, x.Pairs}
		if s := r.Score; s != nil {
			row = append(row, x.Same, term.Percent(float64(x.Same)/float64(max(s.TruePairs, 1))))
		}
		left.Row(row...)
	}
	err := first(g.screen.Table(left), g.screen.Printf("\n"))
	if len(r.Traps) == 0 {
		return err
	}
	traps := &term.Table{Titles: []string{"trap", "records", "joined with another's", "apart"}}
	for _, x := range r.Traps {
		traps.Row(x.Trap, x.Records, x.Joined, term.Percent(x.Apart))
	}
	return first(err, g.screen.Table(traps), g.screen.Printf("\n"))
}
