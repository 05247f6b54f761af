package project

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Window is the time of day in which a source may be read, by the clock and in
// the time zone of the machine that reads. Where it ends before it begins it
// goes over midnight. The zero Window is open always.
type Window struct {
	// From and To are minutes since midnight: From 0 to 1439, To 1 to 1440.
	From, To int
}

// WindowError tells that a text is no window.
type WindowError struct{ Text string }

// Error names the text, which is no secret.
func (e *WindowError) Error() string { return fmt.Sprintf("%q is no time of day", e.Text) }

// Hint shows one.
func (e *WindowError) Hint() string {
	return "write when reading may begin and when it must end, as in 22:00-06:00; leave it out where any time will do"
}

var windowText = regexp.MustCompile(`^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$`)

// ParseWindow reads a window such as 22:00-06:00; nothing is the zero Window.
// Its error is a *WindowError.
func ParseWindow(s string) (Window, error) {
	if s == "" {
		return Window{}, nil
	}
	m := windowText.FindStringSubmatch(s)
	if m == nil {
		return Window{}, &WindowError{s}
	}
	minutes := func(hours, rest string) int {
		h, _ := strconv.Atoi(hours)
		m, _ := strconv.Atoi(rest)
		if m > 59 {
			return -1
		}
		return 60*h + m
	}
	w := Window{minutes(m[1], m[2]), minutes(m[3], m[4])}
	if w.To == 0 {
		w.To = day
	}
	if w.From < 0 || w.From >= day || w.To < 0 || w.To > day || w.From == w.To {
		return Window{}, &WindowError{s}
	}
	return w, nil
}

// day is a day's minutes.
const day = 24 * 60

// String writes the window as it is read, and nothing for one that is open
// always.
func (w Window) String() string {
	if w.Always() {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60%24, w.To%60)
}

// Always tells whether the window never closes: it was left out, or is a whole
// day.
func (w Window) Always() bool { return w == Window{} || w == Window{0, day} }

// Length is how long the window is open at a time; 24 hours where it never
// closes.
func (w Window) Length() time.Duration {
	n := w.To - w.From
	if n <= 0 {
		n += day
	}
	return time.Duration(n) * time.Minute
}

// Open tells whether reading is allowed at t. The minute in which the window
// closes is outside.
func (w Window) Open(t time.Time) bool {
	if w.Always() {
		return true
	}
	at := 60*t.Hour() + t.Minute()
	if w.From < w.To {
		return w.From <= at && at < w.To
	}
	return w.From <= at || at < w.To
}

// Closes returns when a window that is open at t closes: t itself where it is
// not open, and the zero Time where it never closes.
func (w Window) Closes(t time.Time) time.Time {
	switch {
	case w.Always():
		return time.Time{}
	case !w.Open(t):
		return t
	}
	return next(t, w.To)
}

// Opens returns when the window is open next: t itself where it is open.
func (w Window) Opens(t time.Time) time.Time {
	if w.Open(t) {
		return t
	}
	return next(t, w.From)
}

// next returns the first moment after t at which the clock shows that many
// minutes after midnight. A day on which the clock is put forward over it has
// the moment after the gap, as time.Date has it.
func next(t time.Time, minutes int) time.Time {
	for days := range 3 {
		at := time.Date(t.Year(), t.Month(), t.Day()+days, 0, minutes, 0, 0, t.Location())
		if at.After(t) {
			return at
		}
	}
	return t.Add(24 * time.Hour) // no clock is put back by days
}
