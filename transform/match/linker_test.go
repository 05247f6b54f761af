package match_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
)

// cleaners stand in for those of the country: close enough for the spellings
// that newRegion makes.
func cleaners() match.Cleaners {
	lower := strings.NewReplacer("é", "e", "ï", "i", "-", " ", "'", "")
	fold := strings.NewReplacer("ou", "u", "w", "u", "kh", "k", "q", "k", "ch", "s", "sh", "s", "y", "i", "h", "", "ai", "i")
	name := func(s string) string { return strings.Join(strings.Fields(lower.Replace(strings.ToLower(s))), " ") }
	squeeze := func(s, drop string) string {
		var b strings.Builder
		last := rune(0)
		for _, c := range s {
			if c != last && !strings.ContainsRune(drop, c) {
				b.WriteRune(c)
			}
			last = c
		}
		return b.String()
	}
	key := func(s string) string {
		s = name(s)
		for _, article := range []string{"el ", "al "} {
			s = strings.TrimPrefix(s, article)
		}
		s = strings.NewReplacer("ben ", "ben", "ait ", "ait").Replace(s)
		return squeeze(strings.TrimSuffix(fold.Replace(s), "e"), "")
	}
	same := func(s string) string { return s }
	return match.Cleaners{
		"name":         name,
		"name-key":     key,
		"name-compact": func(s string) string { return strings.ReplaceAll(name(s), " ", "") },
		"name-known": func(s string) string {
			if s = key(s); s == "asan" || s == "usin" || s == "fatima" || s == "fatia" {
				return s
			}
			return ""
		},
		"name-bones":    func(s string) string { k := key(s); return k[:min(1, len(k))] + squeeze(k[min(1, len(k)):], "aeiou") },
		"name-phonetic": func(s string) string { k := key(s); return k[:min(1, len(k))] + squeeze(k[min(1, len(k)):], "aeiou") },
		"cin": func(s string) string {
			if s == "AA111111" {
				return ""
			}
			return strings.ToUpper(strings.ReplaceAll(s, " ", ""))
		},
		"document": func(string) string { return "" },
		"idcs":     same,
		"amo":      same,
		"phone":    same,
		"sex":      same,
		"woman": func(s string) string {
			if s == "female" {
				return s
			}
			return ""
		},
		"birth":   same,
		"address": name,
		"place":   name,
		"parent":  name,
		"lower":   strings.ToLower,
		"fold":    strings.ToLower,
		"compact": func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) },
		"date": func(s string) string { // yyyymmdd
			if len(s) != 8 {
				return s
			}
			return s[:4] + "-" + s[4:6] + "-" + s[6:]
		},
	}
}

func loadPatient(t testing.TB) *match.Model {
	t.Helper()
	file, err := models.FS.Open(models.MaPatient)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := match.LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func link(t testing.TB, m *match.Model, records []patient, opts match.Options) *match.Result {
	t.Helper()
	table, err := match.NewTable(m, cleaners())
	if err != nil {
		t.Fatal(err)
	}
	table.Grow(len(records))
	values := make([]string, len(m.Columns))
	for n, r := range records {
		if n > 0 && r.list != records[n-1].list {
			table.NextList()
		}
		for i, c := range m.Columns {
			values[i] = r.values[c]
		}
		if err := table.Add(r.id, values); err != nil {
			t.Fatal(err)
		}
	}
	res, err := table.Run(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// score counts the pairs within clusters: found, right, and true.
func score(t testing.TB, res *match.Result, records []patient) (precision, recall float64) {
	t.Helper()
	type joint struct{ founder, person int }
	found, truth, both := map[int]int{}, map[int]int{}, map[joint]int{}
	for _, r := range records {
		n, ok := res.Record(r.id)
		if !ok {
			t.Fatalf("record %s is gone", r.id)
		}
		f := int(res.Founder(n))
		found[f]++
		truth[r.person]++
		both[joint{f, r.person}]++
	}
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	var f, tr, b float64
	for _, n := range found {
		f += pairs(n)
	}
	for _, n := range truth {
		tr += pairs(n)
	}
	for _, n := range both {
		b += pairs(n)
	}
	return b / f, b / tr
}

func TestRegion(t *testing.T) {
	r := newRegion(20000, 7)
	res := link(t, loadPatient(t), r.records, match.Options{})
	precision, recall := score(t, res, r.records)
	t.Logf("%d records: precision %.5f, recall %.4f, %+v", len(r.records), precision, recall, res.Stats)
	if precision < 0.9995 || recall < 0.92 {
		t.Errorf("precision %.5f, recall %.4f; want 0.9995 and 0.92", precision, recall)
	}
}

// TestTrain holds that training finds what newRegion was made with, starting
// from the figures of the model.
func TestTrain(t *testing.T) {
	r := newRegion(20000, 7)
	res := link(t, loadPatient(t), r.records, match.Options{Train: true})
	precision, recall := score(t, res, r.records)
	t.Logf("%d records: precision %.5f, recall %.4f, %+v", len(r.records), precision, recall, res.Stats)
	if precision < 0.999 || recall < 0.80 {
		t.Errorf("precision %.5f, recall %.4f; want 0.999 and 0.80", precision, recall)
	}
	for _, tt := range []struct {
		comparison, level string
		m                 float64
	}{
		{"phone", "same", 0.8 * 0.8},           // a fifth have another telephone
		{"birth", "overlap", 2 * 0.06 * 0.94},  // 6 % have a year only
		{"birth", "daymonth", 2 * 0.02 * 0.43}, // 2 % of those whose day could be a month
		{"cin", "near", 2 * 0.03 * 0.9},        // one digit in ten comes out the same
		{"given", "whole", 2 * 0.02 * 0.98},    // names in each other's place
	} {
		got := likelihood(t, res.Model(), tt.comparison, tt.level)
		if math.Abs(got-tt.m) > 0.02 {
			t.Errorf("%s %s: m %.4f, want about %.4f", tt.comparison, tt.level, got, tt.m)
		}
	}
}

func likelihood(t *testing.T, m *match.Model, comparison, level string) float64 {
	t.Helper()
	for _, c := range m.Comparisons {
		for _, l := range c.Levels {
			if c.Name == comparison && l.Name == level {
				return l.M
			}
		}
	}
	t.Fatalf("there is no level %s of %s", level, comparison)
	return 0
}

// TestOrderAndWorkers holds that neither matters.
func TestOrderAndWorkers(t *testing.T) {
	r := newRegion(3000, 11)
	m := loadPatient(t)
	for _, train := range []bool{false, true} {
		want := fingerprint(link(t, m, r.records, match.Options{Workers: 1, Train: train}))
		for _, workers := range []int{1, 2, 8} {
			records := append([]patient(nil), r.records...)
			rng := rand.New(rand.NewPCG(uint64(workers), 5))
			rng.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
			if got := fingerprint(link(t, m, records, match.Options{Workers: workers, Train: train})); got != want {
				t.Fatalf("shuffled, with %d workers, trained %t: another result", workers, train)
			}
		}
	}
}

// fingerprint writes down all that a result tells.
func fingerprint(res *match.Result) string {
	var b strings.Builder
	for id, founder := range res.Founders() {
		b.WriteString(id.String() + " " + founder.String() + "\n")
	}
	for _, c := range res.Model().Comparisons {
		fmt.Fprintln(&b, c)
	}
	pair := func(p match.Pair) {
		b.WriteString(res.ID(p.A).String() + " " + res.ID(p.B).String() + " " + res.RuleName(p) + " " + res.PassName(p) + " " + res.Words(p) + " " + p.Band.String() + "\n")
	}
	for _, j := range res.Merges() {
		pair(j.Pair)
	}
	for _, p := range res.Doubtful() {
		pair(p)
	}
	return b.String()
}
