package match_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// corpus reads a file of the linkage corpora, which are not part of the
// repository: SIH_BENCH_DATA names the folder.
func corpus(t testing.TB, name string) (header []string, rows [][]string) {
	t.Helper()
	dir := os.Getenv("SIH_BENCH_DATA")
	if dir == "" {
		t.Skip("SIH_BENCH_DATA names no folder of linkage corpora")
	}
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.TrimLeadingSpace = true
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

func loadModel(t testing.TB, path string) *match.Model {
	t.Helper()
	file, err := os.Open(path)
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

func named(header, row []string) map[string]string {
	out := map[string]string{}
	for i, h := range header {
		out[h] = row[i]
	}
	return out
}

func f1(precision, recall float64) float64 { return 2 * precision * recall / (precision + recall) }

// TestCorpora holds that the engine is general: two corpora of other
// countries, with small models of their own, whose weights were set by hand
// from what is known of such data.
func TestCorpora(t *testing.T) {
	for _, tt := range []struct {
		model string
		lists bool
		files []string
		least float64
	}{
		{"febrl.yaml", true, []string{"febrl4a.csv", "febrl4b.csv"}, 0.9991},
		{"fake1000.yaml", false, []string{"fake_1000.csv"}, 0.97},
	} {
		t.Run(tt.model, func(t *testing.T) {
			var records []patient
			people := map[string]int{}
			for list, name := range tt.files {
				header, rows := corpus(t, name)
				for _, row := range rows {
					v := named(header, row)
					who := v["cluster"]
					if id, ok := v["rec_id"]; ok {
						who = strings.Join(strings.Split(id, "-")[:2], "-")
					}
					if _, ok := people[who]; !ok {
						people[who] = len(people)
					}
					records = append(records, patient{sih.NewID(name, "", row[0], "", ""), people[who], v, list})
				}
			}
			res := link(t, loadModel(t, filepath.Join("testdata", tt.model)), records, match.Options{Lists: tt.lists})
			precision, recall := score(t, res, records)
			t.Logf("precision %.4f, recall %.4f, F1 %.4f, %+v", precision, recall, f1(precision, recall), res.Stats)
			if got := f1(precision, recall); got < tt.least {
				t.Errorf("F1 %.4f, want %.4f", got, tt.least)
			}
		})
	}
}
