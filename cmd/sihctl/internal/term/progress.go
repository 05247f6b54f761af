package term

import (
	"fmt"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Step says how far a step of a stage has come.
type Step struct {
	Stage, Name string
	Done, Total int64 // Total is 0 while it is not known
	Unit        string
}

// every is how often a line is written where there is no terminal.
const every = 10 * time.Second

// Progress shows how far the stages have come: as a bar with its rate and the
// time left on a terminal, as a line now and then elsewhere. Steps of one
// stage that count the same unit share a bar, whatever the order in which they
// report.
type Progress struct {
	screen *Screen
	bar    *progressbar.ProgressBar
	known  bool   // the bar knows its total
	title  string // the bar's

	stage, unit string
	steps       map[string]Step
	began, last time.Time
	first       int64 // what was done when the stage began to report
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
	if p.steps == nil || p.stage != step.Stage || p.unit != step.Unit {
		p.Close()
		p.stage, p.unit, p.steps = step.Stage, step.Unit, map[string]Step{}
		p.began, p.last, p.first = now, now, step.Done
	}
	p.steps[step.Name] = step
	var done, total int64
	for _, s := range p.steps {
		done += s.Done
		if total >= 0 && s.Total > 0 {
			total += s.Total
		} else {
			total = -1 // one of them is not known
		}
	}
	total = max(total, 0)
	if p.screen.err.terminal {
		p.draw(step, done, total)
		return
	}
	if now.Sub(p.last) >= every {
		p.last = now
		fmt.Fprintln(p.screen.err, p.line(step, done, total, now.Sub(p.began)))
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
	p.steps = nil
}

// draw moves the bar. The library's bar can neither grow again once it was
// full nor learn a total that it did not know: there is a new one then.
func (p *Progress) draw(step Step, done, total int64) {
	if p.bar != nil && (p.bar.IsFinished() || p.known != (total > 0)) {
		_ = p.bar.Clear()
		p.bar = nil
	}
	if p.bar == nil {
		p.known, p.title = total > 0, title(step)
		most := total
		if !p.known {
			most = -1
		}
		p.bar = progressbar.NewOptions64(most,
			progressbar.OptionSetDescription(title(step)),
			progressbar.OptionSetWriter(p.screen.err),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(step.Unit),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine that draws on its own
			progressbar.OptionClearOnFinish(),
			progressbar.OptionUseANSICodes(p.screen.err.colour),
		)
	}
	if p.title != title(step) {
		p.title = title(step)
		p.bar.Describe(p.title)
	}
	if p.known && total != p.bar.GetMax64() {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(done)
}

// line says the same in words.
func (p *Progress) line(step Step, done, total int64, since time.Duration) string {
	text := title(step) + ": " + strconv.FormatInt(done, 10)
	if total > 0 {
		text += " of " + strconv.FormatInt(total, 10)
	}
	text += " " + step.Unit
	rate := float64(done-p.first) / since.Seconds()
	if rate > 0 {
		text += fmt.Sprintf(", %.0f/s", rate)
		if total > done {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			text += fmt.Sprintf(", %s left", left.Round(time.Second))
		}
	}
	return text
}

func title(s Step) string {
	if s.Name == "" {
		return s.Stage
	}
	return s.Stage + " " + s.Name
}
