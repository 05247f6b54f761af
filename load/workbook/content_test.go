package workbook_test

import (
	"fmt"
	"iter"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
)

var sources = []sih.SourceID{"essp-tiflet", "kenitra-dedalus", "khemisset-hosix", "rabat-enova", "sale-bilmed"}

// tally counts a small region of so many sources and months in which
// everything balances.
func tally(nSources, months int) *reconcile.Tally {
	t := new(reconcile.Tally)
	for i, s := range sources[:nSources] {
		n := int64(1000 * (i + 1))
		facility := fmt.Sprintf("CHP-%02d", i+1)
		for j, table := range []string{"PACIENTES", "EPISODIOS", "LABORATORIO"} {
			m := n * int64(j+1)
			*t.Rows(reconcile.RowsKey{Source: s, Table: "dbo." + table}) = reconcile.RowsCount{
				Extracted: 12 * m, Accepted: 12*m - 40, Rejected: 7, Excluded: 13, Joined: 20, Listed: 20, LeftOut: 7 * m, Noted: 7 * m,
			}
		}
		for _, table := range []string{"person", "source_person", "encounter", "observation", "claim"} {
			merged := int64(0)
			if table == "person" {
				merged = 120
			}
			for year := 2022; year <= 2024; year++ {
				*t.Entities(reconcile.EntitiesKey{Source: s, Table: table, Facility: facility, Year: year}) = reconcile.EntitiesCount{
					Produced: 3 * n, Created: 4, Inserted: 3*n - merged - 3, Updated: 2, Unchanged: 3, Merged: merged, Rejected: 2,
				}
			}
		}
		for year := 2022; year <= 2024; year++ {
			for k, m := range reconcile.Measures {
				v := n * int64(k*k+3)
				*t.Control(reconcile.ControlKey{Source: s, Facility: facility, Year: year, Measure: m}) = reconcile.ControlCount{
					Expected: 11 * v, Found: 11*v - 7, LeftOut: 7,
				}
			}
		}
		for month := 1; month <= months; month++ {
			for p, payer := range []string{"amo-cnss", "amo-tadamon", "payant"} {
				key := reconcile.AmountKey{Source: s, Payer: payer, Month: fmt.Sprintf("2024-%02d", month)}
				billed := n*123 + int64(month*1007+p*13) // centimes that no double holds exactly once divided
				for item, v := range map[reconcile.Item]int64{
					reconcile.Billed: billed, reconcile.Insurer: billed / 3 * 2, reconcile.Patient: billed - billed/3*2 - 11, reconcile.Exempted: 11, reconcile.Received: billed / 2,
				} {
					key.Item = item
					*t.Amount(key) = reconcile.AmountCount{Expected: v, Found: v - v/50, LeftOut: v / 50}
				}
			}
		}
		for _, c := range []string{"cin", "family_name", "birth_date", "phone"} {
			*t.Field(reconcile.FieldKey{Source: s, Table: "source_person", Column: c}) = reconcile.FieldCount{Rows: 3 * n, Before: 2*n + 7, After: 2 * n, Valid: 2*n - 31}
		}
		for p := range 40 {
			t.Person(s)
			t.Person(s, sources[(i+1+p%3)%len(sources)])
		}
	}
	return t
}

var limits = reconcile.Limits{"source_person": 10_000, "encounter": 5_000}

// content is the workbook of the region, with so many merges and rejects.
func content(t *reconcile.Tally, nMerges, nRejects int) workbook.Content {
	hash := func(i int) string { return fmt.Sprintf("%064x", 0x9e3779b97f4a7c15*uint64(i+1)) }
	c := workbook.Content{
		Report: t.Report(limits),
		Run: workbook.Run{
			ID: sih.NewID("a", "b", "c", "d", "e"), Project: "rabat-wave-1", Country: "ma", Wave: "Rabat-Salé-Kénitra, vague 1", Mode: "rehearsal",
			Tool: "0.1.0", Target: "unified.db (sqlite)", Generated: time.Date(2026, 11, 21, 19, 30, 0, 0, time.FixedZone("+01", 3600)),
			ConfigHash: hash(99), AuditHead: hash(98),
		},
		Merges:   merges(nMerges),
		Rejects:  rejects(nRejects),
		Excluded: excluded(int(excludedIn(t))),
		Runs: []workbook.PastRun{
			{
				ID: sih.NewID("x", "b", "c", "d", "e"), Mode: "rehearsal", Wave: "vague 1", Sequence: 1, Tool: "0.1.0", Tolerances: "source_person 1 %, encounter 0,5 %",
				Finished: time.Date(2026, 11, 20, 21, 30, 0, 0, time.FixedZone("+01", 3600)), ConfigHash: hash(97), MappingHash: hash(96), SnapshotHash: hash(95),
				Extracted: 1_080_000, Accepted: 1_079_399, Rejected: 105, Differences: 1,
			},
			{
				ID: sih.NewID("a", "b", "c", "d", "e"), Mode: "rehearsal", Wave: "vague 1", Sequence: 2, Tool: "0.1.0", Tolerances: "source_person 1 %, encounter 0,5 %",
				Finished:   time.Date(2026, 11, 21, 19, 30, 0, 0, time.FixedZone("+01", 3600)),
				ConfigHash: hash(99), MappingHash: hash(96), SnapshotHash: hash(95), Extracted: 1_080_000, Accepted: 1_079_400, Rejected: 105,
			},
		},
		Measures: map[reconcile.Measure]string{reconcile.BedDays: "Différence en jours entre sortie et admission, le jour de sortie non compté ; les séjours à cheval sur deux années sont partagés au 1er janvier ; les séjours ouverts ne comptent pas."},
	}
	audited(&c)
	for i, s := range sources {
		c.Run.Sources = append(c.Run.Sources, workbook.Source{
			ID: s, System: "hosix", Driver: "sqlserver", Facility: fmt.Sprintf("CHP-%02d", i+1), Views: []string{"2026-11-20 23:04", "2026-11-21 01:17"}[:1+i%2], SnapshotHash: hash(i), MappingHash: hash(i + 10),
		})
	}
	return c
}

// excludedIn is how many rows the report counts as excluded.
func excludedIn(t *reconcile.Tally) (n int64) {
	for _, l := range t.Report(nil).Rows {
		n += l.Excluded
	}
	return n
}

// merges yields so many synthetic merges.
func merges(n int) iter.Seq2[workbook.Merge, error] {
	return func(yield func(workbook.Merge, error) bool) {
		for i := range n {
			m := workbook.Merge{
				Person: sih.NewID("s", "t", fmt.Sprint(i), "person", ""),
				A:      workbook.Record{Source: sources[i%5], Facility: "CHP-KHEMISSET", LocalID: fmt.Sprintf("%07d", i), Name: "Testouni Exemple", CIN: fmt.Sprintf("AB%06d", i%1e6)},
				B:      workbook.Record{Source: sources[(i+1)%5], Facility: "CHU-RABAT", LocalID: fmt.Sprintf("R-%06d", i*7), Name: "TESTOUNI Exemple", CIN: fmt.Sprintf("AB%06d", i%1e6)},
				Method: "score", Rule: "birth-and-names", Weight: 18.25 + float64(i%40)/8, Probability: 0.9996, DecidedBy: "sihctl",
				Evidence: "CIN identique; nom de même clé; prénom identique; naissance au même jour; téléphone absent",
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// rejects yields so many synthetic issues.
func rejects(n int) iter.Seq2[workbook.Reject, error] {
	return func(yield func(workbook.Reject, error) bool) {
		for i := range n {
			r := workbook.Reject{
				Source: sources[i%5], SourceTable: "dbo.LABORATORIO", SourceKey: fmt.Sprintf("2024|%07d", i), Facility: "CHP-KHEMISSET",
				Table: "observation", Field: "effective_ts", Reason: sih.R02, Severity: sih.Reject, Value: "31/02/2024", Hanging: int64(i % 3), Amount: int64(i % 7 * 1250),
				Detail: "day beyond the month's end",
			}
			switch i % 4 {
			case 1:
				r.Reason, r.Field, r.Detail, r.Root = sih.R16, "source_person_id", "its patient was rejected", sih.NewID("s", "t", fmt.Sprint(i), "source_person", "")
			case 2:
				r.Reason, r.Field, r.Detail, r.Severity = sih.R03, "obs_code", "code not in the list", sih.Warning
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// excluded yields so many synthetic rows that a mapping leaves out.
func excluded(n int) iter.Seq2[workbook.Excluded, error] {
	return func(yield func(workbook.Excluded, error) bool) {
		for i := range n {
			if !yield(workbook.Excluded{Source: sources[i%5], SourceTable: "dbo.PACIENTES", SourceKey: fmt.Sprint(i), Reason: "soft-deleted", Amount: int64(i % 5 * 300)}, nil) {
				return
			}
		}
	}
}

// audited fills the sheets that are asked of a project and its store.
func audited(c *workbook.Content) {
	n := func(n int64) *int64 { return &n }
	c.Report.JudgeScope([]reconcile.ScopeRule{
		{Table: "document", Why: "les pièces numérisées restent aux archives de l'hôpital", Accepted: "Direction régionale", On: "2026-10-01"},
		{Table: "*", Migrated: true, Accepted: "Direction régionale", On: "2026-10-01"},
	})
	c.Report.Safety = []reconcile.SafetyLine{
		{Source: sources[0], Subject: reconcile.SafetyAllergies, Expected: n(120), Found: 118, LeftOut: 2},
		{Source: sources[0], Subject: reconcile.SafetyBlood, Expected: n(900), Found: 899, Doubtful: 3},
		{Source: sources[0], Subject: reconcile.SafetyOpenStays, Found: 7},
	}
	c.Pairs = merges(3)
	c.Thresholds = &workbook.Thresholds{Review: 8.5, Join: 15}
	c.Codes = seq(workbook.Code{Source: sources[0], List: "codes/sexo.csv", Code: "M", Label: "Masculin", Target: "male", Status: "approved", By: "Dr B.", Uses: 1200},
		workbook.Code{Source: sources[0], List: "codes/sexo.csv", Code: "9", Status: "unmapped", Uses: 3})
	holders := [][]workbook.Record{{{Source: sources[0], Facility: "CHP-01", LocalID: "17"}, {Source: sources[1], Facility: "CHP-02", LocalID: "0018"}}, {{Source: sources[1], LocalID: "19"}}}
	c.Clashes = seq(workbook.Clash{System: "ma:cin", Number: "AB123456", Persons: 2, Records: 4, Sources: 2, Holders: holders})
	c.Alerts = seq(workbook.Alert{Subject: "open_stays", Source: sources[0], SourceTable: "dbo.EPISODIOS", SourceKey: "17", Facility: "CHP-01", Detail: "2019-03-02"})
	var s reconcile.Sequences
	for _, x := range []string{"2024-001", "2024-002", "2024-004", "2024-004"} {
		s.Add(reconcile.SeriesKey{Source: sources[0], Kind: "invoice", Facility: "CHP-01", Year: 2024}, x)
	}
	c.Series = s.Lines()
	c.Hashes = []workbook.HashTotal{{Table: "claim", Source: sources[0], Filled: 4}, {Table: "claim", Source: sources[0], Column: "issued_on", Filled: 4, First: "2024-01-03", Last: "2024-12-30"},
		{Table: "claim", Source: sources[0], Column: "total", Filled: 4, Sum: 123_456_789, Money: true}}
	c.Identifiers = []workbook.IdentifierLine{{Source: sources[0], System: "ma:cin", Owner: "self", Grade: "valid", Numbers: 740}, {Source: sources[0], System: "ma:cin", Owner: "none", Grade: "none", Numbers: 160}}
	c.Faults = []workbook.FaultLine{{Source: sources[0], Table: "source_person", Field: "birth_date", Kind: "partial", Detail: "year", Kept: 80},
		{Source: sources[0], Table: "source_person", Field: "birth_date", Kind: "R02", Kept: 3, Rejected: 1}, {Source: sources[0], Kind: "undated", Detail: "admissions", Kept: 2}}
	c.Corrections = []workbook.Correction{{Source: sources[0], Table: "dbo.PACIENTES", Key: "17", Column: "FECHA_NAC", Old: "1985-03-12", New: "1985-03-21", Who: "dr.b", Why: "carte vue"}}
	c.Sample = &workbook.Sample{Seed: "3m57svx4ja8x", Confidence: 0.95, Tolerable: 0.01, Population: 1_080_000, Size: 2, Lines: []workbook.SampleLine{
		{Number: 1, Source: sources[0], SourceTable: "dbo.PACIENTES", SourceKey: "17", Facility: "CHP-01", SourceColumn: "APELLIDO1", SourceValue: "Testouni", Table: "source_person", Field: "family_name", Value: "Testouni", Person: true},
		{Number: 2, Source: sources[0], SourceTable: "dbo.EPISODIOS", SourceKey: "99", SourceColumn: "FECHA_ING", SourceValue: "2024-02-30", Absent: true, Value: "R02"},
	}}
	c.Details = []workbook.Detail{{Name: "reconciliation/CHP-01.xlsx", Hash: fmt.Sprintf("%064x", 7), Rows: 12}}
}
