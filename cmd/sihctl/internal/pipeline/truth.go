package pipeline

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"

	"github.com/sihctl/sih/load/store"
)

// TruthReport holds the merges against the truth. A pair is two records that
// are said to be one person.
type TruthReport struct {
	Records     int64   `json:"records"`      // patient records in the store
	Persons     int64   `json:"persons"`      // persons in the store
	TruePersons int64   `json:"true_persons"` // people whose records these are, test patients apart
	Pairs       int64   `json:"pairs"`        // pairs that the store joins
	TruePairs   int64   `json:"true_pairs"`   // pairs that are one person
	RightPairs  int64   `json:"right_pairs"`  // pairs that are in both
	Precision   float64 `json:"precision"`    // of the pairs joined, the share that is right
	Recall      float64 `json:"recall"`       // of the pairs that are one person, the share that is joined
	// Traps counts, by kind, the wrong pairs of which a record is a trap.
	Traps map[string]int64 `json:"traps,omitempty"`
}

// testTrap marks the records of test patients, each of whom the truth counts
// as somebody else: they are to be joined to nobody.
const testTrap = "test"

// Truth compares the persons in the store with a file that knows them:
// source,table,key,person,trap.
func Truth(ctx context.Context, o Options, path string) (*TruthReport, error) {
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	found := map[string]string{}
	err = s.Query(ctx, "SELECT source_system, source_table, source_key, person_id FROM source_person", nil, func(r store.Row) error {
		found[r.Text(0)+"\x00"+r.Text(1)+"\x00"+r.Text(2)] = r.Text(3)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 5
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("read truth %s: %w", path, err)
	}
	t := &TruthReport{Traps: map[string]int64{}}
	type cell struct{ person, truth string }
	cells, persons, truths := map[cell]int64{}, map[string]int64{}, map[string]int64{}
	type trapped struct {
		cell
		trap string
	}
	var traps []trapped
	nobody := map[string]bool{} // those that the truth numbers and are no people
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read truth %s: a line is not source,table,key,person,trap: %w", path, err)
		}
		person, ok := found[row[0]+"\x00"+row[1]+"\x00"+row[2]]
		if !ok {
			continue // its record was excluded or rejected
		}
		c := cell{person, row[3]}
		cells[c]++
		persons[c.person]++
		truths[c.truth]++
		t.Records++
		if row[4] == testTrap {
			nobody[c.truth] = true
		}
		if row[4] != "" {
			traps = append(traps, trapped{c, row[4]})
		}
	}
	pairs := func(n int64) int64 { return n * (n - 1) / 2 }
	for _, n := range persons {
		t.Pairs += pairs(n)
	}
	for _, n := range truths {
		t.TruePairs += pairs(n)
	}
	for _, n := range cells {
		t.RightPairs += pairs(n)
	}
	for _, x := range traps {
		t.Traps[x.trap] += persons[x.person] - cells[x.cell]
	}
	t.Persons, t.TruePersons = int64(len(persons)), int64(len(truths)-len(nobody))
	t.Precision, t.Recall = share(t.RightPairs, t.Pairs), share(t.RightPairs, t.TruePairs)
	return t, nil
}

// share is a part of a whole; of nothing it is all.
func share(part, whole int64) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
