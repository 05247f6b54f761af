package reconcile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

func TestCountChecksRoundTrip(t *testing.T) {
	tally := chunk(0)
	tally.Merge(chunk(1))
	tally.Rows(reconcile.RowsKey{Source: "source-0", Table: "PATIENT", Facility: "CHP"}).Accepted--
	want := tally.Report(nil)
	run := sih.NewID("a", "b", "c", "d", "e")
	rows := want.CountChecks(run)
	var amounts []reconcile.AmountLine // without those that are derived, and what is counted in rows
	for _, l := range want.Amounts {
		if l.Unreadable = 0; l.Item != reconcile.Remaining {
			amounts = append(amounts, l)
		}
	}
	if got, want := len(rows), 3*len(want.Rows)+len(want.Entities)+len(want.Controls)+len(amounts); got != want {
		t.Fatalf("got %d rows, want %d", got, want)
	}
	for _, e := range rows {
		if got := e.Get("run_id").ID(); got != run {
			t.Fatalf("run_id is %v", got)
		}
		for i, c := range e.Table.Columns {
			// The key's empty facility is the one required column without a value.
			if c.NotNull && c.Name != "facility_code" && e.Values[i].IsNull() {
				t.Errorf("%s is required and empty", c.Name)
			}
			if v := e.Values[i]; !v.IsNull() {
				if _, err := sih.ParseValue(&e.Table.Columns[i], v.String()); err != nil {
					t.Errorf("%s does not fit its column: %v", c.Name, err)
				}
			}
		}
	}
	back, err := reconcile.FromCountChecks(rows)
	if err != nil {
		t.Fatal(err)
	}
	got := back.Report(nil)
	// Fields and persons are not in count_check.
	if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Entities, got.Entities); diff != "" {
		t.Errorf("entities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Controls, got.Controls); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	var counted []reconcile.AmountLine
	for _, l := range got.Amounts {
		if l.Item != reconcile.Remaining {
			counted = append(counted, l)
		}
	}
	if diff := cmp.Diff(amounts, counted); diff != "" || len(amounts) == 0 {
		t.Errorf("amounts (-want +got):\n%s", diff)
	}
}

func TestFromCountChecksRefuses(t *testing.T) {
	rows := chunk(0).Report(nil).CountChecks(sih.NewID("a", "b", "c", "d", "e"))
	rows[0].Values[rows[0].Table.Column("difference")] = sih.IntValue(1)
	if _, err := reconcile.FromCountChecks(rows); err == nil {
		t.Error("accepted a difference that is not that of its terms")
	}
	if _, err := reconcile.FromCountChecks([]sih.Entity{{Table: sih.TableByName("person")}}); err == nil {
		t.Error("accepted a row of another table")
	}
}
