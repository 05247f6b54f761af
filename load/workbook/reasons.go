package workbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// reasons writes, below the verdict, what speaks against it: each kind of check
// of which a line is off, with the number of such lines. Where none is, it says
// how many checks hold, and how many had no figure to hold. The checks, and the
// terms below them, lie from row first to row last.
func (s *summary) reasons(checks []check, first, last int) error {
	reason := s.b.styles.reason
	cells := []any{
		excelize.Cell{StyleID: s.b.styles.note, Value: s.b.words["reasons"]},
		excelize.Cell{StyleID: reason, Formula: s.reasonsFormula(checks, first, last), Value: s.reasonsText(checks)},
	}
	for len(cells) < len(summaryWidths) {
		cells = append(cells, excelize.Cell{StyleID: reason})
	}
	return s.put(18, cells...)
}

// kindsOf are the first checks of each kind.
func kindsOf(checks []check) []check {
	var out []check
	met := map[string]bool{}
	for _, c := range checks {
		if !met[c.word] {
			met[c.word] = true
			out = append(out, c)
		}
	}
	return out
}

// reasonsText is what the program finds.
func (s *summary) reasonsText(checks []check) string {
	w := s.b.words
	off := map[string]int{}
	held, unstated := 0, 0
	for _, c := range checks {
		switch {
		case !c.balanced():
			off[c.word]++
		case c.given != "" && c.givenValue == 0:
			unstated++
		default:
			held++
		}
	}
	if sumRows(s.b.Report.Rows).Extracted == 0 {
		return w["reasons.nothing"]
	}
	if len(off) > 0 {
		out := w["reasons.off"]
		for _, c := range kindsOf(checks) {
			if n := off[c.word]; n > 0 {
				out += fmt.Sprintf(" · %s (%d)", w["check."+c.word], n)
			}
		}
		return out
	}
	out := strconv.Itoa(held) + " " + w["reasons.held"]
	if unstated > 0 {
		out += " · " + strconv.Itoa(unstated) + " " + w["reasons.unstated"]
	}
	return out
}

// reasonsFormula finds the same in the cells. A term that somebody has changed
// counts among the checks of its kind.
func (s *summary) reasonsFormula(checks []check, first, last int) string {
	w := s.b.words
	names := fmt.Sprintf("$A$%d:$A$%d", first, last)
	states := fmt.Sprintf("$J$%d:$J$%d", first, last)
	var off strings.Builder
	for _, c := range kindsOf(checks) {
		name := w["check."+c.word]
		lines := fmt.Sprintf("COUNTIFS(%s,%q,%s,%q)", names, name, states, s.b.bad(c))
		fmt.Fprintf(&off, `&IF(%[1]s>0," · %[2]s ("&%[1]s&")","")`, lines, name)
	}
	checked := fmt.Sprintf("$J$%d:$J$%d", first, first+max(len(checks), 1)-1)
	held := fmt.Sprintf("COUNTIF(%s,%q)&%q", checked, w["status.ok"], " "+w["reasons.held"])
	none := fmt.Sprintf("COUNTIF(%s,%q)", checked, w["status.unstated"])
	unstated := fmt.Sprintf(`IF(%[1]s>0," · "&%[1]s&%[2]q,"")`, none, " "+w["reasons.unstated"])
	return fmt.Sprintf("IF(SUM(%s)=0,%q,IF(COUNTIF(%[3]s,%[4]q)+COUNTIF(%[3]s,%[5]q)>0,%[6]q%[7]s,%[8]s&%[9]s))",
		s.b.grids[tabRows].span("extracted"), w["reasons.nothing"], states, w["status.bad"], w["status.over"], w["reasons.off"], off.String(), held, unstated)
}

// bad is the word of a check that does not hold.
func (b *book) bad(c check) string {
	if c.over {
		return b.words["status.over"]
	}
	return b.words["status.bad"]
}
