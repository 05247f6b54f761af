package workbook

import (
	"iter"

	"github.com/sihctl/sih/load/reconcile"
)

// persons writes how many people each source's patient records are.
func (b *book) persons() error {
	lines := b.Report.Persons
	s, err := b.open(tabPersons, len(lines), columns([]column{{key: "source", width: 34}},
		counted("records", "founded", "merged_records"),
		[]column{{key: "persons", kind: whole, width: 15}, {key: "shared", kind: whole, width: 18}}, columnDifference)...)
	if err != nil {
		return err
	}
	sum := sumPersons(lines)
	if err := s.totals(map[string]any{"records": sum.Records, "founded": sum.Founded, "merged_records": sum.Merged}); err != nil {
		return err
	}
	for _, l := range lines {
		d := l.Records - l.Founded - l.Merged
		if err := s.add(string(l.Source), l.Records, l.Founded, l.Merged, l.Persons, l.Shared,
			live{"{records}-{founded}-{merged_records}", d}, d, b.state(d)); err != nil {
			return err
		}
	}
	return s.close()
}

func sumPersons(lines []reconcile.PersonsLine) (c reconcile.PersonsCount) {
	for _, l := range lines {
		c.Records += l.Records
		c.Founded += l.Founded
		c.Merged += l.Merged
	}
	return c
}

// overlaps writes how many people two sources share.
func (b *book) overlaps() error {
	lines := b.Report.Overlaps
	s, err := b.open(tabOverlaps, len(lines), column{key: "source_a", width: 34}, column{key: "source_b", width: 34},
		column{key: "shared_persons", kind: whole, width: 20})
	if err != nil {
		return err
	}
	// A person known to three sources is in three pairs: no total.
	if err := s.totals(nil); err != nil {
		return err
	}
	for _, l := range lines {
		if err := s.add(string(l.A), string(l.B), l.Persons); err != nil {
			return err
		}
	}
	return s.close()
}

// merges writes each merge with its evidence.
func (b *book) merges() error { return b.pairs(tabMerges, b.Merges, 0) }

// pairs writes pairs of records with what speaks for their being one person.
func (b *book) pairs(tab string, pairs iter.Seq2[Merge, error], side int) error {
	return list(b, tab, pairs, func(m Merge) []any {
		b.weights.add(m.Weight, side)
		var person any
		if !m.Person.IsZero() {
			person = m.Person.String()
		}
		return []any{person,
			string(m.A.Source), m.A.Facility, m.A.LocalID, b.name(m.A.Name), b.number(m.A.CIN),
			string(m.B.Source), m.B.Facility, m.B.LocalID, b.name(m.B.Name), b.number(m.B.CIN),
			b.words.code("method", m.Method), m.Rule, m.Weight, m.Probability, m.DecidedBy, m.Evidence}
	},
		column{key: "person", width: 28},
		column{key: "source_a", width: 13}, column{key: "facility_a", width: 15}, column{key: "ipp_a", width: 16}, column{key: "name_a", width: 15}, column{key: "cin_a", width: 10},
		column{key: "source_b", width: 13}, column{key: "facility_b", width: 15}, column{key: "ipp_b", width: 16}, column{key: "name_b", width: 15}, column{key: "cin_b", width: 10},
		column{key: "method", width: 9}, column{key: "rule", width: 17}, column{key: "weight", kind: weight, width: 8}, column{key: "probability", kind: limit, width: 11},
		column{key: "decided_by", width: 10}, column{key: "evidence", kind: long, width: 50})
}
