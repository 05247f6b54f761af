package workbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// reasons names, below the verdict, what speaks against it: each kind of check
// of which a line is off, with the number of such lines. Where none is, it says
// how many checks hold, and how many had no figure to hold.
func (s *summary) reasons(checks []check, first, last int) error {
	w := s.b.words
	words := fmt.Sprintf("$A$%d:$A$%d", first, last)
	states := fmt.Sprintf("$J$%d:$J$%d", first, last)
	of := fmt.Sprintf("$J$%d:$J$%d", first, first+max(len(checks), 1)-1) // without the terms
	var named []check
	off := map[string]int{}
	held, unstated := 0, 0
	for _, c := range checks {
		if _, known := off[c.word]; !known {
			named = append(named, c)
			off[c.word] = 0
		}
		switch {
		case !c.balanced():
			off[c.word]++
		case c.given != "" && c.givenValue == 0:
			unstated++
		default:
			held++
		}
	}
	var formula, value strings.Builder
	for _, c := range named {
		name, bad := w["check."+c.word], s.b.bad(c)
		count := fmt.Sprintf("COUNTIFS(%s,%q,%s,%q)", words, name, states, bad)
		fmt.Fprintf(&formula, `&IF(%[1]s>0," · %[2]s ("&%[1]s&")","")`, count, name)
		if n := off[c.word]; n > 0 {
			fmt.Fprintf(&value, " · %s (%d)", name, n)
		}
	}
	none := fmt.Sprintf("COUNTIF(%s,%q)", of, w["status.unstated"])
	all := fmt.Sprintf(`COUNTIF(%s,%q)&%q&IF(%[4]s>0," · "&%[4]s&%[5]q,"")`, of, w["status.ok"], " "+w["reasons.held"], none, " "+w["reasons.unstated"])
	nothing := s.b.grids[tabRows].span("extracted")
	text := value.String()
	switch {
	case sumRows(s.b.Report.Rows).Extracted == 0:
		text = w["reasons.nothing"]
	case text != "":
		text = w["reasons.off"] + text
	default:
		text = strconv.Itoa(held) + " " + w["reasons.held"]
		if unstated > 0 {
			text += " · " + strconv.Itoa(unstated) + " " + w["reasons.unstated"]
		}
	}
	live := fmt.Sprintf("IF(SUM(%s)=0,%q,IF(COUNTIF(%s,%q)+COUNTIF(%[3]s,%[5]q)>0,%q%s,%s))",
		nothing, w["reasons.nothing"], states, w["status.bad"], w["status.over"], w["reasons.off"], formula.String(), all)
	cells := []any{excelize.Cell{StyleID: s.b.styles.note, Value: w["reasons"]}, excelize.Cell{StyleID: s.b.styles.reason, Formula: live, Value: text}}
	for len(cells) < len(summaryWidths) {
		cells = append(cells, excelize.Cell{StyleID: s.b.styles.reason})
	}
	return s.put(18, cells...)
}

// bad is the word of a check that does not hold.
func (b *book) bad(c check) string {
	if c.over {
		return b.words["status.over"]
	}
	return b.words["status.bad"]
}
