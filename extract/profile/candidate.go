package profile

import (
	"strings"

	"github.com/sihctl/sih/extract"
)

// Candidate are columns that no two rows have alike, in a table that declares
// no key.
type Candidate struct {
	Columns []string `json:"columns"`
	// Exact is unset where only the first rows could be compared.
	Exact bool `json:"exact"`
}

// The bounds of the search for keys.
const (
	tried    = 6       // columns that are paired, the first ones: keys tend to stand in front
	compared = 1 << 16 // rows that are compared: 1 MiB for a column or pair that holds out
)

// search looks for a column, or a pair of them, that identifies the rows. What
// fails once is given up, so that nearly all of it costs nothing after the
// first rows.
type search struct {
	single, pairs []attempt
}

type attempt struct {
	at   []int
	seen hashSet
}

// newSearch begins the search in a table without a key.
func newSearch(t extract.Table) *search {
	s := &search{}
	var at []int
	for i, c := range t.Columns {
		if strings.HasPrefix(c.Name, "_") {
			continue // where a row of a file stands, not what it is
		}
		s.single = append(s.single, attempt{at: []int{i}, seen: hashSet{most: compared}})
		if len(at) < tried {
			at = append(at, i)
		}
	}
	for i, a := range at {
		for _, b := range at[i+1:] {
			s.pairs = append(s.pairs, attempt{at: []int{a, b}, seen: hashSet{most: compared}})
		}
	}
	return s
}

// add takes a row.
func (s *search) add(row extract.Row) {
	s.single = unique(s.single, row)
	s.pairs = unique(s.pairs, row)
}

// unique keeps the attempts that the row does not end: by a value that is
// missing, or that stood there before.
func unique(all []attempt, row extract.Row) []attempt {
	kept := all[:0]
	for _, a := range all {
		if !a.seen.full && a.ends(row) {
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

func (a *attempt) ends(row extract.Row) bool {
	h := uint64(0)
	for _, i := range a.at {
		if row[i].Empty() {
			return true
		}
		h = hash(row[i].Text, h+1)
	}
	return a.seen.add(h)
}

// candidates returns the columns alone, or else the pairs. Of a column that
// held out as far as was compared the estimate of its distinct values must not
// say otherwise.
func (s *search) candidates(t *Table) []Candidate {
	out := []Candidate{}
	if t.Rows < 2 {
		return out
	}
	for _, all := range [][]attempt{s.single, s.pairs} {
		for _, a := range all {
			c := Candidate{Exact: !a.seen.full}
			for _, i := range a.at {
				c.Columns = append(c.Columns, t.Columns[i].Column)
			}
			if one := t.Columns[a.at[0]]; len(a.at) > 1 || c.Exact || float64(one.Distinct) > 0.97*float64(t.Rows) {
				out = append(out, c)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}
