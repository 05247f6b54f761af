package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// book gathers what the workbook shows.
func book(ctx context.Context, o Options, p *runPlan, target string, s store.Store, report *reconcile.Report) workbook.Content {
	c := workbook.Content{
		Report: report,
		Run: workbook.Run{
			ID: p.id, Project: o.Project.Config.Project, Country: o.Project.Config.Country, Wave: o.Project.Config.Wave,
			Mode: string(o.Project.Config.Mode), Tool: o.Version, Target: target,
			Generated: o.now().In(p.zone), ConfigHash: o.Project.ConfigHash, AuditHead: o.AuditHead,
		},
		Merges: merges(ctx, s, o.Lang), Rejects: rejects(ctx, s), Excluded: excluded(ctx, s),
		Measures: definitions[cmp.Or(o.Lang, "fr")], Lang: o.Lang, Unmasked: o.Unmasked,
	}
	for _, src := range p.sources {
		c.Run.Sources = append(c.Run.Sources, workbook.Source{
			ID: src.config.ID, System: src.config.System, Driver: src.snap.Driver, Facility: src.config.Facility.Code,
			Views: src.snap.Views, SnapshotHash: src.snap.Hash, MappingHash: src.mapping,
		})
	}
	return c
}

// definitions say how each control total is asked of the store. The mapping's
// controls say how it is counted in the source.
var definitions = map[string]map[reconcile.Measure]string{
	"en": {
		reconcile.Patients:       "Patient records of the source, duplicates included.",
		reconcile.Admissions:     "Stays (class IMP, day hospital included) by the local year of admission; cancelled ones do not count.",
		reconcile.BedDays:        "Nights between the local days of admission and discharge, at least one, of stays that have ended, in the year of discharge; a stay over New Year counts there whole. Open stays do not count.",
		reconcile.Consultations:  "Outpatient visits (class AMB) by their local year; emergencies, remote and cancelled visits do not count.",
		reconcile.LaboratoryActs: "Laboratory results, one act each, by the local year of the result.",
		reconcile.RadiologyActs:  "Imaging studies, one act each, by their local year; cancelled ones do not count.",
		reconcile.Receipts:       "Money received by receipt, by the year of payment; cancelled receipts do not count.",
		reconcile.Allergies:      "Allergy entries, those that say that none is known included.",
	},
	"fr": {
		reconcile.Patients:       "Dossiers patients de la source, doublons compris.",
		reconcile.Admissions:     "Séjours (classe IMP, hôpital de jour compris) selon l'année locale d'admission ; les séjours annulés ne comptent pas.",
		reconcile.BedDays:        "Nuits entre les jours locaux d'admission et de sortie, au moins une, des séjours clos, dans l'année de sortie ; un séjour à cheval sur le Nouvel An y compte en entier. Les séjours ouverts ne comptent pas.",
		reconcile.Consultations:  "Passages externes (classe AMB) selon leur année locale ; urgences, téléconsultations et annulations ne comptent pas.",
		reconcile.LaboratoryActs: "Résultats de laboratoire, un acte chacun, selon l'année locale du résultat.",
		reconcile.RadiologyActs:  "Examens d'imagerie, un acte chacun, selon leur année locale ; les annulés ne comptent pas.",
		reconcile.Receipts:       "Sommes encaissées par quittance, selon l'année de paiement ; les quittances annulées ne comptent pas.",
		reconcile.Allergies:      "Mentions d'allergie, y compris « aucune connue ».",
	},
	"ar": {
		reconcile.Patients:       "ملفات المرضى في المصدر، بما فيها المكررة.",
		reconcile.Admissions:     "الإقامات (صنف IMP، بما فيها مستشفى النهار) حسب السنة المحلية للدخول؛ ولا تُحسب الملغاة.",
		reconcile.BedDays:        "الليالي بين اليومين المحليين للدخول والخروج، ليلة واحدة على الأقل، للإقامات المنتهية، في سنة الخروج؛ والإقامة الممتدة على رأس السنة تُحسب كلها في سنة الخروج. ولا تُحسب الإقامات المفتوحة.",
		reconcile.Consultations:  "الفحوص الخارجية (صنف AMB) حسب سنتها المحلية؛ ولا تُحسب المستعجلات ولا الفحوص عن بعد ولا الملغاة.",
		reconcile.LaboratoryActs: "نتائج المختبر، عمل واحد لكل نتيجة، حسب السنة المحلية للنتيجة.",
		reconcile.RadiologyActs:  "فحوص الأشعة، عمل واحد لكل فحص، حسب سنتها المحلية؛ ولا تُحسب الملغاة.",
		reconcile.Receipts:       "المبالغ المستخلصة بوصل، حسب سنة الأداء؛ ولا تُحسب الوصولات الملغاة.",
		reconcile.Allergies:      "بيانات الحساسية، بما فيها التصريح بانعدامها.",
	},
}

// stream turns a query into a sequence.
func stream[T any](ctx context.Context, s store.Store, sql string, read func(store.Row) T) iter.Seq2[T, error] {
	return streamWith(ctx, s, sql, nil, read)
}

// streamWith is stream for a query with arguments.
func streamWith[T any](ctx context.Context, s store.Store, sql string, args []any, read func(store.Row) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := s.Query(ctx, sql, args, func(r store.Row) error {
			if !yield(read(r), nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			var none T
			yield(none, err)
		}
	}
}

// errStop ends a query whose rows nobody wants any more.
var errStop = fmt.Errorf("stop")

// merges streams what was joined, with the evidence in the language.
func merges(ctx context.Context, s store.Store, lang string) iter.Seq2[workbook.Merge, error] {
	record := func(r store.Row, at int) workbook.Record {
		return workbook.Record{
			Source: sih.SourceID(r.Text(at)), Facility: r.Text(at + 1), LocalID: r.Text(at + 2),
			Name: strings.TrimSpace(r.Text(at+3) + " " + r.Text(at+4)), CIN: r.Text(at + 5),
		}
	}
	const columns = "%[1]s.source_system, coalesce(f%[1]s.org_code, ''), %[1]s.local_id, coalesce(%[1]s.given_name, %[1]s.given_name_ar), coalesce(%[1]s.family_name, %[1]s.family_name_ar), %[1]s.cin"
	sql := "SELECT m.person_id, m.method, m.rule_name, m.weight, m.probability, m.evidence, m.decided_by, " +
		fmt.Sprintf(columns, "a") + ", " + fmt.Sprintf(columns, "b") + ` FROM merge_decision m
		JOIN source_person a ON a.id = m.source_person_a JOIN source_person b ON b.id = m.source_person_b
		LEFT JOIN organisation fa ON fa.id = a.facility_id LEFT JOIN organisation fb ON fb.id = b.facility_id
		WHERE m.decision = 'merge' ORDER BY m.weight, m.id`
	return stream(ctx, s, sql, func(r store.Row) workbook.Merge {
		id, _ := sih.ParseID(r.Text(0))
		probability := r.Float(4)
		if m := r.Text(1); m == "rule" || m == "score" {
			probability = min(probability, 0.9999) // the store's four places are rounded, and no estimate is certain
		}
		return workbook.Merge{
			Person: id, Method: r.Text(1), Rule: r.Text(2), Weight: r.Float(3), Probability: probability,
			Evidence: review.Say(lang, r.Text(5)), DecidedBy: r.Text(6), A: record(r, 7), B: record(r, 13),
		}
	})
}

func rejects(ctx context.Context, s store.Store) iter.Seq2[workbook.Reject, error] {
	return rejectsWhere(ctx, s, "1 = 1")
}

// rejectsWhere streams the issues for which a condition holds.
func rejectsWhere(ctx context.Context, s store.Store, condition string, args ...any) iter.Seq2[workbook.Reject, error] {
	sql := `SELECT r.source_system, r.source_table, r.source_key, r.facility_code, r.table_name, r.field, r.reason, r.severity,
		r.detail, r.value_text, r.root_id, coalesce(h.n, 0), r.amount FROM reject r
		LEFT JOIN (SELECT root_id, count(*) AS n FROM reject WHERE severity = 'reject' AND root_id IS NOT NULL GROUP BY root_id) h
		ON h.root_id = r.entity_id AND r.severity = 'reject' WHERE ` + condition + `
		ORDER BY r.severity, r.reason, r.source_system, r.source_table, r.source_key, r.id`
	return streamWith(ctx, s, sql, args, func(r store.Row) workbook.Reject {
		out := workbook.Reject{
			Source: sih.SourceID(r.Text(0)), SourceTable: r.Text(1), SourceKey: r.Text(2), Facility: r.Text(3),
			Table: r.Text(4), Field: r.Text(5), Reason: sih.Reason(r.Text(6)), Detail: r.Text(8), Value: r.Text(9),
			Hanging: r.Int(11), Amount: r.Int(12),
		}
		if r.Text(7) == "reject" {
			out.Severity = sih.Reject
		}
		out.Root, _ = sih.ParseID(r.Text(10))
		return out
	})
}

func excluded(ctx context.Context, s store.Store) iter.Seq2[workbook.Excluded, error] {
	sql := `SELECT source_system, source_table, source_key, reason, amount FROM source_record WHERE state = 'excluded'
		ORDER BY source_system, source_table, reason, source_key, id`
	return stream(ctx, s, sql, func(r store.Row) workbook.Excluded {
		return workbook.Excluded{Source: sih.SourceID(r.Text(0)), SourceTable: r.Text(1), SourceKey: r.Text(2), Reason: r.Text(3), Amount: r.Int(4)}
	})
}
