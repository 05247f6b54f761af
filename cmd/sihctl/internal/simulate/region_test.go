package simulate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// madeUp is a region that several tests read, made once.
type madeUp struct {
	dir     string
	summary simulate.Summary
}

const people = 6000

var region madeUp

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "simulate")
	if err == nil {
		region.dir = dir
		region.summary, err = simulate.Write(context.Background(), dir, simulate.Config{Patients: people, Seed: 7})
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// layout returns the layout of a source.
func layout(t testing.TB, source string) simulate.Layout {
	for _, l := range simulate.Layouts() {
		if string(l.Source) == source {
			return l
		}
	}
	t.Fatalf("no layout %s", source)
	return simulate.Layout{}
}

// walk calls each for every row of a source's snapshot.
func walk(t testing.TB, source string, each func(table extract.Table, row extract.Row)) {
	s, err := snapshot.Open(filepath.Join(region.dir, "snapshots", source))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range s.Tables {
		for _, c := range table.Chunks {
			for row, err := range s.Rows(table, c) {
				if err != nil {
					t.Fatal(err)
				}
				each(table.Table, row)
			}
		}
	}
}

// column returns the place of a column.
func column(t testing.TB, table extract.Table, name string) int {
	for i, c := range table.Columns {
		if c.Name == name {
			return i
		}
	}
	t.Fatalf("%s has no column %s", table.Name, name)
	return 0
}

// keyOf returns a row's key as sih.JoinKey writes it.
func keyOf(t testing.TB, table extract.Table, row extract.Row) string {
	parts := make([]string, len(table.Key))
	for i, k := range table.Key {
		parts[i] = row[column(t, table, k)].Text
	}
	return sih.JoinKey(parts...)
}
