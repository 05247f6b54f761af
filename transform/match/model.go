package match

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A Model says what the columns are, how records are compared and what
// follows. It is read from a file by [LoadModel] and not changed afterwards.
type Model struct {
	Name string `yaml:"name"`
	Doc  string `yaml:"doc"`
	// ID names the column of a record's id in a file; empty is record_id.
	ID string `yaml:"id"`
	// Columns names what [Table.Add] is given, in order.
	Columns     []string     `yaml:"columns"`
	Fields      []Field      `yaml:"fields"`
	Comparisons []Comparison `yaml:"comparisons"`
	// Caps bounds, in bits, what the levels of a group may add together.
	Caps       map[string]float64 `yaml:"caps"`
	Rules      []Rule             `yaml:"rules"`
	Passes     []Pass             `yaml:"passes"`
	Thresholds Thresholds         `yaml:"thresholds"`

	weightless bool
}

// Weightless tells that the file gives no likelihood of any level: those that
// the model has are where an estimate starts, and worth little by themselves.
func (m *Model) Weightless() bool { return m.weightless }

// A Field is what is kept of one or several columns.
type Field struct {
	Name string `yaml:"name"`
	// Kind is text (compared by letters), date, word (one of Words), flags
	// (any of Words, separated by blanks) or signature (compared for equality
	// only, for near-unique texts).
	Kind string `yaml:"kind"`
	// From lists columns; the first that yields something counts.
	From Origins `yaml:"from"`
	// Dictionary is shared by the text fields that name the same one, which
	// makes their values comparable. By default a field has its own.
	Dictionary string   `yaml:"dictionary"`
	Words      []string `yaml:"words"`
	// Forms names, for each derived form of a text, the cleaner that makes it.
	Forms map[string]string `yaml:"forms"`
	// MissingWhen lists, for other columns, the words that make this field
	// missing.
	MissingWhen map[string][]string `yaml:"missing_when"`
	// Shared says when a value belongs to several people.
	Shared *Shared `yaml:"shared"`
	// Most is the number of records that may have one value; one that more
	// have is a filler, or the house's own telephone, and counts as missing. 0
	// is any number. It is for texts and signatures.
	Most int `yaml:"most"`
	// Minors says whose a value is when its holder is too young to have one.
	Minors *Minors `yaml:"minors"`
}

// Minors says that a value on the record of somebody who is younger than
// Under, on the day of [Options.AsOf], is another person's, and moves it.
type Minors struct {
	Birth string `yaml:"birth"` // the field of the birth date
	Under int    `yaml:"under"` // age in years
	To    string `yaml:"to"`    // the field that it is moved to
}

// An Origin is a column and the cleaner that prepares it, if any.
type Origin struct {
	Column string `yaml:"column"`
	Clean  string `yaml:"clean"`
}

// Shared says when a text is the number of several people: when two of its
// holders disagree as listed, or when it has more than Above holders.
type Shared struct {
	// Differ lists conditions, of which one suffices: for a comparison, the
	// levels that fit.
	Differ []map[string][]string `yaml:"differ"`
	Above  int                   `yaml:"above"`
}

// A Comparison looks at one field of two records. Its levels are tried in
// order; the first that holds is the pair's.
type Comparison struct {
	Name  string `yaml:"name"`
	Field string `yaml:"field"`
	// Key is the form by which texts are the same and are counted, Text the
	// form on which distances work. By default it is the text itself.
	Key  string `yaml:"key,omitempty"`
	Text string `yaml:"text,omitempty"`
	// Common is the share of the records from which on a text is common. Two
	// common texts are never taken for misspellings of each other, however
	// near they are: Fatima is not Fatiha. 0 knows no common texts.
	Common float64 `yaml:"common,omitempty"`
	// Known is a form that names known to be names have: two texts that have
	// it, and differ in it, are treated as common.
	Known string `yaml:"known,omitempty"`
	// Also names another field of the same dictionary that may hold the value,
	// written in another way: the best level of all combinations is the pair's.
	Also string `yaml:"also,omitempty"`
	// Own is the share of its weight that no other comparison tells already; 0
	// is all. Training finds it.
	Own float64 `yaml:"own,omitempty"`
	// Group is the group of its levels that name none.
	Group  string  `yaml:"group,omitempty"`
	Levels []Level `yaml:"levels"`
}

// own returns the share of its weight that counts.
func (x *Comparison) own() float64 {
	if x.Own == 0 {
		return 1
	}
	return x.Own
}

// A Level is one outcome of a comparison.
type Level struct {
	Name string `yaml:"name"`
	// When is the test:
	//
	//	same            the values, or their keys, are equal
	//	form NAME       a derived form is equal (text)
	//	jaro X          Jaro-Winkler similarity is at least X (text)
	//	edits N         at most N edits (text)
	//	within          one begins with all words of the other, by their keys (text)
	//	known           they are two known names (text; see Comparison.Known)
	//	distinct        they are two known names, or both common: no misspellings of each other (text)
	//	start N         one is the start of the other, of N letters or more (text)
	//	swap FIELD X    both fields agree crosswise by at least X (text)
	//	whole FIELD FORM both fields together hold the same words of that form, whichever has which (text)
	//	other X FIELD…  it agrees by at least X with another field of the other record (text)
	//	shared          equal, and the value belongs to several people (text)
	//	cross FIELD…    the same as another field of the other record (text)
	//	digit           one digit differs, or two neighbours are swapped (date)
	//	daymonth        day and month are swapped (date)
	//	overlap         the days may be the same, one being partly known (date)
	//	parts N         two of year, month and day are equal, and the dates at most N years apart (date)
	//	years N         at most N years apart (date)
	//	WORD…           one of the records has one of these flags (flags)
	//	else            nothing else held; always last
	When string `yaml:"when"`
	// M and U are how often the level occurs, where both records have the
	// field, between two records of one person and of two people.
	M float64 `yaml:"m"`
	U float64 `yaml:"u"`
	// Frequency is the share, from 0 to 1, of the adjustment for how common
	// the value is.
	Frequency float64 `yaml:"frequency,omitempty"`
	// Common lets the level hold between two common texts too.
	Common bool `yaml:"common,omitempty"`
	// Group bounds the level's weight together with others; see Model.Caps.
	Group string `yaml:"group,omitempty"`
	// Say is the level in words, for the evidence. It holds no value.
	Say string `yaml:"say,omitempty"`
}

// A Rule decides a pair whose levels are all among those listed. The first
// rule that holds counts.
type Rule struct {
	Name    string  `yaml:"name"`
	Verdict Verdict `yaml:"verdict"`
	// When lists, for a comparison, the levels that fit; a list that begins
	// with "not" lists those that do not.
	When map[string][]string `yaml:"when"`
	// Any lists conditions in the same way, of which one must hold too.
	Any map[string][]string `yaml:"any,omitempty"`
	// Below is the posterior probability from which the rule does not hold:
	// evidence that strong speaks for itself. It is for verdict review only; 0
	// is none.
	Below float64 `yaml:"below"`
	// Unless names rules that stand in the way of a pair under this one: it
	// joins two clusters only when no pair between them is under one of those.
	Unless []string `yaml:"unless"`
	// Strangers says how many of the pairs under this rule are two people who
	// are alike; nil is those that the probability tells of.
	Strangers *Strangers `yaml:"strangers"`
	Say       string     `yaml:"say"`
}

// Strangers says how a rule's pairs are told that are two people who are alike.
// Of all pairs that are alike, some have what decides: those of One are one
// person, those of Two are two people, but for mistakes. From both is learned
// how often strangers are alike, and what they differ in; a pair of the rule
// that is two people by more than Most goes to review.
type Strangers struct {
	// One, Two and Alike list levels, by comparison, that all fit.
	One   map[string][]string `yaml:"one"`
	Two   map[string][]string `yaml:"two"`
	Alike map[string][]string `yaml:"alike"`
	// Usual is the share of strangers that is assumed before pairs tell.
	Usual float64 `yaml:"usual"`
	Most  float64 `yaml:"most"`
}

// A Pass groups records by a key.
type Pass struct {
	Name string `yaml:"name"`
	// Key lists its parts: a field, FIELD.FORM, FIELD.start3 (the first
	// letters of a text), FIELD.year or FIELD.month of a date, or A+B for two
	// texts, or the same form of two, in either order, or A~B for the words of
	// the same form of two, whichever has which. A record that lacks a part is
	// not in the pass.
	Key []string `yaml:"key,omitempty"`
	// Refine lists the parts that split, one after the other, a block that is
	// larger than Largest.
	Refine []string `yaml:"refine,omitempty"`
	// Largest is the greatest size of a block; 0 is 100.
	Largest int `yaml:"largest,omitempty"`
}

// Thresholds are posterior probabilities, and the sizes that bound the work.
type Thresholds struct {
	// Expected is how many other records of the same person a record has, on
	// average: with the number of records, the prior probability.
	Expected float64 `yaml:"expected"`
	// Merge is the least probability of an automatic merge, Review that of a
	// pair shown to a human.
	Merge  float64 `yaml:"merge"`
	Review float64 `yaml:"review"`
	// Link is the least probability that the mean weight between two clusters
	// must have for them to be joined.
	Link float64 `yaml:"link"`
	// Lone is the same where one of the clusters is a single record, at most
	// Link; 0 is Link. With n records in the smaller of them the log-odds lie
	// between, nearer to those of Link by a factor of n.
	Lone float64 `yaml:"lone,omitempty"`
	// Clip is the greatest weight, in bits with the prior, that one pair adds
	// to that mean or takes from it; 0 is no bound.
	Clip float64 `yaml:"clip,omitempty"`
	// Bridge is the probability from which a pair is certain enough to hold two
	// groups of records together by itself; below it, such a pair goes to
	// review. 0 is none.
	Bridge float64 `yaml:"bridge,omitempty"`
	// Largest is the greatest size of a cluster; 0 is 60.
	Largest int `yaml:"largest"`
	// Budget is the number of pairs per record that all passes may make
	// together; 0 is 100. Blocks are refined until it is kept.
	Budget int `yaml:"budget"`
}

// A Verdict is what a rule decides.
type Verdict uint8

// The verdicts, in the words of the model file.
const (
	None     Verdict = iota // no rule holds; the weight decides
	Weigh                   // weigh: the weight decides, as without a rule; for rules with unless
	Merge                   // merge: one person, whatever the weight
	Review                  // review: the pair proves too little; a human decides, or a stronger pair
	Conflict                // conflict: two people unless a human says otherwise
	Apart                   // apart: two people
)

var verdictNames = [...]string{"none", "weigh", "merge", "review", "conflict", "apart"}

// String returns the name that model files use.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "unknown"
}

// UnmarshalText reads a verdict's word.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames[1:] {
		if name == string(text) {
			*v = Verdict(i + 1)
			return nil
		}
	}
	return fmt.Errorf("verdict must be weigh, merge, review, conflict or apart")
}

// A ModelError is a fault in a model file.
type ModelError struct {
	Line int // 0 when it concerns no line
	Err  error
}

// Error names the line, where there is one.
func (e *ModelError) Error() string {
	if e.Line == 0 {
		return "model: " + e.Err.Error()
	}
	return fmt.Sprintf("model: line %d: %v", e.Line, e.Err)
}

// Unwrap returns the fault without its line.
func (e *ModelError) Unwrap() error { return e.Err }

// LoadModel reads a model and checks it. Fields that it does not know, names
// that lead nowhere and figures that cannot be are refused, with their line.
func LoadModel(r io.Reader) (*Model, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return ParseModel(text)
}

// ParseModel is [LoadModel] for a text.
func ParseModel(text []byte) (*Model, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, &ModelError{Err: err}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	m := new(Model)
	if err := dec.Decode(m); err != nil {
		return nil, &ModelError{Err: err}
	}
	m.complete()
	if _, err := compile(m); err != nil {
		var fault *fault
		if errors.As(err, &fault) {
			return nil, &ModelError{Line: lineOf(&root, fault.path), Err: fault.err}
		}
		return nil, &ModelError{Err: err}
	}
	if m.ID == "" {
		m.ID = "record_id"
	}
	return m, nil
}

// A fault is an error at a place in a model: names of keys and numbers of
// list entries, from the root.
type fault struct {
	path []any
	err  error
}

// Error leaves out the place, which loading turns into a line.
func (f *fault) Error() string { return f.err.Error() }

func faultAt(err error, path ...any) error { return &fault{path, err} }

// lineOf returns the line of the deepest node of path that exists.
func lineOf(n *yaml.Node, path []any) int {
	if n.Kind == yaml.DocumentNode {
		n = n.Content[0]
	}
	for _, step := range path {
		next := (*yaml.Node)(nil)
		switch step := step.(type) {
		case string:
			for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					next = n.Content[i+1]
				}
			}
		case int:
			if n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = n.Content[step]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

// UnmarshalYAML reads an origin: the name of a column, or a column and its
// cleaner.
func (o *Origin) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		o.Column = n.Value
		return nil
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		switch key, value := n.Content[i], n.Content[i+1]; key.Value {
		case "column":
			o.Column = value.Value
		case "clean":
			o.Clean = value.Value
		default:
			return fmt.Errorf("line %d: an origin has column and clean, not %s", key.Line, key.Value)
		}
	}
	return nil
}

// clone returns a copy whose figures may be changed.
func (m *Model) clone() *Model {
	out := *m
	out.Comparisons = slices.Clone(m.Comparisons)
	for i := range out.Comparisons {
		out.Comparisons[i].Levels = slices.Clone(m.Comparisons[i].Levels)
	}
	return &out
}
