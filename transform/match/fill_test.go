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

// TestFill holds that a table filled on several goroutines is the same as one
// filled record by record.
func TestFill(t *testing.T) {
	records := newRegion(2000, 41).records
	m := loadPatient(t)
	want := fingerprint(link(t, m, records, match.Options{}))
	for _, workers := range []int{1, 2, 8} {
		table, err := match.NewTable(m, cleaners())
		if err != nil {
			t.Fatal(err)
		}
		values := make([]string, len(m.Columns))
		err = table.Fill(t.Context(), workers, func(add func(uint8, sih.ID, []string) error) error {
			for _, r := range records {
				for i, c := range m.Columns {
					values[i] = r.values[c]
				}
				if err := add(0, r.id, values); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		res, err := table.Run(t.Context(), match.Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if got := fingerprint(res); got != want {
			t.Fatalf("with %d workers another result", workers)
		}
		for i := range uint32(res.Len()) {
			if records[res.Input(i)].id != res.ID(i) {
				t.Fatalf("record %d has another's place in the input", i)
			}
		}
	}
}

// TestFillFails holds that whatever goes wrong on the way ends the filling: the
// source, a record that does not fit, somebody's patience.
func TestFillFails(t *testing.T) {
	m := loadPatient(t)
	ctx, cancel := context.WithCancel(t.Context())
	broken := errors.New("the disk is gone")
	for name, tt := range map[string]struct {
		at   func() error // what happens at the 5,000th record
		want string
	}{
		"source":    {func() error { return broken }, broken.Error()},
		"values":    {func() error { return nil }, "1 values for"},
		"cancelled": {func() error { cancel(); return nil }, context.Canceled.Error()},
	} {
		table, err := match.NewTable(m, cleaners())
		if err != nil {
			t.Fatal(err)
		}
		err = table.Fill(ctx, 2, func(add func(uint8, sih.ID, []string) error) error {
			values := make([]string, len(m.Columns))
			for i := range 100_000 {
				if i == 5000 {
					if err := tt.at(); err != nil {
						return err
					}
					if name == "values" {
						values = values[:1]
					}
				}
				if err := add(0, sih.NewID("", "", fmt.Sprint(i), "", ""), values); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
		if name == "cancelled" {
			ctx, cancel = context.WithCancel(t.Context())
		}
	}
	cancel()
}

// TestGivingUp holds that pairs given up before every comparison was made are
// those that the whole comparison would have refused.
func TestGivingUp(t *testing.T) {
	res := link(t, loadPatient(t), newRegion(2000, 43).records, match.Options{})
	rng := rand.New(rand.NewPCG(7, 8))
	n := uint32(res.Len())
	stopped := 0
	for k := range 300_000 {
		a := rng.Uint32N(n)
		b := rng.Uint32N(n)
		if k%2 == 0 && len(res.Pairs()) > 0 { // pairs that are alike
			p := res.Pairs()[rng.IntN(len(res.Pairs()))]
			a, b = p.A, p.B
		}
		if a == b {
			continue
		}
		stop, right := res.GaveUpRightly(a, b, int32(rng.IntN(60_000)-20_000))
		if !right {
			t.Fatalf("records %d and %d: given up %t, wrongly", a, b, stop)
		}
		if stop {
			stopped++
		}
	}
	if stopped < 50_000 || stopped > 290_000 {
		t.Errorf("%d pairs were given up: too few or too many to tell", stopped)
	}
}

// TestThreshold holds that another threshold gives what a model with it would
// have given.
func TestThreshold(t *testing.T) {
	records := newRegion(2000, 47).records
	m := loadPatient(t)
	res := link(t, m, records, match.Options{})
	m.Thresholds.Merge = 0.99
	want := link(t, m, records, match.Options{})
	got, err := res.At(t.Context(), 0.99, false)
	if err != nil {
		t.Fatal(err)
	}
	if n := changed(want, got); n != 0 {
		t.Errorf("%d records are in another cluster", n)
	}
	if byWeight, err := res.At(t.Context(), 0.99, true); err != nil || byWeight.Stats.Merged <= got.Stats.Merged {
		t.Errorf("without the rules %d records are merged, with them %d: %v", byWeight.Stats.Merged, got.Stats.Merged, err)
	}
}

const absurd = `name: absurd
columns: [sex, name]
fields:
  - {name: sex, kind: word, words: [f, m], from: [sex]}
  - {name: name, kind: text, from: [name]}
comparisons:
  - name: name
    field: name
    levels:
      - {name: same, when: same, m: 0.99, u: 0.00001}
      - {name: differ, when: else, m: 0.01, u: 0.99999}
passes:
  - {name: everybody, key: [sex]}
  - {name: name, key: [name]}
thresholds: {expected: 1, merge: 0.5, review: 0.4, link: 0.4}
`

// TestAbsurdPass holds that a pass which puts everybody into one block slows
// a run without stopping it, is told of, and takes nothing from the others.
func TestAbsurdPass(t *testing.T) {
	m, err := match.ParseModel([]byte(absurd))
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 30_000
	for i := range n {
		if err := table.Add(sih.NewID("", "", fmt.Sprint(i), "", ""), []string{"f", fmt.Sprint("name ", i/2)}); err != nil {
			t.Fatal(err)
		}
	}
	res, err := table.Run(context.Background(), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := res.Stats.Passes[0]
	if p.Name != "everybody" || p.Cut != n || p.Pairs > n*100 {
		t.Errorf("the absurd pass: %+v", p)
	}
	if res.Stats.Merged != n/2 {
		t.Errorf("%d records were merged, want %d", res.Stats.Merged, n/2)
	}
}
