package mapping

import (
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// sink takes what comes of rows. A [stage.Writer] is one.
type sink interface {
	Entity(*stage.Entity)
	Left(stage.Left)
	Note(stage.Note)
	KeptOut(t *sih.Table, id sih.ID, row int)
	Control(stage.Control)
	Fill(name string, f stage.Fill)
}

// Trial holds what comes of rows that are mapped to be looked at, in memory.
// Its zero value is ready.
type Trial struct {
	Meta     stage.Meta
	Entities []stage.Entity
	Lefts    []stage.Left
	Notes    []stage.Note
	Controls []stage.Control
	// Fields tells, where Traced is set, how each field came about.
	Fields []Trace
	Traced bool
	// Lean keeps of the entities and of the rows that are left out only the
	// counts.
	Lean bool
}

// NewTrial returns a runner that maps rows into t.
func (p *Plan) NewTrial(t *Trial, zone *time.Location) *Runner {
	r := p.newRunner(t, &t.Meta, zone)
	if t.Traced {
		r.trace = func(f Trace) { t.Fields = append(t.Fields, f) }
	}
	return r
}

// Entity implements sink.
func (t *Trial) Entity(e *stage.Entity) {
	if t.Lean {
		return
	}
	kept := *e
	kept.Values = slices.Clone(e.Values)
	t.Entities = append(t.Entities, kept)
}

// Left implements sink.
func (t *Trial) Left(l stage.Left) {
	if !t.Lean {
		t.Lefts = append(t.Lefts, l)
	}
}

// Note implements sink.
func (t *Trial) Note(n stage.Note) { t.Notes = append(t.Notes, n) }

// KeptOut implements sink: nobody points at anything here.
func (t *Trial) KeptOut(*sih.Table, sih.ID, int) {}

// Control implements sink.
func (t *Trial) Control(c stage.Control) {
	if !t.Lean {
		t.Controls = append(t.Controls, c)
	}
}

// Fill implements sink.
func (t *Trial) Fill(string, stage.Fill) {}

// Trace says how a field of one entity came about.
type Trace struct {
	Table, Slot, Field string
	Form               int      // which of the field's forms, from 1
	From               []string // what it reads, by name
	Raw                []sih.Raw
	Steps              []TraceStep
	Value              sih.Value
	Skipped            bool // the form's condition is not true
}

// TraceStep is what one step did.
type TraceStep struct {
	Name   string
	Out    string
	Reason sih.Reason // of the fault, if there is one
	Detail string
}
