// Package pipeline joins the stages: it plans a run, hands chunks to workers,
// keeps the ledger, and goes on where a run was stopped. The commands call
// one function per stage; [Migrate] calls them all.
//
// Every stage reads only files that the stage before has finished, and skips
// what it has done already with the same input.
package pipeline

import (
	"runtime"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/load/reconcile"
)

// Options are what every stage needs. The zero value of all but Project is
// usable.
type Options struct {
	Project *project.Project
	// Workers is how many chunks are worked on at once; the number of
	// processors where it is 0. It never changes a result.
	Workers int
	// Progress is told, from one goroutine at a time, how far a step has come.
	Progress func(Progress)
	// Note is told, from one goroutine at a time, what a user should know of a
	// source that could be read, a sentence each. It may be nil.
	Note func(string)
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Version is the tool's version, for the run and the workbook.
	Version string
	// Plain leaves snapshots unencrypted, whatever recipients the project names.
	Plain bool
	// AcceptSeams takes a snapshot whose tables stand in several views where they
	// are too large to be read again: have more than Reread rows in views other
	// than the last. 0 stands for reading.DefaultReread; a negative number for
	// none.
	AcceptSeams bool
	Reread      int64
	// Replace lets load put aside a store that holds another run.
	Replace bool
	// Again lets extract put aside snapshots that were loaded, and make new ones.
	Again bool
	// Lang is the workbook's language: fr or en.
	Lang string
	// Unmasked shows names and identity numbers in the workbook.
	Unmasked bool
	// AuditHead is the head of the audit log before the run, for the workbook.
	AuditHead string
}

// Progress says how far a step has come.
type Progress struct {
	Stage string // extract, transform, match, load, reconcile
	Step  string // a source, or what is being done
	Done  int64
	Total int64 // 0 while it is not known
	Unit  string
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

func (o Options) progress(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

func (o Options) note(text string) {
	if o.Note != nil {
		o.Note(text)
	}
}

// SourceTransform is what transform did for one source.
type SourceTransform struct {
	Source    sih.SourceID `json:"source"`
	Extracted int64        `json:"extracted"`
	Accepted  int64        `json:"accepted"`
	Rejected  int64        `json:"rejected"`
	Excluded  int64        `json:"excluded"`
	Joined    int64        `json:"joined"`
	Entities  int64        `json:"entities"`
	Warnings  int64        `json:"warnings"`
}

// TransformReport is what transform did.
type TransformReport struct {
	Sources []SourceTransform `json:"sources"`
	Chunks  int               `json:"chunks"`
	Skipped int               `json:"skipped"` // chunks that were there already
	Seconds float64           `json:"seconds"`
}

// MatchReport is what match and resolve did.
type MatchReport struct {
	Records int64 `json:"records"` // source persons
	Persons int64 `json:"persons"`
	Merged  int64 `json:"merged"`
	Review  int64 `json:"review"`  // doubtful pairs
	Decided int64 `json:"decided"` // pairs that reviewers have decided
	// Contradicted counts decisions that two records are one person which were
	// not followed, because others keep them apart.
	Contradicted int64   `json:"contradicted"`
	Pairs        int64   `json:"pairs"`      // pairs compared
	Unresolved   int64   `json:"unresolved"` // references that point at nothing or at what was rejected
	Skipped      bool    `json:"skipped"`
	Seconds      float64 `json:"seconds"`
}

// LoadReport is what load did.
type LoadReport struct {
	Target    string  `json:"target"`
	Chunks    int     `json:"chunks"`
	Skipped   int     `json:"skipped"` // chunks that were in the store already
	Inserted  int64   `json:"inserted"`
	Updated   int64   `json:"updated"`
	Unchanged int64   `json:"unchanged"`
	Rejected  int64   `json:"rejected"` // entities kept out because of what they hang on
	Seconds   float64 `json:"seconds"`
	// Delta is what a delta found; nil for a load of all rows.
	Delta *DeltaReport `json:"delta,omitempty"`
}

// ReconcileReport is the reconciliation, and where its workbook lies.
type ReconcileReport struct {
	Workbook string            `json:"workbook"`
	Report   *reconcile.Report `json:"report"`
	Balanced bool              `json:"balanced"`
	// WithinTolerance tells whether no table has more rejects than the config
	// allows.
	WithinTolerance bool    `json:"within_tolerance"`
	Hash            string  `json:"hash"` // SHA-256 of the workbook
	Seconds         float64 `json:"seconds"`
}

// MigrateReport is what a whole run did.
type MigrateReport struct {
	Extract   []reading.Extracted `json:"extract"`
	Transform *TransformReport    `json:"transform"`
	Match     *MatchReport        `json:"match"`
	Load      *LoadReport         `json:"load"`
	Reconcile *ReconcileReport    `json:"reconcile"`
}

// StageStatus tells how far a stage has come.
type StageStatus struct {
	Stage string `json:"stage"`
	Step  string `json:"step"`  // a source, or nothing
	State string `json:"state"` // done, partial, pending, stale
	Done  int64  `json:"done"`  // chunks or tables
	Total int64  `json:"total"`
	Note  string `json:"note,omitempty"`
}
