package workbook

import (
	"iter"
	"math"

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
// Pairs that nobody has decided have no person yet, and nobody who decided.
func (b *book) pairs(tab string, pairs iter.Seq2[Merge, error], side int) error {
	decided := tab == tabMerges
	cols := []column{{key: "person", kind: long, width: 15}}
	for _, of := range [...]string{"_a", "_b"} {
		cols = append(cols, column{key: "source" + of, kind: long, width: 10}, column{key: "facility" + of, kind: long, width: 13},
			column{key: "ipp" + of, kind: long, width: 14}, column{key: "name" + of, kind: long, width: 13}, column{key: "cin" + of, width: 8})
	}
	cols = append(cols, column{key: "method", width: 9}, column{key: "rule", kind: long, width: 14}, column{key: "weight", kind: weight, width: 8},
		column{key: "probability", kind: limit, width: 10}, column{key: "evidence", kind: long, width: 42}, column{key: "decided_by", kind: long, width: 10})
	if !decided {
		cols = cols[1 : len(cols)-1]
	}
	return list(b, tab, pairs, func(m Merge) []any {
		b.weights.add(m.Weight, side)
		line := []any{nil}
		if !m.Person.IsZero() {
			line[0] = m.Person.String()
		}
		for _, r := range [...]Record{m.A, m.B} {
			line = append(line, string(r.Source), r.Facility, r.LocalID, b.name(r.Name), b.number(r.CIN))
		}
		line = append(line, b.words.code("method", m.Method), m.Rule, m.Weight, likely(m.Probability), m.Evidence, m.DecidedBy)
		if !decided {
			line = line[1 : len(line)-1]
		}
		return line
	}, cols...)
}

// likely is a probability as it is shown: down to the millionth below, so that
// none is rounded up to certainty.
func likely(p float64) float64 {
	if p >= 1 {
		return p
	}
	// What a product of doubles lacks to a whole number is no millionth.
	return min(math.Floor(p*1e6+1e-9), 999_999) / 1e6
}
