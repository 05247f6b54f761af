package mapping

import (
	"iter"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// Counter counts the controls of a table's rows and maps nothing: whoever has a
// snapshot and its mapping counts again what a run has counted. It is for one
// goroutine.
type Counter struct{ runner *Runner }

// NewCounter returns a counter that calls each for whatever a row counts for.
func (p *Plan) NewCounter(each func(stage.Control)) *Counter {
	return &Counter{p.newRunner(counted(each), &stage.Meta{}, nil)}
}

// Idle tells that the table has no controls: its rows need not be shown.
func (c *Counter) Idle() bool { return len(c.runner.plan.controls) == 0 }

// Begin looks up what other tables have for the rows of a chunk. Rows may be
// called several times and yields them all each time.
func (c *Counter) Begin(rows func() iter.Seq2[[]sih.Raw, error]) error { return c.runner.join(rows) }

// Row counts the row with the given number of its chunk.
func (c *Counter) Row(number int, row []sih.Raw) {
	r := c.runner
	r.number = number
	r.row = r.extend(number, r.fixed(row))
	for i := range r.plan.controls {
		r.count(&r.plan.controls[i])
	}
}

// counted is a sink of controls; nothing else comes of rows that are only
// counted but the notes of their corrections, which were told before.
type counted func(stage.Control)

// Entity keeps nothing.
func (counted) Entity(*stage.Entity) {}

// Left keeps nothing.
func (counted) Left(stage.Left) {}

// Note keeps nothing.
func (counted) Note(stage.Note) {}

// KeptOut keeps nothing.
func (counted) KeptOut(*sih.Table, sih.ID, int) {}

// Fill keeps nothing.
func (counted) Fill(string, stage.Fill) {}

// Control passes a control on.
func (each counted) Control(c stage.Control) { each(c) }
