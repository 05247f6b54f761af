package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func newAuditCommand(g *globals) *cobra.Command {
	return family(&cobra.Command{Use: "audit", GroupID: groupLook, Short: "Look into the log of what was done with patients' data"},
		newAuditVerifyCommand(g), newAuditShowCommand(g), newAuditHeadCommand(g))
}

func newAuditVerifyCommand(g *globals) *cobra.Command {
	var heads []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find whether the log was rewritten",
		Long: `Verify goes through the audit log, each line of which carries the hash of the
line before, and compares its copy, audit.ndjson. A line that was changed,
removed, added or moved ends it with exit code 6. That the end was cut off, or
the log made anew, shows only against a head that was kept elsewhere: a workbook's
Summary tells one, and sihctl audit head prints it.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runAuditVerify(g, heads) },
	}
	cmd.Flags().StringArrayVar(&heads, "head", nil, "a head that was kept elsewhere; may be given more than once")
	return cmd
}

func newAuditShowCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Print the log",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return g.ledger(func(l *project.Ledger) error {
				lines, err := auditLines(l)
				if err != nil {
					return err
				}
				return g.show(auditShowResult{lines}, func() error { return g.screen.Table(auditTable(lines)) })
			})
		},
	}
}

func newAuditHeadCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "head",
		Short: "Print the number and the hash of the last line, to be kept elsewhere",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return g.ledger(func(l *project.Ledger) error {
				head, err := l.AuditHead()
				if err != nil {
					return err
				}
				return g.show(auditHeadResult{head.Seq, head.String()}, func() error { return g.screen.Printf("%s\n", head) })
			})
		},
	}
}

// auditShowResult is what audit show prints as JSON.
type auditShowResult struct {
	Lines []audit.Line `json:"lines"`
}

// auditHeadResult is what audit head and audit verify print as JSON.
type auditHeadResult struct {
	Lines int64  `json:"lines"`
	Head  string `json:"head"`
}

// ledger calls f with the project's ledger.
func (g *globals) ledger(f func(*project.Ledger) error) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	l, err := p.OpenLedger()
	if err != nil {
		return err
	}
	err = f(l)
	return first(err, l.Close())
}

func runAuditVerify(g *globals, given []string) error {
	var heads []audit.Head
	for _, s := range given {
		h, err := audit.ParseHead(s)
		if err != nil {
			return usagef("copy it as sihctl audit head or the workbook's Summary has it", "--head: %v", err)
		}
		heads = append(heads, h)
	}
	return g.ledger(func(l *project.Ledger) error {
		head, err := l.CheckAudit(heads...)
		if err != nil {
			return err
		}
		return g.show(auditHeadResult{head.Seq, head.String()}, func() error {
			return g.screen.Printf("%d lines, as they were written; the head is %s\n", head.Seq, head)
		})
	})
}

func auditLines(l *project.Ledger) ([]audit.Line, error) {
	texts, err := l.AuditLines()
	if err != nil {
		return nil, err
	}
	lines := make([]audit.Line, len(texts))
	for i, text := range texts {
		if lines[i], err = audit.Parse(text); err != nil {
			return nil, &audit.BrokenError{Line: int64(i + 1), Why: err.Error()}
		}
	}
	return lines, nil
}

func auditTable(lines []audit.Line) *term.Table {
	t := &term.Table{Titles: []string{"line", "time", "user", "machine", "command", "outcome", "touched", "rows"}}
	for _, l := range lines {
		t.Row(l.Seq, l.Time.Local().Format(time.DateTime), l.User, l.Machine, l.Command, l.Outcome, "", "")
		for _, x := range l.Touched {
			t.Row("", "", "", "", "", "", fmt.Sprintf("%s %s %s", x.Verb, x.Kind, x.Name), x.Rows)
		}
	}
	return t
}

// touch notes, for the audit log, what the command at hand reads, writes or
// gives away.
func (g *globals) touch(verb, kind, name string, rows int64) {
	g.touched = append(g.touched, audit.Touched{Verb: verb, Kind: kind, Name: name, Rows: rows})
}

// logged appends a line to a project's audit log for a command that shows
// patients' data without taking the project. It is called before anything is
// shown: what cannot be logged is not shown.
func (g *globals) logged(p *project.Project, command string, what ...audit.Touched) error {
	l, err := p.OpenLedger()
	if err != nil {
		return err
	}
	_, err = l.Audit(audit.Line{Tool: toolVersion(), Command: command, Outcome: "done", Touched: what})
	return first(err, l.Close())
}

// loggedHere is logged for a command that needs no project, where there is one.
func (g *globals) loggedHere(command string, what ...audit.Touched) error {
	p, err := g.open()
	var none *project.NotFoundError
	if errors.As(err, &none) && g.dir == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return g.logged(p, command, what...)
}

// touchExtract notes what an extraction has read and written.
func (g *globals) touchExtract(list []reading.Extracted) {
	for _, s := range list {
		verb := "wrote"
		if s.Skipped {
			verb = "read"
		}
		g.touched = append(g.touched, audit.Touched{Verb: verb, Kind: "snapshot", Name: string(s.Source), Rows: s.Rows, SHA256: s.Hash})
	}
}

// touchReconcile notes a workbook, which leaves the project's folder by hand.
func (g *globals) touchReconcile(r *pipeline.ReconcileReport, unmasked bool) {
	kind := "workbook"
	if unmasked {
		kind = "unmasked workbook"
	}
	g.touched = append(g.touched, audit.Touched{Verb: "wrote", Kind: kind, Name: pipeline.WorkbookName, SHA256: r.Hash})
}

func (g *globals) touchTransform(r *pipeline.TransformReport) {
	for _, s := range r.Sources {
		g.touch("read", "snapshot", string(s.Source), s.Extracted)
		g.touch("wrote", "stage", string(s.Source), s.Entities)
	}
}

func (g *globals) touchLoad(r *pipeline.LoadReport) {
	g.touch("changed", "store", r.Target, r.Inserted+r.Updated)
}

// touchMigrate notes what all the stages have.
func (g *globals) touchMigrate(r *pipeline.MigrateReport, unmasked bool) {
	g.touchExtract(r.Extract)
	g.touchTransform(r.Transform)
	g.touchLoad(r.Load)
	g.touchReconcile(r.Reconcile, unmasked)
}
