package workbook

import (
	"iter"

	"github.com/sihctl/sih"
)

// Code is a source's code, how it was translated and how often it is used.
type Code struct {
	Source sih.SourceID
	List   string
	Code   string
	Label  string
	Target string // empty where it is not translated
	Status string // approved, draft or unmapped
	By     string // who approved it
	Uses   int64
}

// HashTotal is what auditors call a hash total: a figure over all rows of a
// table that a changed, lost or doubled row changes.
type HashTotal struct {
	Table  string // unified
	Source sih.SourceID
	Column string // empty for the count of rows
	Filled int64  // rows, or those that have a value in the column
	// First and Last are the smallest and largest date, as ISO writes them.
	First, Last string
	// Sum is in centimes; Money says that there is one.
	Sum   int64
	Money bool
}

// IdentifierLine counts the numbers that people are known by.
type IdentifierLine struct {
	Source  sih.SourceID
	System  string // ma:cin and others
	Owner   string // self, guardian or insured; none where a record has no number
	Grade   string
	Numbers int64
}

// Clash is a personal number that several people have.
type Clash struct {
	System, Number            string
	Persons, Records, Sources int64
	// Holders are the first of the records, by person.
	Holders [][]Record
}

// FaultLine counts what is amiss with dates or texts, or only known in part.
type FaultLine struct {
	Source sih.SourceID
	Table  string // unified
	Field  string
	// Kind is partial (a date of which only a part is known), undated (a row
	// that a control could not date) or a reason code.
	Kind string
	// Detail is the precision of a partial date or a control's measure.
	Detail         string
	Kept, Rejected int64 // entities, or rows
}

// Alert is a single case of what the sheet of safety counts.
type Alert struct {
	Subject     string // a reconcile.Subject, or blood_conflict or after_death
	Source      sih.SourceID
	SourceTable string
	SourceKey   string
	Facility    string
	Detail      string // no patient's name or number
}

// Correction is a value that somebody corrected before the rules ran.
type Correction struct {
	Source             sih.SourceID
	Table, Key, Column string
	Old, New           string // masked
	Who, Why           string
}

// Sample is a random sample of the source's rows, field by field.
type Sample struct {
	Seed       string
	Confidence float64 // such as 0.95
	Tolerable  float64 // share of rows that may be wrong, such as 0.01
	Population int64   // rows of which it was drawn
	Size       int64   // rows drawn
	Lines      []SampleLine
}

// SampleLine is a field of a row that was drawn.
type SampleLine struct {
	Number       int64 // of the row in the sample, from 1
	Source       sih.SourceID
	SourceTable  string
	SourceKey    string
	Facility     string
	SourceColumn string
	SourceValue  string
	Table, Field string // unified; empty where nothing was made of the row
	Value        string // in the store, or why it is not there
	Absent       bool   // the row is not in the store; Value says why
	Person       bool   // the field tells of a person: masked
}

// Thresholds are the weights, in bits, from which pairs are looked at and
// joined.
type Thresholds struct{ Review, Join float64 }

// Detail is a file beside the workbook that holds what the workbook does not.
type Detail struct {
	Name string // below the workbook's folder
	Hash string // SHA-256
	Rows int64
}

// each yields the values of a list.
func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// table writes a sheet of lines that are all known, with the totals of sums.
func table[T any](b *book, tab string, lines []T, sums func(T) map[string]int64, line func(T) []any, cols ...column) error {
	s, err := b.open(tab, len(lines), cols...)
	if err != nil {
		return err
	}
	var total map[string]any
	if sums != nil {
		count := map[string]int64{}
		var none T
		for k := range sums(none) {
			count[k] = 0
		}
		for _, l := range lines {
			for k, n := range sums(l) {
				count[k] += n
			}
		}
		total = map[string]any{}
		for k, n := range count {
			total[k] = n
		}
	}
	if err := s.totals(total); err != nil {
		return err
	}
	for _, l := range lines {
		if err := s.add(line(l)...); err != nil {
			return err
		}
	}
	return s.close()
}
