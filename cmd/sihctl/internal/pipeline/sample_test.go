package pipeline

import (
	"slices"
	"testing"

	"github.com/sihctl/sih/load/workbook"
)

// A drawn row shows what there is to compare, and at least a line.
func TestTelling(t *testing.T) {
	line := func(column, source, field, value string) workbook.SampleLine {
		return workbook.SampleLine{SourceColumn: column, SourceValue: source, Field: field, Value: value}
	}
	for _, test := range []struct {
		name  string
		lines []workbook.SampleLine
		want  []string // the fields that are shown
	}{
		{"both empty", []workbook.SampleLine{line("A", "1", "a", "1"), line("B", "", "b", "")}, []string{"a"}},
		{"lost", []workbook.SampleLine{line("A", "1", "a", "1"), line("B", "2", "b", "")}, []string{"a", "b"}},
		{"from nowhere", []workbook.SampleLine{line("A", "", "a", "1")}, []string{"a"}},
		{"a number of one of three kinds", []workbook.SampleLine{line("N", "9", "cin", ""), line("N", "9", "passport", "9"), line("N", "9", "card", "")}, []string{"passport"}},
		{"a number of no kind", []workbook.SampleLine{line("N", "9", "cin", ""), line("N", "9", "passport", "")}, []string{"cin", "passport"}},
		{"nothing", []workbook.SampleLine{line("A", "", "a", ""), line("B", "", "b", "")}, []string{"a"}},
	} {
		var got []string
		for _, l := range telling(test.lines) {
			got = append(got, l.Field)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if got := telling(nil); len(got) != 0 {
		t.Errorf("of no line: %v", got)
	}
}
