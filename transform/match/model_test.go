package match_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
)

const small = `name: small
columns: [name, born]
fields:
  - {name: name, kind: text, from: [{column: name, clean: lower}]}
  - {name: born, kind: date, from: [born]}
comparisons:
  - name: name
    field: name
    levels:
      - {name: same, when: same, m: 0.9, u: 0.01}
      - {name: differ, when: else, m: 0.1, u: 0.99}
rules:
  - {name: other, verdict: apart, when: {name: [differ]}}
passes:
  - {name: born, key: [born]}
thresholds: {expected: 1, merge: 0.9, review: 0.5, link: 0.5}
`

func TestLoadModelRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		line           int // 0: the text of the error has it, or it has none
		want           string
	}{
		{"an unknown field", "name: small", "name: small\nwheels: 4", 0, "line 2: field wheels not found"},
		{"an unknown column", "column: name, clean", "column: nome, clean", 4, `no column "nome"`},
		{"an unknown kind", "kind: date", "kind: dates", 5, "kind must be"},
		{"an unknown field of a comparison", "    field: name", "    field: nom", 7, `no field "nom"`},
		{"m that do not sum to one", "m: 0.9,", "m: 0.8,", 10, "m sum to 0.9000"},
		{"an impossible u", "u: 0.01", "u: 0", 10, "above 0"},
		{"no else", "when: else", "when: same", 11, "else is the last level"},
		{"an unknown test", "when: same", "when: alike", 10, `no test "alike"`},
		{"a test for another kind", "when: same", "when: digit", 10, "does not fit"},
		{"an unknown level of a rule", "[differ]", "[differs]", 13, `no level "differs"`},
		{"an unknown verdict", "verdict: apart", "verdict: maybe", 0, "verdict must be"},
		{"an unknown part of a key", "key: [born]", "key: [born.week]", 15, `no part "week"`},
		{"an impossible threshold", "merge: 0.9", "merge: 1.9", 16, "probabilities"},
		{"a review above merge", "review: 0.5", "review: 0.95", 16, "must not exceed"},
		{"a field twice", "name: born, kind", "name: name, kind", 5, "twice"},
		{"no YAML", "name: small", "name: [", 0, "line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(small, tt.old, tt.new, 1)
			if text == small {
				t.Fatal("the case changes nothing")
			}
			_, err := match.LoadModel(strings.NewReader(text))
			if err == nil {
				t.Fatal("the model was taken")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want something with %q", err, tt.want)
			}
			var fault *match.ModelError
			if !errors.As(err, &fault) || fault.Line != tt.line {
				t.Errorf("%v: line %d, want %d", err, fault.Line, tt.line)
			}
		})
	}
}

func TestNewTableNeedsCleaners(t *testing.T) {
	m, err := match.LoadModel(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := match.NewTable(m, nil); err == nil || !strings.Contains(err.Error(), `no cleaner "lower"`) {
		t.Errorf("got %v, want the missing cleaner", err)
	}
}

func TestAddRefuses(t *testing.T) {
	m, err := match.LoadModel(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(m, cleaners())
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Add(sih.ID{1}, []string{"x"}); err == nil {
		t.Error("a record with too few values was taken")
	}
	for range 2 {
		if err := table.Add(sih.ID{1}, []string{"x", "1980"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := table.Run(t.Context(), match.Options{}); err == nil {
		t.Error("a record that is there twice was taken")
	}
	if err := table.Add(sih.ID{2}, []string{"x", "1980"}); err == nil {
		t.Error("a record was taken after the run")
	}
}

// TestEmpty holds that no records, and one, make a result.
func TestEmpty(t *testing.T) {
	m := loadPatient(t)
	if res := link(t, m, nil, match.Options{}); res.Len() != 0 {
		t.Errorf("%d records out of none", res.Len())
	}
	one := newRegion(1, 1).records[:1]
	if res := link(t, m, one, match.Options{}); res.Len() != 1 || res.Founder(0) != 0 {
		t.Error("one record is not its own founder")
	}
}

// TestModels holds that every model that comes with the program can be read.
func TestModels(t *testing.T) {
	files, err := fs.Glob(models.FS, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, name := range files {
		file, err := models.FS.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := match.LoadModel(file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file.Close()
	}
}

// TestKeyed holds which columns suffice for a pass to find pairs.
func TestKeyed(t *testing.T) {
	m := parse(t, "name: x\nfields:\n  - {name: first, kind: name, from: [first, given]}\n  - {name: sex, kind: category, from: sex}\n  - {name: last, kind: name, from: last}\n"+
		"passes:\n  - {name: both, key: [first+last]}\n  - {name: first and sex, key: [first, sex]}\n")
	table, err := match.NewTable(m, match.Cleaners{"fold": strings.ToLower})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		has  []bool // first, given, sex, last
		want bool
	}{
		{[]bool{false, false, true, false}, false},
		{[]bool{false, false, true, true}, false},
		{[]bool{true, false, false, false}, false},
		{[]bool{false, true, true, false}, true},
		{[]bool{true, false, false, true}, true},
	} {
		if got := table.Keyed(tt.has); got != tt.want {
			t.Errorf("%v: got %t, want %t", tt.has, got, tt.want)
		}
	}
}

func FuzzLoadModel(f *testing.F) {
	f.Add(small)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := match.LoadModel(strings.NewReader(text))
		if err == nil && len(m.Columns) == 0 {
			t.Error("a model without columns was taken")
		}
	})
}
