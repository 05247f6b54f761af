// Package term is how commands speak: results as tables or JSON on standard
// output; notes, progress and errors on standard error.
//
// [New] looks at what the two streams are. On a terminal there is colour, the
// thousands of a number stand apart, and a bar moves; in a pipe or a file
// everything is plain, so that other programs can read it.
package term

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Options say what the user wants to see. The zero value shows everything.
type Options struct {
	// Quiet drops notes and progress; errors stay.
	Quiet bool
	// NoColor writes without colours even on a terminal.
	NoColor bool
	// Say puts a finished English sentence, title or word into the user's
	// language. Nil leaves all as it is. What is not known to it stays English;
	// results that are data never come to it.
	Say func(string) string
}

// Screen is the pair of streams that a command writes to. It is not safe for
// concurrent use.
type Screen struct {
	out, err stream
	quiet    bool
	now      func() time.Time
	progress *Progress
	sayings  func(string) string
}

// stream is one of the streams and what is known of it.
type stream struct {
	io.Writer
	terminal bool
	width    int // in columns; 0 where it is not known
	colour   bool
	ascii    bool // a console that shows nothing else
}

// New returns the screen for two streams. Colour is left out where NO_COLOR is
// set to anything (https://no-color.org) or TERM is dumb.
func New(out, err io.Writer, o Options) *Screen {
	plain := o.NoColor || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return &Screen{out: look(out, plain), err: look(err, plain), quiet: o.Quiet, now: time.Now, sayings: o.Say}
}

// Say puts a text into the user's language.
func (s *Screen) Say(text string) string {
	if s.sayings == nil {
		return text
	}
	return s.sayings(text)
}

// look finds out what a stream is.
func look(w io.Writer, plain bool) stream {
	s := stream{Writer: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.terminal = true
		s.width, _, _ = term.GetSize(int(f.Fd()))
		s.colour = !plain && enableColour(f)
		s.ascii = !showsUnicode()
	}
	if s.ascii {
		s.Writer = folder{w}
	}
	return s
}

// Printf writes a result.
func (s *Screen) Printf(format string, args ...any) error {
	s.clear()
	_, err := fmt.Fprintf(s.out, format, args...)
	return err
}

// Table writes a table as a result.
func (s *Screen) Table(t *Table) error {
	s.clear()
	_, err := io.WriteString(s.out, t.said(s.Say).render(s.out.width, s.out.terminal, s.out.colour))
	return err
}

// JSON writes v as a result: one document, indented by two blanks.
func (s *Screen) JSON(v any) error {
	s.clear()
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Notef writes a line for the user on standard error, unless it is to be
// quiet. A note that cannot be written is no reason to fail.
func (s *Screen) Notef(format string, args ...any) {
	if s.quiet {
		return
	}
	s.clear()
	fmt.Fprintln(s.err, s.Say(fmt.Sprintf(format, args...)))
}

// Fail writes an error, each of its lines after the program's name, and the
// advice of its Hint method where it has one.
func (s *Screen) Fail(message, hint string) {
	s.clear()
	for line := range strings.Lines(message) {
		fmt.Fprintf(s.err, "%s %s\n", paint(s.err.colour, Bad, "sihctl:"), s.Say(strings.TrimRight(line, "\n")))
	}
	if hint != "" {
		fmt.Fprintf(s.err, "%s %s\n", paint(s.err.colour, Faint, s.Say("hint:")), s.Say(hint))
	}
}

// Tone is what a text is to be taken for.
type Tone uint8

// The tones.
const (
	Normal Tone = iota
	Good
	Bad
	Strong
	Faint
)

// sequences are the tones' codes of ECMA-48, of the eight colours that every
// terminal has.
var sequences = [...]string{Normal: "", Good: "\x1b[32m", Bad: "\x1b[31m", Strong: "\x1b[1m", Faint: "\x1b[2m"}

func paint(colour bool, tone Tone, s string) string {
	if !colour || tone == Normal {
		return s
	}
	return sequences[tone] + s + "\x1b[0m"
}
