package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/transform/match"
	"github.com/spf13/cobra"
)

// explainOptions are the flags of match explain.
type explainOptions struct {
	link    linkOptions
	files   []string
	cluster string
	values  bool
}

func newExplainCommand(g *globals) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [A B]",
		Short: "Say why two records are one person, or are not",
		Long: `Explain says why two records are taken for one person, or are not: what each
comparison found and weighs, how common the value is, the rule that decided, the
pass that found the pair, the way from one to the other within their cluster,
and which single finding would change the verdict. --cluster does so for the
pairs that hold a cluster together. The records are those of the project, known
by the ids that the store's source_person has; or those of the files that --in
names, known by their own. The records' values are shown with --values only: mind
who sees them.`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.cluster == "" && len(args) != 2 || o.cluster != "" && len(args) > 0 {
				return usagef("name two records, or one with --cluster", "%d records to explain", len(args))
			}
			return runExplain(cmd.Context(), g, &o, args)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.files, "in", nil, "`file` of records, once or often")
	f.StringVar(&o.cluster, "cluster", "", "`record` whose cluster is explained")
	f.BoolVar(&o.values, "values", false, "show the records' values")
	o.link.addInput(f)
	return cmd
}

// explainResult is what explain prints as JSON.
type explainResult struct {
	Records []string        `json:"records"`
	Pairs   []explainedPair `json:"pairs"`
}

type explainedPair struct {
	A string `json:"a"`
	B string `json:"b"`
	*match.Explanation
	Steps  []string         `json:"path"` // the records on the way from a to b
	Values []explainedValue `json:"values,omitempty"`
}

// explainedValue is a column's value in both records.
type explainedValue struct {
	Column string `json:"column"`
	A      string `json:"a"`
	B      string `json:"b"`
}

// explained is where the records come from that are explained.
type explained struct {
	res    *match.Result
	hint   string // what ids are
	find   func(id string) (uint32, bool)
	id     func(rank uint32) string
	values func(ids []string) (columns []string, values map[string][]string, err error)
}

// source matches the records of the files, or of the project.
func (o *explainOptions) source(ctx context.Context, g *globals) (*explained, error) {
	if len(o.files) > 0 {
		records, res, err := o.link.run(ctx, g, o.files)
		if err != nil {
			return nil, err
		}
		return &explained{
			res: res, hint: "ids are those of the files' records",
			find: func(id string) (uint32, bool) { return records.Find(res, id) },
			id:   func(rank uint32) string { return records.ID(res, rank) },
			values: func(ids []string) ([]string, map[string][]string, error) {
				return linkage.Values(ctx, o.link.config(g, o.files, res.Model()), ids)
			},
		}, nil
	}
	p, err := g.open()
	if err != nil {
		return nil, err
	}
	model, _, err := readModel(o.link.model)
	if err != nil {
		return nil, err
	}
	options := g.options(p)
	res, err := pipeline.RunPatients(ctx, options, model)
	if err != nil {
		return nil, err
	}
	return &explained{
		res: res, hint: "ids are those of the store's source_person, 26 characters; or name files with --in",
		find: func(id string) (uint32, bool) {
			parsed, err := sih.ParseID(id)
			if err != nil {
				return 0, false
			}
			return res.Record(parsed)
		},
		id: func(rank uint32) string { return res.ID(rank).String() },
		values: func(ids []string) ([]string, map[string][]string, error) {
			if err := g.logged(p, "match explain", audit.Touched{Verb: "read", Kind: "stage", Name: "source_person", Rows: int64(len(ids))}); err != nil {
				return nil, nil, err
			}
			values := map[string][]string{}
			err := pipeline.Patients(ctx, options, model, func(id sih.ID, list []string) error {
				if text := id.String(); slices.Contains(ids, text) {
					values[text] = slices.Clone(list)
				}
				return nil
			})
			return model.Columns, values, err
		},
	}, nil
}

func runExplain(ctx context.Context, g *globals, o *explainOptions, args []string) error {
	of, err := o.source(ctx, g)
	if err != nil {
		return err
	}
	res := of.res
	find := func(id string) (uint32, error) {
		n, ok := of.find(id)
		if !ok {
			return 0, usagef(of.hint, "no record %s", id)
		}
		return n, nil
	}
	r := explainResult{}
	var pairs [][2]uint32
	if o.cluster != "" {
		n, err := find(o.cluster)
		if err != nil {
			return err
		}
		members := res.Members(res.Founder(n))
		for _, m := range members {
			r.Records = append(r.Records, of.id(m))
		}
		for _, m := range members {
			if j, ok := res.Join(m); ok {
				pairs = append(pairs, [2]uint32{j.Pair.A, j.Pair.B})
			}
		}
	} else {
		var pair [2]uint32
		for i, id := range args {
			if pair[i], err = find(id); err != nil {
				return err
			}
		}
		if pair[0] == pair[1] {
			return usagef("name two records", "one record twice")
		}
		r.Records = args
		pairs = append(pairs, pair)
	}
	var columns []string
	var values map[string][]string
	if o.values {
		columns, values, err = of.values(r.Records)
		if err != nil {
			return err
		}
	}
	for _, p := range pairs {
		x := explainedPair{A: of.id(p[0]), B: of.id(p[1]), Explanation: res.Explain(p[0], p[1]), Steps: []string{}}
		at := p[0]
		if len(x.Path) > 0 {
			x.Steps = append(x.Steps, of.id(at))
		}
		if len(x.Path) > 0 && x.Path[0].A != at && x.Path[0].B != at {
			at = p[1] // Explain orders the two
		}
		for _, step := range x.Path {
			at = step.A ^ step.B ^ at
			x.Steps = append(x.Steps, of.id(at))
		}
		for i, c := range columns {
			if a, b := values[x.A][i], values[x.B][i]; a != "" || b != "" {
				x.Values = append(x.Values, explainedValue{c, a, b})
			}
		}
		r.Pairs = append(r.Pairs, x)
	}
	return g.show(r, func() error {
		if o.cluster != "" {
			if err := g.screen.Printf("%d records, %d pairs hold them together\n\n", len(r.Records), len(r.Pairs)); err != nil {
				return err
			}
		}
		for i := range r.Pairs {
			if err := g.showExplained(&r.Pairs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// showExplained writes the explanation of a pair, one screen.
func (g *globals) showExplained(x *explainedPair) error {
	if len(x.Values) > 0 {
		t := &term.Table{Titles: []string{"", x.A, x.B}}
		for _, v := range x.Values {
			t.Row(v.Column, v.A, v.B)
		}
		if err := first(g.screen.Table(t), g.screen.Printf("\n")); err != nil {
			return err
		}
	}
	t := &term.Table{Titles: []string{"comparison", "finding", "bits", "of which frequency", "group", "in words"}}
	for _, e := range x.Evidence {
		if e.Level != "missing" {
			t.Row(e.Comparison, e.Level, fmt.Sprintf("%+.1f", e.Weight), frequency(e.Frequency), e.Group, e.Say)
		}
	}
	if x.Capped > 0.05 {
		t.Row("", "cap", fmt.Sprintf("%+.1f", -x.Capped), "", "", "no more of what a household has in common counts")
	}
	t.Row("", "sum", fmt.Sprintf("%+.1f", x.Weight), "", "", "")
	if err := g.screen.Table(t); err != nil {
		return err
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(io.Writer(g.stdout), format, args...)
	}
	say("\n%s and %s: %s", x.A, x.B, x.Verdict)
	if x.Rule != "" {
		say(", by the rule %s", x.Rule)
		if x.Say != "" {
			say(" (%s)", x.Say)
		}
	}
	say(". Before the comparison %.1f bits, with it a probability of %.6f.\n", x.Prior, x.Probability)
	if x.Strangers > 0 {
		say("Of pairs that are alike, and differ, as these do, %.2f %% are two people.\n", 100*x.Strangers)
	}
	switch {
	case x.Found != "":
		say("Found by the pass %q; band %s.\n", x.Found, x.Band)
	case len(x.Passes) > 0:
		say("No pass kept the pair; it shares the key of %q.\n", x.Passes)
	default:
		say("No pass brings the two together.\n")
	}
	switch {
	case x.Joined && len(x.Steps) > 2:
		say("They are in one cluster, by way of %q.\n", x.Steps)
	case x.Joined:
		say("They are in one cluster.\n")
	case x.Against != "":
		say("They are in two clusters, others of which are kept apart: %s.\n", x.Against)
	case x.Band == match.BandTorn.String():
		say("They are in two clusters: one of them fits two people.\n")
	default:
		say("They are in two clusters.\n")
	}
	for _, c := range x.Changes {
		say("With %s %q the verdict would be %s.\n", c.Comparison, c.Level, c.Verdict)
	}
	say("\n")
	return nil
}

func frequency(bits float64) string {
	if bits == 0 {
		return ""
	}
	return fmt.Sprintf("%+.1f", bits)
}
