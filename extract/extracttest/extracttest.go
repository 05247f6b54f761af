// Package extracttest is the suite that every source passes: what
// extract.Source promises, tried on a source with known content.
package extracttest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
)

// Content is what a source is to hold.
type Content struct {
	Table extract.Table
	Rows  []extract.Row
	// Rejects are the records that are no rows. Raw is compared only where it
	// is given.
	Rejects []extract.Rejected
}

// Run tries the source that open makes. Open is called for each test with an
// empty folder of its own and must always make the same content: want, in the
// order of Tables. One table at least is to have three rows or more; a table
// without rows, and rejects, are to be among them where the technology knows
// such a thing.
func Run(t *testing.T, open func(t *testing.T, dir string) extract.Source, want []Content) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*testing.T, extract.Source, []Content)
	}{
		{"Tables", tables},
		{"Rows", rows},
		{"RowsBeforeTables", rows},
		{"Reopened", reopened(open)},
		{"RowsMayBeUsedAgain", reused},
		{"Interleaved", interleaved},
		{"UnknownTable", unknownTable},
		{"StopsEarly", stopsEarly},
		{"Cancelled", cancelled},
		{"CancelledBetweenRows", cancelledBetweenRows},
		{"RejectStops", rejectStops},
		{"Stamp", stamp},
		{"CloseTwice", closeTwice},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := open(t, t.TempDir())
			defer src.Close()
			test.run(t, src, want)
		})
	}
}

func tables(t *testing.T, src extract.Source, want []Content) {
	var list []extract.Table
	for _, c := range want {
		list = append(list, c.Table)
	}
	for range 2 {
		got, err := src.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(list, got); diff != "" {
			t.Fatalf("tables (-want +got):\n%s", diff)
		}
	}
}

func rows(t *testing.T, src extract.Source, want []Content) {
	for range 2 { // the second reading must be like the first
		for _, c := range want {
			got := read(t, src, c.Table.Name)
			compare(t, c, got)
		}
	}
}

func reopened(open func(*testing.T, string) extract.Source) func(*testing.T, extract.Source, []Content) {
	return func(t *testing.T, src extract.Source, want []Content) {
		other := open(t, t.TempDir())
		defer other.Close()
		for _, c := range want {
			first, second := read(t, src, c.Table.Name), read(t, other, c.Table.Name)
			if diff := gocmp.Diff(first, second); diff != "" {
				t.Errorf("%s: two sources over equal input (-first +second):\n%s", c.Table.Name, diff)
			}
		}
	}
}

// reused spoils each row after it was copied: the next ones must not suffer.
func reused(t *testing.T, src extract.Source, want []Content) {
	for _, c := range want {
		var got []extract.Row
		for row, err := range src.Rows(t.Context(), c.Table.Name, ignore) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, slices.Clone(row))
			for i := range row {
				row[i].Text, row[i].Null = "spoilt", true
			}
		}
		if diff := gocmp.Diff(c.Rows, got); diff != "" {
			t.Errorf("%s: rows after others were changed (-want +got):\n%s", c.Table.Name, diff)
		}
	}
}

// interleaved reads all tables at the same time.
func interleaved(t *testing.T, src extract.Source, want []Content) {
	done := make(chan func(*testing.T))
	for _, c := range want {
		go func() {
			got, err := collect(context.Background(), src, c.Table.Name)
			done <- func(t *testing.T) {
				if err != nil {
					t.Errorf("%s: %v", c.Table.Name, err)
				}
				compare(t, c, got)
			}
		}()
	}
	for range want {
		(<-done)(t)
	}
}

func unknownTable(t *testing.T, src extract.Source, _ []Content) {
	n := 0
	var last error
	for _, err := range src.Rows(t.Context(), "no such table", ignore) {
		n++
		last = err
	}
	if n != 1 || last == nil {
		t.Errorf("rows of a table that is not there: got %d values, error %v; want one error", n, last)
	}
}

func stopsEarly(t *testing.T, src extract.Source, want []Content) {
	c := longest(want)
	for row, err := range src.Rows(t.Context(), c.Table.Name, ignore) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(c.Rows[0], row); diff != "" {
			t.Errorf("first row (-want +got):\n%s", diff)
		}
		break
	}
	compare(t, c, read(t, src, c.Table.Name))
}

func cancelled(t *testing.T, src extract.Source, want []Content) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := collect(ctx, src, longest(want).Table.Name)
	if !errors.Is(err, context.Canceled) || len(got.Rows) > 0 {
		t.Errorf("cancelled before: got %d rows, error %v; want none, context.Canceled", len(got.Rows), err)
	}
}

func cancelledBetweenRows(t *testing.T, src extract.Source, want []Content) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := longest(want)
	n := 0
	var last error
	for _, err := range src.Rows(ctx, c.Table.Name, ignore) {
		if last != nil {
			t.Fatal("a value follows the error")
		}
		if last = err; err == nil {
			n++
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n >= len(c.Rows) {
		t.Errorf("cancelled after a row: got %d of %d rows, error %v; want fewer, context.Canceled", n, len(c.Rows), last)
	}
}

func rejectStops(t *testing.T, src extract.Source, want []Content) {
	stop := errors.New("stop")
	for _, c := range want {
		if len(c.Rejects) == 0 {
			continue
		}
		calls := 0
		var last error
		for _, err := range src.Rows(t.Context(), c.Table.Name, func(extract.Rejected) error { calls++; return stop }) {
			if last != nil {
				t.Fatal("a value follows the error")
			}
			last = err
		}
		if !errors.Is(last, stop) || calls != 1 {
			t.Errorf("%s: reject failed: got error %v after %d calls, want its own after 1", c.Table.Name, last, calls)
		}
	}
}

// stamp tries the sources that are read from files.
func stamp(t *testing.T, src extract.Source, _ []Content) {
	files, ok := src.(interface {
		Stamp(context.Context) ([]extract.File, error)
	})
	if !ok {
		return
	}
	first, err := files.Stamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := files.Stamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(first, second); diff != "" {
		t.Errorf("stamps of unchanged files (-first +second):\n%s", diff)
	}
	if len(first) == 0 || !slices.IsSortedFunc(first, func(a, b extract.File) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Errorf("the files of the stamp are none, or not in the order of their names: %v", first)
	}
	for _, f := range first {
		if f.Bytes == 0 || f.Modified.IsZero() || f.Modified.Location() != time.UTC {
			t.Errorf("%s: got %d bytes of %v", f.Name, f.Bytes, f.Modified)
		}
	}
}

func closeTwice(t *testing.T, src extract.Source, _ []Content) {
	for range 2 {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
}

// reading is what a table gave.
type reading struct {
	Rows    []extract.Row
	Rejects []extract.Rejected
}

func collect(ctx context.Context, src extract.Source, table string) (reading, error) {
	var got reading
	for row, err := range src.Rows(ctx, table, func(r extract.Rejected) error {
		r.Raw = slices.Clone(r.Raw)
		got.Rejects = append(got.Rejects, r)
		return nil
	}) {
		if err != nil {
			return got, err
		}
		got.Rows = append(got.Rows, slices.Clone(row))
	}
	return got, nil
}

func read(t *testing.T, src extract.Source, table string) reading {
	t.Helper()
	got, err := collect(t.Context(), src, table)
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return got
}

func compare(t *testing.T, want Content, got reading) {
	t.Helper()
	if diff := gocmp.Diff(want.Rows, got.Rows); diff != "" {
		t.Errorf("%s: rows (-want +got):\n%s", want.Table.Name, diff)
	}
	rejects := slices.Clone(got.Rejects)
	for i := range rejects {
		if i < len(want.Rejects) && want.Rejects[i].Raw == nil {
			rejects[i].Raw = nil
		}
	}
	if diff := gocmp.Diff(want.Rejects, rejects); diff != "" {
		t.Errorf("%s: rejects (-want +got):\n%s", want.Table.Name, diff)
	}
}

func longest(want []Content) Content {
	return slices.MaxFunc(want, func(a, b Content) int { return cmp.Compare(len(a.Rows), len(b.Rows)) })
}

func ignore(extract.Rejected) error { return nil }
