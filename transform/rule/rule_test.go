package rule_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

var today, _ = sih.DateOf(2026, 11, 21)

func newSet(country string) *rule.Set { return rule.New(rule.Profile{Country: country, Today: today}) }

// TestExamples runs each step's examples: they are its documentation.
func TestExamples(t *testing.T) {
	for _, country := range []string{"ma", "dz"} {
		s := newSet(country)
		for _, d := range s.Names() {
			if d.Sentence == "" || len(d.Examples) == 0 {
				t.Errorf("%s has no sentence or no example", d.Name)
			}
			for _, e := range d.Examples {
				step, err := s.Step(d.Name, e.Arg)
				if err != nil {
					t.Errorf("%s: %v", d.Name, err)
					continue
				}
				out, f := step(e.In)
				if out != e.Out || f.Reason != e.Reason {
					t.Errorf("%s %s %s(%q): got %q %v, want %q %v", country, d.Name, e.Arg, e.In, out, f, e.Out, e.Reason)
				}
			}
		}
	}
}

func TestUnknownStepSuggests(t *testing.T) {
	_, err := newSet("ma").Step("phonne", "")
	if want := `no step "phonne": did you mean "phone"?`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
