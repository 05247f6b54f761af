package workbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih/load/reconcile"
)

// scope writes what was to be migrated and what not, and holds it against what
// the store has.
func (b *book) scope() error {
	ok, bad := b.words["status.ok"], b.words["status.bad"]
	no, silent := b.words["scope.no"], b.words["scope.silent"]
	return table(b, tabScope, b.Report.Scope, nil, func(l reconcile.ScopeLine) []any {
		word := b.words["scope.yes"]
		switch {
		case l.Silent:
			word = silent
		case !l.Migrated:
			word = no
		}
		state := ok
		if l.Off() != 0 {
			state = bad
		}
		return []any{l.Table, word, l.Made, l.Loaded, l.Why, l.Accepted, l.On,
			live{"IF(AND(OR({migrated}=" + strconv.Quote(no) + ",{migrated}=" + strconv.Quote(silent) + "),{loaded}<>0)," + strconv.Quote(bad) + "," + strconv.Quote(ok) + ")", state}}
	}, columnTable, column{key: "migrated", width: 16}, column{key: "made", kind: whole, width: 15}, column{key: "loaded", kind: whole, width: 15},
		column{key: "why", kind: long, width: 50}, column{key: "accepted_by", width: 26}, column{key: "accepted_on", width: 14}, column{key: "status", kind: status, width: 13})
}

// sequences writes the numbers of stays, invoices and receipts. A missing number
// may lie within the range of several facilities or years: there is no total.
func (b *book) sequences() error {
	return table(b, tabSequences, b.Series, func(l reconcile.SeriesLine) map[string]int64 {
		return map[string]int64{"count": l.Count, "repeated": l.Repeated, "unnumbered": l.Unnumbered}
	}, func(l reconcile.SeriesLine) []any {
		var first, last any
		if l.Count > 0 {
			first, last = l.Smallest, l.Largest
		}
		return []any{string(l.Source), b.words.code("series", l.Kind), l.Facility, year(l.Year), l.Prefix, l.Count, first, last, l.Missing, gaps(l), l.Repeated, l.Unnumbered}
	}, columnSource, column{key: "series", width: 16}, columnFacility, column{key: "year", kind: plain, width: 8}, column{key: "prefix", width: 14},
		column{key: "count", kind: whole, width: 12, summed: true}, column{key: "smallest", kind: plain, width: 18}, column{key: "largest", kind: plain, width: 18},
		column{key: "missing", kind: whole, width: 11}, column{key: "gaps", kind: long, width: 32}, column{key: "repeated", kind: whole, width: 12, summed: true}, column{key: "unnumbered", kind: whole, width: 12, summed: true})
}

// gaps lists the numbers that are missing, as far as they are known: those left
// out with a reason are found under them on the sheets of rejects and exclusions.
func gaps(l reconcile.SeriesLine) string {
	var list []string
	listed := int64(0)
	for _, g := range l.Gaps {
		one := l.Prefix + strconv.FormatInt(g.First, 10)
		if g.Last != g.First {
			one += "–" + strconv.FormatInt(g.Last, 10)
		}
		list = append(list, one)
		listed += g.Last - g.First + 1
	}
	if listed < l.Missing {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}

// hashes writes the hash totals.
func (b *book) hashes() error {
	return table(b, tabHashes, b.Hashes, nil, func(l HashTotal) []any {
		var sum any
		if l.Money {
			sum = centimes(l.Sum)
		}
		name := l.Column
		if name == "" {
			name = b.words["hashes.rows"]
		}
		return []any{l.Table, string(l.Source), name, l.Filled, l.First, l.Last, sum}
	}, columnTable, columnSource, column{key: "column", width: 24}, column{key: "filled", kind: whole, width: 15},
		column{key: "first", width: 15}, column{key: "last", width: 15}, column{key: "sum", kind: money, width: 20})
}

// codes writes each code list as it was met.
func (b *book) codes() error {
	return list(b, tabCodes, b.Codes, func(c Code) []any {
		state := styled{b.words.code("code", c.Status), text}
		return []any{string(c.Source), c.List, c.Code, c.Label, c.Target, state, c.By, c.Uses}
	}, columnSource, column{key: "list", width: 30}, column{key: "source_code", width: 18}, column{key: "label", width: 34}, column{key: "target", width: 20},
		column{key: "code_status", width: 14}, column{key: "approved_by", width: 18}, column{key: "uses", kind: whole, width: 12})
}

// review writes the pairs that nobody has decided.
func (b *book) review() error { return b.pairs(tabReview, b.Pairs, 1) }

// corrections writes what was corrected by hand.
func (b *book) corrections() error {
	return list(b, tabCorrections, each(b.Corrections), func(c Correction) []any {
		return []any{string(c.Source), c.Table, c.Key, c.Column, b.value(c.Old), b.value(c.New), c.Who, c.Why}
	}, columnSource, column{key: "source_table", width: 24}, column{key: "key", width: 20}, column{key: "field", width: 20},
		column{key: "old", width: 18}, column{key: "new", width: 18}, column{key: "who", width: 18}, column{key: "why", kind: long, width: 40})
}

// faults writes suspect and partial dates, and text that could not be decoded.
func (b *book) faults() error {
	return table(b, tabFaults, b.Faults, func(l FaultLine) map[string]int64 {
		return map[string]int64{"kept": l.Kept, "rejected": l.Rejected}
	}, func(l FaultLine) []any {
		what := b.words.code("fault", l.Kind)
		if text, ok := b.words["reason."+l.Kind]; ok {
			what = l.Kind + " " + text
		}
		detail := b.words.code("precision", l.Detail)
		if text, ok := b.words["measure."+l.Detail]; ok {
			detail = text
		}
		return []any{what, string(l.Source), l.Table, l.Field, detail, l.Kept, l.Rejected}
	}, column{key: "fault", width: 38}, columnSource, columnTable, column{key: "field", width: 24}, column{key: "fault_detail", width: 26},
		column{key: "kept", kind: whole, width: 13, summed: true}, column{key: "rejected", kind: whole, width: 13, summed: true})
}

// identifiers writes how the numbers look that people are known by.
func (b *book) identifiers() error {
	return table(b, tabIdentifiers, b.Identifiers, func(l IdentifierLine) map[string]int64 {
		return map[string]int64{"numbers": l.Numbers}
	}, func(l IdentifierLine) []any {
		return []any{string(l.Source), b.words.code("id", l.System), b.words.code("owner", l.Owner), b.words.code("grade", l.Grade), l.Numbers}
	}, columnSource, column{key: "id_system", width: 34}, column{key: "owner", width: 24}, column{key: "grade", width: 24}, column{key: "numbers", kind: whole, width: 16, summed: true})
}

// clashes writes the personal numbers that several people have.
func (b *book) clashes() error {
	return list(b, tabClashes, b.Clashes, func(c Clash) []any {
		return []any{b.words.code("id", c.System), b.number(c.Number), c.Persons, c.Records, c.Sources, holders(c)}
	}, column{key: "id_system", width: 28}, column{key: "number", width: 14}, column{key: "persons", kind: whole, width: 11}, column{key: "records", kind: whole, width: 11},
		column{key: "sources", kind: whole, width: 11}, column{key: "holders", kind: long, width: 76})
}

// holders names the records by which the archive finds the people: those of one
// person stand together.
func holders(c Clash) string {
	var people []string
	listed := int64(0)
	for _, records := range c.Holders {
		var one []string
		for _, r := range records {
			one = append(one, join(string(r.Source), r.Facility, r.LocalID))
		}
		people = append(people, strings.Join(one, " = "))
		listed += int64(len(records))
	}
	if listed < c.Records {
		people = append(people, "…")
	}
	return strings.Join(people, " ≠ ")
}

// safety accounts for what may harm a patient if it is lost.
func (b *book) safety() error {
	ok, bad, none := b.words["status.ok"], b.words["status.bad"], b.words["status.unstated"]
	return table(b, tabSafety, b.Report.Safety, nil, func(l reconcile.SafetyLine) []any {
		var expected any
		state := none
		if l.Expected != nil {
			expected, state = *l.Expected, ok
		}
		d := l.Difference()
		if d != 0 {
			state = bad
		}
		const off = "IF({expected}=\"\",0,{expected}-{found}-{left_out}-MAX(0,MIN({doubtful},{expected}-{found}-{left_out})))"
		return []any{b.words.code("safety", string(l.Subject)), string(l.Source), expected, l.Found, l.LeftOut, l.Doubtful, live{off, d}, d,
			live{fmt.Sprintf("IF({expected}=\"\",%q,IF(AND({difference}=0,{difference_program}=0),%q,%q))", none, ok, bad), state}}
	}, columns([]column{{key: "safety", width: 34}, columnSource,
		{key: "expected", kind: whole, width: 15}, {key: "found", kind: whole, width: 15}, {key: "left_out", kind: whole, width: 14}, {key: "doubtful", kind: whole, width: 14}},
		columnDifference)...)
}

// alerts writes the single cases.
func (b *book) alerts() error {
	return list(b, tabAlerts, b.Alerts, func(a Alert) []any {
		return []any{b.words.code("safety", a.Subject), string(a.Source), a.SourceTable, a.SourceKey, a.Facility, b.told(a.Detail)}
	}, column{key: "safety", width: 36}, columnSource, column{key: "source_table", width: 26}, column{key: "key", width: 22}, columnFacility, column{key: "detail", kind: long, width: 40})
}

// sample writes the rows that were drawn, with cells for the auditor's verdict.
func (b *book) sample() error {
	x := b.Sample
	if x == nil {
		return nil
	}
	b.notes[tabSample] = fmt.Sprintf(b.words["sample.how"], x.Size, x.Population, percent(x.Confidence), percent(x.Tolerable), x.Seed)
	s, err := b.open(tabSample, len(x.Lines),
		column{key: "number", kind: plain, width: 6}, column{key: "source", width: 13}, column{key: "source_table", width: 19}, column{key: "key", width: 16},
		column{key: "facility", width: 14}, column{key: "source_column", width: 16}, column{key: "source_value", kind: long, width: 22},
		column{key: "field", width: 24}, column{key: "store_value", kind: long, width: 22},
		column{key: "verdict", kind: input, width: 12, choices: []string{b.words["verdict.same"], b.words["verdict.wrong"]}},
		column{key: "initials", kind: input, width: 9}, column{key: "remark", kind: input, width: 22})
	if err != nil {
		return err
	}
	if err := s.totals(nil); err != nil {
		return err
	}
	for _, l := range x.Lines {
		source, value, field := l.SourceValue, l.Value, l.Field
		if l.Person {
			source = b.field(l.Field, source)
			if !l.Absent {
				value = b.field(l.Field, value)
			}
		}
		if l.Table != "" {
			field = l.Table + "." + l.Field
		}
		if l.Absent {
			value = b.words.code("absent", l.Value)
			if text, ok := b.words["reason."+l.Value]; ok {
				value = b.words["absent.rejected"] + " " + l.Value + " " + text
			}
		}
		if err := s.add(l.Number, string(l.Source), l.SourceTable, l.SourceKey, l.Facility, l.SourceColumn, source, field, value, nil, nil, nil); err != nil {
			return err
		}
	}
	return s.close()
}

// percent writes a share without needless zeros.
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', -1, 64) + " %"
}

// roles sign, in this order.
var roles = []string{"engineer", "hospital", "clinician", "protection", "auditor"}

// signOff writes the cells that people sign in.
func (b *book) signOff() error {
	s, err := b.open(tabSignOff, len(roles), column{key: "role", width: 40}, column{key: "signer", kind: input, width: 30},
		column{key: "opinion", kind: input, width: 26, choices: []string{b.words["opinion.yes"], b.words["opinion.reserve"], b.words["opinion.no"]}},
		column{key: "signed_on", kind: input, width: 16}, column{key: "signature", kind: input, width: 30}, column{key: "remark", kind: input, width: 36})
	if err != nil {
		return err
	}
	s.tall = 45
	if err := s.totals(nil); err != nil {
		return err
	}
	for _, r := range roles {
		if err := s.add(b.words["role."+r], nil, nil, nil, nil, nil); err != nil {
			return err
		}
	}
	return s.close()
}
