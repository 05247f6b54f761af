package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/mapping"
)

// facilityOf climbs from every organisation to the facility that it is part of.
func (a *auditor) facilityOf(ctx context.Context) error {
	parent, code := map[string]string{}, map[string]string{}
	err := a.store.Query(ctx, "SELECT id, parent_id, org_code, code_system FROM organisation", nil, func(r store.Row) error {
		parent[r.Text(0)] = r.Text(1)
		if r.Text(3) == "facilities" {
			code[r.Text(0)] = r.Text(2)
		}
		return nil
	})
	a.units = map[string]string{}
	for id := range parent {
		at := id
		for range 20 { // a circle of parents ends here
			if code[at] != "" || at == "" {
				break
			}
			at = parent[at]
		}
		a.units[id] = code[at]
	}
	return err
}

// yearOf is SQL for what tells the local year of a UTC time: the year, but the
// hour where the year may be another one in the country's zone.
func (a *auditor) yearOf(column string) string {
	d := a.store.Dialect()
	day := d.ISO(column, 10)
	return fmt.Sprintf("CASE WHEN %s LIKE '%%-12-31' OR %s LIKE '%%-01-01' THEN %s ELSE %s END", day, day, d.ISO(column, 13), d.ISO(column, 4))
}

// year reads what yearOf gives.
func (a *auditor) year(s string) int {
	if len(s) == 13 {
		t, err := time.Parse("2006-01-02T15", s)
		if err != nil {
			return 0
		}
		return t.In(a.p.zone).Year()
	}
	y := 0
	fmt.Sscanf(s, "%4d", &y)
	return y
}

// What of stays and of payments counts.
const (
	stays    = "encounter WHERE class = ? AND status NOT IN ('cancelled', 'entered-in-error')"
	received = " WHERE (cancelled IS NULL OR cancelled = ?)"
)

// grouped is a query that every engine understands: not each of them groups by
// a column's number.
func grouped(by []string, from string, sums ...string) string {
	columns := strings.Join(by, ", ")
	return "SELECT " + columns + ", " + strings.Join(sums, ", ") + " FROM " + from + " GROUP BY " + columns
}

// controls asks the store for the control totals.
func (a *auditor) controls(ctx context.Context) error {
	if err := a.facilityOf(ctx); err != nil {
		return err
	}
	found := map[reconcile.ControlKey]int64{}
	add := func(source, unit, year string, m reconcile.Measure, n int64) {
		found[reconcile.ControlKey{Source: sih.SourceID(source), Facility: a.units[unit], Year: a.year(year), Measure: m}] += n
	}
	d := a.store.Dialect()
	// An act was done where its stay was, and one that tells of no stay where its
	// patient is known. Each is asked for by itself: most acts have a stay, and
	// looking up their patients besides costs as much again.
	const inStay, alone = " x LEFT JOIN encounter e ON e.id = x.encounter_id WHERE x.encounter_id IS NOT NULL",
		" x LEFT JOIN source_person p ON p.id = x.source_person_id WHERE x.encounter_id IS NULL"
	laboratory := " AND x.category = 'laboratory'" + a.living("AND", "x")
	for _, q := range []struct {
		measure reconcile.Measure
		count   string
		by      []string // source, unit, year
		from    string
		args    []any
	}{
		{reconcile.Admissions, "count(*)", []string{"source_system", "organisation_id", a.yearOf("start_ts")}, stays + a.living("AND", "encounter"), []any{"IMP"}},
		{reconcile.Consultations, "count(*)", []string{"source_system", "organisation_id", a.yearOf("start_ts")}, stays + a.living("AND", "encounter"), []any{"AMB"}},
		{reconcile.LaboratoryActs, "count(*)", []string{"x.source_system", "e.organisation_id", a.yearOf("x.effective_ts")}, "observation" + inStay + laboratory, nil},
		{reconcile.LaboratoryActs, "count(*)", []string{"x.source_system", "p.facility_id", a.yearOf("x.effective_ts")}, "observation" + alone + laboratory, nil},
		{reconcile.RadiologyActs, "count(*)", []string{"x.source_system", "e.organisation_id", a.yearOf("x.started_ts")}, "imaging_study" + inStay + a.living("AND", "x"), nil},
		{reconcile.RadiologyActs, "count(*)", []string{"x.source_system", "p.facility_id", a.yearOf("x.started_ts")}, "imaging_study" + alone + a.living("AND", "x"), nil},
		{reconcile.Patients, "count(*)", []string{"source_system", "facility_id"}, "source_person" + a.living("WHERE", "source_person"), nil},
		{reconcile.Allergies, "count(*)", []string{"x.source_system", "p.facility_id"}, "allergy x JOIN source_person p ON p.id = x.source_person_id" + a.living("WHERE", "x"), nil},
		{reconcile.Receipts, "sum(amount)", []string{"source_system", "organisation_id", d.ISO("paid_on", 4)}, "payment" + received + a.living("AND", "payment"), []any{false}},
	} {
		err := a.store.Query(ctx, grouped(q.by, q.from, q.count), q.args, func(r store.Row) error {
			year := ""
			if len(q.by) == 3 {
				year = r.Text(2)
			}
			add(r.Text(0), r.Text(1), year, q.measure, r.Int(len(q.by)))
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := a.store.Query(ctx, "SELECT source_system, organisation_id, start_ts, end_ts FROM encounter WHERE class = 'IMP' AND end_ts IS NOT NULL AND status NOT IN ('cancelled', 'entered-in-error')"+a.living("AND", "encounter"), nil, func(r store.Row) error {
		from, err1 := time.Parse(time.RFC3339, r.Text(2))
		to, err2 := time.Parse(time.RFC3339, r.Text(3))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		first, last := localDay(from.In(a.p.zone)), localDay(to.In(a.p.zone))
		if last < first {
			return nil
		}
		found[reconcile.ControlKey{
			Source: sih.SourceID(r.Text(0)), Facility: a.units[r.Text(1)], Year: last.Year(), Measure: reconcile.BedDays,
		}] += max(int64(last-first), 1)
		return nil
	})
	if err != nil {
		return err
	}
	a.holdControls(found)
	return nil
}

func localDay(t time.Time) sih.Date {
	d, _ := sih.DateOf(t.Year(), int(t.Month()), t.Day())
	return d
}

// eachControl calls fn for every control of every mapping: what a mapping says
// it counts is compared, also where it has counted nothing.
func (p *runPlan) eachControl(fn func(sih.SourceID, mapping.Control)) {
	for _, s := range p.sources {
		for _, t := range s.snap.Tables {
			for _, c := range s.plans[t.Name].File.Controls {
				fn(s.config.ID, c)
			}
		}
	}
}

// holdControls puts what the store holds beside what the source holds. A
// measure that a source's own rows cannot tell by facility is compared over
// all facilities, and one for which a source has no control not at all.
func (a *auditor) holdControls(found map[reconcile.ControlKey]int64) {
	type kind struct {
		source  sih.SourceID
		measure reconcile.Measure
	}
	counted, byFacility := map[kind]bool{}, map[kind]bool{}
	a.p.eachControl(func(source sih.SourceID, c mapping.Control) {
		counted[kind{source, reconcile.Measure(c.Measure)}] = true
	})
	for _, l := range a.source.Controls {
		k := kind{l.Source, l.Measure}
		counted[k] = true
		byFacility[k] = byFacility[k] || l.Facility != ""
	}
	for key, n := range found {
		k := kind{key.Source, key.Measure}
		if !counted[k] {
			continue
		}
		if !byFacility[k] {
			key.Facility = ""
		}
		a.tally.Control(key).Found += n
	}
}

// amounts asks the store for what was billed and received, by payer and month.
func (a *auditor) amounts(ctx context.Context) error {
	type kind struct {
		source sih.SourceID
		item   reconcile.Item
	}
	counted, byPayer := map[kind]bool{}, map[kind]bool{}
	a.p.eachControl(func(source sih.SourceID, c mapping.Control) {
		counted[kind{source, reconcile.Item(c.Measure)}] = true
	})
	for _, l := range a.source.Amounts {
		k := kind{l.Source, l.Item}
		counted[k] = true
		byPayer[k] = byPayer[k] || l.Payer != ""
	}
	add := func(source, payer, month string, item reconcile.Item, n int64) {
		k := kind{sih.SourceID(source), item}
		if !counted[k] || n == 0 {
			return
		}
		if !byPayer[k] {
			payer = ""
		}
		a.tally.Amount(reconcile.AmountKey{Source: k.source, Payer: payer, Month: month, Item: item}).Found += n
	}
	items := []reconcile.Item{reconcile.Billed, reconcile.Insurer, reconcile.Patient, reconcile.Exempted}
	d := a.store.Dialect()
	billed := grouped([]string{"source_system", "payer", d.ISO("issued_on", 7)}, "claim WHERE status = 'active'"+a.living("AND", "claim"),
		"sum(total)", "sum(insurer_part)", "sum(patient_part)", "sum(exempted)")
	err := a.store.Query(ctx, billed, nil, func(r store.Row) error {
		for i, item := range items {
			add(r.Text(0), r.Text(1), r.Text(2), item, r.Int(3+i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	paid := grouped([]string{"p.source_system", "c.payer", d.ISO("p.paid_on", 7)}, "payment p JOIN claim c ON c.id = p.claim_id"+received+a.living("AND", "p"), "sum(p.amount)")
	return a.store.Query(ctx, paid, []any{false}, func(r store.Row) error {
		add(r.Text(0), r.Text(1), r.Text(2), reconcile.Received, r.Int(3))
		return nil
	})
}
