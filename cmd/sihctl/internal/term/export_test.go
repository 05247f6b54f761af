package term

import (
	"io"
	"time"
)

// Fake returns a screen of two terminals of that width, or of two files where
// the width is 0, with a clock.
func Fake(out, err io.Writer, width int, colour, quiet bool, now func() time.Time) *Screen {
	s := func(w io.Writer) stream { return stream{Writer: w, terminal: width > 0, width: width, colour: colour} }
	return &Screen{out: s(out), err: s(err), quiet: quiet, now: now}
}

// Fold is what a console without accents shows.
var Fold = fold
