package layoutcheck_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// fields are a record's columns; those that are not named are NULL in a
// database and empty in a file.
type fields map[string]string

// id is the text of an id that a mapping derives. Key parts are joined by |.
func id(system, table, key, target, slot string) string {
	return sih.NewID(system, table, key, target, slot).String()
}

func facility(local string) string { return id("master", "facilities", local, "organisation", "") }

// value is a record of a table and what must come of it.
type value struct {
	name   string
	system string
	table  string
	row    fields
	want   map[string]string // by table, or table:slot, and column; "" for NULL
	none   []string          // tables, or table:slot, of which no entity may come
	reason sih.Reason        // of the rejection
	state  string            // excluded, where the row is
}

var values = []value{
	{
		name: "a patient of two scripts", system: "hosix", table: "dbo.PACIENTES",
		row: fields{"NHC": "7", "CENTRO": "12", "APELLIDO1": "EL ALAOUI", "NOMBRE": "Mohamed", "APELLIDO_AR": "العـــلوي", "SEXO": "H", "FECHA_NAC": "1950-01-01 00:00:00.000", "DNI": "ab-123456", "EXITUS": "N", "FECHA_ALTA": "2021-03-04 10:00:00.000", "ESTADO": "A", "TELEFONO": "0661 23 45 67", "NACIONALIDAD": "MA ", "GRUPO_SANG": "O NEG"},
		want: map[string]string{
			"source_person.facility_id": facility("12"), "source_person.local_id": "7", "source_person.family_name": "EL ALAOUI", "source_person.given_name": "Mohamed",
			"source_person.family_name_ar": "العلوي", "source_person.sex": "male", "source_person.birth_date": "1950", "source_person.cin": "AB123456",
			"source_person.deceased": "false", "source_person.phone": "+212661234567", "source_person.nationality": "MAR", "source_person.blood_group": "O-",
		},
	},
	{
		name: "a deleted patient", system: "hosix", table: "dbo.PACIENTES",
		row: fields{"NHC": "8", "CENTRO": "12", "EXITUS": "N", "ESTADO": "X"}, state: "excluded",
	},
	{
		name: "an episode of padded codes", system: "hosix", table: "dbo.EPISODIOS",
		row: fields{"NUM_EPI": "5", "CENTRO": "12", "NHC": "7", "TIPO_EPI": "H", "SERVICIO": "MINT  ", "CAMA": "101", "FECHA_ING": "2024-01-02 23:30:00.000", "FECHA_ALTA": "1900-01-01 00:00:00.000", "ESTADO": "A"},
		want: map[string]string{
			"encounter.source_person_id": id("hosix", "dbo.PACIENTES", "7", "source_person", ""), "encounter.bed_id": id("hosix", "dbo.CAMAS", "12|101", "bed", ""),
			"encounter.class": "IMP", "encounter.status": "in-progress", "encounter.start_ts": "2024-01-02T22:30:00.000Z", "encounter.end_ts": "", "encounter.specialty": "MINT",
		},
	},
	{
		name: "an episode of an unknown kind", system: "hosix", table: "dbo.EPISODIOS",
		row: fields{"NUM_EPI": "5", "CENTRO": "12", "NHC": "7", "TIPO_EPI": "?", "FECHA_ING": "2024-01-02 23:30:00.000", "ESTADO": "A"}, reason: sih.R03,
	},
	{
		name: "none known is no allergy to a medicine", system: "hosix", table: "dbo.ALERGIAS",
		row:  fields{"ID_ALERGIA": "1", "NHC": "7", "TEXTO": "No conocidas", "CLASE": "M", "ESTADO": "A"},
		want: map[string]string{"allergy.kind": "none-known", "allergy.allergen_text": "No conocidas"},
	},
	{
		name: "an allergy of a class", system: "hosix", table: "dbo.ALERGIAS",
		row:  fields{"ID_ALERGIA": "1", "NHC": "7", "TEXTO": "PENI", "CLASE": "M", "GRAVEDAD": "G", "ESTADO": "A"},
		want: map[string]string{"allergy.kind": "medication", "allergy.criticality": "high", "allergy.clinical_status": "active"},
	},
	{
		name: "an allergy without text", system: "hosix", table: "dbo.ALERGIAS",
		row:  fields{"ID_ALERGIA": "1", "NHC": "7", "TEXTO": " ", "ESTADO": "A"},
		want: map[string]string{"allergy.kind": "", "allergy.allergen_text": "not stated"},
	},
	{
		name: "signs of one row", system: "hosix", table: "dbo.CONSTANTES",
		row:  fields{"ID_CONSTANTE": "9", "NUM_EPI": "5", "NHC": "7", "FECHA": "2024-07-01 08:00:00.000", "TA_SIS": "120", "TA_DIA": "80", "TEMPERATURA": "37.5"},
		want: map[string]string{"observation:systolic.obs_code": "8480-6", "observation:systolic.value_num": "120", "observation:diastolic.unit": "mm[Hg]", "observation:temperature.value_num": "37.5", "observation:temperature.effective_ts": "2024-07-01T07:00:00.000Z"},
		none: []string{"observation:pulse", "observation:weight", "observation:saturation"},
	},
	{
		name: "an imaging report", system: "hosix", table: "dbo.RADIOLOGIA",
		row: fields{"NUM_EXPLORACION": "3", "NUM_EPI": "5", "NHC": "7", "MODALIDAD": "TC", "FECHA": "2024-07-01 08:00:00.000", "INFORME": "Sin hallazgos", "ESTADO": "V"},
		want: map[string]string{
			"imaging_study.modality": "CT", "imaging_study.report_id": id("hosix", "dbo.RADIOLOGIA", "3", "report", ""),
			"report.kind": "imaging", "report.conclusion": "Sin hallazgos", "report.status": "final",
		},
	},
	{
		name: "an image that nobody has read", system: "hosix", table: "dbo.RADIOLOGIA",
		row:  fields{"NUM_EXPLORACION": "3", "NUM_EPI": "5", "NHC": "7", "MODALIDAD": "TC", "FECHA": "2024-07-01 08:00:00.000", "ESTADO": "P"},
		want: map[string]string{"imaging_study.report_id": ""}, none: []string{"report"},
	},
	{
		name: "a bill", system: "hosix", table: "dbo.FACTURAS",
		row:  fields{"NUM_FACTURA": "12/24/1", "CENTRO": "12", "NHC": "7", "ENTIDAD": "310", "FECHA": "2024-02-01 00:00:00.000", "IMPORTE": "1234.5000", "IMP_PACIENTE": "-10.0000", "ESTADO": "N"},
		want: map[string]string{"claim.claim_number": "12/24/1", "claim.payer": "ramed", "claim.total": "123450", "claim.patient_part": "-1000", "claim.insurer_part": "", "claim.issued_on": "2024-02-01", "claim.status": "cancelled", "claim.currency": "MAD"},
	},
	{
		name: "a result with a local code", system: "hosix", table: "dbo.RESULTADOS_LAB",
		row: fields{"NUM_PETICION": "4", "COD_PRUEBA": "1010", "NHC": "7", "NUM_EPI": "5", "RESULTADO": "<5", "UNIDADES": "UI/L", "VR_MIN": "0.4000", "FECHA_RES": "2024-07-01 08:00:00.000", "VALIDADO": "S"},
		want: map[string]string{
			"observation.obs_code": "1010", "observation.code_system": "local:hosix", "observation.value_num": "", "observation.value_text": "<5", "observation.unit": "[IU]/L",
			"observation.ref_low": "0.4", "observation.status": "final", "observation.report_id": id("hosix", "dbo.PETICIONES_LAB", "4", "report", ""),
		},
	},
	{
		name: "a guardian's card", system: "dedalus", table: "PATIENT",
		row: fields{"FINESS": "120000037", "IPP": "00000012", "NOM_USUEL": "Benali", "NOM_NAISSANCE": "Idrissi", "PRENOM": "Sara", "SEXE": "2", "DATE_NAISSANCE": "31/12/1950", "CIN": "K 12345", "TYPE_PIECE": "CIN_TUTEUR", "DATE_CREATION": "05/06/2020 10:00", "STATUT": "A"},
		want: map[string]string{
			"source_person.local_id": "00000012", "source_person.cin": "", "source_person.guardian_cin": "K12345", "source_person.passport": "",
			"source_person.maiden_name": "Idrissi", "source_person.sex": "female", "source_person.birth_date": "1950", "source_person.deceased": "",
		},
	},
	{
		name: "a passport", system: "dedalus", table: "PATIENT",
		row:  fields{"FINESS": "1", "IPP": "2", "CIN": "AB1234567", "TYPE_PIECE": "PASSEPORT", "DATE_NAISSANCE": "1962", "DATE_DECES": "01/02/2023", "STATUT": "A"},
		want: map[string]string{"source_person.cin": "", "source_person.passport": "AB1234567", "source_person.birth_date": "1962", "source_person.deceased": "true", "source_person.death_ts": "2023-01-31T23:00:00.000Z"},
	},
	{
		name: "a range in one cell", system: "dedalus", table: "RESULTAT_LABO",
		row:  fields{"NUM_DEMANDE": "1", "CODE": "B0101", "FINESS": "1", "IPP": "2", "NDA": "3", "RESULTAT": "0,95", "UNITE": "g/l", "NORMES": "0,70 - 1,10", "DATE": "02/01/2024 08:05", "STATUT": "V"},
		want: map[string]string{"observation.value_num": "0.95", "observation.ref_low": "0.7", "observation.ref_high": "1.1", "observation.unit": "g/L", "observation.source_person_id": id("dedalus", "PATIENT", "1|2", "source_person", "")},
	},
	{
		name: "a refuted allergy", system: "dedalus", table: "ALLERGIE",
		row:  fields{"ID": "1", "FINESS": "1", "IPP": "2", "TEXTE": "Pénicilline", "DATE": "02/01/2024", "STATUT": "REFUTEE"},
		want: map[string]string{"allergy.kind": "medication", "allergy.clinical_status": "inactive", "allergy.verification": "refuted"},
	},
	{
		name: "a receipt over nothing", system: "dedalus", table: "REGLEMENT",
		row: fields{"NUM_QUITTANCE": "1", "NUM_FACTURE": "2", "FINESS": "1", "IPP": "2", "DATE": "02/01/2024", "MONTANT": "gratuit", "ANNULE": "N"}, reason: sih.R08,
	},
	{
		name: "a receipt", system: "dedalus", table: "REGLEMENT",
		row:  fields{"NUM_QUITTANCE": "1", "NUM_FACTURE": "2", "FINESS": "1", "IPP": "2", "DATE": "02/01/2024", "MONTANT": "1 234,50", "MODE": "ESP", "ANNULE": "O"},
		want: map[string]string{"payment.amount": "123450", "payment.pay_mode": "cash", "payment.cancelled": "true", "payment.organisation_id": facility("1")},
	},
	{
		name: "a birth of a year and an old client's Arabic", system: "enova", table: "patient",
		row:  fields{"id_patient": "3", "code_etab": "H01", "ipp": "A1", "nom_ar": "ÇáÞØÇÚ", "sexe": "I", "date_naissance": "1934-00-00", "cin": "0000", "decede": "1", "date_deces": "0000-00-00", "id_fusion": "0", "supprime": "0"},
		want: map[string]string{"source_person.family_name_ar": "القطاع", "source_person.sex": "unknown", "source_person.birth_date": "1934", "source_person.deceased": "true", "source_person.death_ts": "", "source_person.merged_into": ""},
	},
	{
		name: "an open stay", system: "enova", table: "sejour",
		row:  fields{"id_sejour": "3", "code_etab": "H01", "num_sejour": "S3", "id_patient": "3", "type": "J", "date_entree": "2024-01-02 08:00:00", "date_sortie": "0000-00-00 00:00:00", "statut": "O", "supprime": "0"},
		want: map[string]string{"encounter.class": "IMP", "encounter.status": "in-progress", "encounter.end_ts": "", "encounter.staff_id": ""},
	},
	{
		name: "a diagnosis of a consultation", system: "enova", table: "diagnostic",
		row:  fields{"id_diagnostic": "3", "id_patient": "3", "id_consultation": "8", "code_cim": "J189", "type": "P"},
		want: map[string]string{"diagnosis.encounter_id": id("enova", "consultation", "8", "encounter", ""), "diagnosis.dx_code": "J18.9", "diagnosis.code_system": "icd10", "diagnosis.role": "principal"},
	},
	{
		name: "a diagnosis of a stay in a code of the house", system: "enova", table: "diagnostic",
		row:  fields{"id_diagnostic": "3", "id_patient": "3", "id_sejour": "8", "code_cim": "DIAB", "type": "A"},
		want: map[string]string{"diagnosis.encounter_id": id("enova", "sejour", "8", "encounter", ""), "diagnosis.dx_code": "DIAB", "diagnosis.code_system": "local:enova"},
	},
	{
		name: "a sign without key", system: "enova", table: "constante",
		row:  fields{"id_patient": "3", "id_sejour": "8", "date_mesure": "2024-01-02 08:00:00", "type": "POIDS", "valeur": "71.50", "unite": "kg"},
		want: map[string]string{"observation.obs_code": "29463-7", "observation.code_system": "loinc", "observation.value_num": "71.5", "observation.source_key": "3|8||2024-01-02 08:00:00|POIDS|71.50|kg"},
	},
	{
		name: "a vaccination in a month", system: "enova", table: "vaccination",
		row:  fields{"id_vaccination": "1", "id_patient": "3", "vaccin": "ROR", "dose": "2", "date_vaccin": "2021-05-00"},
		want: map[string]string{"immunization.vaccine_code": "J07BD52", "immunization.code_system": "atc", "immunization.given_on": "2021-05", "immunization.dose_number": "2"},
	},
	{
		name: "a patient in Turkish capitals", system: "bilmed", table: "dbo.HASTA",
		row:  fields{"HASTA_NO": "3", "KURUM_KODU": "501", "TC_KIMLIK_NO": "99999999999", "KIMLIK_NO": "BK123456", "SOYADI": "İDRİSSİ", "CINSIYET": "K", "DOGUM_TARIHI": "00.00.1949", "UYRUK": "FAS", "KAN_GRUBU": "0 RH-", "KAYIT_TARIHI": "2020-01-02 10:00:00", "SILINDI": "0"},
		want: map[string]string{"source_person.family_name": "İDRİSSİ", "source_person.sex": "female", "source_person.birth_date": "1949", "source_person.cin": "BK123456", "source_person.nationality": "MAR", "source_person.blood_group": "O-"},
	},
	{
		name: "a guardian's number", system: "bilmed", table: "dbo.HASTA",
		row:  fields{"HASTA_NO": "3", "KURUM_KODU": "501", "KIMLIK_NO": "BK123456", "KIMLIK_TURU": "V", "SILINDI": "0"},
		want: map[string]string{"source_person.cin": "", "source_person.guardian_cin": "BK123456", "source_person.residence_card": ""},
	},
	{
		name: "that nobody knows is no allergy", system: "bilmed", table: "dbo.ALERJI",
		row: fields{"ALERJI_ID": "1", "HASTA_NO": "3", "ACIKLAMA": "BİLİNMİYOR", "SILINDI": "0"}, state: "excluded",
	},
	{
		name: "none known in Turkish", system: "bilmed", table: "dbo.ALERJI",
		row:  fields{"ALERJI_ID": "1", "HASTA_NO": "3", "ACIKLAMA": "Yok", "TUR": "I", "SILINDI": "0"},
		want: map[string]string{"allergy.kind": "none-known"},
	},
	{
		name: "a visit", system: "bilmed", table: "dbo.PROTOKOL",
		row:  fields{"PROTOKOL_NO": "1", "KURUM_KODU": "501", "HASTA_NO": "3", "TUR": "C", "GIRIS_TARIHI": "02.01.2024 23:59", "TRIAJ": "KIRMIZI", "DURUM": "I", "SILINDI": "0"},
		want: map[string]string{"encounter.class": "EMER", "encounter.status": "cancelled", "encounter.start_ts": "2024-01-02T22:59:00.000Z", "encounter.triage": "red"},
	},
	{
		name: "a receipt as typed", system: "bilmed", table: "dbo.TAHSILAT",
		row:  fields{"MAKBUZ_NO": "1", "FATURA_NO": "2", "KURUM_KODU": "501", "HASTA_NO": "3", "TARIH": "02.01.2024", "TUTAR": "1.234,50", "IPTAL": "0"},
		want: map[string]string{"payment.amount": "123450", "payment.paid_on": "2024-01-02", "payment.cancelled": "false"},
	},
	{
		name: "a patient in Arabic, on the base of 1904", system: "essp", table: "Fichier patients",
		row: fields{"Centre": "0421", "N° dossier": "0421/23-00001", "Date inscription": "43889", "Nom et prénom": "العلوي محمد", "Sexe": "ذكر", "Date de naissance": "20000", "Téléphone": "661234567", "Adresse": "Hay Salam, Khemisset", "Couverture": "ramed", "Observations": "Mère: Fatima Idrissi", "_date1904": "1"},
		want: map[string]string{
			"source_person.facility_id": facility("0421"), "source_person.family_name": "", "source_person.family_name_ar": "العلوي", "source_person.given_name_ar": "محمد", "source_person.sex": "male",
			"source_person.birth_date": "1958-10-04", "source_person.phone": "+212661234567", "source_person.commune": "Khemisset", "source_person.mother_name": "Fatima Idrissi", "coverage.scheme": "ramed",
		},
		none: []string{"allergy", "observation:remark"},
	},
	{
		name: "a patient of whom the year is known, and an allergy in the margin", system: "essp", table: "Fichier patients",
		row: fields{"Centre": "0421", "N° dossier": "0421/23-00002", "Date inscription": "05/06/2023", "Nom et prénom": "EL ALAOUI Sara", "Date de naissance": "1985", "Observations": "Allergie: Pénicilline", "_date1904": "0"},
		want: map[string]string{
			"source_person.family_name": "EL ALAOUI", "source_person.given_name": "Sara", "source_person.sex": "unknown", "source_person.birth_date": "1985",
			"allergy.kind": "medication", "allergy.allergen_text": "Allergie: Pénicilline", "allergy.verification": "unconfirmed", "allergy.recorded_ts": "2023-06-04T23:00:00.000Z",
		},
		none: []string{"coverage", "observation:remark"},
	},
	{
		name: "a signature", system: "essp", table: "Consultations",
		row: fields{"Centre": "Le médecin chef", "Date": "45000", "_date1904": "0"}, state: "excluded",
	},
	{
		name: "a consultation", system: "essp", table: "Consultations",
		row: fields{"Centre": "0421", "N° ordre": "0421/24-C00001", "N° dossier": "0421/23-00002", "Date": "45351", "Diagnostic": "J20.9 Bronchite aiguë", "TA": "12/8", "Poids": "70.5", "Référé vers": "CHP", "_date1904": "0"},
		want: map[string]string{
			"encounter.class": "AMB", "encounter.start_ts": "2024-02-28T23:00:00.000Z", "diagnosis.dx_code": "J20.9", "diagnosis.code_system": "icd10",
			"diagnosis.encounter_id":           id("essp", "Consultations", "0421/24-C00001", "encounter", ""),
			"observation:systolic.value_num":   "12",
			"observation:systolic.unit":        "cm[Hg]",
			"observation:diastolic.value_num":  "8",
			"observation:diastolic.unit":       "cm[Hg]",
			"observation:weight.value_num":     "70.5",
			"observation:referred.value_text":  "CHP",
			"observation:systolic.value_text":  "12/8",
			"observation:weight.effective_ts":  "2024-02-28T23:00:00.000Z",
			"observation:systolic.code_system": "loinc",
		},
		none: []string{"observation:pressure"},
	},
	{
		name: "pressures in mmHg and in words", system: "essp", table: "Consultations",
		row:  fields{"Centre": "0421", "N° ordre": "0421/24-C00002", "N° dossier": "0421/23-00002", "Date": "05/06/2023", "Diagnostic": "HTA", "TA": "95/60", "_date1904": "0"},
		want: map[string]string{"observation:systolic.unit": "mm[Hg]", "observation:diastolic.value_num": "60", "diagnosis.dx_code": "", "diagnosis.code_system": "local:essp"},
		none: []string{"observation:pressure", "observation:weight"},
	},
	{
		name: "a booster", system: "essp", table: "Vaccinations",
		row:  fields{"Centre": "0421", "N° ordre": "0421/24-V00001", "N° dossier": "0421/23-00002", "Date": "45351", "Vaccin": "Penta", "Dose": "R1", "_date1904": "0"},
		want: map[string]string{"immunization.vaccine_code": "J07CA", "immunization.code_system": "atc", "immunization.label": "Penta R1", "immunization.dose_number": "", "immunization.given_on": "2024-02-29"},
	},
	{
		name: "a medicine by the box", system: "essp", table: "Médicaments",
		row:  fields{"Centre": "0421", "N° ordre": "0421/24-M00001", "N° dossier": "0421/23-00002", "Date": "45351", "Médicament": "Doliprane 1 g", "Quantité": "2 bt", "Posologie": "3 fois/j", "_date1904": "0"},
		want: map[string]string{"medication_dispense.quantity": "2", "medication_dispense.unit": "bt", "medication_dispense.drug_text": "Doliprane 1 g, 3 fois/j", "medication_dispense.request_id": ""},
	},
}

// TestValues maps one record at a time and looks at what comes of it.
func TestValues(t *testing.T) {
	for _, tt := range values {
		t.Run(tt.system+"/"+tt.name, func(t *testing.T) {
			m := mapOne(t, tt)
			entities := map[string]*stage.Entity{}
			for i := range m.entities {
				e := &m.entities[i]
				name := e.Table.Name
				if slot := e.Get("slot").String(); slot != "" {
					name += ":" + slot
				}
				entities[name] = e
			}
			got := map[string]string{}
			for column := range tt.want {
				table, name, _ := strings.Cut(column, ".")
				e := entities[table]
				if e == nil {
					t.Errorf("no %s came of it", table)
					continue
				}
				if !e.Table.Has(name) {
					t.Fatalf("%s has no column %s", table, name)
				}
				got[column] = e.Get(name).String()
			}
			if diff := cmp.Diff(tt.want, got); len(tt.want) > 0 && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, name := range tt.none {
				if entities[name] != nil {
					t.Errorf("%s came of it", name)
				}
			}
			state := "accepted"
			if len(m.left) > 0 {
				state = m.left[0].State
			}
			want := tt.state
			switch {
			case tt.reason != "":
				want = "rejected"
				if !slices.ContainsFunc(m.notes, func(n stage.Note) bool { return n.Severity == sih.Reject && n.Reason == tt.reason }) {
					t.Errorf("not rejected for %s: %v", tt.reason, m.left)
				}
			case want == "":
				want = "accepted"
			}
			if state != want {
				t.Errorf("the record is %s, want %s", state, want)
			}
		})
	}
}

func mapOne(t *testing.T, v value) *mapped {
	t.Helper()
	s := setting(t, v.system)
	files, err := mapping.Load(s.Files)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(files, func(f *mapping.File) bool { return f.From == v.table })
	if at < 0 {
		t.Fatalf("table %s is not mapped", v.table)
	}
	x, row := record(t, v)
	return run(t, files[at], x, s, func(yield func([]sih.Raw)) { yield(row) })
}

// TestEverySystemHasValues keeps the list above honest.
func TestEverySystemHasValues(t *testing.T) {
	for _, system := range mappings.Systems() {
		n := 0
		for _, tt := range values {
			if tt.system == system {
				n++
			}
		}
		if n < 3 {
			t.Errorf("%s has %d records with expected entities", system, n)
		}
	}
}
