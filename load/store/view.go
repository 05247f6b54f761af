package store

import (
	"fmt"
	"strings"

	"github.com/sihctl/sih"
)

// View is a question that applications ask again and again, as the store's own
// view. Rows that have vanished from their source are in none.
type View struct {
	Name, Doc string
	query     func(*Dialect) string
}

// Query is the view's SELECT.
func (v *View) Query(d *Dialect) string { return v.query(d) }

// Views lists those of the schema, in the order in which they are made.
func Views() []*View { return views }

var views = []*View{
	{"current_patient", "The people of today, one row each: no one who was merged into another, no one whose records have all vanished. Names, numbers and address are those of the founding record.", currentPatient},
	{"patient_number", "Every number of a patient's own, old hospital numbers among them.", patientNumber},
	{"patient_timeline", "What happened to a patient: ask for one person_id and order by at_ts. The column what names the table, id the row.", timeline},
	{"active_allergy", "Allergies that hold, and that none is known; that a patient has no row says nothing.", activeAllergy},
	{"active_medication", "Prescriptions that are not over.", activeMedication},
	{"laboratory_result", "Results of the laboratory that hold, with their unit and reference range.", laboratoryResult},
	{"open_stay", "Who is in hospital, and in which unit and bed.", openStay},
}

// ViewDDL returns the statements that make the views, in the order of
// ViewNames.
func (s Schema) ViewDDL(d *Dialect) (list []string) {
	for _, v := range s.views {
		list = append(list, "CREATE VIEW "+v.Name+" AS\n"+v.query(d))
	}
	return list
}

// remains is the condition that a row has not vanished; it is an id's look into
// a small table.
func remains(row string) string {
	return "NOT EXISTS (SELECT 1 FROM source_record g WHERE g.id = " + row + ".id AND g.state = 'gone')"
}

// selection lists columns of a table as a database has them, each behind the
// row's name.
func selection(table, row string, columns ...string) string {
	t := sih.TableByName(table)
	var list []string
	for _, name := range columns {
		for _, p := range t.Physical() {
			if p.Column == t.Column(name) {
				list = append(list, row+"."+p.Name)
			}
		}
	}
	return strings.Join(list, ", ")
}

func currentPatient(d *Dialect) string {
	return "SELECT p.id AS person_id, " +
		selection("source_person", "s", "family_name", "given_name", "family_name_ar", "given_name_ar") + ", " +
		selection("person", "p", "sex", "birth_date", "birth_place", "deceased", "death_ts", "nationality", "blood_group", "identity_status") + ", " +
		selection("source_person", "s", "cin", "phone", "commune", "address") + `
FROM person p
LEFT JOIN source_person s ON s.id = p.founder
WHERE p.active = ` + d.True + ` AND EXISTS (SELECT 1 FROM source_person r WHERE r.person_id = p.id AND ` + remains("r") + ")"
}

func patientNumber(*Dialect) string {
	return "SELECT " + selection("person_identifier", "i", "person_id", "id_system", "id_value", "id_norm", "grade", "status", "valid_from", "valid_to", "issuer_id", "source_system") + `
FROM person_identifier i
WHERE i.owner = 'self' AND i.status <> 'entered-in-error' AND ` + remains("i")
}

// events are the tables of a timeline: when a row happened, its code and whose
// it is, what it says. The one with values comes first: it gives their columns
// a type.
var events = []struct{ table, at, code, system, label string }{
	{"observation", "effective_ts", "obs_code", "code_system", "label"},
	{"encounter", "start_ts", "class", "", "reason"},
	{"diagnosis", "onset", "dx_code", "code_system", "label"},
	{"allergy", "recorded_ts", "allergen_code", "code_system", "allergen_text"},
	{"medication_request", "ordered_ts", "atc", "", "drug_text"},
	{"medication_dispense", "dispensed_ts", "", "", "drug_text"},
	{"report", "issued_ts", "kind", "", ""},
	{"imaging_study", "started_ts", "modality", "", "ai_result"},
	{"procedure_act", "start_ts", "act_code", "code_system", "label"},
	{"immunization", "given_on", "vaccine_code", "code_system", "label"},
	{"appointment", "start_ts", "service", "", ""},
	{"document", "created_ts", "doc_type", "", "title"},
}

func timeline(d *Dialect) string {
	parts := make([]string, len(events))
	for i, e := range events {
		t := sih.TableByName(e.table)
		column := func(name, as string) string {
			expression := "NULL"
			switch {
			case name == "encounter_id" && e.table == "encounter":
				expression = "x.id"
			case t.Has(name):
				expression = "x." + name
			}
			if i > 0 { // the first part names them
				return expression
			}
			return expression + " AS " + as
		}
		at := "x." + e.at
		if t.Columns[t.Column(e.at)].Kind != sih.KindTS {
			at = fmt.Sprintf(d.Midnight, at)
		}
		if i == 0 {
			at += " AS at_ts"
		}
		what := "'" + e.table + "'"
		if i == 0 {
			what += " AS what"
		}
		parts[i] = "SELECT " + strings.Join([]string{
			"x.person_id", at, what, "x.id", column("encounter_id", "encounter_id"),
			column(e.system, "code_system"), column(e.code, "code"), column(e.label, "label"),
			column("value_num", "value_num"), column("value_text", "value_text"), column("unit", "unit"), column("status", "status"), "x.source_system",
		}, ", ") + " FROM " + e.table + " x WHERE " + remains("x")
	}
	return strings.Join(parts, "\nUNION ALL ")
}

func activeAllergy(*Dialect) string {
	return "SELECT " + selection("allergy", "a", "id", "person_id", "kind", "allergen_code", "code_system", "allergen_text", "criticality", "reaction", "verification", "recorded_ts", "source_system") + `
FROM allergy a
WHERE (a.clinical_status IS NULL OR a.clinical_status = 'active') AND (a.verification IS NULL OR a.verification NOT IN ('refuted', 'entered-in-error')) AND ` + remains("a")
}

func activeMedication(*Dialect) string {
	return "SELECT " + selection("medication_request", "m", "id", "person_id", "encounter_id", "drug_text", "atc", "dose", "dose_unit", "route", "frequency", "days", "status", "ordered_ts", "staff_id", "source_system") + `
FROM medication_request m
WHERE m.status IN ('active', 'on-hold') AND ` + remains("m")
}

func laboratoryResult(*Dialect) string {
	return "SELECT " + selection("observation", "o", "id", "person_id", "encounter_id", "effective_ts", "code_system", "obs_code", "label", "value_num", "value_text", "value_code", "unit", "ref_low", "ref_high", "interpretation", "specimen", "status", "source_system") + `
FROM observation o
WHERE o.category = 'laboratory' AND o.status NOT IN ('cancelled', 'entered-in-error') AND ` + remains("o")
}

func openStay(*Dialect) string {
	return "SELECT " + selection("encounter", "e", "id", "person_id", "organisation_id") + ", u.name_fr AS unit_fr, u.name_ar AS unit_ar, b.label AS bed, " +
		selection("encounter", "e", "start_ts", "specialty", "reason", "staff_id", "source_system") + `
FROM encounter e
JOIN organisation u ON u.id = e.organisation_id
LEFT JOIN bed b ON b.id = e.bed_id
WHERE e.class = 'IMP' AND e.end_ts IS NULL AND e.status NOT IN ('planned', 'finished', 'cancelled', 'entered-in-error') AND ` + remains("e")
}
