package simulate

import (
	"fmt"

	"github.com/sihctl/sih"
)

// dedalusSystem writes DEDALUS's files.
type dedalusSystem struct {
	*outputs
	g                                                                                                                    *generator
	patients, merges, stays, diagnoses, allergies, prescriptions, dispensations, requests, results, vitals, images, acts *out
	vaccinations, appointments, covers, bills, lines, receipts                                                           *out
	patientID, stayID, prescriptionID, requestID, billID, receiptID                                                      int
}

func newDedalus(g *generator, o *outputs) legacy {
	return &dedalusSystem{outputs: o, g: g, stayID: 200000000, requestID: 3000000,
		patients: o.table("PATIENT"), merges: o.table("PATIENT_RAPPROCHEMENT"), stays: o.table("SEJOUR"), diagnoses: o.table("DIAGNOSTIC"), allergies: o.table("ALLERGIE"),
		prescriptions: o.table("PRESCRIPTION"), dispensations: o.table("DISPENSATION"), requests: o.table("DEMANDE_LABO"), results: o.table("RESULTAT_LABO"), vitals: o.table("CONSTANTE"),
		images: o.table("IMAGERIE"), acts: o.table("ACTE"), vaccinations: o.table("VACCINATION"), appointments: o.table("RDV"), covers: o.table("COUVERTURE"),
		bills: o.table("FACTURE"), lines: o.table("FACTURE_LIGNE"), receipts: o.table("REGLEMENT")}
}

var (
	dedalusUnits       = [unitKinds]string{"03", "04", "05", "06", "07", "08", "09", "20", "21", "22", "30"}
	dedalusProfessions = [professions]string{"MEDECIN", "INFIRMIER", "SAGE-FEMME", "TECHNICIEN", "PHARMACIEN", "ADMINISTRATIF"}
	dedalusSchemes     = [schemes]string{"CNSS", "CNOPS", "AMO TADAMON", "RAMED", "AMO ACHAMIL", "AMO TNS", "FAR", "MUTUELLE", "PAYANT", "INDIGENT"}
	dedalusDevices     = [8]string{"SCANNER", "IRM", "ECHOGRAPHE", "RESPIRATEUR", "MONITEUR", "AUTOMATE", "RADIOLOGIE", "DIALYSE"}
	dedalusRoutes      = [5]string{"ORALE", "IV", "IM", "SC", "INHALEE"}
	dedalusModalities  = [5]string{"CR", "CT", "MR", "US", "MG"}
	dedalusBlood       = [9]string{"", "A-", "A+", "B Rh-", "B+", "AB-", "O Rh+", "O-", "AB+"}
	dedalusClasses     = [5]string{"HC", "HJ", "URG", "EXT", "TEL"}
)

func (s *dedalusSystem) reference(w *world) {
	for _, f := range w.facilities[dedalus] {
		s.table("ETABLISSEMENT").str(f.code).str(f.name).str(f.place().name).str("O").end()
		for u, id := range f.unitID {
			s.table("UF").code("", 1000+id, 4).str(f.code).str(unitNames[u].fr).str(dedalusUnits[u]).end()
		}
		for _, m := range f.staff {
			s.table("PERSONNEL").code("P", m.id, 6).str(f.code).int(1000+f.unitID[m.unit]).str(m.family).str(m.given).str(dedalusProfessions[m.profession]).code("", 91000000+m.id*3, 9).day(m.since).flag(m.active, "O", "N").end()
		}
		for _, b := range f.beds {
			kind := "LIT"
			if b.unit == intensive {
				kind = "REA"
			}
			s.table("LIT").str(bedCode(f, &b)).int(1000 + f.unitID[b.unit]).str(b.label).str(kind).str([3]string{"DISPONIBLE", "OCCUPE", "HS"}[b.state]).end()
		}
		for _, d := range f.devices {
			s.table("EQUIPEMENT").code("INV", d.id, 6).str(f.code).int(1000 + f.unitID[d.unit]).str(dedalusDevices[d.kind]).str(d.maker).str(d.model).str(d.serialNo).str([3]string{"EN SERVICE", "EN PANNE", "REFORME"}[d.state]).day(d.installed).day(d.next).end()
			for k, e := range d.events {
				s.table("INTERVENTION").int(d.id*10+k).code("INV", d.id, 6).str([4]string{"PANNE", "REPARATION", "PREVENTIVE", "ETALONNAGE"}[e.kind]).at(e.opened).at(e.ends).hours(e).str("Intervention; " + dedalusDevices[d.kind]).end()
			}
		}
		for i := range drugs {
			n := f.index*len(drugs) + i
			s.table("STOCK").int(n).str(f.code).code("M", i+1, 4).code("L", n*31%9000, 4).day(today+sih.Date(n*37%900-60)).dec(int64(n*13%5000)*100, 2).at(int64(today)*1440 - 600).end()
		}
	}
	for i, d := range drugs {
		s.table("PRODUIT").code("M", i+1, 4).str(d.label).str(d.inn).str(d.atc).str(d.form).str(d.strength).str([3]string{"MED", "VAC", "DM"}[d.kind]).end()
	}
}

func bedCode(f *facility, b *bed) string { return fmt.Sprint(1000+f.unitID[b.unit], "-", b.label) }

// whose writes the two columns that name a patient.
func (o *out) whose(rec *record) *out { return o.str(rec.facility.code).code("", rec.id, 8) }

func (s *dedalusSystem) patient(rec *record) {
	s.patientID++
	rec.id = s.patientID
	rec.key = sih.JoinKey(rec.facility.code, fmt.Sprintf("%08d", rec.id))
	o := s.patients.whose(rec).str(rec.family).str(rec.maiden).str(rec.given).str("912"[rec.sex : rec.sex+1]).birthday(rec.birth).str(rec.birthPlace).str(rec.cin)
	kind := "CIN"
	switch {
	case rec.cin == "":
		kind = ""
	case rec.document == guardiansCIN && rec.id%3 == 0:
		kind = "CIN_TUTEUR"
	case rec.document == passportNumber:
		kind = "PASSEPORT"
	}
	o.str(kind).str(rec.idcs).str(rec.insured).str(rec.father).str(rec.mother).str([4]string{"CELIBATAIRE", "MARIE", "DIVORCE", "VEUF"}[rec.marital])
	nation := nationalities[rec.nationality][2]
	if rec.nationality == 0 {
		nation = [3]string{"MA", "MAR", "Marocaine"}[rec.id%3]
	}
	o.str(nation).str(rec.phone).str(rec.address).code("", 10000+rec.person.home.commune*10, 5).str(rec.commune).str(dedalusBlood[rec.blood]).day(rec.dead).at(rec.registered)
	switch {
	case rec.deleted:
		o.str("S").end()
	case rec.mergedInto != 0:
		o.str("I").end()
		s.merges.whose(rec).code("", rec.mergedInto, 8).at(rec.registered + 40000).end()
	default:
		o.str("A").end()
	}
}

func (s *dedalusSystem) cover(rec *record, c *cover) {
	s.covers.int(s.covers.rows + 1).whose(rec).str(dedalusSchemes[c.scheme]).str(c.number).str([3]string{"ASSURE", "CONJOINT", "ENFANT"}[c.relation]).day(c.from).day(c.to).end()
}

func (s *dedalusSystem) allergy(rec *record, a *allergy) {
	o := s.allergies.int(s.allergies.rows + 1).whose(rec).str(a.text)
	kinds, severities := [4]string{"", "MEDICAMENT", "ALIMENT", "AUTRE"}, [3]string{"", "MINEURE", "MAJEURE"}
	state := "ACTIVE"
	if a.takenBack {
		state = "REFUTEE"
	}
	o.str(kinds[a.kind+1]).str(severities[a.severity+1]).str(a.reaction).day(sih.Date(a.at / 1440)).str(state).end()
}

func (s *dedalusSystem) vaccination(rec *record, v *vaccination) {
	s.vaccinations.int(s.vaccinations.rows + 1).whose(rec).str(vaccines[v.vaccine][3]).str(v.lot).int(v.dose).day(v.on).end()
}

func (s *dedalusSystem) visit(rec *record, v *visit) {
	f := rec.facility
	s.stayID++
	stay := s.stayID
	o := s.stays.int(stay).str(f.code)
	if v.orphan {
		o.code("", rec.id+50000000, 8)
	} else {
		o.code("", rec.id, 8)
	}
	o.str(dedalusClasses[v.class]).int(1000 + f.unitID[v.unit])
	if v.bed != nil {
		o.str(bedCode(f, v.bed))
	} else {
		o.str("")
	}
	o.at(v.start).at(v.end).str("8576"[v.from : v.from+1])
	if v.end == 0 {
		o.str("")
	} else {
		o.str("87943"[v.to : v.to+1])
	}
	state := [3]string{"EN_COURS", "CLOS", "ANNULE"}[visitState(v)]
	if v.deleted {
		state = "ANNULE"
	}
	o.code("P", v.doctor.id, 6).str(v.reason).id(v.triage).str(state).end()
	if v.orphan || v.deleted || v.cancelled {
		return
	}
	s.clinical(rec, v, stay)
	for i := range v.bills {
		s.bill(rec, &v.bills[i], stay)
	}
	if a := v.appointment; a != nil {
		s.appointments.int(s.appointments.rows+1).whose(rec).int(1000+f.unitID[v.unit]).code("P", v.doctor.id, 6).at(a.at).at(a.at + int64(a.minutes)).str([4]string{"PRIS", "HONORE", "ANNULE", "ABSENT"}[a.status]).end()
	}
}

func (s *dedalusSystem) clinical(rec *record, v *visit, stay int) {
	doctor := v.doctor.id
	for i, d := range v.illnesses {
		kind, code := "DP", d.code
		if i > 0 {
			kind = "DAS"
		}
		if stay%2 == 0 {
			code = withoutDot(code)
		}
		s.diagnoses.int(stay).int(i + 1).whose(rec).str(kind).str(code).str(d.fr).day(sih.Date(v.start / 1440)).end()
	}
	for _, m := range v.medicines {
		d := &drugs[m.drug]
		s.prescriptionID++
		s.prescriptions.int(s.prescriptionID).int(stay).whose(rec).code("M", m.drug+1, 4).str(d.label).dec(int64(d.dose*100), 2).str(enovaDoses[d.unit]).str(dedalusRoutes[d.route]).str(m.often).int(m.days).at(v.start+60).code("P", doctor, 6).str([3]string{"ACTIVE", "TERMINEE", "ANNULEE"}[m.status]).end()
		if m.given {
			s.dispensations.int(s.dispensations.rows+1).int(s.prescriptionID).whose(rec).code("M", m.drug+1, 4).dec(int64(m.days)*2, 0).code("L", m.lot, 4).at(v.start + 90).end()
		}
	}
	for i := range v.requests {
		q := &v.requests[i]
		s.requestID++
		state := "VALIDE"
		if q.pending {
			state = "EN_COURS"
		}
		s.requests.int(s.requestID).int(stay).whose(rec).at(q.at).code("P", doctor, 6).flag(q.urgent, "O", "N").str(state).end()
		for _, l := range q.lines {
			a := &analyses[l.analysis]
			code := 101 + l.analysis
			if l.unknown {
				code += 9000
			}
			s.results.int(s.requestID).code("B", code, 4).whose(rec).int(stay).str(a.name).value(l, ',', "Négatif", "Positif").unit(l)
			if a.low == 0 && a.high == 0 {
				s.results.str("")
			} else {
				s.results.str(plainNumber(a.low, true) + " - " + plainNumber(a.high, true))
			}
			s.results.at(l.at).str("V").end()
		}
	}
	for _, m := range v.vitals {
		write := func(code, unit string, value, places int) {
			s.vitals.int(s.vitals.rows+1).int(stay).whose(rec).str(code).dec(int64(value), places).str(unit).at(m.at).end()
		}
		write("PAS", "mmHg", m.systolic, 0)
		write("PAD", "mmHg", m.diastolic, 0)
		write("FC", "/min", m.pulse, 0)
		write("T", "°C", m.temperature, 1)
	}
	for k, m := range v.images {
		report := m.report
		if k == 0 && stay%7 == 0 && report != "" {
			report = "Indication : \"" + v.reason + "\"\n" + report
		}
		s.images.int(s.images.rows+1).int(stay).whose(rec).str(dedalusModalities[m.modality]).str(m.region).at(m.at).str(studyUID(m.uid)).int(m.count).str(report).code("P", doctor, 6).str("VPA"[m.status : m.status+1]).end()
	}
	for _, a := range v.acts {
		code, of, state := a.code, stay, "R"
		if a.unknown {
			code = "ZZZ"
		}
		if a.orphan {
			of += 500000000
		}
		if a.deleted {
			state = "A"
		}
		s.acts.int(s.acts.rows+1).int(of).whose(rec).str(code).str(a.label).str([6]string{"CHIR", "ACT", "INF", "DIA", "RTH", "ACC"}[a.kind]).str(a.letter).dec(int64(a.coef), 2).at(a.at).at(a.ends).code("P", doctor, 6).str(state).end()
	}
}

// amount writes dirhams as people write them: 1 234,50.
func (o *out) amount(centimes int64) *out {
	from := len(o.buf)
	o.buf = appendDecimal(o.buf, centimes, 2, 2, true)
	if n := len(o.buf) - from; n > 6 && o.buf[from] != '-' {
		s := string(o.buf[from:])
		o.buf = append(append(append(o.buf[:from], s[:n-6]...), ' '), s[n-6:]...)
	}
	return o.done(from)
}

func (s *dedalusSystem) bill(rec *record, b *bill, stay int) {
	y, _, _ := b.on.Civil()
	var number string
	for range 1 + count(b.twin) {
		s.billID++
		number = fmt.Sprintf("F%d%08d", y, s.billID)
		state := "EMISE"
		if b.cancelled {
			state = "ANNULEE"
		}
		o := s.bills.str(number).whose(rec)
		if b.noStay {
			o.str("")
		} else {
			o.int(stay)
		}
		o.str(dedalusSchemes[rec.person.home.scheme]).day(b.on).amount(b.total).amount(b.insurer).amount(b.patient).amount(b.exempt).str(state).end()
		for i, l := range b.lines {
			s.lines.str(number).int(i+1).whose(rec).str(l.code).str(l.label).str(l.letter).dec(int64(l.coef), 2).int(l.quantity).dec(l.price, 2).dec(l.amount, 2).day(b.on).end()
		}
	}
	if b.paid != 0 {
		s.receiptID++
		o := s.receipts.code("Q", s.receiptID, 8).str(number).whose(rec).day(b.paidOn)
		if b.unreadable != "" {
			o.str(b.unreadable)
		} else {
			o.dec(b.paid, 2)
		}
		o.str([4]string{"ESP", "CHQ", "VIR", "CB"}[b.payMode]).str("RÉGIE 1").flag(b.unpaidBack, "O", "N").end()
	}
}
