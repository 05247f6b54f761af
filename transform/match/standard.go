package match

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// complete fills in what a model leaves out, so that a model can be a list of
// columns: comparisons, levels, likelihoods, passes and thresholds, each as
// docs/matching.md tells them. What the model says stays as it is.
func (m *Model) complete() {
	for i := range m.Fields {
		m.Fields[i].complete()
	}
	if len(m.Columns) == 0 {
		m.Columns = m.origins()
	}
	if len(m.Comparisons) == 0 {
		for _, f := range m.Fields {
			if f.Kind != "flags" {
				m.Comparisons = append(m.Comparisons, Comparison{Name: f.Name, Field: f.Name})
			}
		}
	}
	m.weightless = true
	for i := range m.Comparisons {
		x := &m.Comparisons[i]
		if len(x.Levels) == 0 {
			x.Levels = m.standardLevels(x.Field)
		}
		if !slices.ContainsFunc(x.Levels, func(l Level) bool { return l.M != 0 || l.U != 0 }) {
			start(x.Levels)
		} else {
			m.weightless = false
		}
	}
	if len(m.Passes) == 0 {
		m.Passes = m.standardPasses()
	}
	m.Thresholds.complete()
}

// complete gives the standard kinds their dictionary and their cleaners.
func (f *Field) complete() {
	clean := map[string]string{"name": "fold", "place": "fold", "category": "fold", "code": "compact", "date": "date"}[f.Kind]
	if f.Kind == "name" && f.Dictionary == "" {
		f.Dictionary = "names"
	}
	for i := range f.From {
		if f.From[i].Clean == "" {
			f.From[i].Clean = clean
		}
	}
}

// origins returns the columns that the fields come from.
func (m *Model) origins() (out []string) {
	add := func(column string) {
		if column != "" && !slices.Contains(out, column) {
			out = append(out, column)
		}
	}
	for _, f := range m.Fields {
		for _, o := range f.From {
			add(o.Column)
		}
		for _, column := range sortedKeys(f.MissingWhen) {
			add(column)
		}
	}
	return out
}

// kind returns a field's kind and, for a name, the other names that it may
// stand in the place of.
func (m *Model) kind(field string) (kind string, others []string) {
	for _, f := range m.Fields {
		if f.Name == field {
			kind = f.Kind
		} else if f.Kind == "name" {
			others = append(others, f.Name)
		}
	}
	if kind != "name" {
		others = nil
	}
	return kind, others
}

// standardLevels returns the levels that a field of its kind is compared by.
func (m *Model) standardLevels(field string) []Level {
	kind, others := m.kind(field)
	switch kind {
	case "name":
		out := []Level{{Name: "same", When: "same", Frequency: 1}, {Name: "near", When: "jaro 0.92", Frequency: 0.5}}
		for _, o := range others {
			out = append(out, Level{Name: "swapped " + o, When: "swap " + o + " 0.9"})
			if len(out) == 4 { // more than two names that change places are rare
				break
			}
		}
		return append(out, Level{Name: "start", When: "start 1"}, Level{Name: "alike", When: "jaro 0.8"}, Level{Name: "differ", When: "else"})
	case "text", "place":
		return []Level{{Name: "same", When: "same", Frequency: 1}, {Name: "near", When: "jaro 0.92", Frequency: 0.5},
			{Name: "start", When: "start 4"}, {Name: "alike", When: "jaro 0.8"}, {Name: "differ", When: "else"}}
	case "category":
		return []Level{{Name: "same", When: "same", Frequency: 1}, {Name: "differ", When: "else"}}
	case "code":
		return []Level{{Name: "same", When: "same"}, {Name: "near", When: "edits 1"}, {Name: "alike", When: "edits 2"}, {Name: "differ", When: "else"}}
	case "date":
		return []Level{{Name: "same", When: "same"}, {Name: "digit", When: "digit"}, {Name: "daymonth", When: "daymonth"}, {Name: "overlap", When: "overlap"},
			{Name: "year", When: "years 0"}, {Name: "near", When: "years 2"}, {Name: "decade", When: "years 10"}, {Name: "differ", When: "else"}}
	}
	return []Level{{Name: "same", When: "same"}, {Name: "differ", When: "else"}}
}

// starting are the shares of strangers among whom a test holds, before anybody
// has counted: of names, dates and numbers in general. Training replaces them.
var starting = map[string]float64{
	"same": 0.005, "shared": 0.0001, "form": 0.005, "near": 0.005, "alike": 0.03, "edits": 0.002, "within": 0.005, "start": 0.01,
	"swap": 0.0005, "whole": 0.0005, "other": 0.005, "cross": 0.0005,
	"digit": 0.001, "daymonth": 0.0005, "overlap": 0.005, "years": 0.02,
}

// start gives levels the likelihoods that training begins with: between two
// records of one person seven in ten are the same and one in eight differs,
// between strangers what the test is known to find.
func start(levels []Level) {
	n := len(levels)
	between, rest := 0.175/float64(max(n-2, 1)), 1.0
	for i := range levels {
		l := &levels[i]
		if l.M = between; i == 0 {
			l.M = 0.7
		}
		l.U = unlikely(l.When)
		rest -= l.U
	}
	last := &levels[n-1]
	last.U += rest
	rest = 1
	for _, l := range levels[:n-1] {
		rest -= l.M
	}
	last.M = rest
}

// unlikely returns the starting u of a test; 0 for else.
func unlikely(when string) float64 {
	words := strings.Fields(when)
	if len(words) == 0 || words[0] == "else" {
		return 0
	}
	operand := 0.0
	if len(words) > 1 {
		operand, _ = strconv.ParseFloat(words[1], 64)
	}
	switch words[0] {
	case "jaro":
		if operand < 0.9 {
			return starting["alike"]
		}
		return starting["near"]
	case "edits":
		return min(starting["edits"]*math.Pow(4, max(operand-1, 0)), 0.1)
	case "years":
		return min(starting["years"]*(operand+0.5), 0.25)
	}
	if u, ok := starting[words[0]]; ok {
		return u
	}
	return 0.01 // a flag
}

// standardPasses returns passes that bring together records that agree in one
// field, or in its first letters; a block that is too large is parted by the
// others. Whatever else is wrong with a record, one field in which it agrees
// with its own suffices.
func (m *Model) standardPasses() []Pass {
	var keys []keyed2
	for _, x := range m.Comparisons {
		switch kind, _ := m.kind(x.Field); kind {
		case "name", "text", "place", "code":
			keys = append(keys, keyed2{x.Field, x.Field + ".start3"})
		case "date":
			keys = append(keys, keyed2{x.Field, x.Field + ".year"})
		case "signature":
			keys = append(keys, keyed2{x.Field, x.Field})
		}
	}
	var out []Pass
	for i, k := range keys {
		var refine []string
		for j := 1; j < len(keys); j++ {
			refine = append(refine, keys[(i+j)%len(keys)].part)
		}
		out = append(out, Pass{Name: k.whole, Key: []string{k.whole}, Refine: refine})
		if k.part != k.whole {
			slices.Reverse(refine)
			out = append(out, Pass{Name: k.part, Key: []string{k.part}, Refine: slices.Clone(refine)})
		}
	}
	return out
}

// keyed2 is a field as a key, and its rougher part.
type keyed2 struct{ whole, part string }

// complete sets what is zero.
func (t *Thresholds) complete() {
	set := func(p *float64, to float64) {
		if *p == 0 {
			*p = to
		}
	}
	set(&t.Expected, 1)
	set(&t.Merge, 0.5)
	set(&t.Review, min(0.2, t.Merge))
	if t.Link == 0 {
		t.Link = 0.3
		set(&t.Lone, 0.05)
		set(&t.Clip, 5)
		set(&t.Bridge, 0.99)
	}
	if t.Largest == 0 {
		t.Largest = 60
	}
	if t.Budget == 0 {
		t.Budget = 100
	}
}

// Origins are the columns of a field.
type Origins []Origin

// UnmarshalYAML reads one origin, or a list of them.
func (o *Origins) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]Origin)(o))
	}
	*o = make(Origins, 1)
	return n.Decode(&(*o)[0])
}
