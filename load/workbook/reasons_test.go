package workbook_test

import (
	"testing"

	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
)

// Below the verdict stands what speaks against it, or how much holds.
func TestReasons(t *testing.T) {
	for _, test := range []struct {
		name   string
		plant  func(*reconcile.Tally)
		limits reconcile.Limits
		want   string
	}{
		{"nothing", func(*reconcile.Tally) {}, limits, "23 checks balanced · 16 without a figure to hold"},
		{"one centime", func(t *reconcile.Tally) {
			t.Amount(reconcile.AmountKey{Source: sources[1], Payer: "payant", Month: "2024-01", Item: reconcile.Insurer}).Found--
		}, limits, "Off · Amounts (MAD) (1)"},
		{"a row of two sources", func(t *reconcile.Tally) {
			t.Rows(reconcile.RowsKey{Source: sources[0], Table: "dbo.PACIENTES"}).Extracted++
			t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.PACIENTES"}).Extracted++
		}, limits, "Off · Rows (2)"},
		{"too much rejected", func(*reconcile.Tally) {}, reconcile.Limits{"encounter": 1}, "Off · Tolerances (1)"},
	} {
		tally := tally(2, 3)
		c := content(tally, 6, 8)
		c.Lang = "en"
		test.plant(tally)
		c.Report = tally.Report(test.limits)
		if got := value(t, open(t, write(t, c)), "Summary", "B4"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	empty := workbook.Content{Report: new(reconcile.Report), Lang: "en"}
	if got, want := value(t, open(t, write(t, empty)), "Summary", "B4"), "No row was extracted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
