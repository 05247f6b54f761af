package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newExtractCommand(g *globals) *cobra.Command {
	var schedule bool
	var dryRun, plain bool
	cmd := &cobra.Command{
		Use:     "extract [MISSION] [SOURCE…]",
		GroupID: groupMigrate,
		Short:   "Read sources into snapshots",
		Long: `Extract reads each source once, whole and read-only, into a snapshot: a folder
of immutable evidence that everything after works from. Without arguments it
takes every source of the project. A snapshot that is whole is left as it is;
one that was interrupted is gone on with. A MISSION, the file that the centre
sends to a hospital, stands for a project: its folder is where the snapshots go.

Where the project names recipients, a snapshot is encrypted to them: this
machine cannot read it again, unless the project names an identity of theirs.
Where it names a signing key, the snapshot is signed. sihctl keygen makes keys.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			args = g.takeMission(args)
			if schedule {
				return runSchedule(g, args)
			}
			if dryRun {
				return g.plan(cmd.Context(), "extract")
			}
			return runExtract(cmd.Context(), g, args, plain)
		},
	}
	dryRunFlag(cmd, &dryRun)
	cmd.Flags().BoolVar(&schedule, "schedule", false, "print what has the system start the extraction every night, in the window")
	cmd.Flags().BoolVar(&plain, "plain", false, "do not encrypt, whatever recipients the project names")
	return cmd
}

// dryRunFlag declares --dry-run.
func dryRunFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "dry-run", false, "say what would be done, and do nothing")
}

// extractResult is what extract prints as JSON.
type extractResult struct {
	Sources []pipeline.SourceExtract `json:"sources"`
}

func runExtract(ctx context.Context, g *globals, sources []string, plain bool) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, sources); err != nil {
		return err
	}
	return g.holdProject(ctx, p, "extract", func(o pipeline.Options) error {
		o.Plain = plain
		list, err := pipeline.Extract(ctx, o, sources)
		if err != nil {
			return err
		}
		err = g.show(extractResult{list}, func() error { return g.screen.Table(extractTable(list)) })
		if p.Mission() {
			g.afterMission(list)
		} else {
			g.next(afterExtract(list))
		}
		return err
	})
}

// afterExtract returns the command that comes next: the centre transforms, a
// hospital that cannot read its own snapshot sends it.
func afterExtract(list []pipeline.SourceExtract) string {
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

func extractTable(list []pipeline.SourceExtract) *term.Table {
	t := &term.Table{Titles: []string{"source", "tables", "rows", "unreadable", "time", "snapshot"}}
	for _, s := range list {
		where := s.Snapshot
		if s.Skipped {
			where += " (was there)"
		}
		t.Row(string(s.Source), s.Tables, s.Rows, s.Rejected, seconds(s.Seconds), where)
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
