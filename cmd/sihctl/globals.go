package main

import (
	"context"
	"io"
	"os"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

// globals is what every command shares: the flags that all have, and the
// streams.
type globals struct {
	dir     string
	output  string
	quiet   bool
	noColor bool
	workers int
	lang    string

	stdout, stderr io.Writer
	screen         *term.Screen
	// begun is set once the command line has been understood. An error before
	// that is a fault of the command line.
	begun bool
	// touched is what the command has read, written or given away, for the
	// audit log.
	touched []audit.Touched
}

func newGlobals(stdout, stderr io.Writer) *globals {
	return &globals{stdout: stdout, stderr: stderr, screen: term.New(stdout, stderr, term.Options{})}
}

// prepare completes the flags and checks them.
func (g *globals) prepare(cmd *cobra.Command) (err error) {
	if err := fromEnvironment(cmd); err != nil {
		return err
	}
	g.screen = term.New(g.stdout, g.stderr, term.Options{Quiet: g.quiet, NoColor: g.noColor})
	if g.output != "text" && g.output != "json" {
		return usagef("use --output text or --output json", "unknown output %q", g.output)
	}
	if g.workers < 0 {
		return usagef("use --workers 1 or more", "a negative number of workers")
	}
	known := []string{"fr", "en"}
	if cmd.Annotations[speaksArabic] != "" {
		known = append(known, "ar")
	}
	if g.lang, err = language(g.lang, known); err != nil {
		return err
	}
	g.speak(cmd)
	return spareDevices(cmd)
}

// spareDevices refuses to write to what is no file, such as /dev/null: what is
// written takes the place of what was there when it is whole.
func spareDevices(cmd *cobra.Command) error {
	for _, name := range []string{"out", "pairs"} {
		f := cmd.Flags().Lookup(name)
		if f == nil || f.Value.String() == "" {
			continue
		}
		if info, err := os.Stat(f.Value.String()); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return usagef("name a file that is to be made or replaced", "--%s %s is a device or a pipe, and no file", name, f.Value)
		}
	}
	return nil
}

// json tells whether results are to be JSON.
func (g *globals) json() bool { return g.output == "json" }

// show writes a result: v as JSON, or what text writes.
func (g *globals) show(v any, text func() error) error {
	if g.json() {
		return g.screen.JSON(v)
	}
	return text()
}

// open opens the project that the flags name, or the nearest one.
func (g *globals) open() (*project.Project, error) {
	open, where := project.Find, "."
	if g.dir != "" {
		open, where = project.Open, g.dir
	}
	p, err := open(where)
	if err != nil {
		return nil, err
	}
	p.Ask = g.askAddress
	return p, holdMadeUp(p.Dir)
}

// options returns what the stages need.
func (g *globals) options(p *project.Project) pipeline.Options {
	o := pipeline.Options{Project: p, Workers: g.workers, Version: toolVersion(), Lang: g.lang}
	o.Note = func(text string) { g.screen.Notef("note: %s", text) }
	if bar := g.screen.Progress(); bar != nil {
		o.Progress = func(p pipeline.Progress) {
			bar.Show(term.Step{Stage: p.Stage, Name: p.Step, Done: p.Done, Total: p.Total, Unit: p.Unit})
		}
	}
	return o
}

// hold opens the project, takes it, and notes in its ledger what became of the
// run.
func (g *globals) hold(ctx context.Context, command string, run func(pipeline.Options) error) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	return g.holdProject(ctx, p, command, run)
}

func (g *globals) holdProject(ctx context.Context, p *project.Project, command string, run func(pipeline.Options) error) (err error) {
	lock, err := p.Lock(command)
	if err != nil {
		return err
	}
	defer func() { err = first(err, lock.Release()) }()
	ledger, err := p.OpenLedger()
	if err != nil {
		return err
	}
	defer func() { err = first(err, ledger.Close()) }()
	id, err := ledger.StartRun(command)
	if err != nil {
		return err
	}
	o := g.options(p)
	head, err := ledger.AuditHead()
	if err != nil {
		return err
	}
	o.AuditHead = head.String()
	err = run(o)
	how := outcome(ctx, err)
	_, logged := ledger.Audit(audit.Line{Tool: toolVersion(), Command: command, Outcome: how, Touched: g.touched})
	return first(err, ledger.FinishRun(id, how, ""), logged)
}

// first returns the first error that is one.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
