// Package workbook writes reconciliation.xlsx, the file that an auditor opens,
// recomputes and signs.
//
// Fill a [Content] and call [WriteFile]. The first sheet, Summary, holds the
// equations as live formulas over the sheets behind it, beside the values that
// the program computed by itself, and says in a word and a colour whether they
// agree. The same content gives the same bytes: the time that a workbook
// carries is its caller's.
package workbook

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// DefaultLimit is how many lines a detail sheet holds where [Content] does not
// say: few enough that a laptop opens the workbook, and that with every list
// full it stays under 20 MB.
const DefaultLimit = 30_000

// MaxLimit is the greatest limit: a sheet of Excel has 1,048,576 rows.
const MaxLimit = 1_000_000

// Content is what a workbook is made of.
type Content struct {
	Report *reconcile.Report
	Run    Run

	// Merges, Rejects and Excluded are read once, in their order, which the
	// sheets keep. Nil is none. An error ends the writing. Where Excluded is
	// given, it yields every row that the report counts as excluded: the
	// Summary compares the two.
	Merges   iter.Seq2[Merge, error]
	Rejects  iter.Seq2[Reject, error]
	Excluded iter.Seq2[Excluded, error]

	// Runs are the project's runs, oldest first, the red ones too. Without any
	// list of them there is no such sheet.
	Runs []PastRun

	// Pairs are those that nobody has decided yet; like Merges, but without a
	// person and a decision. Nil leaves out their sheet.
	Pairs iter.Seq2[Merge, error]
	// Thresholds are those that matching went by; nil where it is not known.
	Thresholds *Thresholds

	// What is asked of the store and the project for the other sheets.
	Codes       iter.Seq2[Code, error]
	Clashes     iter.Seq2[Clash, error]
	Alerts      iter.Seq2[Alert, error]
	Series      []reconcile.SeriesLine
	Hashes      []HashTotal
	Identifiers []IdentifierLine
	Faults      []FaultLine
	Corrections []Correction
	// Sample is nil where none was drawn; then there is no such sheet.
	Sample *Sample
	// Details are the files that the caller has put beside the workbook, of the
	// rejects by facility. The Summary names them with their hashes.
	Details []Detail
	// DetailDir is a folder beside the workbook for whole lists of which sheets
	// hold only a part, as delimited text. It is made where it is needed; where it
	// is not given, there are no such files.
	DetailDir string

	// Measures says how each control total is counted, for the sheet of
	// definitions.
	Measures map[reconcile.Measure]string

	// Facility makes a workbook of one facility's lines alone: its entities, its
	// control totals and its rejects. Report and Rejects are then that
	// facility's; there is no Summary.
	Facility string

	// Lang is the language of the labels: "fr", which is the default, "en" or "ar".
	Lang string
	// Unmasked shows names, national numbers and rejected values as they are.
	Unmasked bool
	// Limit is how many lines each detail sheet holds; 0 is [DefaultLimit].
	// What lies beyond is counted, and the sheet and the Summary say so.
	Limit int
	// TempDir is where temporary files go, which hold patient data. [Write]
	// needs it; [WriteFile] takes the workbook's own directory.
	TempDir string
}

// Run holds the facts of the run that the workbook is about. Empty ones are
// left out.
type Run struct {
	ID      sih.ID
	Project string
	Country string
	Wave    string
	Mode    string // rehearsal, final or delta
	Tool    string // version of the program
	Target  string // the unified store, without credentials
	// Generated is shown in its own location, which should be the country's.
	Generated  time.Time
	ConfigHash string
	ScopeHash  string // of the file that declares the scope
	AuditHead  string // last line of the audit log
	Sources    []Source
}

// PastRun is a line of the sheet of runs. Its counts are of source rows.
type PastRun struct {
	ID         sih.ID
	Mode, Wave string
	Sequence   int
	Tool       string
	// Finished is shown in its own location.
	Finished                              time.Time
	ConfigHash, MappingHash, SnapshotHash string
	ScopeHash                             string
	Tolerances                            string // as they were, in words
	// By is the user of the machine who reconciled the run.
	By                            string
	Extracted, Accepted, Rejected int64
	// Differences counts the lines of the run's report that were off.
	Differences int64
}

// Source is one of the run's sources.
type Source struct {
	ID       sih.SourceID
	System   string
	Driver   string
	Facility string
	// Views are the moments of the snapshot's views: one where it is consistent.
	Views        []string
	SnapshotHash string // SHA-256 of the snapshot's manifest
	MappingHash  string // SHA-256 over the mapping's files
}

// Record is one of the two records of a merge.
type Record struct {
	Source   sih.SourceID
	Facility string
	LocalID  string // the hospital's number of the patient; never masked
	Name     string
	CIN      string
}

// Merge is a decision that two records are one person.
type Merge struct {
	Person      sih.ID
	A, B        Record
	Method      string // rule, score, human or source
	Rule        string
	Weight      float64 // bits
	Probability float64 // from 0 to 1
	Evidence    string  // the fields' levels in words, without values
	DecidedBy   string
}

// Reject is an issue: a fault in the data that kept an entity out, or was
// noted.
type Reject struct {
	Source      sih.SourceID
	SourceTable string
	SourceKey   string
	Facility    string
	Table       string // the unified table
	Field       string // the unified column, empty for the whole row
	Reason      sih.Reason
	Severity    sih.Severity
	Detail      string
	Value       string // as the source has it; masked like a name
	Root        sih.ID // what it hangs on, for R04 and R16
	Hanging     int64  // entities that were rejected because of this one
	Amount      int64  // centimes that were kept out with it
}

// Excluded is a source row that the mapping left out.
type Excluded struct {
	Source      sih.SourceID
	SourceTable string
	SourceKey   string
	Reason      string // as the mapping states it
	Amount      int64  // centimes
}

// Write writes the workbook to w.
func Write(w io.Writer, c Content) (err error) {
	if c.Report == nil {
		return fmt.Errorf("write workbook: no report")
	}
	if c.TempDir == "" {
		return fmt.Errorf("write workbook: no directory for temporary files")
	}
	if c.Limit < 0 || c.Limit > MaxLimit {
		return fmt.Errorf("write workbook: limit %d is not between 0 and %d", c.Limit, MaxLimit)
	}
	if c.Limit == 0 {
		c.Limit = DefaultLimit
	}
	// A directory of our own, so that nothing that holds patient data is left
	// behind whatever happens.
	tmp, err := os.MkdirTemp(c.TempDir, ".workbook-")
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(tmp); err == nil && e != nil {
			err = fmt.Errorf("remove temporary files: %w", e)
		}
	}()
	b, err := newBook(c, tmp)
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	defer func() {
		if e := b.close(); err == nil && e != nil {
			err = fmt.Errorf("close workbook: %w", e)
		}
	}()
	if err := b.fill(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	if err := b.writeTo(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// WriteFile writes the workbook to path, whole or not at all: under another
// name in the same directory first. The file can be read by its user only.
func WriteFile(path string, c Content) (err error) {
	dir := filepath.Dir(path)
	c.TempDir = dir
	tmp, err := os.CreateTemp(dir, ".workbook-*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := Write(tmp, c); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}
