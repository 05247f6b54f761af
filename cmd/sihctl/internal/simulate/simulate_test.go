package simulate_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/extract"
)

// hashes returns the hash of every file below dir.
func hashes(t *testing.T, dir string) map[string][32]byte {
	out := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEqualSeedsEqualBytes(t *testing.T) {
	dirs := [3]string{t.TempDir(), t.TempDir(), t.TempDir()}
	for i, seed := range []uint64{3, 3, 4} {
		if _, err := simulate.Write(context.Background(), dirs[i], simulate.Config{Patients: 700, Seed: seed}); err != nil {
			t.Fatal(err)
		}
	}
	a, b, c := hashes(t, dirs[0]), hashes(t, dirs[1]), hashes(t, dirs[2])
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("got %d files, want %d", len(b), len(a))
	}
	if a["truth.csv"] == c["truth.csv"] {
		t.Error("another seed makes the same truth")
	}
}

// A household is the same whatever the total.
func TestTruthGrowsAtItsEnd(t *testing.T) {
	dir := t.TempDir()
	if _, err := simulate.Write(context.Background(), dir, simulate.Config{Patients: people / 10, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	small, large := lines(t, filepath.Join(dir, "truth.csv")), lines(t, filepath.Join(region.dir, "truth.csv"))
	same := 0
	for i := range small {
		// Facilities, and test registrations' numbers, depend on the total.
		if small[i][3] != large[i][3] && small[i][4] != "test" {
			break
		}
		same++
	}
	if same < len(small)*95/100 {
		t.Errorf("got %d records of %d for the same persons", same, len(small))
	}
}

func lines(t *testing.T, path string) [][]string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

func TestTruth(t *testing.T) {
	records := map[string]bool{}
	persons := map[int]int{}
	traps := map[string]int{}
	for _, l := range lines(t, filepath.Join(region.dir, "truth.csv")) {
		k := l[0] + "\x00" + l[2]
		if records[k] {
			t.Errorf("%s %s: a record twice", l[0], l[1])
		}
		records[k] = true
		n, err := strconv.Atoi(l[3])
		if err != nil {
			t.Fatal(err)
		}
		if persons[n]++; n > people != (l[4] == "test") {
			t.Errorf("person %d with trap %q", n, l[4])
		}
		if l[4] != "" {
			traps[l[4]]++
		}
	}
	s := region.summary
	if len(records) != s.Records || s.Persons != people || len(persons) != people+s.Defects.Tests {
		t.Errorf("got %d records of %d persons, want %d of %d", len(records), len(persons), s.Records, people+s.Defects.Tests)
	}
	if diff := cmp.Diff(s.Traps, traps); diff != "" {
		t.Errorf("traps (-summary +file):\n%s", diff)
	}
	for _, trap := range []string{"twin", "father-son", "guardian-cin", "spouse-cin", "household-phone", "homonym", "placeholder", "test", "leftover-cin", "adjacent-cin"} {
		if traps[trap] == 0 {
			t.Errorf("no %s", trap)
		}
	}
	if got := float64(s.Records) / float64(s.Persons); got < 1.4 || got > 1.8 {
		t.Errorf("got %.2f records a person, want about 1.6", got)
	}
	if got := float64(s.Total()) / float64(s.Persons); got < 12 || got > 19 {
		t.Errorf("got %.1f rows a person, want about 15", got)
	}
	checkRecords(t, records)
}

// checkRecords compares the truth's records with those of the sources.
func checkRecords(t *testing.T, records map[string]bool) {
	have := map[string]bool{}
	for source, name := range map[string]string{"enova": "patient", "hosix": "dbo.PACIENTES", "bilmed": "dbo.HASTA"} {
		walk(t, source, func(table extract.Table, row extract.Row) {
			if table.Name == name {
				have[source+"\x00"+keyOf(t, table, row)] = true
			}
		})
	}
	text, err := os.ReadFile(filepath.Join(region.dir, "incoming/dedalus/PATIENT.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\r\n")[1:] {
		if f := strings.Split(line, ";"); len(f) > 2 {
			have["dedalus\x00"+sih.JoinKey(f[0], f[1])] = true
		}
	}
	for _, sheet := range registers(t, "Fichier patients") {
		for _, row := range sheet {
			if len(row) > 1 && strings.Contains(row[1], "/") {
				have["essp\x00"+row[1]] = true
			}
		}
	}
	for k := range records {
		if !have[k] {
			t.Errorf("the sources lack %q", k)
		}
	}
	if len(have) != len(records) {
		t.Errorf("got %d records in the sources, want %d", len(have), len(records))
	}
}

// registers reads a sheet of every workbook.
func registers(t *testing.T, sheet string) map[string][][]string {
	files, err := filepath.Glob(filepath.Join(region.dir, "incoming/essp/*.xlsx"))
	if err != nil || len(files) == 0 {
		t.Fatal("no workbooks", err)
	}
	out := map[string][][]string{}
	for _, f := range files {
		x, err := excelize.OpenFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if out[f], err = x.GetRows(sheet, excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
		x.Close()
	}
	return out
}

func TestRegisters(t *testing.T) {
	for _, table := range layout(t, "essp").Tables {
		rows, serials, early := 0, 0, 0
		for _, sheet := range registers(t, table.Name) {
			for _, row := range sheet {
				if len(row) < 4 || !strings.Contains(row[1], "/") {
					continue
				}
				rows++
				at := 2
				if table.Name != "Fichier patients" {
					at = 3
				}
				if n, err := strconv.Atoi(row[at]); err == nil {
					if n < 42000 || n > 47000 { // not 2019 to 2025 on either base
						early++
					}
					serials++
				}
			}
		}
		if want := region.summary.Rows["essp"][table.Name]; rows != want {
			t.Errorf("%s: got %d rows, want %d", table.Name, rows, want)
		}
		if most := 4 * region.summary.Defects.BeforeBirth; early > most {
			t.Errorf("%s: got %d dates before the history, want at most %d", table.Name, early, most)
		}
		if share := float64(serials) / float64(rows); share < 0.5 || share > 0.6 {
			t.Errorf("%s: got %.2f of the dates as serial numbers, want 0.55", table.Name, share)
		}
	}
}

func TestFilesFollowTheirLayout(t *testing.T) {
	odd := 0
	for _, table := range layout(t, "dedalus").Tables {
		text, err := os.ReadFile(filepath.Join(region.dir, "incoming/dedalus", table.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
		all, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
		keys := map[string]int{}
		for _, l := range all[1:] {
			if len(l) != len(table.Columns) {
				odd++
				continue
			}
			parts := make([]string, len(table.Key))
			for i, k := range table.Key {
				parts[i] = l[column(t, table.Extract(), k)]
			}
			if keys[sih.JoinKey(parts...)]++; keys[sih.JoinKey(parts...)] > 1 {
				odd++
			}
		}
		want := region.summary.Rows["dedalus"][table.Name]
		if got := len(all) - 1; got < want || got > want+want/500+3 {
			t.Errorf("%s: got %d lines, want %d and few more", table.Name, got, want)
		}
	}
	if d := region.summary.Defects; odd != d.DuplicateKeys+d.Ragged || d.OpenQuotes > 0 {
		t.Errorf("got %d odd lines, want %d twice and %d ragged, %d open quotes", odd, d.DuplicateKeys, d.Ragged, d.OpenQuotes)
	}
}

func TestCancelledLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	rows := 0
	_, err := simulate.Write(ctx, dir, simulate.Config{Patients: 5000, Seed: 1, Done: func(n int) { rows += n; cancel() }})
	if !errors.Is(err, context.Canceled) || rows == 0 {
		t.Errorf("got error %v after %d rows", err, rows)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "truth.csv"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulate.Write(context.Background(), dir, simulate.Config{Patients: 100}); err == nil {
		t.Error("no error")
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "truth.csv")); string(got) != "mine" {
		t.Errorf("got %q", got)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

func TestDoneCountsAllRows(t *testing.T) {
	rows := 0
	s, err := simulate.Write(context.Background(), t.TempDir(), simulate.Config{Patients: 1500, Seed: 2, Done: func(n int) { rows += n }})
	if err != nil {
		t.Fatal(err)
	}
	if rows != s.Total() {
		t.Errorf("got %d rows, want %d", rows, s.Total())
	}
}
