package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/transform/match"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// linkOptions are the flags of link.
type linkOptions struct {
	model, mode, id, encoding string
	out, pairs                string
	truth, entity             string
	decisions, before         string
	asOf                      string
	train, levels             bool
	chosen                    func() bool // whether to train was said
	threshold                 float64
	reading                   time.Duration // how long reading took
}

// day returns the day on which ages are told.
func (o *linkOptions) day() (sih.Date, error) {
	if o.asOf == "" {
		d, _ := sih.DateOf(time.Now().Year(), int(time.Now().Month()), time.Now().Day())
		return d, nil
	}
	d, err := sih.ParseDate(o.asOf)
	if err != nil {
		return 0, usagef("write it as 2026-01-31", "--as-of is not a day")
	}
	return d, nil
}

func newLinkCommand(g *globals) *cobra.Command {
	var o linkOptions
	cmd := &cobra.Command{
		Use:     "link FILE…",
		GroupID: groupLook,
		Short:   "Find the records of one person in any CSV files",
		Long: `Link finds which records of CSV files are of one person, or of one of whatever
the model describes. It needs no project. A model is a file, or the name of one
that comes with the program (ma-patient, people, febrl); sihctl match model new
drafts one for a file, and docs/matching.md tells how one is written. Columns
are found by their names, whatever their order, capitals and signs; those that
the model names and no file has count as empty. A model without weights (people,
a draft) is trained on the records first; --train does so with any other.

--mode dedupe, which is the default, compares all records with each other;
--mode link compares those of different files only, and joins at most one of
each: the files are lists without repeats.

clusters.csv has every record and the cluster it is in, which is named after its
smallest record. Only what is certain is joined; --pairs writes the doubtful
pairs too.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("sihctl link FILE --out clusters.csv", "no file to link")
			}
			return runLink(cmd.Context(), g, &o, args)
		},
	}
	f := cmd.Flags()
	o.addInput(f)
	f.StringVar(&o.out, "out", "", "`file` for record_id,cluster_id")
	f.StringVar(&o.pairs, "pairs", "", "`file` for the pairs that were merged and those in doubt")
	f.BoolVar(&o.levels, "levels", false, "tell in --pairs what the comparisons found, too")
	f.StringVar(&o.decisions, "decisions", "", "`file` of record_id_a,record_id_b,decision (same or apart): what humans decided binds")
	f.StringVar(&o.before, "before", "", "clusters.csv of a former run, a `file`: its clusters stay, and new records join them")
	f.Float64Var(&o.threshold, "threshold", 0, "join by weight alone whatever reaches this `probability`, without what rules send to review")
	o.addTruth(f)
	return cmd
}

// addInput adds the flags that say what is linked, and how.
func (o *linkOptions) addInput(f *pflag.FlagSet) {
	f.StringVar(&o.model, "model", "ma-patient", "`model`: a file, or the name of a built-in one")
	f.StringVar(&o.mode, "mode", "dedupe", "what is compared: dedupe or link")
	f.StringVar(&o.id, "id", "", "`column` of a record's id (default: the model's, or record_id)")
	f.StringVar(&o.encoding, "encoding", "", "`encoding` of the files, such as windows-1252 (default: utf-8)")
	f.StringVar(&o.asOf, "as-of", "", "`day` on which ages are told, such as 2026-01-31 (default: today)")
	f.BoolVar(&o.train, "train", false, "estimate the weights on these records (done unasked for a model without weights, unless --train=false)")
	o.chosen = func() bool { return f.Changed("train") }
}

// addTruth adds the flags that say who is who.
func (o *linkOptions) addTruth(f *pflag.FlagSet) {
	f.StringVar(&o.truth, "truth", "", "`file` of record_id,entity_id to hold the clusters against")
	f.StringVar(&o.entity, "entity", "", "`column` that says who is who, in the file of the truth or in those of the records; COLUMN=PATTERN takes the part that fits, such as rec_id=rec-[0-9]+")
}

// knowsTruth tells whether the user said where the truth is.
func (o *linkOptions) knowsTruth() bool { return o.truth != "" || o.entity != "" }

// readTruth reads who is who: in the file of the truth, or in those of the
// records.
func (o *linkOptions) readTruth(ctx context.Context, files []string, model *match.Model) (*linkage.Truth, error) {
	t := linkage.Truths{Files: files, Encoding: o.encoding, ID: cmp.Or(o.id, model.ID), Entity: o.entity}
	if o.truth != "" && !slices.Contains(files, o.truth) {
		if _, err := os.Stat(o.truth); err != nil {
			return nil, usagef("name a file of record_id,entity_id", "no file %s", o.truth)
		}
		t.Files, t.Encoding = []string{o.truth}, ""
	}
	return linkage.ReadTruth(ctx, t)
}

// config says what to read.
func (o *linkOptions) config(g *globals, files []string, model *match.Model) linkage.Config {
	return linkage.Config{Files: files, Model: model, ID: o.id, Encoding: o.encoding, Workers: g.workers}
}

// run reads the files and finds the records of one person.
func (o *linkOptions) run(ctx context.Context, g *globals, files []string) (*linkage.Records, *match.Result, error) {
	if o.mode != "dedupe" && o.mode != "link" {
		return nil, nil, usagef("use --mode dedupe or --mode link", "unknown mode %q", o.mode)
	}
	if o.mode == "link" && len(files) < 2 {
		return nil, nil, usagef("name two files, or use --mode dedupe", "one file alone cannot be linked")
	}
	asOf, err := o.day()
	if err != nil {
		return nil, nil, err
	}
	model, _, err := readModel(o.model)
	if err != nil {
		return nil, nil, err
	}
	bar := g.screen.Progress()
	show := func(step string, done, total int64, unit string) {
		if bar != nil {
			bar.Show(term.Step{Stage: "link", Name: step, Done: done, Total: total, Unit: unit})
		}
	}
	config := o.config(g, files, model)
	config.Progress = func(n int) { show("reading", int64(n), 0, "records") }
	begin := time.Now()
	options := match.Options{Workers: g.workers, Lists: o.mode == "link", AsOf: asOf}
	unasked := !o.train && !o.chosen() && model.Weightless()
	options.Train = o.train || unasked
	if o.decisions != "" {
		if options.Decisions, err = linkage.ReadDecisions(ctx, o.decisions); err != nil {
			return nil, nil, err
		}
	}
	if o.before != "" {
		if config.Before, err = linkage.ReadBefore(ctx, o.before); err != nil {
			return nil, nil, err
		}
		options.Before = config.Before.Person
	}
	// What is held are numbers above all, which the collector need not look at:
	// collecting often costs little and saves memory.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	records, err := linkage.Read(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	o.reading = time.Since(begin)
	runtime.GC()
	debug.SetGCPercent(10)
	if len(records.Ignored) > 0 {
		g.screen.Notef("note: the model does not look at %s", strings.Join(records.Ignored, ", "))
	}
	for i, x := range records.Rejected {
		if i == 5 {
			g.screen.Notef("note: and %d lines more", records.RejectedLines-i)
			break
		}
		g.screen.Notef("note: %s is no record: %s", x.Where, x.Detail)
	}
	options.Progress = func(done, total int) { show("comparing records", int64(done), int64(total), "blocks") }
	res, err := records.Table.Run(ctx, options)
	if err != nil {
		return nil, nil, records.Repeated(err)
	}
	switch {
	case res.Len() == 0:
		g.screen.Notef("note: there are no records")
	case options.Train:
		if unasked {
			g.screen.Notef("note: model %s has no weights: they are estimated on these records", model.Name)
		}
		noteTraining(g, res.Stats.Training)
	}
	return records, res, nil
}

// linkResult is what link prints as JSON.
type linkResult struct {
	Records       int               `json:"records"`
	Rejected      int               `json:"rejected"`       // lines that are no records
	Clusters      int               `json:"clusters"`       // of two records or more
	Merged        int               `json:"merged"`         // records that joined another's cluster
	Review        int               `json:"review"`         // pairs of clusters in doubt
	Pairs         uint64            `json:"pairs"`          // pairs compared
	ExpectedWrong float64           `json:"expected_wrong"` // merges that are wrong, by the model's own account
	ReadSeconds   float64           `json:"read_seconds"`
	Seconds       float64           `json:"seconds"` // reading included
	Memory        uint64            `json:"memory"`  // greatest, in bytes, where the system tells
	Passes        []match.PassStats `json:"passes"`
	Training      *match.Training   `json:"training,omitempty"` // with --train
	Score         *linkage.Score    `json:"score,omitempty"`    // with --truth
}

func runLink(ctx context.Context, g *globals, o *linkOptions, files []string) error {
	begin := time.Now()
	if o.threshold < 0 || o.threshold >= 1 {
		return usagef("use --threshold 0.99", "a probability is between 0 and 1")
	}
	records, res, err := o.run(ctx, g, files)
	if err == nil && o.threshold > 0 {
		res, err = res.At(ctx, o.threshold, true)
	}
	if err != nil {
		return err
	}
	r := linkResult{ReadSeconds: o.reading.Seconds(), Rejected: records.RejectedLines}
	clusters := records.Clusters(res)
	touched := []audit.Touched{{Verb: "read", Kind: "file", Name: baseNames(files), Rows: int64(res.Len())}}
	for _, out := range []string{o.out, o.pairs} {
		if out != "" {
			touched = append(touched, audit.Touched{Verb: "wrote", Kind: "file", Name: filepath.Base(out)})
		}
	}
	if err := g.loggedHere("link", touched...); err != nil {
		return err
	}
	if o.out != "" {
		if err := linkage.WriteFile(o.out, clusters.Write); err != nil {
			return err
		}
	}
	if o.pairs != "" {
		if err := linkage.WriteFile(o.pairs, func(w io.Writer) error { return records.WritePairs(w, res, o.levels) }); err != nil {
			return err
		}
	}
	r.Records, r.Clusters, r.Merged, r.Review = res.Len(), res.Stats.Clusters, res.Stats.Merged, res.Stats.Doubtful
	r.ExpectedWrong, r.Passes, r.Training = res.Stats.ExpectedWrong, res.Stats.Passes, res.Stats.Training
	for _, p := range r.Passes {
		r.Pairs += p.Scored
	}
	r.Seconds, r.Memory = time.Since(begin).Seconds(), peakMemory()
	if o.knowsTruth() {
		truth, err := o.readTruth(ctx, files, res.Model())
		if err != nil {
			return err
		}
		r.Score = clusters.Score(truth)
	}
	return g.show(r, func() error { return showLink(g, &r) })
}

// baseNames names files without their folders.
func baseNames(files []string) string {
	var out []string
	for _, f := range files {
		out = append(out, filepath.Base(f))
	}
	return strings.Join(out, ", ")
}

func showLink(g *globals, r *linkResult) error {
	t := &term.Table{Titles: []string{"pass", "records", "blocks", "largest", "refined", "cut", "pairs", "new", "kept"}}
	for _, p := range r.Passes {
		t.Row(p.Name, p.Records, p.Blocks, p.Limit, p.Refined, p.Cut, int64(p.Pairs), int64(p.Scored), int64(p.Kept))
	}
	if err := g.screen.Table(t); err != nil {
		return err
	}
	sum := &term.Table{Titles: []string{"records", "clusters", "merged", "to review", "expected wrong", "pairs compared", "read", "time", "memory"}}
	sum.Row(r.Records, r.Clusters, r.Merged, r.Review, fmt.Sprintf("%.1f", r.ExpectedWrong), int64(r.Pairs), seconds(r.ReadSeconds), seconds(r.Seconds), fmt.Sprintf("%d MB", r.Memory>>20))
	if err := first(g.screen.Printf("\n"), g.screen.Table(sum)); err != nil {
		return err
	}
	s := r.Score
	if s == nil {
		return nil
	}
	score := &term.Table{Titles: []string{"", "precision", "recall", "F1"}}
	score.Row("pairs", term.Percent(s.Precision), term.Percent(s.Recall), term.Percent(s.F1))
	score.Row("B-cubed", term.Percent(s.BPrecision), term.Percent(s.BRecall), term.Percent(s.BF1))
	return first(g.screen.Printf("\n"), g.screen.Table(score),
		g.screen.Printf("%d pairs joined, %d of them right, of %d\n", s.Pairs, s.Right, s.TruePairs))
}
