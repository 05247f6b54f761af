package main

import (
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newCompareCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "compare [RUN RUN]",
		GroupID: groupLook,
		Short:   "Say what changed between two rehearsals",
		Long: `Compare says what changed from one run to another: what is rejected and why, the
totals that moved, the persons who were joined or parted. A run is named by its
id, or by how that begins; without arguments the kept runs are listed, the newest
last. A run is kept when it is loaded.`,
		Args: cobra.MatchAll(cobra.MaximumNArgs(2), func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return usagef("name two runs, or none to see which there are", "one run cannot be compared")
			}
			return nil
		}),
		RunE: func(_ *cobra.Command, args []string) error { return runCompare(g, args) },
	}
}

func runCompare(g *globals, args []string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	o := g.options(p)
	if len(args) == 0 {
		runs, err := pipeline.KeptRuns(o)
		if err != nil {
			return err
		}
		return g.show(struct {
			Runs []string `json:"runs"`
		}{append([]string{}, runs...)}, func() error {
			if len(runs) == 0 {
				return g.screen.Printf("no run is kept yet\n")
			}
			return g.screen.Printf("%s\n", strings.Join(runs, "\n"))
		})
	}
	r, err := pipeline.CompareRuns(o, args[0], args[1])
	if err != nil {
		return err
	}
	return g.show(r, func() error { return g.showRuns(r) })
}

func (g *globals) showRuns(r *pipeline.RunsReport) error {
	err := g.screen.Printf("from %s to %s\n", r.Before, r.After)
	if len(r.Causes) > 0 {
		t := &term.Table{Titles: []string{"cause", "source", "table", "field", "detail", "before", "after", "change"}}
		for _, c := range r.Causes {
			t.Row(c.By["reason"], c.By["source"], c.By["table"], c.By["field"], c.By["detail"], c.Before, c.After, c.After-c.Before)
		}
		err = first(err, g.screen.Printf("\n"), g.screen.Table(t))
	}
	if len(r.Totals) > 0 {
		t := &term.Table{Titles: []string{"what", "source", "of", "term", "before", "after", "change"}}
		for _, c := range r.Totals {
			t.Row(c.What, c.Source, c.Of, c.Term, c.Before, c.After, c.After-c.Before)
		}
		err = first(err, g.screen.Printf("\n"), g.screen.Table(t))
	}
	p := &r.Persons
	err = first(err, g.screen.Printf("\npersons: %s before, %s after; %d joined, %d parted; records: %d new, %d gone\n",
		term.Group(p.Before), term.Group(p.After), p.Joined, p.Parted, p.New, p.Gone))
	for _, list := range []struct {
		what string
		ids  []string
	}{{"joined", p.JoinedIDs}, {"parted", p.PartedIDs}} {
		if len(list.ids) > 0 {
			err = first(err, g.screen.Printf("%s: %s\n", list.what, strings.Join(list.ids, " ")))
		}
	}
	if err == nil && len(r.Causes)+len(r.Totals) == 0 && p.Joined+p.Parted+p.New+p.Gone == 0 {
		err = g.screen.Printf("nothing else changed\n")
	}
	return err
}
