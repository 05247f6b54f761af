package reconcile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/load/reconcile"
)

func TestParseShare(t *testing.T) {
	tests := []struct {
		in   string
		want reconcile.Share
		ok   bool
	}{
		{"0.1%", 1_000, true},
		{"0,1 %", 1_000, true},
		{" 5% ", 50_000, true},
		{"100%", reconcile.Whole, true},
		{"0", 0, true},
		{"0.001", 1_000, true},
		{"1", reconcile.Whole, true},
		{"0.0001%", 1, true},
		{"0.00001%", 0, false},
		{"101%", 0, false},
		{"-1%", 0, false},
		{"", 0, false},
		{"%", 0, false},
		{"a lot", 0, false},
	}
	for _, tt := range tests {
		got, err := reconcile.ParseShare(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("ParseShare(%q) = %v, %v; want %v, ok %v", tt.in, int64(got), err, int64(tt.want), tt.ok)
		}
	}
}

func FuzzParseShare(f *testing.F) {
	for _, s := range []string{"0.1%", "0,1 %", "1", "0.000001", "%%", "1e3%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := reconcile.ParseShare(s)
		if err != nil {
			return
		}
		if got < 0 || got > reconcile.Whole {
			t.Fatalf("ParseShare(%q) = %d", s, got)
		}
		again, err := reconcile.ParseShare(got.String())
		if err != nil || again != got {
			t.Fatalf("%q reads as %d, which is written %q and reads as %d, %v", s, got, got, again, err)
		}
	})
}

func TestTolerances(t *testing.T) {
	made := func(table string, produced, rejected int64, tally *reconcile.Tally) {
		*tally.Entities(reconcile.EntitiesKey{Source: "s", Table: table}) = reconcile.EntitiesCount{Produced: produced, Inserted: produced - rejected, Rejected: rejected}
	}
	tally := new(reconcile.Tally)
	made("claim", 1000, 1, tally)
	made("encounter", 1000, 2, tally)
	made("person", 1000, 999, tally)
	milli := reconcile.Share(1_000)
	lines := tally.Report(reconcile.Limits{"claim": milli, "encounter": milli, "observation": milli}).Tolerances
	want := []reconcile.ToleranceLine{
		{Table: "person", Made: 1000, Rejected: 999},
		{Table: "encounter", Made: 1000, Rejected: 2, Limit: &milli},
		{Table: "observation", Limit: &milli},
		{Table: "claim", Made: 1000, Rejected: 1, Limit: &milli},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, kept := range []bool{true, false, true, true} {
		if got := lines[i].Kept(); got != kept {
			t.Errorf("%s: kept %v, want %v", lines[i].Table, got, kept)
		}
	}
	for _, tt := range []struct {
		name   string
		limits reconcile.Limits
		want   bool
	}{
		{"none is judged", nil, true},
		{"at the limit", reconcile.Limits{"claim": milli}, true},
		{"above the limit", reconcile.Limits{"encounter": milli}, false},
		{"above everybody's limit", reconcile.Limits{"*": milli, "person": reconcile.Whole}, false},
		{"a limit of its own goes first", reconcile.Limits{"*": 2 * milli, "person": reconcile.Whole}, true},
	} {
		if got := tally.Report(tt.limits).WithinTolerance(); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
