package workbook

import (
	"maps"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// definitions writes how each term, measure and reason is counted.
func (b *book) definitions() error {
	var lines [][3]string
	define := func(section, name, text string) {
		lines = append(lines, [3]string{b.words["section."+section], name, text})
	}
	for _, e := range []string{"rows", "entities", "controls", "amounts"} {
		define("equation", b.words["check."+e], b.words["define."+e])
	}
	for _, c := range []string{
		"extracted", "accepted", "rejected", "excluded", "joined", "produced", "created", "inserted", "updated", "unchanged", "merged",
		"before", "after", "valid", "declared", "server", "expected", "found", "left_out", "listed", "row_amount", "noted", "undated", "unreadable", "missing", "doubtful",
	} {
		define("column", b.words["col."+c], b.words["define."+c])
	}
	define("column", b.words["amount.remaining"], b.words["define.remaining"])
	for _, m := range b.measures() {
		text := b.Measures[m]
		if text == "" {
			text = b.words["define.measure.none"]
		}
		define("measure", b.words.code("measure", string(m)), text)
	}
	for _, r := range sih.Reasons {
		define("reason", string(r.Reason), b.words["reason."+string(r.Reason)])
	}
	s, err := b.open(tabDefinitions, len(lines), column{key: "subject", width: 24}, column{key: "name", width: 32}, column{key: "definition", kind: long, width: 120})
	if err != nil {
		return err
	}
	if err := s.totals(nil); err != nil {
		return err
	}
	for _, l := range lines {
		if err := s.add(l[0], l[1], l[2]); err != nil {
			return err
		}
	}
	return s.close()
}

// measures returns the auditors' measures and whatever else is counted or
// defined, in order.
func (b *book) measures() []reconcile.Measure {
	others := map[reconcile.Measure]bool{}
	for _, l := range b.Report.Controls {
		others[l.Measure] = true
	}
	for m := range b.Measures {
		others[m] = true
	}
	for _, m := range reconcile.Measures {
		delete(others, m)
	}
	return append(slices.Clone(reconcile.Measures), slices.Sorted(maps.Keys(others))...)
}
