package match_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

const threeKeys = `name: three keys
columns: [a, b, c]
fields:
  - {name: a, kind: text, from: [a]}
  - {name: b, kind: text, from: [b]}
  - {name: c, kind: signature, from: [c]}
comparisons:
  - name: a
    field: a
    levels:
      - {name: same, when: same, m: 0.9, u: 0.1}
      - {name: differ, when: else, m: 0.1, u: 0.9}
passes:
  - {name: a, key: [a], refine: [b, c], largest: LARGEST}
  - {name: b, key: [b], refine: [c], largest: LARGEST}
  - {name: c, key: [c], largest: LARGEST}
thresholds: {expected: 1, merge: 0.99, review: 0.9, link: 0.5, budget: BUDGET}
`

func runThreeKeys(t *testing.T, rows [][]string, largest, budget int) *match.Result {
	t.Helper()
	text := strings.NewReplacer("LARGEST", fmt.Sprint(largest), "BUDGET", fmt.Sprint(budget)).Replace(threeKeys)
	m, err := match.LoadModel(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if err := table.Add(sih.NewID("t", "t", fmt.Sprint(i), "t", ""), row); err != nil {
			t.Fatal(err)
		}
	}
	res, err := table.Run(context.Background(), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestEveryPairOnce holds that the pairs scored are exactly those that share a
// key, each of them once.
func TestEveryPairOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		var rows [][]string
		for range 200 {
			row := make([]string, 3)
			for i := range row {
				if rng.IntN(5) > 0 {
					row[i] = fmt.Sprint(rng.IntN(30))
				}
			}
			rows = append(rows, row)
		}
		var want uint64
		for i, x := range rows {
			for _, y := range rows[:i] {
				for k := range x {
					if x[k] != "" && x[k] == y[k] {
						want++
						break
					}
				}
			}
		}
		var got uint64
		for _, p := range runThreeKeys(t, rows, 1000, 1000).Stats.Passes {
			got += p.Scored
		}
		if got != want {
			t.Fatalf("%d pairs scored, want %d", got, want)
		}
	}
}

func TestOversizedBlocks(t *testing.T) {
	// 400 records of one a, of 20 b; half of each b have the same c.
	var rows [][]string
	for i := range 400 {
		rows = append(rows, []string{"x", fmt.Sprint(i % 20), fmt.Sprint(i % 40)})
	}
	for _, tt := range []struct {
		name                 string
		largest, budget      int
		pairs                uint64 // of the first pass
		refined, cut, blocks int
	}{
		{"as it is", 400, 1000, 400 * 399 / 2, 0, 0, 1},
		{"refined once", 100, 1000, 20 * 20 * 19 / 2, 1, 0, 20},
		{"refined twice", 15, 1000, 40 * 10 * 9 / 2, 1, 0, 40},
		{"cut where nothing refines", 5, 1000, 80 * 5 * 4 / 2, 1, 400, 80},
		{"refined to keep the budget", 400, 30, 20 * 20 * 19 / 2, 1, 0, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := runThreeKeys(t, rows, tt.largest, tt.budget).Stats.Passes[0]
			if got.Pairs != tt.pairs || got.Refined != tt.refined || got.Cut != tt.cut || got.Blocks != tt.blocks {
				t.Errorf("got %+v, want %d pairs, %d refined, %d cut, %d blocks", got, tt.pairs, tt.refined, tt.cut, tt.blocks)
			}
			if got.Scored != tt.pairs {
				t.Errorf("%d pairs scored, want each of %d once", got.Scored, tt.pairs)
			}
			if got.Records != len(rows) {
				t.Errorf("%d records in the pass, want %d", got.Records, len(rows))
			}
		})
	}
}

func TestCancel(t *testing.T) {
	m := loadPatient(t)
	table, err := match.NewTable(m, cleaners())
	if err != nil {
		t.Fatal(err)
	}
	values := make([]string, len(m.Columns))
	for _, r := range newRegion(300, 1).records {
		for i, c := range m.Columns {
			values[i] = r.values[c]
		}
		if err := table.Add(r.id, values); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := table.Run(ctx, match.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestProgress(t *testing.T) {
	last, whole := 0, 0
	link(t, loadPatient(t), newRegion(300, 1).records, match.Options{Workers: 2, Progress: func(done, total int) {
		if done < last || done > total {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last, whole = done, total
	}})
	if whole == 0 || last != whole {
		t.Errorf("progress ended at %d of %d", last, whole)
	}
}

// TestExplain holds that a merge can be told in words, without a value.
func TestExplain(t *testing.T) {
	records := newRegion(2000, 5).records
	res := link(t, loadPatient(t), records, match.Options{})
	if len(res.Merges()) == 0 {
		t.Fatal("nothing was merged")
	}
	for _, j := range res.Merges() {
		if res.Founder(j.Record) != res.Founder(j.Other()) {
			t.Fatal("a record is tied to another cluster")
		}
		words := res.Words(j.Pair)
		if words == "" {
			t.Fatal("a merge without evidence")
		}
		n := j.Record
		for _, r := range records {
			if r.id == res.ID(n) && r.values["cin"] != "" && strings.Contains(words, r.values["cin"]) {
				t.Fatal("the evidence holds a number")
			}
		}
	}
}

// TestManyDates holds that a model with more dates than are looked at together
// compares them all.
func TestManyDates(t *testing.T) {
	const dates = 6
	var fields, comparisons strings.Builder
	columns := []string{"key"}
	for i := range dates {
		name := fmt.Sprintf("d%d", i)
		columns = append(columns, name)
		fmt.Fprintf(&fields, "  - {name: %s, kind: date, from: [%s]}\n", name, name)
		fmt.Fprintf(&comparisons, `  - name: %s
    field: %s
    levels:
      - {name: same, when: same, m: 0.9, u: 0.1}
      - {name: near, when: years 2, m: 0.05, u: 0.1}
      - {name: years, when: years 9, m: 0.03, u: 0.1}
      - {name: differ, when: else, m: 0.02, u: 0.7}
`, name, name)
	}
	text := "name: dates\ncolumns: [" + strings.Join(columns, ", ") + "]\nfields:\n  - {name: key, kind: text, from: [key]}\n" + fields.String() +
		"comparisons:\n" + comparisons.String() + "passes:\n  - {name: key, key: [key]}\n" +
		"thresholds: {expected: 1, merge: 0.9, review: 0.0001, link: 0.5}\n"
	m, err := match.LoadModel(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(m, match.Cleaners{"date": strings.TrimSpace})
	if err != nil {
		t.Fatal(err)
	}
	for i, last := range []string{"2000-05-06", "2001-07-08"} {
		row := []string{"k", "1990-01-02", "1991-01-02", "1992-01-02", "1993-01-02", "1994-01-02", last}
		if err := table.Add(sih.NewID("t", "t", fmt.Sprint(i), "t", ""), row); err != nil {
			t.Fatal(err)
		}
	}
	res, err := table.Run(t.Context(), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "d0=same d1=same d2=same d3=same d4=same d5=near"
	if len(res.Pairs()) != 1 || res.Levels(res.Pairs()[0]) != want {
		t.Fatalf("got %d pairs, want one of %s", len(res.Pairs()), want)
	}
	if got := res.Pairs()[0].Weight; got != res.Pair(0, 1).Weight || got < 14000 {
		t.Errorf("got a weight of %d", got)
	}
}
