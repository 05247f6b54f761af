package main

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newStatusCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		GroupID: groupLook,
		Short:   "Tell how far the project has come, and what to do next",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := g.open()
			if err != nil {
				return err
			}
			return runStatus(cmd.Context(), g, p)
		},
	}
}

// statusResult is what status prints as JSON.
type statusResult struct {
	Project string                 `json:"project"`
	Dir     string                 `json:"dir"`
	Stages  []pipeline.StageStatus `json:"stages"`
	Runs    []runResult            `json:"runs"` // the last ones, the newest first
}

// runResult is a run of the ledger.
type runResult struct {
	ID       int64      `json:"id"`
	Command  string     `json:"command"`
	Started  time.Time  `json:"started"`
	Finished *time.Time `json:"finished"` // null while it runs, or where it was killed
	Outcome  string     `json:"outcome"`
}

// lastRuns is how many runs status shows.
const lastRuns = 5

func runStatus(ctx context.Context, g *globals, p *project.Project) error {
	stages, err := pipeline.Status(ctx, g.options(p))
	if err != nil {
		return err
	}
	ledger, err := p.OpenLedger()
	if err != nil {
		return err
	}
	runs, err := ledger.Runs(lastRuns)
	if err := first(err, ledger.Close()); err != nil {
		return err
	}
	if stages == nil {
		stages = []pipeline.StageStatus{}
	}
	result := statusResult{Project: p.Config.Project, Dir: p.Dir, Stages: stages, Runs: []runResult{}}
	for _, r := range runs {
		one := runResult{ID: r.ID, Command: r.Command, Started: r.Started, Outcome: r.Outcome}
		if !r.Finished.IsZero() {
			one.Finished = &r.Finished
		}
		result.Runs = append(result.Runs, one)
	}
	err = g.show(result, func() error {
		return first(
			g.screen.Table(statusTable(stages)),
			g.screen.Printf("\n"),
			g.screen.Table(runsTable(runs)),
		)
	})
	if len(p.Config.Sources) == 0 {
		g.next("name the sources in " + filepath.Join(p.Dir, project.File) + ", then sihctl extract")
	} else if i := slices.IndexFunc(stages, func(s pipeline.StageStatus) bool { return s.State != "done" }); i >= 0 {
		g.next("sihctl " + stages[i].Stage)
	} else if p.Mission() {
		var sources []sih.SourceID
		for _, s := range p.Config.Sources {
			sources = append(sources, s.ID)
		}
		g.afterMission(sources)
	} else if err == nil {
		err = g.noteUndecided(g.options(p))
	}
	return err
}

func statusTable(stages []pipeline.StageStatus) *term.Table {
	tones := map[string]term.Tone{"done": term.Good, "stale": term.Bad}
	t := &term.Table{Titles: []string{"stage", "step", "state", "done", "of", "note"}}
	for _, s := range stages {
		t.Row(s.Stage, s.Step, term.Toned{Cell: s.State, Tone: tones[s.State]}, s.Done, s.Total, s.Note)
	}
	return t
}

func runsTable(runs []project.Run) *term.Table {
	t := &term.Table{Titles: []string{"run", "command", "started", "took", "outcome"}}
	for _, r := range runs {
		started := r.Started.Local().Format("2006-01-02 15:04:05")
		if r.Finished.IsZero() {
			t.Row(r.ID, r.Command, started, "", "running or killed")
			continue
		}
		t.Row(r.ID, r.Command, started, r.Finished.Sub(r.Started), r.Outcome)
	}
	return t
}

// plan says what the given stages, or all, have still to do.
func (g *globals) plan(ctx context.Context, stages ...string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, nil); err != nil {
		return err
	}
	list, err := pipeline.Status(ctx, g.options(p))
	if err != nil {
		return err
	}
	todo := []pipeline.StageStatus{}
	for _, s := range list {
		if s.State != "done" && (len(stages) == 0 || slices.Contains(stages, s.Stage)) {
			todo = append(todo, s)
		}
	}
	return g.show(struct {
		Todo []pipeline.StageStatus `json:"todo"`
	}{todo}, func() error {
		if len(todo) == 0 {
			return g.screen.Printf("nothing is left to do\n")
		}
		return g.screen.Table(statusTable(todo))
	})
}
