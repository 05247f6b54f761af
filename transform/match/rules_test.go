package match_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// namesakes is a model in which names join, but not what is between telephones
// that differ.
const namesakes = `name: namesakes
columns: [given, family, born, phone]
fields:
  - {name: given, kind: text, dictionary: names, from: [{column: given, clean: lower}], forms: {known: name-known}}
  - {name: family, kind: text, dictionary: names, from: [{column: family, clean: lower}]}
  - {name: born, kind: date, from: [born]}
  - {name: phone, kind: signature, from: [phone]}
comparisons:
  - name: given
    field: given
    known: known
    levels:
      - {name: same, when: same, m: 0.9, u: 0.000001}
      - {name: crossed, when: cross family, m: 0.02, u: 0.01}
      - {name: known, when: known, m: 0.02, u: 0.01}
      - {name: another, when: distinct, m: 0.02, u: 0.9}
      - {name: differ, when: else, m: 0.04, u: 0.079999}
  - name: born
    field: born
    levels:
      - {name: same, when: same, m: 0.9, u: 0.0001}
      - {name: part, when: parts 12, m: 0.05, u: 0.002}
      - {name: differ, when: else, m: 0.05, u: 0.9979}
  - name: phone
    field: phone
    levels:
      - {name: same, when: same, m: 0.5, u: 0.001}
      - {name: differ, when: else, m: 0.5, u: 0.999}
rules:
  - {name: one-telephone, verdict: merge, when: {given: [same], phone: [same]}}
  - {name: other-telephone, verdict: review, when: {given: [same], phone: [differ]}}
  - {name: only-names, verdict: weigh, when: {given: [same], phone: [missing]}, unless: [other-telephone], strangers: {one: [one-telephone], two: [other-telephone], most: 0.01}}
passes:
  - {name: born, key: [born.year]}
thresholds: {expected: 1, merge: 0.99, review: 0.5, link: 0.5}
`

func linkNamesakes(t *testing.T, records ...string) *match.Result {
	t.Helper()
	m, err := match.LoadModel(strings.NewReader(namesakes))
	if err != nil {
		t.Fatal(err)
	}
	var list []patient
	for i, words := range records {
		id := sih.ID{byte(i >> 8), byte(i)}
		list = append(list, patient{id, 0, wordsOf(words), 0})
	}
	return link(t, m, list, match.Options{})
}

// TestUnless holds that a pair joins two clusters under a rule that has unless
// only when nothing between them stands in the way, and that a record that
// fits two strangers joins neither.
func TestUnless(t *testing.T) {
	const name = "given=karim family=alami born=1980-05-12 "
	for _, tt := range []struct {
		name    string
		records []string
		want    int // records that join another
	}{
		{"names alone", []string{name, name + "phone=1"}, 1},
		{"another telephone", []string{name + "phone=2", name + "phone=1"}, 0},
		{"a record between two telephones", []string{name, name + "phone=2", name + "phone=1"}, 0},
		{"a record beside two with one telephone", []string{name, name + "phone=1", name + "phone=1"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := linkNamesakes(t, tt.records...)
			if res.Stats.Merged != tt.want {
				t.Errorf("got %d joined, want %d: %v", res.Stats.Merged, tt.want, res.Pairs())
			}
			alone, err := res.At(t.Context(), 0.99, true)
			if err != nil {
				t.Fatal(err)
			}
			if want := len(tt.records) - 1; alone.Stats.Merged != want {
				t.Errorf("by weight alone: got %d joined, want %d", alone.Stats.Merged, want)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"given=hassan family=alami", "given=houssine family=alami", "given=known"},
		{"given=hassan family=alami", "given=karim family=alami", "given=differ"},
		{"given=hassan family=alami", "given=tazi family=hassan", "given=crossed"},
		{"born=1980-05-12", "born=1980-05-27", "born=part"},
		{"born=1980-05-12", "born=1980-11-12", "born=part"},
		{"born=1980-05-12", "born=1991-05-12", "born=part"},
		{"born=1980-05-12", "born=1995-05-12", "born=differ"},
		{"born=1980-05-12", "born=1980-11-27", "born=differ"},
		{"born=1980-05-12", "born=1980", "born=differ"},
	} {
		res := linkNamesakes(t, tt.a, tt.b)
		for _, p := range []match.Pair{{A: 0, B: 1}, {A: 1, B: 0}} {
			if got := res.Levels(p); got != tt.want {
				t.Errorf("%s and %s: got %s, want %s", tt.a, tt.b, got, tt.want)
			}
		}
	}
}

func TestUnlessRefuses(t *testing.T) {
	text := strings.Replace(namesakes, "unless: [other-telephone]", "unless: [other-phone]", 1)
	_, err := match.LoadModel(strings.NewReader(text))
	if err == nil || !strings.Contains(err.Error(), `no rule "other-phone"`) {
		t.Errorf("got %v, want an error that names the rule that is not there", err)
	}
}

// TestMost holds that a value that too many have counts as missing.
func TestMost(t *testing.T) {
	m, err := match.LoadModel(strings.NewReader(strings.Replace(namesakes, "kind: signature,", "kind: signature, most: 2,", 1)))
	if err != nil {
		t.Fatal(err)
	}
	levels := func(records int) string {
		var list []patient
		for i := range records {
			list = append(list, patient{sih.ID{byte(i)}, 0, map[string]string{"phone": "1"}, 0})
		}
		return link(t, m, list, match.Options{}).Levels(match.Pair{A: 0, B: 1})
	}
	if got := levels(2); got != "phone=same" {
		t.Errorf("of two: got %q, want phone=same", got)
	}
	if got := levels(3); got != "" {
		t.Errorf("of three: got %q, want nothing", got)
	}
}

// TestStrangers holds that names alone join nobody where those who have a
// telephone tell that many share their name and birth, and that what is
// expected to be wrong follows from them.
func TestStrangers(t *testing.T) {
	day := func(n int) string {
		return fmt.Sprintf(" family=alami born=%04d-%02d-%02d", 1930+n/300, 1+n/25%12, 1+n%25)
	}
	for _, tt := range []struct {
		name          string
		one, two      int // pairs with one telephone, and with two
		joined        bool
		expectedWrong float64
	}{
		{"few strangers", 1195, 5, true, 20 * 5 / 1200.0},
		{"many strangers", 1170, 30, false, 0},
		{"too few to tell", 80, 5, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var records []string
			for n := range tt.one + tt.two + 20 {
				given := fmt.Sprintf("given=n%d", n) + day(n)
				first, second := " phone=a", " phone=a"
				switch {
				case n >= tt.one+tt.two:
					first = ""
				case n >= tt.one:
					first = " phone=b"
				}
				records = append(records, given+first, given+second)
			}
			res := linkNamesakes(t, records...)
			want := tt.one
			if tt.joined {
				want += 20
			}
			if got := res.Stats.Merged; got != want {
				t.Errorf("got %d joined, want %d", got, want)
			}
			if got := res.Stats.ExpectedWrong; math.Abs(got-tt.expectedWrong) > 0.01 {
				t.Errorf("got %.4f expected wrong, want %.4f", got, tt.expectedWrong)
			}
		})
	}
}
