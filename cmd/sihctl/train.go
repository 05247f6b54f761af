package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
	"github.com/spf13/cobra"
)

// trainOptions are the flags of match train.
type trainOptions struct {
	link linkOptions
	out  string
}

func newTrainCommand(g *globals) *cobra.Command {
	var o trainOptions
	cmd := &cobra.Command{
		Use:   "train FILE…",
		Short: "Estimate a model's weights on records",
		Long: `Train estimates how often each level of each comparison occurs, between records
of one person and between strangers, on the records of files, without knowing
who is who, and writes the model with these weights to --out. The rules, passes
and thresholds stay as they are. It shows what it found beside what the model
had. A delta should be linked with the weights of the first run: train once.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("sihctl match train FILE --out model.yaml", "no file to train on")
			}
			return runTrain(cmd.Context(), g, &o, args)
		},
	}
	o.link.addInput(cmd.Flags())
	cmd.Flags().StringVar(&o.out, "out", "", "`file` for the model with its weights")
	return cmd
}

// modelResult is what match train and match model print as JSON.
type modelResult struct {
	Model    string          `json:"model"`
	Out      string          `json:"out,omitempty"`
	Training *match.Training `json:"training,omitempty"`
	Weights  []modelWeight   `json:"weights"`
}

// modelWeight is what a level weighs, and what it weighed before, or in the
// other model: Other is absent where that lacks the level.
type modelWeight struct {
	match.LevelWeight
	Other *match.LevelWeight `json:"other,omitempty"`
}

func runTrain(ctx context.Context, g *globals, o *trainOptions, files []string) error {
	if o.out != "" {
		if err := mayWrite(o.out); err != nil {
			return err
		}
	}
	before, text, err := readModel(o.link.model)
	if err != nil {
		return err
	}
	o.link.train = true
	_, res, err := o.link.run(ctx, g, files)
	if err != nil {
		return err
	}
	if o.out != "" {
		trained, err := res.Model().WriteWeights(text)
		if err != nil {
			return err
		}
		err = linkage.WriteFile(o.out, func(w io.Writer) error {
			_, err := w.Write(trained)
			return err
		})
		if err != nil {
			return err
		}
	}
	r := modelResult{Model: before.Name, Out: o.out, Training: res.Stats.Training, Weights: beside(res.Model(), before)}
	return g.show(r, func() error {
		return first(showTraining(g, r.Training), showWeights(g, &r, "trained", "before"))
	})
}

// showTraining says what each pass told.
func showTraining(g *globals, t *match.Training) error {
	table := &term.Table{Titles: []string{"pass", "pairs seen", "of one person", "left out, because"}}
	for _, p := range t.Passes {
		table.Row(p.Name, int64(p.Pairs), int64(math.Round(p.Matches)), p.Left)
	}
	return first(g.screen.Table(table), g.screen.Printf("\n%d random pairs; a record has %.2f others of its person\n\n", int64(t.Random), t.Expected))
}

// noteTraining says what of the weights could not be estimated.
func noteTraining(g *globals, t *match.Training) {
	switch {
	case t.Failed():
		g.screen.Notef("note: training found no records of one person (sihctl match train tells why): only what strangers have in common was estimated")
	case len(t.Untrained) > 0:
		g.screen.Notef("note: training could not tell what these are worth, and left them as they were: %s", strings.Join(t.Untrained, ", "))
	}
}

func newModelCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model MODEL [OTHER]",
		Short: "Show what the levels of a model weigh, or of two side by side",
		Long: `Model shows m, u and the weight of every level of a model, a file or the name of
a built-in one; with a second model, what differs.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			m, _, err := readModel(args[0])
			if err != nil {
				return err
			}
			other := (*match.Model)(nil)
			if len(args) > 1 {
				if other, _, err = readModel(args[1]); err != nil {
					return err
				}
			}
			if m.Weightless() {
				g.screen.Notef("note: model %s has no weights: these are where training begins", m.Name)
			}
			r := modelResult{Model: m.Name, Weights: beside(m, other)}
			return g.show(r, func() error { return showWeights(g, &r, m.Name, args[len(args)-1]) })
		},
	}
	cmd.AddCommand(newModelNewCommand(g))
	return cmd
}

// beside puts the weights of two models side by side; other may be nil.
func beside(m, other *match.Model) []modelWeight {
	found := map[[2]string]match.LevelWeight{}
	if other != nil {
		for _, w := range other.Weights() {
			found[[2]string{w.Comparison, w.Level}] = w
		}
	}
	var out []modelWeight
	for _, w := range m.Weights() {
		x := modelWeight{LevelWeight: w}
		if o, ok := found[[2]string{w.Comparison, w.Level}]; ok {
			x.Other = &o
		}
		out = append(out, x)
	}
	return out
}

func showWeights(g *globals, r *modelResult, one, two string) error {
	both := false
	for _, w := range r.Weights {
		both = both || w.Other != nil
	}
	t := &term.Table{Titles: []string{"comparison", "level", "when", "m", "u", "bits"}}
	if both {
		t.Titles = []string{"comparison", "level", "m " + one, "m " + two, "u " + one, "u " + two, "bits " + one, "bits " + two, "difference"}
	}
	for _, w := range r.Weights {
		switch {
		case !both:
			t.Row(w.Comparison, w.Level, w.When, likelihood(w.M), likelihood(w.U), fmt.Sprintf("%+.1f", w.Bits))
		case w.Other == nil:
			t.Row(w.Comparison, w.Level, likelihood(w.M), "", likelihood(w.U), "", fmt.Sprintf("%+.1f", w.Bits), "", "")
		default:
			note := ""
			if math.Abs(w.Bits-w.Other.Bits) >= 0.05 {
				note = fmt.Sprintf("%+.1f", w.Bits-w.Other.Bits)
			}
			t.Row(w.Comparison, w.Level, likelihood(w.M), likelihood(w.Other.M), likelihood(w.U), likelihood(w.Other.U),
				fmt.Sprintf("%+.1f", w.Bits), fmt.Sprintf("%+.1f", w.Other.Bits), note)
		}
	}
	return g.screen.Table(t)
}

func likelihood(p float64) string { return fmt.Sprintf("%.3g", p) }

// builtIn lists the models that come with the program.
func builtIn() (names []string) {
	files, err := fs.Glob(models.FS, "*.yaml")
	if err != nil {
		return nil
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f, ".yaml"))
	}
	return names
}

// readModel reads a model, a file or one that comes with the program, and its
// text.
func readModel(name string) (*match.Model, []byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if built, berr := models.FS.ReadFile(name + ".yaml"); berr == nil {
			text, err = built, nil
		}
	}
	if err != nil {
		return nil, nil, usagef("name a file, or one of "+strings.Join(builtIn(), ", ")+"; sihctl match model new FILE drafts one", "no model %s", name)
	}
	m, err := match.ParseModel(text)
	return m, text, err
}
