package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func newExtractCommand(g *globals) *cobra.Command {
	var schedule bool
	var opts extractOptions
	cmd := &cobra.Command{
		Use:     "extract [MISSION] [SOURCE…]",
		GroupID: groupMigrate,
		Short:   "Read sources into snapshots",
		Long: `Extract reads each source once, whole and read-only, into a snapshot: a folder
of immutable evidence that everything after works from. Without arguments it
takes every source of the project. A snapshot that is whole is left as it is;
one that was interrupted is gone on with. With --again, one that was loaded
already is put aside, as SOURCE.previous, and a new one is made: for a delta.
Given again after an interruption, it reads nothing twice. A MISSION, the file that the centre
sends to a hospital, stands for a project: its folder is where the snapshots go.

Where the project names recipients, a snapshot is encrypted to them: this
machine cannot read it again, unless the project names an identity of theirs.
Where it names a signing key, the snapshot is signed. sihctl keygen makes keys.

A database is read in one view, as it stood at one moment, where it has such a
thing. A view dies with its connection: an extraction that is gone on with reads
in a second one, and at the end reads again there what the first one gave, so
that the snapshot stands in one view after all. Where that is too much, it ends
with exit code 3 and leaves the choice: --reread or --accept-seams.

When the window closes, the chunk in hand is finished and the exit code is 8:
start the same command again when it is open. A source that is not as it was
when its snapshot was begun, with another column or another file, is refused
with exit code 5.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			args = g.takeMission(args)
			if schedule {
				return runSchedule(g, args)
			}
			if opts.dryRun {
				return g.plan(cmd.Context(), "extract")
			}
			return runExtract(cmd.Context(), g, args, opts)
		},
	}
	opts.addFlags(cmd)
	cmd.AddCommand(newExtractScriptCommand(g))
	cmd.Flags().BoolVar(&schedule, "schedule", false, "print what has the system start the extraction every night, in the window")
	return cmd
}

// extractOptions are the flags of extract.
type extractOptions struct {
	dryRun, estimate, plain, acceptSeams, again bool
	maxRate, reread                             int64
	window                                      string
	allowLock                                   []string
}

func (e *extractOptions) addFlags(cmd *cobra.Command) {
	dryRunFlag(cmd, &e.dryRun)
	f := cmd.Flags()
	f.BoolVar(&e.estimate, "estimate", false, "tell how many rows there are, how long they take and whether the disk has room, and read nothing")
	f.BoolVar(&e.plain, "plain", false, "do not encrypt, whatever recipients the project names")
	f.Int64Var(&e.maxRate, "max-rate", 0, "`rows` a second to read at most (default: max_rate of the source, or as many as come)")
	f.StringVar(&e.window, "window", "", "time of `day` in which to read, as 22:00-06:00 (default: window of the source, or always)")
	f.StringArrayVar(&e.allowLock, "allow-lock", nil, "`table` that may be locked while it is read, beside those of allow_lock; * for the moment in which a view is opened")
	f.Int64Var(&e.reread, "reread", reading.DefaultReread, "`rows` of a table that are read again at most to stand in one view; 0 for none")
	f.BoolVar(&e.again, "again", false, "put snapshots that were loaded aside and make new ones")
	f.BoolVar(&e.acceptSeams, "accept-seams", false, "take a snapshot in which larger tables stand in several views")
}

// apply puts the flags in the place of what the config says of the sources.
func (e *extractOptions) apply(c *project.Config) error {
	window, err := project.ParseWindow(e.window)
	switch {
	case err != nil:
		return usagef("write it as 22:00-06:00", "--window: %v", err)
	case e.maxRate < 0:
		return usagef("give rows a second, as in --max-rate 5000", "--max-rate is negative")
	case e.reread < 0:
		return usagef("give a number of rows, 0 for none", "--reread is negative")
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		if e.window != "" {
			s.Window = window
		}
		if e.maxRate > 0 {
			s.MaxRate = e.maxRate
		}
		s.AllowLock = append(s.AllowLock, e.allowLock...)
	}
	return nil
}

// dryRunFlag declares --dry-run.
func dryRunFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "dry-run", false, "say what would be done, and do nothing")
}

// extractResult is what extract prints as JSON.
type extractResult struct {
	Sources []reading.Extracted `json:"sources"`
}

func runExtract(ctx context.Context, g *globals, sources []string, opts extractOptions) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, sources); err != nil {
		return err
	}
	if err := opts.apply(&p.Config); err != nil {
		return err
	}
	if opts.estimate {
		return runEstimate(ctx, g, p, sources)
	}
	return g.holdProject(ctx, p, "extract", func(o pipeline.Options) error {
		o.Plain, o.AcceptSeams, o.Reread = opts.plain, opts.acceptSeams, opts.reread
		if o.Reread == 0 {
			o.Reread = -1
		}
		o.Again = opts.again
		list, err := pipeline.Extract(ctx, o, sources)
		g.touchExtract(list)
		var window *reading.WindowError
		if err != nil && (len(list) == 0 || !errors.As(err, &window)) {
			return err
		}
		err = first(err, g.show(extractResult{list}, func() error { return g.screen.Table(extractTable(list)) }))
		if err != nil {
			return err
		}
		if p.Mission() {
			var sources []sih.SourceID
			for _, s := range list {
				sources = append(sources, s.Source)
			}
			g.afterMission(sources)
		} else {
			g.next(afterExtract(list))
		}
		return err
	})
}

// afterExtract returns the command that comes next: the centre transforms, a
// hospital that cannot read its own snapshot sends it.
func afterExtract(list []reading.Extracted) string {
	for _, s := range list {
		if !s.Readable {
			return "sihctl snapshot pack " + string(s.Source)
		}
	}
	return "sihctl transform"
}

// checkSources refuses names that are no sources of the project, and a project
// that has none.
func checkSources(p *project.Project, names []string) error {
	known := make([]string, len(p.Config.Sources))
	for i, s := range p.Config.Sources {
		known[i] = string(s.ID)
	}
	if len(known) == 0 {
		return usagef("name one below sources: in "+project.File, "the project has no sources")
	}
	for _, name := range names {
		if p.Config.Source(sih.SourceID(name)) == nil {
			return usagef("the project has "+strings.Join(known, ", "), "no source %q", name)
		}
	}
	return nil
}

func extractTable(list []reading.Extracted) *term.Table {
	t := &term.Table{Titles: []string{"source", "tables", "rows", "unreadable", "time", "snapshot"}}
	for _, s := range list {
		where := s.Snapshot
		if s.Skipped {
			where += " (was there)"
		}
		t.Row(string(s.Source), s.Tables, s.Rows, s.Rejected, seconds(s.Seconds), term.Words(where))
	}
	return t
}

// seconds returns a duration as a cell.
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// rate writes how many a second were done, or nothing where it took no time.
func rate(n int64, s float64) string {
	if n == 0 || s <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f/s", float64(n)/s)
}

// next suggests the next command.
func (g *globals) next(command string) {
	g.screen.Notef("next: %s", command+g.projectFlag())
}

// completeSources lists the project's sources for the shell.
func (g *globals) completeSources() ([]string, cobra.ShellCompDirective) {
	p, err := g.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, s := range p.Config.Sources {
		names = append(names, string(s.ID))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
