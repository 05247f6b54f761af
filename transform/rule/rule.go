// Package rule holds the named steps of a mapping: cin, name, date, phone,
// money and the rest. A step takes the text of a source's field to the
// canonical text that the unified column's kind accepts.
//
// Call [New] with the country's profile, then [Set.Step] once for each step
// of a mapping. [Set.Names] lists every step with its sentence and examples,
// which are its documentation and its test.
//
// An empty text is NULL. It never reaches a step, and a step that yields it
// has made the field NULL. Steps repair spelling, never facts: what cannot be
// read is NULL with a fault, not a guess.
package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // hospitals' machines have no zone files

	"github.com/sihctl/sih"
)

// Fault says what is wrong with a value. The zero Fault is no fault.
type Fault struct {
	Reason sih.Reason
	Detail string // in words that never hold the value
}

// OK tells whether there is no fault.
func (f Fault) OK() bool { return f.Reason == "" }

// Step takes the text of a field to its canonical text. No text is NULL. A
// fault with a text is a warning: the text stands. A step is pure and may be
// called from several goroutines.
type Step func(in string) (out string, fault Fault)

// Profile is what steps know of a country and a source. The zero Profile is
// Morocco's, on no particular day.
type Profile struct {
	// Country is ma or dz; empty is ma.
	Country string
	// Zone is where the source's clocks stand; nil is the country's own.
	Zone *time.Location
	// Today tells the century of a two-digit year, which births lie ahead and
	// what an age counts from. Rules read no clock: the zero Date, which is no
	// day of a migration, is taken as the end of 2029.
	Today sih.Date
	// Encodings are tried in order on bytes that were not text; empty is
	// utf-8, windows-1252, windows-1256. Text that windows-1252 made of
	// windows-1256 is repaired where both are among them.
	Encodings []string
}

// Check tells what is wrong with p: an unknown country or encoding.
func (p Profile) Check() error {
	if p.Country != "" && p.Country != "ma" && p.Country != "dz" {
		return fmt.Errorf("country %q: there are ma and dz", p.Country)
	}
	for _, e := range p.Encodings {
		if _, ok := encodingByName(e); !ok {
			return fmt.Errorf("encoding %q is unknown", e)
		}
	}
	return nil
}

// Doc describes a step.
type Doc struct {
	Name     string
	Arg      string // what the argument is; empty for none
	Sentence string
	Examples []Example
}

// Example is one use of a step: what goes in, what comes out.
type Example struct {
	Arg, In, Out string
	Reason       sih.Reason // of the fault, if any
}

// Set holds the steps of one profile.
type Set struct {
	p      Profile
	clock  *clock
	decode []decoder
	arabic bool // whether windows-1256 may lie behind windows-1252
	steps  map[string]rule
	order  []string
}

// rule is a step that waits for its argument.
type rule struct {
	Doc
	make func(arg string) (Step, error)
}

// New returns the steps of a profile. What [Profile.Check] would refuse is
// taken as if it had not been set.
func New(p Profile) *Set {
	if p.Country != "dz" {
		p.Country = "ma"
	}
	if p.Zone == nil {
		p.Zone = homeZone(p.Country)
	}
	if p.Today == 0 {
		p.Today, _ = sih.DateOf(2029, 12, 31)
	}
	s := &Set{p: p, clock: newClock(p.Zone), steps: map[string]rule{}}
	s.setEncodings(p.Encodings)
	for _, group := range [][]rule{s.textRules(), s.identifierRules(), s.timeRules(), s.numberRules(), s.codeRules()} {
		for _, r := range group {
			s.steps[r.Name] = r
			s.order = append(s.order, r.Name)
		}
	}
	return s
}

// homeZone is the zone of a country. Its file is embedded.
func homeZone(country string) *time.Location {
	name := "Africa/Casablanca"
	if country == "dz" {
		name = "Africa/Algiers"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Step returns the named step with its argument. The error of an unknown name
// suggests the nearest.
func (s *Set) Step(name, arg string) (Step, error) {
	r, ok := s.steps[name]
	if !ok {
		if near := s.nearest(name); near != "" {
			return nil, fmt.Errorf("no step %q: did you mean %q?", name, near)
		}
		return nil, fmt.Errorf("no step %q", name)
	}
	if r.Arg == "" && arg != "" {
		return nil, fmt.Errorf("step %s takes no argument", name)
	}
	step, err := r.make(arg)
	if err != nil {
		return nil, fmt.Errorf("step %s: %w", name, err)
	}
	return step, nil
}

// Names lists the steps, related ones together.
func (s *Set) Names() []Doc {
	docs := make([]Doc, len(s.order))
	for i, n := range s.order {
		docs[i] = s.steps[n].Doc
	}
	return docs
}

// nearest returns the step whose name differs least from name, if it differs
// by no more than a third.
func (s *Set) nearest(name string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, n := range s.order {
		if d := distance(strings.ToLower(name), n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's, over bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// plain makes a rule of a step without argument.
func plain(step Step) func(string) (Step, error) {
	return func(string) (Step, error) { return step, nil }
}

// oneOf checks an argument against a list and returns its place.
func oneOf(arg string, list ...string) (int, error) {
	i := slices.Index(list, arg)
	if i < 0 {
		return 0, fmt.Errorf("argument is one of %s", strings.Join(list, ", "))
	}
	return i, nil
}
