package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/checkup"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract"
	"github.com/spf13/cobra"
)

func newDoctorCommand(g *globals) *cobra.Command {
	var script bool
	cmd := &cobra.Command{
		Use:     "doctor [MISSION] [SOURCE…]",
		GroupID: groupMigrate,
		Short:   "Say what would stop a run, and what to do, before there is one",
		Long: `Doctor looks at whatever would stop a run: the config and the mappings, keys and
who may read them, the disk, the clock, the project's folder; of files, whether
they are there and are tables; of a database, the way to it, the login and its
rights, encryption, what would make the reading inconsistent, its size against
the window. It reads no record and changes nothing. Without arguments it looks at
every source of the project, or of the mission in the folder.

Each line is fine (✓), to be known (!) or in the way (✗), with what to do. It
ends with the exit code with which a run would: 0 where nothing is in the way, 4
where the config, a key or a mapping has to be mended, 7 where another run holds
the project, 5 where a source, the target or this machine refuses.

--script prints only what an administrator can run on the server, such as a
login that may read and nothing else.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDoctor(cmd.Context(), g, g.takeMission(args), script)
		},
	}
	cmd.Flags().BoolVar(&script, "script", false, "print only the scripts for the servers' administrators")
	return cmd
}

// takeMission makes the mission that the arguments begin with the project, and
// returns the others, which name sources.
func (g *globals) takeMission(args []string) []string {
	if len(args) > 0 && project.IsMission(args[0]) {
		g.dir, args = args[0], args[1:]
	}
	return args
}

// doctorResult is what doctor prints as JSON.
type doctorResult struct {
	Project  string          `json:"project"`
	Findings []doctorFinding `json:"findings"`
	// ExitCode is the one that a run would end with.
	ExitCode int `json:"exit_code"`
}

type doctorFinding struct {
	Source sih.SourceID `json:"source"` // empty for the project as a whole
	Check  string       `json:"check"`
	Level  string       `json:"level"` // fine, notable, faulty
	Text   string       `json:"text"`
	Advice string       `json:"advice"`
	Script string       `json:"script"`
}

// levelNames are the levels of findings in JSON.
var levelNames = map[extract.Level]string{extract.Fine: "fine", extract.Notable: "notable", extract.Faulty: "faulty"}

// stopError tells that something is in the way of a run.
type stopError struct {
	stop   checkup.Stop
	faults int
}

// Error counts what is in the way.
func (e *stopError) Error() string {
	if e.faults == 1 {
		return "one thing would stop a run"
	}
	return fmt.Sprintf("%d things would stop a run", e.faults)
}

// Hint says what to do.
func (e *stopError) Hint() string { return "do what stands there, then look again: sihctl doctor" }

// code is the exit code of a run that is stopped so.
func (e *stopError) code() int {
	switch e.stop {
	case checkup.Config:
		return exitUsage
	case checkup.Held:
		return exitHeld
	}
	return exitUnreachable
}

func runDoctor(ctx context.Context, g *globals, sources []string, script bool) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, sources); err != nil {
		return err
	}
	o := checkup.Options{Project: p, Sources: sources}
	if bar := g.screen.Progress(); bar != nil {
		o.Begin = func(what string) { bar.Show(term.Step{Stage: "doctor", Name: what}) }
	}
	found, err := checkup.Run(ctx, o)
	if err != nil {
		return err
	}
	if script {
		return g.showScripts(found)
	}
	r := doctorResult{Project: p.Config.Project, Findings: []doctorFinding{}}
	faults := 0
	for _, f := range found {
		r.Findings = append(r.Findings, doctorFinding{f.Source, f.Check, levelNames[f.Level], f.Text, f.Advice, f.Script})
		if f.Level == extract.Faulty {
			faults++
		}
	}
	var stop error
	if faults > 0 {
		e := &stopError{checkup.Ends(found), faults}
		r.ExitCode, stop = e.code(), e
	}
	if err := g.show(r, func() error { return g.showFindings(p, found) }); err != nil {
		return err
	}
	if stop == nil {
		g.next("sihctl extract")
	}
	return stop
}

// marksOf are the levels' marks.
var marksOf = map[extract.Level]term.Mark{extract.Fine: term.Check, extract.Notable: term.Notice, extract.Faulty: term.Cross}

// showFindings writes a list for the project and for each source.
func (g *globals) showFindings(p *project.Project, found []checkup.Finding) error {
	scripts := false
	var lists []*term.List
	var of sih.SourceID
	for i, f := range found {
		if i == 0 || f.Source != of {
			title := p.Config.Project
			if s := p.Config.Source(f.Source); s != nil {
				title = fmt.Sprintf("%s: %s by %s", s.ID, s.System, s.Driver)
			}
			lists, of = append(lists, &term.List{Title: title}), f.Source
		}
		lists[len(lists)-1].Item(marksOf[f.Level], f.Check, f.Text, f.Advice)
		scripts = scripts || f.Script != ""
	}
	for i, l := range lists {
		if i > 0 {
			if err := g.screen.Printf("\n"); err != nil {
				return err
			}
		}
		if err := g.screen.List(l); err != nil {
			return err
		}
	}
	if scripts {
		g.screen.Notef("the scripts that the administrator can run: sihctl doctor --script")
	}
	return nil
}

// showScripts writes what administrators can run, each under what it is for.
func (g *globals) showScripts(found []checkup.Finding) error {
	none := true
	for _, f := range found {
		if f.Script == "" {
			continue
		}
		none = false
		remark := strings.ReplaceAll(g.screen.Say(f.Text), "\n", " ")
		if err := g.screen.Printf("-- %s, %s: %s\n%s\n\n", f.Source, f.Check, remark, strings.TrimSpace(f.Script)); err != nil {
			return err
		}
	}
	if none {
		g.screen.Notef("no server needs anything from its administrator")
	}
	return nil
}
