// Package profile says what stands in a source's tables without saying whose
// it is: of each column how many values are missing, how many there are, how
// they are written, which code page has been at work. It is what the author of
// a mapping looks at first.
//
// [New] begins a table, [Profiler.Row] takes its rows one by one, and
// [Profiler.Table] tells what they came to. The memory that this takes depends
// on the number of columns and never on that of rows.
//
// Tables of one [Source] are compared with each other: what seems to lead from
// one to another, and what of it leads to nothing.
//
// A profile shows patterns, lengths, counts, ranges of dates, and ranges of
// numbers rounded to two digits. It holds no value of a row, unless [Options]
// ask for the values of columns of codes.
package profile

import (
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
)

// Options say what a profile has besides. The zero value is the careful one.
type Options struct {
	// Values adds the most frequent values of columns that hold codes: at most
	// 100 distinct values of at most 40 characters, none of them with two words
	// of three letters or more, which stand there ten times each on average. Of
	// these, a value that stands there less than three times is not shown: it
	// could be a name that strayed. Columns called like names show none.
	Values bool
	// Grade tells how the number of an identity card looks: valid, atypical,
	// invalid, filler. Columns where half of the values are valid are taken for
	// such numbers. Nil looks for none.
	Grade func(string) string
	// Source finds out which columns lead to other tables; see [Source.Relate].
	// Nil does not.
	Source *Source
}

// Table is what is known of a table.
type Table struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	// Rejected counts records that could not be read as rows; they are no part
	// of Rows.
	Rejected int64 `json:"rejected"`
	Key      *Key  `json:"key,omitempty"` // nil where none is declared
	// Candidates are what could be the key where none is declared, the columns
	// alone or else pairs of them.
	Candidates []Candidate `json:"candidates,omitempty"`
	Columns    []Column    `json:"columns"`
	// References are what [Source.Relate] finds, and nil before.
	References []Reference `json:"references"`
	Findings   []Finding   `json:"findings"`
}

// Key is what is known of the declared key.
type Key struct {
	Columns []string `json:"columns"`
	// Repeated counts rows whose key a row before had. Keys are compared by a
	// hash of 64 bits.
	Repeated int64 `json:"repeated"`
	// Nulls counts rows where a column of the key is NULL.
	Nulls int64 `json:"nulls"`
	// Exact is unset where there are more than 1,048,576 keys: repetitions of
	// the first ones alone are then counted.
	Exact bool `json:"exact"`
}

// Column is what is known of a column. Nulls, Empty and Valued add up to the
// table's rows; so do, to Valued, the counts of patterns and OtherPatterns.
type Column struct {
	Column   string `json:"column"`
	Type     string `json:"type"`
	Nullable bool   `json:"nullable"`
	Nulls    int64  `json:"nulls"`
	Empty    int64  `json:"empty"` // texts that hold nothing, or only blanks
	Valued   int64  `json:"valued"`
	// Distinct counts the distinct values but NULL and the empty ones: exactly
	// up to 10,000, otherwise estimated with a standard error of 0.8 %.
	Distinct      int64 `json:"distinct"`
	DistinctExact bool  `json:"distinct_exact"`
	// Lengths are in characters, of bytes that are no text in bytes.
	MinLength     int       `json:"min_length"`
	MaxLength     int       `json:"max_length"`
	Patterns      []Pattern `json:"patterns"`
	OtherPatterns int64     `json:"other_patterns"` // values of the patterns that are not shown
	Dates         []Dates   `json:"dates,omitempty"`
	Numbers       *Numbers  `json:"numbers,omitempty"`
	Text          Text      `json:"text"`
	// Grades counts how the numbers of identity cards look, by grade; nil where
	// the column does not seem to hold any.
	Grades map[string]int64 `json:"grades,omitempty"`
	Values []Value          `json:"values,omitempty"`
}

// Pattern is a way of writing and how many values are written so: A and a
// stand for a Latin letter, R for an Arabic one, X for one of another script,
// 9 for a digit, … for more of the same, · for any other sign beyond ASCII.
type Pattern struct {
	Pattern string `json:"pattern"`
	Count   int64  `json:"count"`
}

// Dates are the values of a column that are dates in one layout.
type Dates struct {
	Layout string `json:"layout"` // in the words of mappings: dd/MM/yyyy
	Count  int64  `json:"count"`
	// First and Last are days, YYYY-MM-DD, of the dates that exist; empty where
	// none does, and where the year has two digits.
	First string `json:"first"`
	Last  string `json:"last"`
	// Partial counts those with a zero for the year, month or day; Impossible
	// those of no calendar; Ambiguous those whose day and month could be
	// exchanged. They are part of Count.
	Partial    int64 `json:"partial"`
	Impossible int64 `json:"impossible"`
	Ambiguous  int64 `json:"ambiguous"`
}

// Numbers are the values of a column that are decimal numbers of at most 15
// digits.
type Numbers struct {
	Count int64 `json:"count"`
	// Min and Max are rounded outwards to two digits: a number can be
	// somebody's.
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
	Decimals int     `json:"decimals"` // the most that there are
	Commas   int64   `json:"commas"`   // those with a decimal comma
}

// Text is what tells of code pages: how many values show each sign.
type Text struct {
	NotText  int64 `json:"not_text"` // bytes that do not decode
	Arabic   int64 `json:"arabic"`   // with an Arabic letter
	Accented int64 `json:"accented"` // with another letter beyond ASCII
	// Mojibake counts texts that seem to have been read in a wrong code page,
	// such as "ÃƒÂ©" or three of the letters À to ÿ in a row.
	Mojibake int64 `json:"mojibake"`
	Lost     int64 `json:"lost"`     // with U+FFFD, or "?" before a letter or another "?"
	Controls int64 `json:"controls"` // with a control character
	Padded   int64 `json:"padded"`   // with blanks at an end
	// Zeros counts numbers that begin with a needless zero: they are names, and
	// lose it as numbers.
	Zeros int64 `json:"zeros"`
}

// Value is a value and how often it stands there.
type Value struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// Profiler takes the rows of one table. It is not safe for concurrent use.
type Profiler struct {
	table    extract.Table
	options  Options
	rows     int64
	rejected int64
	columns  []*column
	key      *keys
	search   *search // where no key is declared
}

// New begins the profile of a table.
func New(t extract.Table, o Options) *Profiler {
	p := &Profiler{table: t, options: o, columns: make([]*column, len(t.Columns))}
	for i := range p.columns {
		p.columns[i] = newColumn(o.Grade)
		// Columns of ours, such as _line, lead nowhere.
		if name := t.Columns[i].Name; o.Source != nil && !strings.HasPrefix(name, "_") {
			p.columns[i].values = o.Source.newValues(t.Name, name, len(t.Key) == 1 && t.Key[0] == name)
		}
	}
	if at := places(t); at != nil {
		p.key = newKeys(at)
	} else {
		p.search = newSearch(t)
	}
	return p
}

// places returns where the columns of the declared key stand, nil where it is
// not declared or not among the columns.
func places(t extract.Table) (at []int) {
	for _, name := range t.Key {
		i := slices.IndexFunc(t.Columns, func(c extract.Column) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		at = append(at, i)
	}
	return at
}

// Row takes a row, which has a field for each column of the table. It keeps
// nothing of the row's memory.
func (p *Profiler) Row(row extract.Row) {
	p.rows++
	for i, c := range p.columns {
		c.add(row[i])
	}
	if p.key != nil {
		p.key.add(row)
	} else {
		p.search.add(row)
	}
}

// Reject takes note of a record that could not be read as a row.
func (p *Profiler) Reject() { p.rejected++ }

// Table tells what the rows came to. Nothing may be added after.
func (p *Profiler) Table() Table {
	t := Table{Table: p.table.Name, Rows: p.rows, Rejected: p.rejected, Columns: make([]Column, len(p.columns))}
	for i, c := range p.columns {
		d := p.table.Columns[i]
		t.Columns[i] = c.finish(p.options.Values && !personal(d.Name))
		t.Columns[i].Column, t.Columns[i].Type, t.Columns[i].Nullable = d.Name, d.Type, d.Nullable
	}
	if p.key != nil {
		t.Key = &Key{Columns: p.table.Key, Repeated: p.key.repeated, Nulls: p.key.nulls, Exact: !p.key.seen.full}
	} else {
		t.Candidates = p.search.candidates(&t)
	}
	t.Findings = findings(&t)
	return t
}
