// Package reconcile is the arithmetic of "nothing is lost": it adds up what
// every stage counted and says what is missing. It reads no file, no store and
// no clock.
//
// Workers count into a [Tally] each, one per chunk; [Tally.Merge] joins them.
// Every count is a sum, so neither the number of workers nor the order of
// merging changes the outcome. [Tally.Report] then gives the sorted lines:
//
//   - rows: extracted = accepted + rejected + excluded + joined
//   - entities: produced + created = inserted + updated + unchanged + merged + rejected
//   - control totals and amounts: expected = found + left out
//   - rows left out = those that the store lists, and so their amounts
//
// The difference of a line is its left side less its right side. It is
// positive where something was lost and negative where something came from
// nowhere. Amounts are centimes throughout; years and months are the
// country's local ones, which the caller derives.
package reconcile

import (
	"cmp"
	"iter"
	"slices"

	"github.com/sihctl/sih"
)

// Report is what was counted, line by line, each list sorted by its key.
type Report struct {
	Rows         []RowsLine      `json:"rows"`
	Entities     []EntitiesLine  `json:"entities"`
	Controls     []ControlLine   `json:"controls"`
	Amounts      []AmountLine    `json:"amounts"`
	Completeness []FieldLine     `json:"completeness"`
	Persons      []PersonsLine   `json:"persons"`
	Overlaps     []OverlapLine   `json:"overlaps"`
	Tolerances   []ToleranceLine `json:"tolerances"`
	// Safety is empty where nobody asked.
	Safety []SafetyLine `json:"safety,omitempty"`
	// Scope is empty where none was declared.
	Scope []ScopeLine `json:"scope,omitempty"`
}

// Equation names one of the equations that a report holds.
type Equation string

// The equations.
const (
	Rows     Equation = "rows"
	Entities Equation = "entities"
	Controls Equation = "controls"
	Amounts  Equation = "amounts"
	// Listed holds the rejected and excluded rows against those that the store
	// lists, and LeftOut what they would have brought against what it notes with
	// them.
	Listed  Equation = "listed"
	LeftOut Equation = "left_out"
	// Declared and Server hold the hospital's own figures against the
	// extraction's.
	Declared Equation = "declared"
	Server   Equation = "server"
	// Scope holds what was to be migrated against what was.
	Scope Equation = "scope"
	// Safety accounts for allergies, blood groups, deaths and open stays.
	Safety Equation = "safety"
)

// Difference is a line whose two sides are not equal.
type Difference struct {
	Equation Equation     `json:"equation"`
	Source   sih.SourceID `json:"source"`
	Table    string       `json:"table,omitempty"`
	Facility string       `json:"facility,omitempty"`
	Payer    string       `json:"payer,omitempty"`
	Year     int          `json:"year,omitempty"`
	Month    string       `json:"month,omitempty"`
	// Measure is the control total's or the amount's name.
	Measure string `json:"measure,omitempty"`
	// Value is the left side less the right side: rows, entities, or centimes.
	Value int64 `json:"value"`
}

// Money tells whether the difference is one of centimes.
func (d Difference) Money() bool {
	return d.Equation == Amounts || d.Equation == LeftOut || Measure(d.Measure).Money() || slices.Contains(Items, Item(d.Measure))
}

// Differences yields every line whose two sides are not equal, in the order of
// the report.
func (r *Report) Differences() iter.Seq[Difference] {
	return func(yield func(Difference) bool) {
		for _, l := range r.Rows {
			if d := l.Difference(); d != 0 && !yield(Difference{Equation: Rows, Source: l.Source, Table: l.Table, Facility: l.Facility, Value: d}) {
				return
			}
			if d := l.Unlisted(); d != 0 && !yield(Difference{Equation: Listed, Source: l.Source, Table: l.Table, Facility: l.Facility, Value: d}) {
				return
			}
			if d := l.Unnoted(); d != 0 && !yield(Difference{Equation: LeftOut, Source: l.Source, Table: l.Table, Facility: l.Facility, Value: d}) {
				return
			}
		}
		for _, l := range r.Entities {
			if d := l.Difference(); d != 0 && !yield(Difference{Equation: Entities, Source: l.Source, Table: l.Table, Facility: l.Facility, Year: l.Year, Value: d}) {
				return
			}
		}
		for _, l := range r.Controls {
			if d := l.Difference(); d != 0 && !yield(Difference{Equation: Controls, Source: l.Source, Facility: l.Facility, Year: l.Year, Measure: string(l.Measure), Value: d}) {
				return
			}
			for by, d := range l.off(l.Expected) {
				if !yield(Difference{Equation: by, Source: l.Source, Facility: l.Facility, Year: l.Year, Measure: string(l.Measure), Value: d}) {
					return
				}
			}
		}
		for _, l := range r.Amounts {
			if d := l.Difference(); d != 0 && !yield(Difference{Equation: Amounts, Source: l.Source, Payer: l.Payer, Month: l.Month, Measure: string(l.Item), Value: d}) {
				return
			}
			for by, d := range l.off(l.Expected) {
				if !yield(Difference{Equation: by, Source: l.Source, Payer: l.Payer, Month: l.Month, Measure: string(l.Item), Value: d}) {
					return
				}
			}
		}
		for _, l := range r.Safety {
			if d := l.Difference(); d != 0 && !yield(Difference{Equation: Safety, Source: l.Source, Measure: string(l.Subject), Value: d}) {
				return
			}
		}
		for _, l := range r.Scope {
			if d := l.Off(); d != 0 && !yield(Difference{Equation: Scope, Table: l.Table, Value: d}) {
				return
			}
		}
	}
}

// off yields the hands whose figure is not what was extracted.
func (h Hands) off(extracted int64) iter.Seq2[Equation, int64] {
	return func(yield func(Equation, int64) bool) {
		declared, server := h.Off(extracted)
		for _, x := range [...]struct {
			by Equation
			d  int64
		}{{Declared, declared}, {Server, server}} {
			if x.d != 0 && !yield(x.by, x.d) {
				return
			}
		}
	}
}

// Balanced tells whether every line's difference is zero. A report in which no
// row was extracted proves nothing and is not balanced.
func (r *Report) Balanced() bool {
	for range r.Differences() {
		return false
	}
	return slices.ContainsFunc(r.Rows, func(l RowsLine) bool { return l.Extracted != 0 })
}

// WithinTolerance tells whether no table lost a greater share to rejection
// than was agreed beforehand. Tables without a tolerance are not judged.
func (r *Report) WithinTolerance() bool {
	return !slices.ContainsFunc(r.Tolerances, func(l ToleranceLine) bool { return !l.Kept() })
}

// count is the part of a line that is summed.
type count[C any] interface {
	*C
	add(C)
}

// group holds the counts of one kind by their key.
type group[K comparable, C any] map[K]*C

// at returns the counters of key k, new ones where there are none.
func (g *group[K, C]) at(k K) *C {
	if *g == nil {
		*g = make(group[K, C])
	}
	c, ok := (*g)[k]
	if !ok {
		c = new(C)
		(*g)[k] = c
	}
	return c
}

// merge adds every count of o to g.
func merge[K comparable, C any, P count[C]](g *group[K, C], o group[K, C]) {
	for k, c := range o {
		P(g.at(k)).add(*c)
	}
}

// lines returns the counts of g as lines, in the order of compare.
func lines[K comparable, C, L any](g group[K, C], line func(K, C) L, compare func(K, K) int) []L {
	keys := make([]K, 0, len(g))
	for k := range g {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	out := make([]L, len(keys))
	for i, k := range keys {
		out[i] = line(k, *g[k])
	}
	return out
}

// order compares pairs of texts, in turn, until two differ.
func order(pairs ...string) int {
	for i := 0; i+1 < len(pairs); i += 2 {
		if c := cmp.Compare(pairs[i], pairs[i+1]); c != 0 {
			return c
		}
	}
	return 0
}
