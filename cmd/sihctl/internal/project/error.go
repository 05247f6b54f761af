package project

import (
	"fmt"
	"strings"
)

// ConfigError is one fault of sihctl.yaml.
type ConfigError struct {
	File         string
	Line, Column int // from 1; 0 where the file as a whole is meant
	// Message says what is wrong, and Advice what to do, or nothing.
	Message, Advice string
}

// Error tells all on one line.
func (e *ConfigError) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Advice == "" {
		return where + ": " + e.Message
	}
	return where + ": " + e.Message + "; " + e.Advice
}

// ConfigErrors are all the faults of a file, in its order.
type ConfigErrors []*ConfigError

// Error tells each on a line.
func (e ConfigErrors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// EnvError tells that an environment variable does not hold what it must.
type EnvError struct{ Name, Want string }

// Error names the variable.
func (e *EnvError) Error() string { return fmt.Sprintf("%s must be %s", e.Name, e.Want) }

// oneOf lists words as in "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// nearest returns the word closest to s, or nothing where none is near: at
// most a third of its letters may differ, one at least.
func nearest(s string, words []string) string {
	best, least := "", max(1, len(s)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(s), w); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and exchanges of
// neighbours that lead from a to b.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	older, old, now := rows[0], rows[1], rows[2]
	for j := range old {
		old[j] = j
	}
	for i := range len(a) {
		now[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(old[j]+cost, old[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], older[j-1]+1)
			}
		}
		older, old, now = old, now, older
	}
	return old[len(b)]
}
