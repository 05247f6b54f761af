package match_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// namesakes is a model in which names join, but not what is between telephones
// that differ.
const namesakes = `name: namesakes
columns: [given, family, born, phone, house]
fields:
  - {name: given, kind: text, dictionary: names, from: [{column: given, clean: lower}], forms: {known: name-known}}
  - {name: family, kind: text, dictionary: names, from: [{column: family, clean: lower}]}
  - {name: born, kind: date, from: [born]}
  - {name: phone, kind: signature, from: [phone]}
  - {name: house, kind: signature, from: [house]}
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
  - name: house
    field: house
    levels:
      - {name: same, when: same, m: 0.5, u: 0.01}
      - {name: differ, when: else, m: 0.5, u: 0.99}
rules:
  - {name: one-telephone, verdict: merge, when: {given: [same], phone: [same]}}
  - {name: other-telephone, verdict: review, when: {given: [same], phone: [differ]}}
  - {name: only-names, verdict: weigh, when: {given: [same], phone: [missing]}, unless: [other-telephone], strangers:
      {one: {phone: [same]}, two: {phone: [differ]}, alike: {given: [same], born: [same]}, usual: 0.008, most: 0.01}}
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
// telephone tell that many share their name and birth with a stranger, or that
// strangers differ in what these differ in; and that what is expected to be wrong
// follows from them.
func TestStrangers(t *testing.T) {
	record := func(n int, phone, house string) string {
		r := fmt.Sprintf("given=n%d family=alami born=%04d-%02d-%02d", n, 1930+n/300, 1+n/25%12, 1+n%25)
		if phone != "" {
			r += " phone=" + phone
		}
		if house != "" {
			r += fmt.Sprintf(" house=%s%d", house, n)
		}
		return r
	}
	for _, tt := range []struct {
		name        string
		one, two    int    // pairs with one telephone, which share a house, and with two, which do not
		house       string // of the second of twenty pairs without a telephone; the first's is a
		joined      bool
		least, most float64 // expected to be wrong of those twenty
	}{
		{"few strangers", 1192, 8, "", true, 20 * 0.002, 20 * 0.009},
		{"few strangers, in other houses", 1192, 8, "b", false, 0, 0.01},
		{"few strangers, in one house", 1192, 8, "a", true, 0, 20 * 0.004},
		{"many strangers", 1170, 30, "", false, 0, 0.01},
		{"many strangers, in one house", 1170, 30, "a", true, 0, 20 * 0.009},
		{"too few to tell", 80, 5, "", true, 20 * 0.007, 20 * 0.009},
		{"too few to tell, in other houses", 80, 5, "b", false, 0, 0.01},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var records []string
			for n := range tt.one + tt.two + 20 {
				switch {
				case n < tt.one:
					records = append(records, record(n, "a", "a"), record(n, "a", "a"))
				case n < tt.one+tt.two:
					records = append(records, record(n, "a", "a"), record(n, "b", "b"))
				default:
					records = append(records, record(n, "", "a"), record(n, "a", tt.house))
				}
			}
			res := linkNamesakes(t, records...)
			want := tt.one
			if tt.joined {
				want += 20
			}
			if got := res.Stats.Merged; got != want {
				t.Errorf("got %d joined, want %d", got, want)
			}
			if got := res.Stats.ExpectedWrong; got < tt.least || got > tt.most {
				t.Errorf("got %.4f expected wrong, want %.4f to %.4f", got, tt.least, tt.most)
			}
		})
	}
}

// TestFalling holds that classes of rarer values never speak more for strangers
// than those of commoner ones, and that order in the counts is kept.
func TestFalling(t *testing.T) {
	even := [8]float64{10, 10, 10, 10, 10, 10, 10, 10}
	for _, tt := range []struct {
		name string
		u    [8]float64
		want [8]int32 // thousandths of a bit
	}{
		{"alike", even, [8]int32{}},
		{"falling", [8]float64{32, 16, 8, 8, 4, 4, 4, 4}, [8]int32{1678, 678, -322, -322, -1322, -1322, -1322, -1322}},
		{"rising", [8]float64{1, 2, 3, 4, 5, 6, 7, 8}, [8]int32{}},
		{"rising once", [8]float64{32, 4, 12, 8, 8, 8, 4, 4}, [8]int32{1678, -322, -322, -322, -322, -322, -1322, -1322}},
	} {
		if got := match.Falling(even, tt.u); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
