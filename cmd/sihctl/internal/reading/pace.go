package reading

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// pace holds a reading to a number of rows a second, over all tables that are
// read at once. Nil holds it to none.
type pace struct {
	rate int64

	mu   sync.Mutex
	next time.Time // when the next row may be taken
}

func newPace(rate int64) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate}
}

// step is how many rows are taken between two looks at the clock.
func (p *pace) step() int64 {
	const usual = 256
	if p == nil {
		return usual
	}
	return min(usual, max(1, p.rate/20))
}

// wait waits until n rows more may be taken.
func (p *pace) wait(ctx context.Context, n int64) error {
	if p == nil {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now // what was not used is not saved up
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	until := p.next
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(until.Sub(now)):
		return nil
	}
}

// grace is how long behind the closing of the window a chunk in hand may take
// to be finished. What is not finished then is read again the next time.
const grace = 2 * time.Minute

// hours keeps a reading to its window.
type hours struct {
	now    func() time.Time
	window project.Window

	once   sync.Once
	closes time.Time // zero where it never does
	ended  atomic.Bool
}

// state tells whether the reading goes on: it does, or ends with the chunk in
// hand, or at once.
func (h *hours) state() (last, stop bool) {
	h.once.Do(func() { h.closes = h.window.Closes(h.now()) })
	if h.closes.IsZero() {
		return false, false
	}
	late := h.now().Sub(h.closes)
	return late >= 0, late >= grace
}

// end notes that a reading has ended before its end.
func (h *hours) end() { h.ended.Store(true) }

// over tells whether the window has closed upon the reading: nothing is begun
// any more.
func (h *hours) over() bool {
	if last, _ := h.state(); last {
		h.end()
	}
	return h.ended.Load()
}

// closed is the error that the window is closed.
func (h *hours) closed(begun bool) error {
	return &WindowError{Window: h.window, Opens: h.window.Opens(h.now()), Begun: begun}
}

// WindowError tells that a source may not be read at this time of day.
type WindowError struct {
	Window project.Window
	Opens  time.Time
	// Begun tells that it was being read when the window closed.
	Begun bool
}

// Error tells when the window opens.
func (e *WindowError) Error() string {
	if e.Begun {
		return fmt.Sprintf("the window %s has closed; what was read is kept", e.Window)
	}
	return fmt.Sprintf("the window %s is closed; it opens at %s", e.Window, e.Opens.Format("2006-01-02 15:04"))
}

// Hint says how to go on.
func (e *WindowError) Hint() string {
	if e.Begun {
		return fmt.Sprintf("resume with the same command once the window is open again, at %s", e.Opens.Format("2006-01-02 15:04"))
	}
	return "run the same command then"
}
