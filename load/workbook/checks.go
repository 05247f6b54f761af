package workbook

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// check is one line of the Summary: two sides that must be equal, as formulas
// over the sheets behind and as the program's own values.
type check struct {
	word string // "check." and word is what is checked
	item string // the source, or the measure's label
	tab  string
	// left and right are formulas in which {key} is a column of the tab and
	// {@} the cell of the item; off counts the lines whose difference is not 0.
	left, right, off string
	// What the program expects, in counts or centimes.
	leftValue, rightValue, offValue int64
	money                           bool
	over                            bool // a tolerance rather than an equation
	// given counts the figures that somebody has given, for a check of what need
	// not be given; 0 of them is no difference.
	given      string
	givenValue int64
}

func (c check) balanced() bool { return c.leftValue == c.rightValue && c.offValue == 0 }

// perItem sums columns over the lines whose key column is the item.
func perItem(key string, columns ...string) string {
	out := ""
	for i, c := range columns {
		if i > 0 {
			out += "+"
		}
		out += "SUMIFS({" + c + "},{" + key + "},{@})"
	}
	return out
}

// offPerItem counts the lines of the item that are off.
func offPerItem(key string) string { return "COUNTIFS({" + key + "},{@},{difference},\"<>0\")" }

// checks returns every check, from the report alone. Sides that are equal in
// sum may still hide lines off in opposite ways, so each check counts those.
func (b *book) checks() []check {
	var out []check
	out = append(out, grouped(b.Report.Rows, nil, func(l reconcile.RowsLine) (sih.SourceID, int64, int64) { return l.Source, l.Extracted, l.Sum() },
		func(s sih.SourceID) check {
			return check{word: "rows", item: string(s), tab: tabRows, off: offPerItem("source"),
				left: perItem("source", "extracted"), right: perItem("source", "accepted", "rejected", "excluded", "joined")}
		})...)
	out = append(out, grouped(b.Report.Entities, nil, func(l reconcile.EntitiesLine) (sih.SourceID, int64, int64) { return l.Source, l.Made(), l.Sum() },
		func(s sih.SourceID) check {
			return check{word: "entities", item: string(s), tab: tabEntities, off: offPerItem("source"),
				left:  perItem("source", "produced", "created"),
				right: perItem("source", "inserted", "updated", "unchanged", "merged", "rejected")}
		})...)
	controls := grouped(b.Report.Controls, b.measures(), func(l reconcile.ControlLine) (reconcile.Measure, int64, int64) {
		return l.Measure, l.Expected, l.Found + l.LeftOut
	}, func(m reconcile.Measure) check {
		return check{word: "controls", item: b.words.code("measure", string(m)), tab: tabControls, off: offPerItem("measure"),
			left: perItem("measure", "expected"), right: perItem("measure", "found", "left_out"), money: m.Money()}
	})
	out = append(out, controls...)
	out = append(out, b.handChecks()...)
	out = append(out, grouped(b.Report.Amounts, reconcile.Items, func(l reconcile.AmountLine) (reconcile.Item, int64, int64) {
		return l.Item, l.Expected, l.Found + l.LeftOut
	}, func(i reconcile.Item) check {
		return check{word: "amounts", item: b.words.code("amount", string(i)), tab: tabAmounts, off: offPerItem("item"),
			left: perItem("item", "expected"), right: perItem("item", "found", "left_out"), money: true}
	})...)
	if len(b.Report.Persons) > 0 {
		sum := sumPersons(b.Report.Persons)
		c := check{word: "persons", item: b.words["item.persons"], tab: tabPersons, leftValue: sum.Records, rightValue: sum.Founded + sum.Merged,
			left: "SUM({records})", right: "SUM({founded})+SUM({merged_records})", off: "COUNTIFS({difference},\"<>0\",{source},\"<>\")"}
		for _, l := range b.Report.Persons {
			if l.Records != l.Founded+l.Merged {
				c.offValue++
			}
		}
		out = append(out, c)
	}
	if b.Excluded != nil {
		out = append(out, b.excludedCheck())
	}
	out = append(out, b.leftOutChecks()...)
	if len(b.Report.Safety) > 0 {
		c := check{word: "safety", item: b.words["item.safety"], tab: tabSafety,
			left:  "COUNTIF({status}," + strconv.Quote(b.words["status.ok"]) + ")+COUNTIF({status}," + strconv.Quote(b.words["status.bad"]) + ")",
			right: "COUNTIF({status}," + strconv.Quote(b.words["status.ok"]) + ")", off: "COUNTIFS({difference},\"<>0\",{source},\"<>\")"}
		for _, l := range b.Report.Safety {
			switch {
			case l.Expected == nil:
			case l.Difference() != 0:
				c.leftValue++
				c.offValue++
			default:
				c.leftValue++
				c.rightValue++
			}
		}
		out = append(out, c)
	}
	if b.has(tabScope) {
		c := check{word: "scope", item: b.words["item.scope"], tab: tabScope, left: "COUNTIFS({table},\"<>\")",
			right: "COUNTIF({status}," + strconv.Quote(b.words["status.ok"]) + ")", off: "COUNTIF({status}," + strconv.Quote(b.words["status.bad"]) + ")"}
		for _, l := range b.Report.Scope {
			c.leftValue++
			if l.Off() == 0 {
				c.rightValue++
			} else {
				c.offValue++
			}
		}
		out = append(out, c)
	}
	return append(out, b.toleranceCheck()...)
}

// handChecks compare what hospitals declared, and what their people counted on
// the server, with what was extracted. The auditor may type in a declared
// control total, so those checks are there before anybody has declared anything;
// amounts are checked where a file gives them.
func (b *book) handChecks() []check {
	var out []check
	for _, hand := range [...]struct {
		word string
		of   func(reconcile.Hands) *int64
	}{
		{"declared", func(h reconcile.Hands) *int64 { return h.Declared }},
		{"server", func(h reconcile.Hands) *int64 { return h.Server }},
	} {
		begin := func(key, label, tab string, money bool) check {
			return check{word: hand.word, item: label, tab: tab, money: money,
				left: perItem(key, hand.word), right: "SUMIFS({expected},{" + key + "},{@},{" + hand.word + "},\"<>\")",
				off:   "COUNTIFS({" + key + "},{@},{difference_" + hand.word + "},\"<>0\")",
				given: "COUNTIFS({" + key + "},{@},{" + hand.word + "},\"<>\")"}
		}
		for _, m := range b.measures() {
			c := begin("measure", b.words.code("measure", string(m)), tabControls, m.Money())
			met := false
			for _, l := range b.Report.Controls {
				if l.Measure == m {
					met = true
					c.hand(hand.of(l.Hands), l.Expected)
				}
			}
			if met {
				out = append(out, c)
			}
		}
		for _, i := range reconcile.Items {
			c := begin("item", b.words.code("amount", string(i)), tabAmounts, true)
			for _, l := range b.Report.Amounts {
				if l.Item == i {
					c.hand(hand.of(l.Hands), l.Expected)
				}
			}
			if c.givenValue > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

// hand adds a figure that a hospital has given, if it has.
func (c *check) hand(given *int64, extracted int64) {
	if given == nil {
		return
	}
	c.givenValue++
	c.leftValue += *given
	c.rightValue += extracted
	if *given != extracted {
		c.offValue++
	}
}

// excludedCheck compares the rows counted as excluded with those that were
// listed with a reason.
func (b *book) excludedCheck() check {
	return check{word: "excluded", item: b.words["item.excluded"], tab: tabRows,
		left: "SUM({excluded})", right: "SUM(" + b.grids[tabExcluded].span("count") + ")", off: "0",
		leftValue: sumRows(b.Report.Rows).Excluded, rightValue: b.excludedRows}
}

// leftOutChecks compare the rows that were left out, and what they would have
// brought, with those that the store lists and what it notes with them.
func (b *book) leftOutChecks() []check {
	if len(b.Report.Rows) == 0 {
		return nil
	}
	sum := sumRows(b.Report.Rows)
	off := func(key string) string { return "COUNTIFS({" + key + "},\"<>0\",{source},\"<>\")" }
	rows := check{word: "listed", item: b.words["item.listed"], tab: tabRows, left: "SUM({rejected})+SUM({excluded})", right: "SUM({listed})",
		off: off("difference_listed"), leftValue: sum.Rejected + sum.Excluded, rightValue: sum.Listed}
	amounts := check{word: "left_out", item: b.words["item.left_out"], tab: tabRows, left: "SUM({row_amount})", right: "SUM({noted})",
		off: off("difference_amount"), leftValue: sum.LeftOut, rightValue: sum.Noted, money: true}
	for _, l := range b.Report.Rows {
		if l.Unlisted() != 0 {
			rows.offValue++
		}
		if l.Unnoted() != 0 {
			amounts.offValue++
		}
	}
	return []check{rows, amounts}
}

// toleranceCheck compares the tables that are judged with those that keep
// their tolerance.
func (b *book) toleranceCheck() []check {
	c := check{word: "tolerances", item: b.words["item.tolerances"], tab: tabTolerances, over: true,
		left:  "COUNTIF({status}," + strconv.Quote(b.words["status.ok"]) + ")+COUNTIF({status}," + strconv.Quote(b.words["status.over"]) + ")",
		right: "COUNTIF({status}," + strconv.Quote(b.words["status.ok"]) + ")",
		off:   "COUNTIF({status}," + strconv.Quote(b.words["status.over"]) + ")"}
	for _, l := range b.Report.Tolerances {
		if l.Limit == nil {
			continue
		}
		c.leftValue++
		if l.Kept() {
			c.rightValue++
		} else {
			c.offValue++
		}
	}
	if c.leftValue == 0 {
		return nil
	}
	return []check{c}
}

// grouped sums lines into one check per key: in the given order, and further
// keys in the order of first sight.
func grouped[L any, K comparable](lines []L, order []K, sides func(L) (K, int64, int64), begin func(K) check) []check {
	var out []check
	at := map[K]int{}
	for _, k := range order {
		seen := func(l L) bool { key, _, _ := sides(l); return key == k }
		if slices.ContainsFunc(lines, seen) {
			at[k] = len(out)
			out = append(out, begin(k))
		}
	}
	for _, l := range lines {
		k, left, right := sides(l)
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, begin(k))
		}
		out[i].leftValue += left
		out[i].rightValue += right
		if left != right {
			out[i].offValue++
		}
	}
	return out
}

// checks writes the checks from the given row on.
func (s *summary) checks(checks []check, first int) error {
	if err := s.section("checks"); err != nil {
		return err
	}
	if err := s.heads(2, "check", "check_item", "left", "right", "difference", "left_program", "right_program", "gap", "lines_off", "status"); err != nil {
		return err
	}
	if s.row != first {
		return fmt.Errorf("checks begin in row %d, not %d", s.row, first)
	}
	for _, c := range checks {
		if err := s.check(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *summary) check(c check) error {
	k := whole
	show := func(n int64) any { return n }
	if c.money {
		k = money
		show = func(n int64) any { return centimes(n) }
	}
	row := strconv.Itoa(s.row)
	g := s.b.grids[c.tab]
	formula := func(f string) string {
		return expand(f, func(key string) string {
			if key == "@" {
				return "$B" + row
			}
			return g.span(key)
		})
	}
	round := func(f string) string {
		if c.money {
			return "ROUND(" + f + ",2)"
		}
		return f
	}
	ok, bad := s.b.words["status.ok"], s.b.bad(c)
	state, word := ok, strconv.Quote(ok)
	if c.given != "" {
		none := s.b.words["status.unstated"]
		word = "IF(" + formula(c.given) + "=0," + strconv.Quote(none) + "," + word + ")"
		if c.givenValue == 0 {
			state = none
		}
	}
	if !c.balanced() {
		state = bad
	}
	// The program's sides stand in F and G as plain values.
	return s.put(0, s.jump(c.tab, s.b.words["check."+c.word]), s.cell(text, c.item),
		s.live(k, round(formula(c.left)), show(c.leftValue)),
		s.live(k, round(formula(c.right)), show(c.rightValue)),
		s.live(k, round("C"+row+"-D"+row), show(c.leftValue-c.rightValue)),
		s.cell(k, show(c.leftValue)), s.cell(k, show(c.rightValue)),
		s.live(k, round("ABS(C"+row+"-F"+row+")+ABS(D"+row+"-G"+row+")"), show(0)),
		s.live(whole, formula(c.off), c.offValue),
		s.live(status, fmt.Sprintf("IF(AND(E%s=0,H%s=0,I%s=0),%s,%s)", row, row, row, word, strconv.Quote(bad)), state))
}

// terms are the terms of the two equations, over all sources.
var terms = []struct {
	tab, key string
	value    func(reconcile.RowsCount, reconcile.EntitiesCount) int64
}{
	{tabRows, "extracted", func(r reconcile.RowsCount, _ reconcile.EntitiesCount) int64 { return r.Extracted }},
	{tabRows, "accepted", func(r reconcile.RowsCount, _ reconcile.EntitiesCount) int64 { return r.Accepted }},
	{tabRows, "rejected", func(r reconcile.RowsCount, _ reconcile.EntitiesCount) int64 { return r.Rejected }},
	{tabRows, "excluded", func(r reconcile.RowsCount, _ reconcile.EntitiesCount) int64 { return r.Excluded }},
	{tabRows, "joined", func(r reconcile.RowsCount, _ reconcile.EntitiesCount) int64 { return r.Joined }},
	{tabEntities, "produced", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Produced }},
	{tabEntities, "created", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Created }},
	{tabEntities, "inserted", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Inserted }},
	{tabEntities, "updated", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Updated }},
	{tabEntities, "unchanged", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Unchanged }},
	{tabEntities, "merged", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Merged }},
	{tabEntities, "rejected", func(_ reconcile.RowsCount, e reconcile.EntitiesCount) int64 { return e.Rejected }},
}

// terms writes each term, up to the given row.
func (s *summary) terms(last int) error {
	if err := s.section("terms"); err != nil {
		return err
	}
	if err := s.heads(2, "check", "term", "value_live", "", "", "value_program", "", "gap", "", "status"); err != nil {
		return err
	}
	r, e := sumRows(s.b.Report.Rows), sumEntities(s.b.Report.Entities)
	ok, bad := s.b.words["status.ok"], s.b.words["status.bad"]
	for _, t := range terms {
		row, n := strconv.Itoa(s.row), t.value(r, e)
		if err := s.put(0, s.cell(text, s.b.words["check."+t.tab]), s.cell(text, s.b.words["col."+t.key]),
			s.live(whole, "SUM("+s.b.grids[t.tab].span(t.key)+")", n), s.cell(text, nil), s.cell(text, nil),
			s.cell(whole, n), s.cell(text, nil), s.live(whole, "ABS(C"+row+"-F"+row+")", int64(0)), s.cell(text, nil),
			s.live(status, "IF(H"+row+"=0,"+strconv.Quote(ok)+","+strconv.Quote(bad)+")", ok)); err != nil {
			return err
		}
	}
	if s.row-1 != last {
		return fmt.Errorf("terms end in row %d, not %d", s.row-1, last)
	}
	return nil
}
