package workbook

import (
	"fmt"

	"github.com/sihctl/sih/load/reconcile"
)

// difference of a control total or an amount. Amounts are shown in units of
// the currency, whose doubles do not add up to zero by themselves.
const expectedDifference = "ROUND({expected}-{found}-{left_out},2)"

// What the hospital's own figures are off by, where there are any.
const (
	offDeclared = `IF({declared}="",0,ROUND({declared}-{expected},2))`
	offServer   = `IF({server}="",0,ROUND({server}-{expected},2))`
)

// fourHands is the formula of a line's state: all four hands agree.
func (b *book) fourHands() string {
	return fmt.Sprintf("IF(AND({difference}=0,{difference_program}=0,{difference_declared}=0,{difference_server}=0),%q,%q)", b.words["status.ok"], b.words["status.bad"])
}

// controls writes the control totals by their four hands.
func (b *book) controls() error {
	lines := b.Report.Controls
	s, err := b.open(tabControls, len(lines), columns([]column{{key: "source", width: 18}, {key: "facility", width: 18}, {key: "year", kind: plain, width: 7}, {key: "measure", width: 23}},
		[]column{{key: "declared", kind: inputWhole, width: 13}, {key: "server", kind: whole, width: 13}, {key: "expected", kind: whole, width: 14}, {key: "found", kind: whole, width: 14},
			{key: "left_out", kind: whole, width: 11}, {key: "undated", kind: whole, width: 10},
			{key: "difference_declared", kind: whole, width: 12}, {key: "difference_server", kind: whole, width: 12}}, columnDifference)...)
	if err != nil {
		return err
	}
	// Measures of different units have no common total.
	if err := s.totals(nil); err != nil {
		return err
	}
	ok, bad := b.words["status.ok"], b.words["status.bad"]
	word := b.fourHands()
	for _, l := range lines {
		show := func(n int64) any { return measured(l.Measure, n) }
		given := func(n *int64) any {
			if n == nil {
				return nil
			}
			return show(*n)
		}
		difference := func(formula string, n int64) any {
			out := styled{live{formula, unit(l.Measure, n)}, whole}
			if l.Measure.Money() {
				out.kind = money
			}
			return out
		}
		d := l.Difference()
		declared, server := l.Off(l.Expected)
		state := ok
		if d != 0 || declared != 0 || server != 0 {
			state = bad
		}
		typed := styled{nil, inputWhole} // what the hospital may type in
		if l.Measure.Money() {
			typed.kind = inputMoney
		}
		if l.Declared != nil {
			typed.value = unit(l.Measure, *l.Declared)
		}
		if err := s.add(string(l.Source), l.Facility, year(l.Year), b.words.code("measure", string(l.Measure)),
			typed, given(l.Server), show(l.Expected), show(l.Found), show(l.LeftOut), some(l.Undated),
			difference(offDeclared, declared), difference(offServer, server),
			difference(expectedDifference, d), show(d), live{word, state}); err != nil {
			return err
		}
	}
	return s.close()
}

// unit is n in the unit that m is shown in.
func unit(m reconcile.Measure, n int64) any {
	if m.Money() {
		return centimes(n)
	}
	return n
}

// measured is n as a cell of m's kind.
func measured(m reconcile.Measure, n int64) any {
	if m.Money() {
		return styled{centimes(n), money}
	}
	return n
}

// amounts writes the amounts.
func (b *book) amounts() error {
	lines := b.Report.Amounts
	amount := func(key string, width float64) column { return column{key: key, kind: money, width: width} }
	s, err := b.open(tabAmounts, len(lines), column{key: "source", width: 18}, column{key: "payer", width: 20}, column{key: "month", width: 9}, column{key: "item", width: 20},
		amount("declared", 15), amount("server", 15), amount("expected", 15), amount("found", 15), amount("left_out", 13),
		column{key: "unreadable", kind: whole, width: 10},
		amount("difference_declared", 12), amount("difference_server", 12), amount("difference", 12), amount("difference_program", 12), column{key: "status", kind: status, width: 12})
	if err != nil {
		return err
	}
	if err := s.totals(nil); err != nil {
		return err
	}
	given := func(n *int64) any {
		if n == nil {
			return nil
		}
		return centimes(*n)
	}
	word := b.fourHands()
	for _, l := range lines {
		d := l.Difference()
		declared, server := l.Off(l.Expected)
		state := b.words["status.ok"]
		if d != 0 || declared != 0 || server != 0 {
			state = b.words["status.bad"]
		}
		if err := s.add(string(l.Source), l.Payer, l.Month, b.words.code("amount", string(l.Item)),
			given(l.Declared), given(l.Server), centimes(l.Expected), centimes(l.Found), centimes(l.LeftOut), some(l.Unreadable),
			live{offDeclared, centimes(declared)}, live{offServer, centimes(server)},
			live{expectedDifference, centimes(d)}, centimes(d), live{word, state}); err != nil {
			return err
		}
	}
	return s.close()
}

// completeness writes how full each column is.
func (b *book) completeness() error {
	lines := b.Report.Completeness
	part := func(key string) column { return column{key: key, kind: share, width: 11} }
	s, err := b.open(tabCompleteness, len(lines), columns([]column{columnTable, {key: "column", width: 22}, columnSource},
		counted("entities_made", "before", "after", "valid"), []column{part("before_share"), part("after_share"), part("valid_share")})...)
	if err != nil {
		return err
	}
	var sum reconcile.FieldCount
	for _, l := range lines {
		sum.Rows += l.Rows
		sum.Before += l.Before
		sum.After += l.After
		sum.Valid += l.Valid
	}
	if err := s.totals(map[string]any{"entities_made": sum.Rows, "before": sum.Before, "after": sum.After, "valid": sum.Valid}); err != nil {
		return err
	}
	of := func(key string, n, rows int64) live {
		l := live{"IF({entities_made}=0,0,{" + key + "}/{entities_made})", 0.0}
		if rows != 0 {
			l.value = float64(n) / float64(rows)
		}
		return l
	}
	for _, l := range lines {
		if err := s.add(l.Table, l.Column, string(l.Source), l.Rows, l.Before, l.After, l.Valid,
			of("before", l.Before, l.Rows), of("after", l.After, l.Rows), of("valid", l.Valid, l.Rows)); err != nil {
			return err
		}
	}
	return s.close()
}
