package match_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// tenLines is a model as somebody writes it who knows the columns and nothing
// else.
const tenLines = `name: people
fields:
  - {name: first, kind: name, from: first}
  - {name: last, kind: name, from: last}
  - {name: born, kind: date, from: born}
  - {name: town, kind: place, from: town}
  - {name: postcode, kind: code, from: postcode}
  - {name: sex, kind: category, from: sex}
`

// people are made-up records of persons, some of them several times, with
// errors, gaps and moves.
func people(persons int, seed uint64) []patient {
	rng := rand.New(rand.NewPCG(seed, 1))
	syllables := strings.Fields("ash brad car dal far grant hart hol king lang mar nor pem stan thorn vin wal wes york clif dun gar han jer")
	invent := func(n int) (out []string) {
		for range n {
			out = append(out, syllables[rng.IntN(len(syllables))]+[]string{"ton", "ley", "field", "ford", "ham", "wick"}[rng.IntN(6)])
		}
		return out
	}
	firsts, lasts, towns := invent(60), invent(400), invent(80)
	// Of a list, its first entries often and its last ones seldom.
	pick := func(list []string) string { return list[int(rng.Float64()*rng.Float64()*float64(len(list)))] }
	typo := func(s string) string {
		if i := rng.IntN(len(s)); rng.IntN(2) == 0 {
			return s[:i] + s[i+1:]
		} else {
			return s[:i] + string(rune('a'+rng.IntN(26))) + s[i+1:]
		}
	}
	columns := []string{"first", "last", "town", "sex", "born", "postcode"}
	var out []patient
	for person := range persons {
		town := rng.IntN(len(towns))
		v := map[string]string{
			"first": pick(firsts), "last": pick(lasts), "town": towns[town], "sex": []string{"f", "m"}[rng.IntN(2)],
			"born":     fmt.Sprintf("%d-%02d-%02d", 1900+rng.IntN(100), 1+rng.IntN(12), 1+rng.IntN(28)),
			"postcode": fmt.Sprintf("%03d%02d", town, rng.IntN(20)),
		}
		for k := range 1 + rng.IntN(4) {
			w := map[string]string{}
			for _, column := range columns {
				value := v[column]
				switch p := rng.Float64(); {
				case p < 0.08:
				case p < 0.2 && column != "sex" && column != "born" && k > 0:
					w[column] = typo(value)
				default:
					w[column] = value
				}
			}
			if k > 0 && rng.Float64() < 0.2 {
				w["postcode"] = fmt.Sprintf("%03d%02d", rng.IntN(len(towns)), rng.IntN(20))
			}
			w["whole"] = strings.TrimSpace(w["first"] + " " + w["last"])
			out = append(out, patient{id: sih.NewID("people", "", fmt.Sprint(person), fmt.Sprint(k), ""), person: person, values: w})
		}
	}
	return out
}

func parse(t testing.TB, text string) *match.Model {
	t.Helper()
	m, err := match.ParseModel([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTenLines holds that a model without a weight, a level or a pass does
// well once it is trained, whatever it is trained on.
func TestTenLines(t *testing.T) {
	whole := tenLines + "  - {name: whole, kind: name, from: whole}\n"
	for _, tt := range []struct {
		name, model       string
		persons           int
		precision, recall float64
	}{
		{"ten lines", tenLines, 2000, 0.97, 0.94},
		{"a column that says all twice", whole, 2000, 0.97, 0.93},
		{"two that do, and few records", whole + "  - {name: both, kind: name, from: whole}\n", 400, 0.97, 0.93},
		{"few records", tenLines, 150, 0.95, 0.92},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := people(tt.persons, 3)
			res := link(t, parse(t, tt.model), records, match.Options{Train: true})
			precision, recall := score(t, res, records)
			train := res.Stats.Training
			t.Logf("%d records: precision %.4f, recall %.4f, expected %.2f", len(records), precision, recall, train.Expected)
			if precision < tt.precision || recall < tt.recall {
				t.Errorf("precision %.4f, recall %.4f; want %.2f and %.2f", precision, recall, tt.precision, tt.recall)
			}
			// One to four records a person: of the pairs of records, 2·Σ n(n-1)/2 / Σ n.
			if train.Expected < 1.6 || train.Expected > 2.4 {
				t.Errorf("%.2f others of a record's person, want about 2", train.Expected)
			}
			if train.Failed() {
				t.Error("no pass was of use")
			}
		})
	}
}

// TestTrainFindsNobody holds that training does not invent persons where every
// record is somebody else's.
func TestTrainFindsNobody(t *testing.T) {
	var records []patient
	for _, r := range people(3000, 5) {
		if len(records) == 0 || records[len(records)-1].person != r.person {
			records = append(records, r)
		}
	}
	res := link(t, parse(t, tenLines), records, match.Options{Train: true})
	t.Logf("%d of %d joined, trained: %t", res.Stats.Merged, len(records), !res.Stats.Training.Failed())
	if !res.Stats.Training.Failed() {
		t.Errorf("a pass found persons: %+v", res.Stats.Training.Passes)
	}
	if res.Stats.Merged > len(records)/100 {
		t.Errorf("%d of %d records, all of different people, were joined", res.Stats.Merged, len(records))
	}
}

// TestTrainTellsWhatItLeft holds that a pass that tells nothing is named.
func TestTrainTellsWhatItLeft(t *testing.T) {
	records := people(5, 7)
	for i := range records {
		delete(records[i].values, "town")
	}
	res := link(t, parse(t, tenLines), records, match.Options{Train: true})
	left := map[string]string{}
	for _, p := range res.Stats.Training.Passes {
		left[p.Name] = p.Left
	}
	if left["town"] != "it makes no pairs" {
		t.Errorf("pass town: %q", left["town"])
	}
	if !res.Stats.Training.Failed() {
		t.Errorf("%d records were enough: %v", len(records), left)
	}
}

// TestRedundancy holds that a comparison that repeats others is told by its
// own share, and that the others' is whole.
func TestRedundancy(t *testing.T) {
	records := people(2000, 3)
	model := parse(t, strings.Replace(tenLines, "kind: code, from: postcode", "kind: category, from: postcode", 1)+"  - {name: again, kind: category, from: postcode}\n")
	res := link(t, model, records, match.Options{Train: true})
	for _, x := range res.Model().Comparisons {
		twice := x.Name == "postcode" || x.Name == "again"
		if twice && (x.Own < 0.35 || x.Own > 0.6) || x.Name == "born" && x.Own < 0.9 {
			t.Errorf("%s: own %.2f", x.Name, x.Own)
		}
	}
}

// TestWriteWeights holds that a trained model, written and read again, is the
// trained model, and that what was left out is written.
func TestWriteWeights(t *testing.T) {
	res := link(t, parse(t, tenLines), people(500, 3), match.Options{Train: true})
	text, err := res.Model().WriteWeights([]byte("# mine\n" + tenLines))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# mine\n") {
		t.Error("the comment is gone")
	}
	again := parse(t, string(text))
	for i, x := range res.Model().Weights() {
		y := again.Weights()[i]
		if x.Comparison != y.Comparison || x.Level != y.Level || y.Bits < x.Bits-0.01 || y.Bits > x.Bits+0.01 {
			t.Errorf("got %+v, want %+v", y, x)
		}
	}
	for _, want := range []string{"passes:\n", "thresholds: {", "own: "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the file lacks %q:\n%s", want, text)
		}
	}
}
