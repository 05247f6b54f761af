package term

import (
	"fmt"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Step says how far a stage has come, and what it is doing now.
type Step struct {
	Stage, Name string
	// Done and Total count the stage's units, whatever the step; Total is 0
	// while it is not known.
	Done, Total int64
	Unit        string // empty where there is nothing to count
}

// every is how often a line is written where there is no terminal.
const every = 10 * time.Second

// Progress shows how far the stages have come: as a bar with its rate and the
// time left on a terminal, as a line now and then elsewhere.
type Progress struct {
	screen *Screen
	bar    *progressbar.ProgressBar
	known  bool   // the bar knows its total
	title  string // the bar's

	begun       bool
	step        Step // the last one
	began, last time.Time
	first       int64 // what was done when its count began
}

// Progress returns the screen's progress. It is nil, and its methods do
// nothing, where the screen is quiet.
func (s *Screen) Progress() *Progress {
	if s.quiet {
		return nil
	}
	if s.progress == nil {
		s.progress = &Progress{screen: s}
	}
	return s.progress
}

// clear takes the bar away before something else is written.
func (s *Screen) clear() {
	if s.progress != nil {
		s.progress.Close()
	}
}

// Show shows a step. It is called from one goroutine at a time.
func (p *Progress) Show(step Step) {
	if p == nil {
		return
	}
	now := p.screen.now()
	if !p.begun {
		p.last = now
	}
	if !p.begun || p.step.Stage != step.Stage || p.step.Unit != step.Unit || step.Done < p.step.Done {
		p.Close()
		p.begun, p.began, p.first = true, now, step.Done
	}
	p.step = step
	if p.screen.err.terminal {
		p.draw(step)
		return
	}
	if now.Sub(p.last) >= every {
		p.last = now
		fmt.Fprintln(p.screen.err, p.line(step, now.Sub(p.began)))
	}
}

// Close takes the bar away. Show brings a new one.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	if p.bar != nil {
		_ = p.bar.Clear() // a bar that stays is no reason to fail
		p.bar = nil
	}
}

// draw moves the bar. The library's bar can neither grow again once it was
// full nor learn a total that it did not know: there is a new one then.
func (p *Progress) draw(step Step) {
	known := step.Total > 0
	if p.bar != nil && (p.bar.IsFinished() || p.known != known) {
		p.Close()
	}
	if p.bar == nil {
		p.known, p.title = known, p.titled(step)
		most := step.Total
		if !known {
			most = -1
		}
		p.bar = progressbar.NewOptions64(most,
			progressbar.OptionSetDescription(p.titled(step)),
			progressbar.OptionSetWriter(p.screen.err),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(p.screen.Say(step.Unit)),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine that draws on its own
			progressbar.OptionClearOnFinish(),
			progressbar.OptionUseANSICodes(p.screen.err.colour),
		)
	}
	if p.title != p.titled(step) {
		p.title = p.titled(step)
		p.bar.Describe(p.title)
	}
	if known && step.Total != p.bar.GetMax64() {
		p.bar.ChangeMax64(step.Total)
	}
	_ = p.bar.Set64(step.Done)
}

// line says the same in words.
func (p *Progress) line(step Step, since time.Duration) string {
	text := p.titled(step)
	if step.Unit == "" {
		return text
	}
	text += ": " + strconv.FormatInt(step.Done, 10)
	if step.Total > 0 {
		text += " " + p.screen.Say("of") + " " + strconv.FormatInt(step.Total, 10)
	}
	text += " " + p.screen.Say(step.Unit)
	rate := float64(step.Done-p.first) / since.Seconds()
	if rate > 0 && since > 0 {
		text += fmt.Sprintf(", %.0f/s", rate)
		if step.Total > step.Done {
			left := time.Duration(float64(step.Total-step.Done) / rate * float64(time.Second))
			text += ", " + p.screen.Say(fmt.Sprintf("%s left", left.Round(time.Second)))
		}
	}
	return text
}

// titled names a step in the user's language.
func (p *Progress) titled(s Step) string {
	stage := p.screen.Say(s.Stage)
	if s.Name == "" {
		return stage
	}
	return stage + " " + p.screen.Say(s.Name)
}
