package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/transform/stage"
)

// countControl adds what a row counts for. What counts for an amount is one, and
// a control total otherwise; what could not be dated or read is told by itself.
func countControl(t *reconcile.Tally, source sih.SourceID, c stage.Control, leftOut bool) {
	if item := reconcile.Item(c.Measure); slices.Contains(reconcile.Items, item) {
		month := ""
		if c.Month != 0 {
			month = fmt.Sprintf("%04d-%02d", c.Year, c.Month)
		}
		line := t.Amount(reconcile.AmountKey{Source: source, Payer: c.Payer, Month: month, Item: item})
		line.Expected += c.Amount
		if leftOut {
			line.LeftOut += c.Amount
		}
		return
	}
	if measure, undated := strings.CutSuffix(c.Measure, " undated"); undated {
		// Of amounts, the lines without a month tell as much.
		if !slices.Contains(reconcile.Items, reconcile.Item(measure)) {
			t.Control(reconcile.ControlKey{Source: source, Facility: c.Facility, Measure: reconcile.Measure(measure)}).Undated += c.Amount
		}
		return
	}
	measure, unreadable := strings.CutSuffix(c.Measure, " unreadable")
	if unreadable {
		if item := reconcile.Item(measure); slices.Contains(reconcile.Items, item) {
			t.Amount(reconcile.AmountKey{Source: source, Payer: c.Payer, Item: item}).Unreadable += c.Amount
		}
		return
	}
	line := t.Control(reconcile.ControlKey{Source: source, Facility: c.Facility, Year: c.Year, Measure: reconcile.Measure(c.Measure)})
	line.Expected += c.Amount
	if leftOut {
		line.LeftOut += c.Amount
	}
}
