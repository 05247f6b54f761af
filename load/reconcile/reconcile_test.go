package reconcile_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// chunk counts what a worker may have met in its n-th chunk.
func chunk(n int) *reconcile.Tally {
	t := new(reconcile.Tally)
	src := sih.SourceID(fmt.Sprintf("source-%d", n%3))
	v := int64(n + 1)
	*t.Rows(reconcile.RowsKey{Source: src, Table: "PATIENT", Facility: "CHP"}) = reconcile.RowsCount{Extracted: 10 * v, Accepted: 7 * v, Rejected: v, Excluded: v, Joined: v, Listed: 2 * v, LeftOut: 3 * v, Noted: 3 * v}
	for _, table := range []string{"encounter", "person"} {
		*t.Entities(reconcile.EntitiesKey{Source: src, Table: table, Year: 2020 + n%2}) = reconcile.EntitiesCount{
			Produced: 9 * v, Created: v, Inserted: 5 * v, Updated: v, Unchanged: v, Merged: 2 * v, Rejected: v,
		}
	}
	for _, m := range []reconcile.Measure{"own_measure", reconcile.Receipts, reconcile.Admissions} {
		*t.Control(reconcile.ControlKey{Source: src, Facility: "CHP", Year: 2020, Measure: m}) = reconcile.ControlCount{Expected: 5 * v, Found: 4 * v, LeftOut: v}
	}
	key := reconcile.AmountKey{Source: src, Payer: "amo-cnss", Month: "2024-03"}
	for item, cents := range map[reconcile.Item]int64{reconcile.Billed: 1000, reconcile.Exempted: 100, reconcile.Received: 300, reconcile.Insurer: 700} {
		key.Item = item
		*t.Amount(key) = reconcile.AmountCount{Expected: cents * v, Found: cents*v - v, LeftOut: v, Unreadable: 1}
	}
	*t.Field(reconcile.FieldKey{Source: src, Table: "source_person", Column: "cin"}) = reconcile.FieldCount{Rows: 4 * v, Before: 3 * v, After: 2 * v, Valid: v}
	t.Person(src)
	t.Person(src, "source-0", src)
	return t
}

var limits = reconcile.Limits{"encounter": 100_000, "*": 99_999}

func TestMergeInAnyOrder(t *testing.T) {
	var order []int
	for i := range 40 {
		order = append(order, i)
	}
	sum := func() *reconcile.Report {
		total := new(reconcile.Tally)
		for _, n := range order {
			total.Merge(chunk(n))
		}
		return total.Report(limits)
	}
	want := sum()
	if !want.Balanced() {
		t.Fatal("the chunks do not balance")
	}
	if got := len(want.Rows); got != 3 {
		t.Fatalf("got %d lines of rows, want one per source, 3", got)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	if diff := cmp.Diff(want, sum()); diff != "" {
		t.Errorf("another order gives another report (-want +got):\n%s", diff)
	}
}

func TestMergeLeavesTheOtherAlone(t *testing.T) {
	a, b := chunk(1), chunk(1)
	want := b.Report(nil)
	a.Merge(b)
	a.Rows(reconcile.RowsKey{Source: "source-1", Table: "PATIENT", Facility: "CHP"}).Extracted++
	if diff := cmp.Diff(want, b.Report(nil)); diff != "" {
		t.Errorf("merged tally changed (-want +got):\n%s", diff)
	}
}

func TestAReportCanBeAddedUpAgain(t *testing.T) {
	want := new(reconcile.Tally)
	got := new(reconcile.Tally)
	for n := range 6 {
		want.Merge(chunk(n))
		text, err := json.Marshal(chunk(n).Report(limits))
		if err != nil {
			t.Fatal(err)
		}
		var kept reconcile.Report
		if err := json.Unmarshal(text, &kept); err != nil {
			t.Fatal(err)
		}
		got.Add(&kept)
	}
	if diff := cmp.Diff(want.Report(limits), got.Report(limits)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDifferences(t *testing.T) {
	tests := []struct {
		name  string
		plant func(*reconcile.Tally)
		want  reconcile.Difference
	}{
		{"a row is lost", func(t *reconcile.Tally) {
			t.Rows(reconcile.RowsKey{Source: "source-0", Table: "PATIENT", Facility: "CHP"}).Accepted--
		}, reconcile.Difference{Equation: reconcile.Rows, Source: "source-0", Table: "PATIENT", Facility: "CHP", Value: 1}},
		{"a row comes from nowhere", func(t *reconcile.Tally) {
			t.Rows(reconcile.RowsKey{Source: "source-0", Table: "PATIENT", Facility: "CHP"}).Joined++
		}, reconcile.Difference{Equation: reconcile.Rows, Source: "source-0", Table: "PATIENT", Facility: "CHP", Value: -1}},
		{"an entity is lost", func(t *reconcile.Tally) {
			t.Entities(reconcile.EntitiesKey{Source: "source-0", Table: "person", Year: 2020}).Merged--
		}, reconcile.Difference{Equation: reconcile.Entities, Source: "source-0", Table: "person", Year: 2020, Value: 1}},
		{"an admission is lost", func(t *reconcile.Tally) {
			t.Control(reconcile.ControlKey{Source: "source-0", Facility: "CHP", Year: 2020, Measure: reconcile.Admissions}).Found--
		}, reconcile.Difference{Equation: reconcile.Controls, Source: "source-0", Facility: "CHP", Year: 2020, Measure: "admissions", Value: 1}},
		{"a centime is lost", func(t *reconcile.Tally) {
			t.Amount(reconcile.AmountKey{Source: "source-0", Payer: "amo-cnss", Month: "2024-03", Item: reconcile.Insurer}).Found--
		}, reconcile.Difference{Equation: reconcile.Amounts, Source: "source-0", Payer: "amo-cnss", Month: "2024-03", Measure: "insurer_part", Value: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tally := chunk(0)
			tt.plant(tally)
			r := tally.Report(nil)
			if diff := cmp.Diff([]reconcile.Difference{tt.want}, slices.Collect(r.Differences())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r.Balanced() {
				t.Error("balanced all the same")
			}
		})
	}
}

func TestNothingExtractedProvesNothing(t *testing.T) {
	tally := new(reconcile.Tally)
	tally.Rows(reconcile.RowsKey{Source: "empty", Table: "PATIENT"})
	if tally.Report(nil).Balanced() {
		t.Error("a report without a row is balanced")
	}
}

func TestRemaining(t *testing.T) {
	r := chunk(0).Report(nil)
	i := slices.IndexFunc(r.Amounts, func(l reconcile.AmountLine) bool { return l.Item == reconcile.Remaining })
	if i < 0 {
		t.Fatal("no line of what remains")
	}
	// Billed 1000, exempted 100, received 300; of each, one centime left out.
	want := reconcile.AmountCount{Expected: 600, Found: 601, LeftOut: -1}
	if got := r.Amounts[i].AmountCount; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRemainingOverAllPayers(t *testing.T) {
	tally := new(reconcile.Tally)
	add := func(payer string, item reconcile.Item, n int64) {
		tally.Amount(reconcile.AmountKey{Source: "s", Payer: payer, Month: "2024-03", Item: item}).Expected += n
	}
	add("far", reconcile.Billed, 700)
	add("ramed", reconcile.Billed, 300)
	add("", reconcile.Received, 400) // the receipts do not tell who paid
	var got []reconcile.AmountLine
	for _, l := range tally.Report(nil).Amounts {
		if l.Item == reconcile.Remaining {
			got = append(got, l)
		}
	}
	want := []reconcile.AmountLine{{
		AmountKey:   reconcile.AmountKey{Source: "s", Month: "2024-03", Item: reconcile.Remaining},
		AmountCount: reconcile.AmountCount{Expected: 600},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPerson(t *testing.T) {
	tally := new(reconcile.Tally)
	tally.Person()
	tally.Person("b")
	tally.Person("b", "a", "b")
	tally.Person("c", "b", "a")
	got := tally.Report(nil)
	persons := []reconcile.PersonsLine{
		{Source: "a", PersonsCount: reconcile.PersonsCount{Records: 2, Persons: 2, Founded: 0, Merged: 2, Shared: 2}},
		{Source: "b", PersonsCount: reconcile.PersonsCount{Records: 4, Persons: 3, Founded: 2, Merged: 2, Shared: 2}},
		{Source: "c", PersonsCount: reconcile.PersonsCount{Records: 1, Persons: 1, Founded: 1, Merged: 0, Shared: 1}},
	}
	if diff := cmp.Diff(persons, got.Persons); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
	overlaps := []reconcile.OverlapLine{
		{OverlapKey: reconcile.OverlapKey{A: "a", B: "b"}, OverlapCount: reconcile.OverlapCount{Persons: 2}},
		{OverlapKey: reconcile.OverlapKey{A: "a", B: "c"}, OverlapCount: reconcile.OverlapCount{Persons: 1}},
		{OverlapKey: reconcile.OverlapKey{A: "b", B: "c"}, OverlapCount: reconcile.OverlapCount{Persons: 1}},
	}
	if diff := cmp.Diff(overlaps, got.Overlaps); diff != "" {
		t.Errorf("overlaps (-want +got):\n%s", diff)
	}
}
