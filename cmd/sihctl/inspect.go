package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/transform/rule"
)

// inspectOptions are the flags of inspect.
type inspectOptions struct {
	keys   keyOptions
	out    string
	tables []string
	values bool
}

func newInspectCommand(g *globals) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:     "inspect [SOURCE…]",
		GroupID: groupMigrate,
		Short:   "Say how the columns of sources are filled, before they are mapped",
		Long: `Inspect reads every row and says of each table and column what the author of a
mapping must know: keys, whether they repeat, and what could be one where none is
declared; NULLs, distinct values, lengths, patterns, the layouts and ranges of
dates, signs of wrong code pages, numbers of identity cards; which columns seem
to lead to other tables, and how many of their rows lead to nothing; and what to
look at first. A source is one of the project, all of them where none is named,
or the folder of a snapshot. It reads the snapshot where there is one that it can
open, and otherwise the source itself, without what is left out of it. It changes
nothing.

In a pattern A and a stand for a Latin letter, R for an Arabic one, X for one of
another script, 9 for a digit, … for more of the same, · for any other sign that
is not ASCII.

What leads where is told by the columns' names and values, not by the catalogue,
and over one column at a time; with --table, among those tables alone.

Nobody's text is shown: of dates the first and the last day, of numbers a range
that is rounded to two digits. --values adds the frequent values of columns of
codes: of at most 100 distinct values, none of two words, that stand there ten
times each on average; none that stands there less than thrice, and none of a
column that is called like one of names. Read them before you hand them on.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runInspect(cmd.Context(), g, &o, args) },
	}
	o.keys.addFlags(cmd)
	cmd.Flags().StringVar(&o.out, "out", "", "workbook, a `file` .xlsx, to write as well")
	cmd.Flags().StringSliceVar(&o.tables, "table", nil, "`name` of a table to look at, once or often (default: all)")
	cmd.Flags().BoolVar(&o.values, "values", false, "show the frequent values of columns of codes")
	return cmd
}

// inspectResult is what inspect prints as JSON.
type inspectResult struct {
	Sources []inspectedSource `json:"sources"`
}

type inspectedSource struct {
	Source   sih.SourceID    `json:"source"`
	Snapshot string          `json:"snapshot"` // empty where the source itself was read
	Seconds  float64         `json:"seconds"`
	Tables   []profile.Table `json:"tables"`
}

func runInspect(ctx context.Context, g *globals, o *inspectOptions, args []string) error {
	if o.out != "" {
		if err := mayWrite(o.out); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		p, err := g.open()
		if err == nil {
			err = checkSources(p, nil)
		}
		if err != nil {
			return err
		}
		for _, s := range p.Config.Sources {
			args = append(args, string(s.ID))
		}
	}
	r := inspectResult{Sources: []inspectedSource{}}
	found := map[string]bool{}
	for _, name := range args {
		s, err := g.inspect(ctx, o, name)
		if err != nil {
			return fmt.Errorf("inspect %s: %w", name, err)
		}
		for _, t := range s.Tables {
			found[t.Table] = true
		}
		r.Sources = append(r.Sources, *s)
	}
	for _, name := range o.tables {
		if !found[name] {
			return usagef("sihctl inspect without --table lists them", "no table %q", name)
		}
	}
	read := make([]audit.Touched, len(r.Sources))
	for i, s := range r.Sources {
		read[i] = audit.Touched{Verb: "read", Kind: "source", Name: string(s.Source)}
		if s.Snapshot != "" {
			read[i].Kind = "snapshot"
		}
		for _, t := range s.Tables {
			read[i].Rows += t.Rows
		}
	}
	if err := g.loggedHere("inspect", read...); err != nil {
		return err
	}
	if o.out != "" {
		if err := writeInspection(o.out, r.Sources); err != nil {
			return err
		}
	}
	return g.show(r, func() error {
		for _, s := range r.Sources {
			if err := g.showInspected(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayWrite refuses a workbook that would overwrite something.
func mayWrite(out string) error {
	if _, err := os.Lstat(out); err == nil {
		return usagef("name another file with --out: nothing is overwritten", "%s exists", out)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// inspect reads the rows of one source.
func (g *globals) inspect(ctx context.Context, o *inspectOptions, name string) (*inspectedSource, error) {
	begin := time.Now()
	src, out, err := g.openRecords(o, name)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, err
	}
	out.Tables = []profile.Table{}
	together := &profile.Source{}
	bar := g.screen.Progress()
	rows := int64(0)
	for _, t := range tables {
		if len(o.tables) > 0 && !slices.Contains(o.tables, t.Name) {
			continue
		}
		one, err := inspectTable(ctx, src, t, profile.Options{Values: o.values, Grade: grade, Source: together}, func() {
			if rows++; rows%8192 == 0 && bar != nil {
				bar.Show(term.Step{Stage: "inspect", Name: string(out.Source) + " " + t.Name, Done: rows, Unit: "rows"})
			}
		})
		if err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, one)
	}
	together.Relate(out.Tables)
	out.Seconds = time.Since(begin).Seconds()
	return out, nil
}

// grade tells how the number of a Moroccan identity card looks.
func grade(s string) string {
	_, grade := rule.CIN(s)
	return grade
}

func inspectTable(ctx context.Context, src extract.Source, t extract.Table, o profile.Options, done func()) (profile.Table, error) {
	p := profile.New(t, o)
	reject := func(r extract.Rejected) error {
		if !r.Aside {
			p.Reject()
		}
		return nil
	}
	for row, err := range src.Rows(ctx, t.Name, reject) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return profile.Table{}, err
		}
		p.Row(row)
		done()
	}
	return p.Table(), ctx.Err()
}

// openRecords opens what an argument means: a source of the project, or the
// folder of a snapshot.
func (g *globals) openRecords(o *inspectOptions, name string) (extract.Source, *inspectedSource, error) {
	p, s, err := g.openSource(name)
	if err != nil {
		return nil, nil, err
	}
	if s != nil && o.keys == (keyOptions{}) {
		return g.openProjectRecords(o, p, s)
	}
	dir, keys, err := g.findSnapshot(name, &o.keys)
	if err != nil {
		return nil, nil, err
	}
	snap, err := keys.Open(dir)
	if err == nil {
		err = snap.Readable()
	}
	if err != nil {
		return nil, nil, err
	}
	if o.out != "" {
		if err := outside(o.out, dir); err != nil {
			return nil, nil, err
		}
	}
	return reading.SnapshotRecords(snap), &inspectedSource{Source: snap.Source, Snapshot: dir}, nil
}

func (g *globals) openProjectRecords(o *inspectOptions, p *project.Project, s *project.Source) (extract.Source, *inspectedSource, error) {
	out := &inspectedSource{Source: s.ID}
	if o.out != "" {
		if err := outside(o.out, p.SnapshotDir(s)); err != nil {
			return nil, nil, err
		}
	}
	var snap *snapshot.Snapshot
	src, snap, err := reading.OpenRecords(p, s, func(text string) { g.screen.Notef("note: %s: %s", s.ID, text) })
	if err != nil {
		return nil, nil, err
	}
	if snap != nil {
		out.Snapshot = p.SnapshotDir(s)
	}
	return src, out, nil
}
