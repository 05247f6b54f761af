package match_test

import (
	"errors"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// TestImpossibleDays holds that a day that no calendar has is compared by its
// digits, and by its year where those are too far apart.
func TestImpossibleDays(t *testing.T) {
	const model = `
name: days
fields:
  - {name: born, kind: date, from: dob}
  - {name: name, kind: name, from: name}
`
	for _, tt := range []struct{ a, b, want string }{
		{"1798-81-01", "1798-01-01", "digit"},
		{"1798-81-01", "1798-81-01", "same"},
		{"1798-31-12", "1798-12-31", "daymonth"},
		{"1798-81-01", "1798-03-22", "year"},
		{"1798-02-31", "1799-04-12", "near"},
		{"1798-81-01", "1798", "overlap"},
		{"0000-81-01", "1798-01-01", "missing"},
		{"1798-8x-01", "1798-01-01", "missing"},
		{"1798 81 01", "1798-01-01", "missing"},
	} {
		if got := levelOfTwo(t, model, "born", []string{tt.a, "ada"}, []string{tt.b, "ada"}); got != tt.want {
			t.Errorf("%s and %s: got %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

// levelOfTwo returns the level that a comparison finds of two records.
func levelOfTwo(t *testing.T, text, comparison string, a, b []string) string {
	t.Helper()
	m, err := match.ParseModel([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(m, cleaners())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(table.Add(sih.ID{1}, a), table.Add(sih.ID{2}, b)); err != nil {
		t.Fatal(err)
	}
	res, err := table.Run(t.Context(), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Explain(0, 1).Evidence {
		if e.Comparison == comparison {
			return e.Level
		}
	}
	return "missing"
}
