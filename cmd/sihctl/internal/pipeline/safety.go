package pipeline

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// safety accounts for allergies, blood groups, deaths and open stays. What the
// source holds is told by the controls, or by what transform found filled.
func (a *auditor) safety(ctx context.Context, r *reconcile.Report) error {
	type key struct {
		source  sih.SourceID
		subject reconcile.Subject
	}
	lines := map[key]*reconcile.SafetyLine{}
	at := func(source sih.SourceID, subject reconcile.Subject) *reconcile.SafetyLine {
		k := key{source, subject}
		if lines[k] == nil {
			lines[k] = &reconcile.SafetyLine{Source: source, Subject: subject}
		}
		return lines[k]
	}
	expect := func(l *reconcile.SafetyLine, n int64) {
		if l.Expected == nil {
			l.Expected = new(int64)
		}
		*l.Expected += n
	}
	for _, l := range r.Controls {
		if l.Measure == reconcile.Allergies {
			x := at(l.Source, reconcile.SafetyAllergies)
			expect(x, l.Expected)
			x.LeftOut += l.LeftOut
		}
	}
	filled := map[string]reconcile.Subject{"blood_group": reconcile.SafetyBlood, "death_ts": reconcile.SafetyDeaths}
	for _, l := range r.Completeness {
		if subject, ok := filled[l.Column]; ok && l.Table == "source_person" {
			x := at(l.Source, subject)
			expect(x, l.Before)
			x.LeftOut += l.Before - l.After
		}
	}
	for _, l := range r.Entities {
		for _, subject := range filled {
			if x := lines[key{l.Source, subject}]; x != nil && l.Table == "source_person" {
				x.Doubtful += l.Rejected
			}
		}
	}
	for _, q := range []struct {
		subject reconcile.Subject
		from    string
	}{
		{reconcile.SafetyAllergies, "allergy" + a.living("WHERE", "allergy")},
		{reconcile.SafetyBlood, "source_person WHERE blood_group IS NOT NULL" + a.living("AND", "source_person")},
		{reconcile.SafetyDeaths, "source_person WHERE death_ts IS NOT NULL" + a.living("AND", "source_person")},
		{reconcile.SafetyOpenStays, openStays + a.living("AND", "encounter")},
	} {
		err := a.store.Query(ctx, grouped([]string{"source_system"}, q.from, "count(*)"), nil, func(row store.Row) error {
			at(sih.SourceID(strings.Clone(row.Text(0))), q.subject).Found = row.Int(1)
			return nil
		})
		if err != nil {
			return err
		}
	}
	r.Safety = make([]reconcile.SafetyLine, 0, len(lines))
	for _, l := range lines {
		r.Safety = append(r.Safety, *l)
	}
	order := []reconcile.Subject{reconcile.SafetyAllergies, reconcile.SafetyBlood, reconcile.SafetyDeaths, reconcile.SafetyOpenStays}
	slices.SortFunc(r.Safety, func(x, y reconcile.SafetyLine) int {
		if c := slices.Index(order, x.Subject) - slices.Index(order, y.Subject); c != 0 {
			return c
		}
		return strings.Compare(string(x.Source), string(y.Source))
	})
	return nil
}

const openStays = "encounter WHERE class = 'IMP' AND end_ts IS NULL AND status NOT IN ('cancelled', 'entered-in-error')"

// alerts lists the single cases that a clinician should see.
func (a *auditor) alerts(ctx context.Context) iter.Seq2[workbook.Alert, error] {
	d := a.store.Dialect()
	// Of the few who died, their stays are looked up, and not of all stays their
	// patients.
	type query struct {
		subject, sql string
		args         []any
	}
	list := []query{
		{subject: string(reconcile.SafetyAllergies), sql: `SELECT source_system, source_table, source_key, facility_code, '', reason FROM reject
			WHERE table_name = 'allergy' AND severity = 'reject' ORDER BY source_system, source_table, source_key, id`},
		{subject: "blood_conflict", sql: `SELECT p.source_system, p.source_table, p.source_key, '', p.facility_id, p.blood_group FROM source_person p
			WHERE p.blood_group IS NOT NULL AND p.person_id IN (SELECT person_id FROM source_person WHERE blood_group IS NOT NULL` + a.living("AND", "source_person") + ` GROUP BY person_id HAVING count(DISTINCT blood_group) > 1)` + a.living("AND", "p") + `
			ORDER BY p.person_id, p.id`},
		{subject: string(reconcile.SafetyOpenStays), sql: "SELECT source_system, source_table, source_key, '', organisation_id, " + d.ISO("start_ts", 10) + " FROM " + openStays + a.living("AND", "encounter") + " ORDER BY start_ts, id"},
		{subject: "after_death", sql: "SELECT e.source_system, e.source_table, e.source_key, '', e.organisation_id, " + d.ISO("e.start_ts", 10) + ` FROM source_person p
			CROSS JOIN encounter e WHERE p.death_ts IS NOT NULL AND e.person_id = p.person_id AND e.source_person_id = p.id AND e.start_ts > p.death_ts` + a.living("AND", "e") + " ORDER BY e.start_ts, e.id"},
	}
	// Allergies that a mapping leaves out come after those that were rejected.
	next := 1
	for _, s := range a.p.sources {
		for _, table := range slices.Sorted(maps.Keys(s.plans)) {
			if e := s.plans[table].File.Entities; len(e) > 0 && e[0].Table.Name == "allergy" {
				list = slices.Insert(list, next, query{string(reconcile.SafetyAllergies), `SELECT source_system, source_table, source_key, '', '', reason FROM source_record
					WHERE source_system = ? AND source_table = ? AND state = 'excluded' ORDER BY source_key, id`, []any{string(s.config.ID), table}})
				next++
			}
		}
	}
	return func(yield func(workbook.Alert, error) bool) {
		for _, q := range list {
			for x, err := range streamWith(ctx, a.store, q.sql, q.args, func(r store.Row) workbook.Alert {
				out := workbook.Alert{Subject: q.subject, Source: sih.SourceID(r.Text(0)), SourceTable: r.Text(1), SourceKey: r.Text(2), Facility: r.Text(3), Detail: r.Text(5)}
				if out.Facility == "" {
					out.Facility = a.units[r.Text(4)]
				}
				return out
			}) {
				if !yield(x, err) || err != nil {
					return
				}
			}
		}
	}
}
