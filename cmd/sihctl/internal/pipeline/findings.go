package pipeline

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// sequences gathers the numbers of stays, invoices and receipts.
func (a *auditor) sequences(ctx context.Context) ([]reconcile.SeriesLine, error) {
	if err := a.facilityOf(ctx); err != nil {
		return nil, err
	}
	var out []reconcile.SeriesLine
	d := a.store.Dialect()
	for _, q := range []struct{ kind, table, number, when string }{
		{"stay", "encounter", "local_number", a.yearOf("start_ts")},
		{"invoice", "claim", "claim_number", d.ISO("issued_on", 4)},
		{"receipt", "payment", "receipt_number", d.ISO("paid_on", 4)},
	} {
		var s reconcile.Sequences // one kind at a time bounds what is held
		sql := fmt.Sprintf("SELECT source_system, organisation_id, %s, %s FROM %s WHERE %[2]s IS NOT NULL", q.when, q.number, q.table) + a.living("AND", q.table)
		err := a.store.Query(ctx, sql, nil, func(r store.Row) error {
			k := reconcile.SeriesKey{Source: sih.SourceID(r.Text(0)), Kind: q.kind, Facility: a.units[r.Text(1)], Year: a.year(r.Text(2))}
			s.Add(k, r.Text(3))
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, s.Lines()...)
	}
	slices.SortStableFunc(out, func(x, y reconcile.SeriesLine) int { return strings.Compare(string(x.Source), string(y.Source)) })
	return out, nil
}

// hashTotals asks for the rows, dates and sums of every table with a source.
func (a *auditor) hashTotals(ctx context.Context) ([]workbook.HashTotal, error) {
	d := a.store.Dialect()
	var out []workbook.HashTotal
	for _, t := range sih.Tables {
		if t.Group == sih.Ledger || t.Column("source_system") < 0 {
			continue
		}
		var dates, sums []string
		fields := []string{"source_system", "count(*)"}
		for _, c := range t.Columns {
			switch c.Kind {
			case sih.KindDate, sih.KindTS, sih.KindPDate:
				if c.Clock {
					continue
				}
				dates = append(dates, c.Name)
				fields = append(fields, "count("+c.Name+")", d.ISO("min("+c.Name+")", 10), d.ISO("max("+c.Name+")", 10))
			case sih.KindMoney:
				sums = append(sums, c.Name)
			}
		}
		for _, c := range sums {
			fields = append(fields, "count("+c+")", "sum("+c+")")
		}
		sql := "SELECT " + strings.Join(fields, ", ") + " FROM " + t.Name + a.living("WHERE", t.Name) + " GROUP BY source_system ORDER BY source_system"
		err := a.store.Query(ctx, sql, nil, func(r store.Row) error {
			line := workbook.HashTotal{Table: t.Name, Source: sih.SourceID(strings.Clone(r.Text(0))), Filled: r.Int(1)}
			out = append(out, line)
			at := 2
			for _, c := range dates {
				if line.Column, line.Filled = c, r.Int(at); line.Filled > 0 {
					line.First, line.Last = strings.Clone(r.Text(at+1)), strings.Clone(r.Text(at+2))
					out = append(out, line)
				}
				at += 3
			}
			line.First, line.Last, line.Money = "", "", true
			for _, c := range sums {
				if line.Column, line.Filled, line.Sum = c, r.Int(at), r.Int(at+1); line.Filled > 0 {
					out = append(out, line)
				}
				at += 2
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// identifiers counts the numbers that people are known by, and the records
// without a national one.
func (a *auditor) identifiers(ctx context.Context, country string) ([]workbook.IdentifierLine, error) {
	var out []workbook.IdentifierLine
	err := a.store.Query(ctx, grouped([]string{"source_system", "id_system", "owner", "grade"}, "person_identifier"+a.living("WHERE", "person_identifier"), "count(*)"), nil, func(r store.Row) error {
		out = append(out, workbook.IdentifierLine{
			Source: sih.SourceID(strings.Clone(r.Text(0))), System: strings.Clone(r.Text(1)), Owner: strings.Clone(r.Text(2)), Grade: strings.Clone(r.Text(3)), Numbers: r.Int(4),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	system, column := "ma:cin", "cin"
	if country == "dz" {
		system, column = "dz:nin", "nin"
	}
	err = a.store.Query(ctx, grouped([]string{"source_system"}, "source_person WHERE "+column+" IS NULL"+a.living("AND", "source_person"), "count(*)"), nil, func(r store.Row) error {
		out = append(out, workbook.IdentifierLine{Source: sih.SourceID(strings.Clone(r.Text(0))), System: system, Owner: "none", Grade: "none", Numbers: r.Int(1)})
		return nil
	})
	key := func(l workbook.IdentifierLine) string {
		return fmt.Sprintf("%s\x00%s\x00%s\x00%s", l.Source, l.System, l.Owner, l.Grade)
	}
	slices.SortFunc(out, func(x, y workbook.IdentifierLine) int { return strings.Compare(key(x), key(y)) })
	return out, err
}

// clashes lists the personal numbers that several people have.
func (a *auditor) clashes(ctx context.Context) iter.Seq2[workbook.Clash, error] {
	return stream(ctx, a.store, `SELECT id_system, id_norm, count(DISTINCT person_id), count(*), count(DISTINCT source_system) FROM person_identifier
		WHERE owner = 'self' AND id_system NOT IN ('ipp', 'legacy') AND grade IN ('valid', 'atypical')`+a.living("AND", "person_identifier")+`
		GROUP BY id_system, id_norm HAVING count(DISTINCT person_id) > 1 ORDER BY id_system, id_norm`, func(r store.Row) workbook.Clash {
		return workbook.Clash{System: r.Text(0), Number: r.Text(1), Persons: r.Int(2), Records: r.Int(3), Sources: r.Int(4)}
	})
}

// codes lists how each code was translated, unmapped ones first.
func codes(ctx context.Context, s store.Store) iter.Seq2[workbook.Code, error] {
	return stream(ctx, s, `SELECT source_system, list_name, source_code, label, target_code, status, approved_by, uses FROM code_map
		ORDER BY CASE WHEN status = 'unmapped' THEN 0 ELSE 1 END, source_system, list_name, uses DESC, source_code`, func(r store.Row) workbook.Code {
		return workbook.Code{Source: sih.SourceID(r.Text(0)), List: r.Text(1), Code: r.Text(2), Label: r.Text(3), Target: r.Text(4), Status: r.Text(5), By: r.Text(6), Uses: r.Int(7)}
	})
}

// faults counts what is amiss with dates and texts: what the rules noted, what
// is known in part, and what controls could not date.
func (a *auditor) faults(ctx context.Context, controls []reconcile.ControlLine) ([]workbook.FaultLine, error) {
	lines := map[workbook.FaultLine][2]int64{}
	add := func(l workbook.FaultLine, side int, n int64) {
		c := lines[l]
		c[side] += n
		lines[l] = c
	}
	err := a.store.Query(ctx, grouped([]string{"source_system", "table_name", "field", "reason", "severity"}, "reject WHERE reason IN ('R02', 'R06', 'R10', 'R11')", "count(*)"), nil, func(r store.Row) error {
		side := 0
		if r.Text(4) == "reject" {
			side = 1
		}
		add(workbook.FaultLine{Source: sih.SourceID(strings.Clone(r.Text(0))), Table: strings.Clone(r.Text(1)), Field: strings.Clone(r.Text(2)), Kind: strings.Clone(r.Text(3))}, side, r.Int(5))
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range sih.Tables {
		if t.Group == sih.Ledger || t.Column("source_system") < 0 {
			continue
		}
		for _, c := range t.Columns {
			if c.Kind != sih.KindPDate {
				continue
			}
			err := a.store.Query(ctx, grouped([]string{"source_system", c.Name + "_prec"}, t.Name+" WHERE "+c.Name+"_prec <> 'day'"+a.living("AND", t.Name), "count(*)"), nil, func(r store.Row) error {
				add(workbook.FaultLine{Source: sih.SourceID(strings.Clone(r.Text(0))), Table: t.Name, Field: c.Name, Kind: "partial", Detail: strings.Clone(r.Text(1))}, 0, r.Int(2))
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	for _, l := range controls {
		if l.Undated != 0 {
			add(workbook.FaultLine{Source: l.Source, Kind: "undated", Detail: string(l.Measure)}, 0, l.Undated)
		}
	}
	out := make([]workbook.FaultLine, 0, len(lines))
	for l, n := range lines {
		l.Kept, l.Rejected = n[0], n[1]
		out = append(out, l)
	}
	key := func(l workbook.FaultLine) string {
		return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s", l.Kind, l.Source, l.Table, l.Field, l.Detail)
	}
	slices.SortFunc(out, func(x, y workbook.FaultLine) int { return strings.Compare(key(x), key(y)) })
	return out, nil
}
