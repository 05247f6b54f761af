package extracttest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// RunDatabase tries what extract.Database promises beyond extract.Source, on a
// database of known content. Open is called for each test; one table at least
// is to have an order and three rows or more. It is called beside Run.
func RunDatabase(t *testing.T, open func(t *testing.T) extract.Database, want []Content) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*testing.T, extract.Database, []Content)
	}{
		{"View", view},
		{"Count", counts},
		{"Survey", survey},
		{"WholeRange", wholeRange},
		{"RangesPartTheTable", parts},
		{"RangeOfOneRow", oneRow},
		{"EmptyRanges", emptyRanges},
		{"RangesAtTheSameTime", atOnce},
		{"RangeWithoutOrder", withoutOrder},
		{"RangeCancelled", rangeCancelled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := open(t)
			defer db.Close()
			test.run(t, db, want)
		})
	}
}

func view(t *testing.T, db extract.Database, want []Content) {
	first, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Opened.IsZero() || first.Opened.Location().String() != "UTC" {
		t.Errorf("the view was opened at %v, which is not a moment in UTC", first.Opened)
	}
	read(t, db, longest(want).Table.Name)
	second, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !first.Opened.Equal(second.Opened) {
		t.Errorf("after a reading it is another view: of %v, before of %v", second.Opened, first.Opened)
	}
	for _, name := range first.Unsteady {
		if !slices.ContainsFunc(want, func(c Content) bool { return c.Table.Name == name }) {
			t.Errorf("%s is outside of the view, and is no table", name)
		}
	}
}

func counts(t *testing.T, db extract.Database, want []Content) {
	for _, c := range want {
		if n, err := db.Count(t.Context(), c.Table.Name); err != nil || n != int64(len(c.Rows)) {
			t.Errorf("%s: counted %d, %v; want %d", c.Table.Name, n, err, len(c.Rows))
		}
	}
	if _, err := db.Count(t.Context(), "no such table"); err == nil {
		t.Error("counted a table that is not there")
	}
}

func survey(t *testing.T, db extract.Database, want []Content) {
	sizes, err := db.Survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(sizes) != len(want) {
		t.Fatalf("got %d sizes of %d tables", len(sizes), len(want))
	}
	for i, s := range sizes {
		if s.Rows < 0 || s.Bytes < 0 {
			t.Errorf("%s: got %d rows of %d bytes", want[i].Table.Name, s.Rows, s.Bytes)
		}
	}
}

// ordered calls do with each table that has an order, and where its columns
// stand.
func ordered(t *testing.T, want []Content, do func(c Content, key func(extract.Row) extract.Row)) {
	t.Helper()
	found := false
	for _, c := range want {
		if c.Table.Order == nil {
			continue
		}
		found = found || len(c.Rows) >= 3
		var at []int
		for _, name := range c.Table.Order {
			i := slices.IndexFunc(c.Table.Columns, func(c extract.Column) bool { return c.Name == name })
			if i < 0 {
				t.Fatalf("%s is ordered by %s, which it has not", c.Table.Name, name)
			}
			at = append(at, i)
		}
		do(c, func(row extract.Row) extract.Row {
			var key extract.Row
			for _, i := range at {
				key = append(key, row[i])
			}
			return key
		})
	}
	if !found {
		t.Fatal("no table of three rows has an order")
	}
}

func collectIn(ctx context.Context, db extract.Database, table string, in extract.Range) ([]extract.Row, error) {
	var out []extract.Row
	for row, err := range db.RowsIn(ctx, table, in) {
		if err != nil {
			return out, err
		}
		out = append(out, slices.Clone(row))
	}
	return out, nil
}

func expect(t *testing.T, db extract.Database, table string, in extract.Range, want []extract.Row) {
	t.Helper()
	got, err := collectIn(t.Context(), db, table, in)
	if err != nil {
		t.Errorf("%s: %v", table, err)
	}
	if len(want)+len(got) == 0 {
		return
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s: rows of a range (-want +got):\n%s", table, diff)
	}
}

func wholeRange(t *testing.T, db extract.Database, want []Content) {
	ordered(t, want, func(c Content, _ func(extract.Row) extract.Row) {
		expect(t, db, c.Table.Name, extract.Range{}, c.Rows)
	})
}

// parts cuts each table in two behind every row.
func parts(t *testing.T, db extract.Database, want []Content) {
	ordered(t, want, func(c Content, key func(extract.Row) extract.Row) {
		for i, row := range c.Rows {
			if i > 20 {
				break
			}
			expect(t, db, c.Table.Name, extract.Range{UpTo: key(row)}, c.Rows[:i+1])
			expect(t, db, c.Table.Name, extract.Range{After: key(row)}, c.Rows[i+1:])
		}
	})
}

func oneRow(t *testing.T, db extract.Database, want []Content) {
	ordered(t, want, func(c Content, key func(extract.Row) extract.Row) {
		for i := 1; i < min(len(c.Rows), 20); i++ {
			expect(t, db, c.Table.Name, extract.Range{After: key(c.Rows[i-1]), UpTo: key(c.Rows[i])}, c.Rows[i:i+1])
		}
	})
}

func emptyRanges(t *testing.T, db extract.Database, want []Content) {
	ordered(t, want, func(c Content, key func(extract.Row) extract.Row) {
		if len(c.Rows) == 0 {
			return
		}
		first, last := key(c.Rows[0]), key(c.Rows[len(c.Rows)-1])
		expect(t, db, c.Table.Name, extract.Range{After: last}, nil)
		expect(t, db, c.Table.Name, extract.Range{After: first, UpTo: first}, nil)
		expect(t, db, c.Table.Name, extract.Range{After: last, UpTo: first}, nil)
	})
}

func atOnce(t *testing.T, db extract.Database, want []Content) {
	var wait sync.WaitGroup
	ordered(t, want, func(c Content, key func(extract.Row) extract.Row) {
		if len(c.Rows) < 3 {
			return
		}
		middle := key(c.Rows[1])
		for range 2 {
			wait.Go(func() { expect(t, db, c.Table.Name, extract.Range{UpTo: middle}, c.Rows[:2]) })
			wait.Go(func() { expect(t, db, c.Table.Name, extract.Range{After: middle}, c.Rows[2:]) })
		}
	})
	wait.Wait()
}

func withoutOrder(t *testing.T, db extract.Database, want []Content) {
	for _, c := range want {
		if c.Table.Order != nil || len(c.Rows) == 0 {
			continue
		}
		if _, err := collectIn(t.Context(), db, c.Table.Name, extract.Range{After: extract.Row{sih.Text("1")}}); err == nil {
			t.Errorf("%s: a range of a table without an order was read", c.Table.Name)
		}
	}
	if _, err := collectIn(t.Context(), db, "no such table", extract.Range{}); err == nil {
		t.Error("a table that is not there was read")
	}
}

func rangeCancelled(t *testing.T, db extract.Database, want []Content) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ordered(t, want, func(c Content, _ func(extract.Row) extract.Row) {
		if got, err := collectIn(ctx, db, c.Table.Name, extract.Range{}); !errors.Is(err, context.Canceled) || len(got) > 0 {
			t.Errorf("%s, cancelled before: got %d rows, error %v; want none, context.Canceled", c.Table.Name, len(got), err)
		}
	})
}
