// Package reading reads a source into its snapshot: once, within the hours and
// at the rate that its hospital allows, and however often it is interrupted in
// one view of a database. [Snapshot] does it; [Open] opens a source for those who
// only look at it.
package reading

import (
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// Options are what a reading goes by. The zero value of all but Project is usable.
type Options struct {
	Project *project.Project
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Progress is told, from one goroutine at a time, how far a step has come;
	// total is 0 where it is not known. It may be nil.
	Progress func(step string, done, total int64, unit string)
	// Note is told, from one goroutine at a time, what a user should know of a
	// source that could be read, a sentence each. It may be nil.
	Note func(string)
	// Plain leaves snapshots unencrypted, whatever recipients the project names.
	Plain bool
	// AcceptSeams takes a snapshot whose tables stand in several views where they
	// are too large to be read again: have more than Reread rows in views other
	// than the last. 0 stands for DefaultReread; a negative number for none.
	AcceptSeams bool
	Reread      int64
	// AuditHead is the head of the audit log before the run, for the manifest.
	AuditHead string
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

func (o Options) progress(step string, done, total int64, unit string) {
	if o.Progress != nil {
		o.Progress(step, done, total, unit)
	}
}

func (o Options) note(text string) {
	if o.Note != nil {
		o.Note(text)
	}
}

// ConfigError tells that what the user wrote does not fit: of a source, what
// sihctl.yaml says of it.
type ConfigError struct {
	Err    error
	Advice string
}

// Error tells what is wrong.
func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns the fault itself.
func (e *ConfigError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ConfigError) Hint() string { return e.Advice }
