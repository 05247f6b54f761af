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

// listedHolders is how many of the records with a shared number are named.
const listedHolders = 8

// clashes lists the personal numbers that several people have, with the first of
// the records that they come from.
func (a *auditor) clashes(ctx context.Context) iter.Seq2[workbook.Clash, error] {
	own := func(i string) string {
		return i + ".owner = 'self' AND " + i + ".id_system NOT IN ('ipp', 'legacy') AND " + i + ".grade IN ('valid', 'atypical')" + a.living("AND", i)
	}
	type holder struct {
		system, number, person string
		record                 workbook.Record
	}
	holders := stream(ctx, a.store, `SELECT i.id_system, i.id_norm, i.person_id, p.source_system, f.org_code, p.local_id
		FROM (SELECT o.id_system, o.id_norm FROM person_identifier o WHERE `+own("o")+` GROUP BY o.id_system, o.id_norm HAVING min(o.person_id) <> max(o.person_id)) c
		JOIN person_identifier i ON i.id_system = c.id_system AND i.id_norm = c.id_norm
		JOIN source_person p ON p.id = i.source_person_id LEFT JOIN organisation f ON f.id = p.facility_id
		WHERE `+own("i")+" ORDER BY i.id_system, i.id_norm, i.person_id, p.source_system, p.local_id, i.id", func(r store.Row) holder {
		return holder{strings.Clone(r.Text(0)), strings.Clone(r.Text(1)), strings.Clone(r.Text(2)),
			workbook.Record{Source: sih.SourceID(strings.Clone(r.Text(3))), Facility: strings.Clone(r.Text(4)), LocalID: strings.Clone(r.Text(5))}}
	})
	return func(yield func(workbook.Clash, error) bool) {
		var now workbook.Clash
		var sources map[sih.SourceID]bool
		person := ""
		for h, err := range holders {
			if err != nil {
				yield(workbook.Clash{}, err)
				return
			}
			if now.Records == 0 || h.system != now.System || h.number != now.Number {
				if now.Records > 0 && !yield(now, nil) {
					return
				}
				now, sources, person = workbook.Clash{System: h.system, Number: h.number}, map[sih.SourceID]bool{}, ""
			}
			now.Records++
			sources[h.record.Source] = true
			now.Sources = int64(len(sources))
			first := h.person != person
			if person = h.person; first {
				now.Persons++
			}
			switch last := len(now.Holders) - 1; {
			case now.Records > listedHolders:
			case first:
				now.Holders = append(now.Holders, []workbook.Record{h.record})
			default:
				now.Holders[last] = append(now.Holders[last], h.record)
			}
		}
		if now.Records > 0 {
			yield(now, nil)
		}
	}
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
