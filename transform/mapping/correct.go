package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// Correction is a value of a source that somebody has corrected, and why. It
// holds only while the source has the old value.
type Correction struct {
	Column   string
	Old, New string // empty for nothing
	Who, Why string
}

// corrected begins the note of a correction that was made.
const corrected = "corrected "

// CorrectedColumn tells which column a note says was corrected.
func CorrectedColumn(n stage.Note) (column string, ok bool) {
	rest, ok := strings.CutPrefix(n.Detail, corrected)
	if !ok || n.Reason != sih.R99 {
		return "", false
	}
	column, _, ok = strings.Cut(rest, ": ")
	return column, ok
}

type correctionPlan struct {
	at  int
	fix Correction
}

// correct compiles the corrections of the plan's table.
func (p *Plan) correct(list map[string][]Correction) error {
	if len(list) == 0 {
		return nil
	}
	if len(p.key) == 0 {
		return p.File.fault(p.File.pos, "the table has corrections, and no key to find its records by")
	}
	p.corrections = map[string][]correctionPlan{}
	for key, fixes := range list {
		for _, fix := range fixes {
			at := slices.Index(p.Table.Columns, fix.Column)
			switch {
			case at < 0:
				return fmt.Errorf("corrections: table %s has no column %q%s", p.Table.Name, fix.Column, Suggest(fix.Column, p.Table.Columns))
			case slices.Contains(p.key, at):
				return fmt.Errorf("corrections: column %q of table %s is part of its key, which cannot be corrected", fix.Column, p.Table.Name)
			}
			p.corrections[key] = append(p.corrections[key], correctionPlan{at, fix})
		}
	}
	return nil
}

// Corrected returns the row with its corrections, in buf where there are any.
// Made is told of each; it may be nil.
func (p *Plan) Corrected(row, buf []sih.Raw, made func(Correction)) []sih.Raw {
	if len(p.corrections) == 0 {
		return row
	}
	fixes := p.corrections[p.Key(row)]
	if len(fixes) == 0 {
		return row
	}
	out := append(buf[:0], row...)
	for _, c := range fixes {
		if strings.TrimSpace(row[c.at].Text) != strings.TrimSpace(c.fix.Old) {
			continue
		}
		out[c.at] = sih.Raw{Text: c.fix.New, Null: c.fix.New == ""}
		if made != nil {
			made(c.fix)
		}
	}
	return out
}

// fixed is the row with its corrections, each of them noted.
func (r *Runner) fixed(row []sih.Raw) []sih.Raw {
	if len(r.plan.corrections) == 0 {
		return row
	}
	table := ""
	if len(r.plan.entities) > 0 {
		table = r.plan.entities[0].table.Name
	}
	r.fix = r.plan.Corrected(row, make([]sih.Raw, 0, len(row)), func(c Correction) {
		r.out.Note(stage.Note{
			Row: r.number, Key: r.plan.Key(row), Table: table, Reason: sih.R99, Severity: sih.Warning,
			Detail: corrected + c.Column + ": " + c.Why + " (" + c.Who + ")", Value: cut(c.Old, 400),
		})
	})
	return r.fix
}
