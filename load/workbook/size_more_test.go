package workbook_test

import (
	"iter"
	"testing"

	"github.com/sihctl/sih/load/workbook"
)

// many yields a value so many times.
func many[T any](n int, v T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for range n {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// TestEveryListFull holds that a workbook whose every list is longer than its
// sheet stays under 20 MB. Sheets of a tenth of the limit are written, and what
// they add to sheets of one line is taken ten times.
func TestEveryListFull(t *testing.T) {
	const tenth = workbook.DefaultLimit / 10
	size := func(limit int) int64 {
		const n = tenth + 1000
		c := content(tally(5, 12), n, n)
		c.Excluded = many(n, workbook.Excluded{Source: sources[0], SourceTable: "dbo.PACIENTES", SourceKey: "2024|0012345", Reason: "deleted in the source"})
		c.Pairs = merges(n)
		c.Codes = many(n, workbook.Code{Source: sources[0], List: "codes/sexo.csv", Code: "M", Label: "Masculin", Target: "male", Status: "approved", By: "Dr B.", Uses: 1200})
		c.Clashes = many(n, workbook.Clash{System: "ma:cin", Number: "AB123456", Persons: 2, Records: 3, Sources: 2,
			Holders: [][]workbook.Record{{{Source: sources[0], Facility: "CHP-01", LocalID: "0012345"}, {Source: sources[1], Facility: "CHP-02", LocalID: "17"}}, {{Source: sources[0], Facility: "CHP-01", LocalID: "0012346"}}}})
		c.Alerts = many(n, workbook.Alert{Subject: "open_stays", Source: sources[0], SourceTable: "dbo.EPISODIOS", SourceKey: "17", Facility: "CHP-01", Detail: "2019-03-02"})
		c.TempDir, c.Limit = t.TempDir(), limit
		var out counter
		if err := workbook.Write(&out, c); err != nil {
			t.Fatal(err)
		}
		return int64(out)
	}
	small, large := size(1), size(tenth)
	if full := small + 10*(large-small); full > 20_000_000 {
		t.Errorf("with every list full the workbook would have %d bytes", full)
	} else {
		t.Logf("%d bytes with one line a list, %d with %d, so %d when full", small, large, tenth, full)
	}
}
