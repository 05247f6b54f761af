package simulate_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

// TestPatients holds that a list of patients has every record once, each with
// its truth, that equal seeds give equal bytes, and that most columns of every
// system are filled.
func TestPatients(t *testing.T) {
	dirs := [2]string{t.TempDir(), t.TempDir()}
	var made simulate.Summary
	for _, dir := range dirs {
		var err error
		if made, err = simulate.WritePatients(t.Context(), dir, simulate.Config{Patients: 3000, Seed: 3}); err != nil {
			t.Fatal(err)
		}
	}
	a, b := hashes(t, dirs[0]), hashes(t, dirs[1])
	if len(a) != 2 || a["patients.csv"] != b["patients.csv"] || a["truth.csv"] != b["truth.csv"] {
		t.Errorf("got %d files, which differ or should be two", len(a))
	}
	rows := func(name string) [][]string {
		f, err := os.Open(filepath.Join(dirs[0], name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	list, truth := rows("patients.csv"), rows("truth.csv")
	if len(list) != made.Records+1 || len(truth) != len(list) || made.Records < 3000 {
		t.Fatalf("got %d lines and %d of truth, of %d records", len(list)-1, len(truth)-1, made.Records)
	}
	people := map[string]bool{}
	filled := map[string][]int{} // by system
	for i, row := range list[1:] {
		if truth[i+1][0] != row[0] {
			t.Fatalf("line %d: the truth is about another record", i+2)
		}
		people[truth[i+1][1]] = true
		n := filled[row[1]]
		if n == nil {
			n = make([]int, len(row))
			filled[row[1]] = n
		}
		for c, cell := range row {
			if cell != "" {
				n[c]++
			}
		}
	}
	if len(people) < made.Persons*9/10 {
		t.Errorf("the records are of %d people, of %d", len(people), made.Persons)
	}
	if len(filled) != 5 {
		t.Errorf("got %d systems", len(filled))
	}
	for system, n := range filled {
		for _, c := range []int{9, 10, 16, 17, 18} { // names, sex, birth, telephone
			if n[c] < n[0]/2 {
				t.Errorf("%s: column %s is filled in %d of %d records", system, list[0][c], n[c], n[0])
			}
		}
	}
}

func TestPatientsCancelled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cfg := simulate.Config{Patients: 1_000_000, Seed: 1, Done: func(int) { cancel() }}
	if _, err := simulate.WritePatients(ctx, dir, cfg); err == nil {
		t.Error("a cancelled run succeeds")
	}
	if left := hashes(t, dir); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
}
