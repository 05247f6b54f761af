package simulate

import (
	"fmt"

	"github.com/sihctl/sih"
)

// enovaSystem writes ENOVA's tables.
type enovaSystem struct {
	*outputs
	g                                                                                                                            *generator
	patients, merges, stays, visits, diagnoses, allergies, prescriptions, dispensations, requests, results, vitals, images, acts *out
	vaccinations, appointments, covers, bills, lines, receipts                                                                   *out
	patientID, stayID, visitID, prescriptionID, billID, receiptID                                                                int
	counted                                                                                                                      figures
}

func newEnova(g *generator, o *outputs) legacy {
	return &enovaSystem{outputs: o, g: g, counted: figures{},
		patients: o.table("patient"), merges: o.table("patient_fusion"), stays: o.table("sejour"), visits: o.table("consultation"), diagnoses: o.table("diagnostic"),
		allergies: o.table("allergie"), prescriptions: o.table("prescription"), dispensations: o.table("dispensation"), requests: o.table("demande_labo"), results: o.table("resultat_labo"),
		vitals: o.table("constante"), images: o.table("imagerie"), acts: o.table("acte"), vaccinations: o.table("vaccination"), appointments: o.table("rendez_vous"),
		covers: o.table("couverture"), bills: o.table("facture"), lines: o.table("facture_ligne"), receipts: o.table("encaissement")}
}

var (
	enovaUnits       = [unitKinds]string{"MED", "CHIR", "PED", "MAT", "URG", "REA", "CAR", "LAB", "RAD", "PHA", "CEX"}
	enovaProfessions = [professions]string{"MED", "INF", "SF", "TEC", "PHA", "ADM"}
	enovaSchemes     = [schemes]string{"CNSS", "CNOPS", "TADAMON", "RAMED", "ACHAMIL", "TNS", "FAR", "MUTUELLE", "PAYANT", "GRATUIT"}
	enovaDevices     = [8]string{"SCANNER", "IRM", "ECHOGRAPHE", "RESPIRATEUR", "MONITEUR", "AUTOMATE", "RADIO", "DIALYSE"}
	enovaDoses       = [5]string{"mg", "g", "cp", "ml", "UI"}
	enovaRoutes      = [5]string{"PO", "IV", "IM", "SC", "INH"}
	enovaModalities  = [5]string{"RX", "TDM", "IRM", "ECHO", "MAMMO"}
	bloodGroups      = [9]string{"", "A-", "A+", "B-", "B+", "AB-", "O+", "O-", "AB+"}
)

func (s *enovaSystem) reference(w *world) {
	units, staff, trainings := s.table("service"), s.table("personnel"), s.table("formation")
	training := 0
	for _, f := range w.facilities[enova] {
		s.table("etablissement").str(f.code).str(f.name).str(f.arabic).str(f.place().name).flag(true, "", "").end()
		for u, id := range f.unitID {
			units.int(id).str(f.code).code("S", id, 4).str(s.g.encoded(unitNames[u].fr)).str(enovaUnits[u]).flag(true, "", "").end()
		}
		for _, m := range f.staff {
			staff.int(m.id).str(f.code).int(f.unitID[m.unit]).code("M", m.id, 5).str(m.family).str(m.given).str(enovaProfessions[m.profession]).str(enovaUnits[m.unit]).day(m.since).flag(m.active, "", "").end()
			if m.id%4 == 0 {
				training++
				trainings.int(training).int(m.id).str([3]string{"Hygiène hospitalière", "Gestes d'urgence", "Système d'information"}[m.id/4%3]).str("IFCS").day(m.since + 400).day(m.since + 402).str("Admis").end()
			}
		}
		for _, b := range f.beds {
			kind := "S"
			if b.unit == intensive {
				kind = "R"
			}
			s.table("lit").int(b.id).int(f.unitID[b.unit]).str(b.label).str(kind).str("LOP"[b.state : b.state+1]).at(int64(today)*1440 - int64(b.id%9000)).end()
		}
		s.devices(f)
		for i := range drugs {
			s.stock(f, i)
		}
	}
	for i, d := range drugs {
		s.table("produit").int(i+1).str(d.label).opt(d.inn).opt(d.atc).opt(d.form).opt(d.strength).code("61180", i*997, 8).str("MVC"[d.kind : d.kind+1]).end()
	}
}

func (s *enovaSystem) devices(f *facility) {
	for _, d := range f.devices {
		s.table("equipement").int(d.id).str(f.code).int(f.unitID[d.unit]).code("INV-", d.id, 6).str(enovaDevices[d.kind]).str(d.maker).str(d.model).str(d.serialNo).str("MPR"[d.state : d.state+1]).day(d.installed).day(d.next).end()
		for k, e := range d.events {
			o := s.table("maintenance").int(d.id*10 + k).int(d.id).str("PRVE"[e.kind : e.kind+1]).at(e.opened).at(e.ends)
			o.hours(e).str("Intervention " + enovaDevices[d.kind]).end()
		}
	}
}

// hours writes how long a device was out of use.
func (o *out) hours(e deviceEvent) *out {
	if e.ends <= e.opened {
		return o.null()
	}
	return o.dec((e.ends-e.opened)*100/60, 2)
}

func (s *enovaSystem) stock(f *facility, i int) {
	n := f.index*len(drugs) + i
	s.table("stock").int(n).str(f.code).int(i+1).code("L", n*31%9000, 4).day(today+sih.Date(n*37%900-60)).dec(int64(n*13%5000)*100, 2).str("u").at(int64(today)*1440 - 600).end()
}

func (s *enovaSystem) patient(rec *record) {
	g := s.g
	s.patientID++
	rec.id, rec.key = s.patientID, fmt.Sprint(s.patientID)
	var number [12]byte
	ipp := string(appendPadded(number[:0], int64(rec.id), 7))
	cin := rec.cin
	o := s.patients.int(rec.id).str(rec.facility.code).str(ipp).opt(g.encoded(rec.family)).opt(g.encoded(rec.given)).opt(rec.maiden)
	o.opt(g.latin1Arabic(rec.familyAr)).opt(g.latin1Arabic(rec.givenAr)).str("IMF"[rec.sex : rec.sex+1]).birthday(rec.birth).opt(g.encoded(rec.birthPlace)).opt(cin).opt(rec.idcs).opt(rec.passport).opt(rec.insured)
	o.opt(rec.father).opt(rec.mother).str("CMDV"[rec.marital : rec.marital+1]).str(nationalities[rec.nationality][rec.id%5/4]).opt(rec.phone).opt(rec.address).opt(rec.commune)
	o.opt(bloodGroups[rec.blood]).flag(rec.dead != 0, "", "")
	if rec.dead != 0 && rec.id%9 == 0 {
		o.str("0000-00-00")
	} else {
		o.day(rec.dead)
	}
	o.id(rec.mergedInto).at(rec.registered).flag(rec.deleted, "", "").end()
	if !rec.deleted {
		s.counted.add("patients", rec.facility.code, 0, 1)
	}
	if rec.mergedInto != 0 {
		s.merges.int(s.merges.rows + 1).int(rec.id).int(rec.mergedInto).at(rec.registered + 40000).str("admin").end()
	}
}

// birthday writes a birth in a column of days, or in a text of the column's
// style.
func (o *out) birthday(b birthText) *out {
	s, from := o.cell(), len(o.buf)
	y, m, d := b.y, b.m, b.d
	switch b.how {
	case birthNone:
		switch s.date {
		case isoDay:
			return o.str("0000-00-00")
		case isoMillis:
			return o.str("1900-01-01 00:00:00.000")
		}
		return o.null()
	case birthJanuary:
		m, d = 1, 1
	case birthDecember:
		m, d = 12, 31
	case birthJuly:
		m, d = 7, 1
	case birthZeros:
		m, d = 0, 0
	case birthYear:
		return o.int(y)
	case birthHijri: // the Hijri year in which most of the year lies
		return o.int((y-622)*33/32 + 1)
	case birthShort:
		o.buf = appendDay(o.buf, s.date, y, m, d)
		o.buf = append(o.buf[:len(o.buf)-4], o.buf[len(o.buf)-2:]...)
		return o.done(from)
	}
	o.buf = appendDay(o.buf, s.date, y, m, d)
	if s.date == isoMillis {
		o.buf = append(o.buf, " 00:00:00.000"...)
	}
	return o.done(from)
}

func (s *enovaSystem) cover(rec *record, c *cover) {
	s.covers.int(s.covers.rows+1).int(rec.id).str(enovaSchemes[c.scheme]).opt(c.number).str("ACE"[c.relation:c.relation+1]).day(c.from).day(c.to).flag(c.to == 0, "", "").end()
}

func (s *enovaSystem) allergy(rec *record, a *allergy) {
	s.allergies.int(s.allergies.rows+1).int(rec.id).str(a.text).opt(pick("MAE", a.kind)).opt(pick("LG", a.severity)).opt(a.reaction).at(a.at).flag(!a.takenBack, "", "").end()
	s.counted.add("allergies", "", 0, 1)
}

// pick returns the letter of a code, nothing for a negative one.
func pick(letters string, code int) string {
	if code < 0 || code >= len(letters) {
		return ""
	}
	return letters[code : code+1]
}

func (s *enovaSystem) vaccination(rec *record, v *vaccination) {
	o := s.vaccinations.int(s.vaccinations.rows + 1).int(rec.id).str(vaccines[v.vaccine][0]).opt(v.lot).int(v.dose)
	if y, m, _ := v.on.Civil(); v.vague {
		o.str(fmt.Sprintf("%04d-%02d-00", y, m)).end()
		return
	}
	o.day(v.on).end()
}

func (s *enovaSystem) visit(rec *record, v *visit) {
	f, patient := rec.facility, rec.id
	if v.orphan {
		patient += 50000000
	}
	s.counted.visit(f.code, v)
	unit, doctor := f.unitID[v.unit], v.doctor.id
	stay, visit := 0, 0
	if v.class <= emergencyVisit {
		s.stayID++
		stay = s.stayID
		o := s.stays.int(stay).str(f.code).code("S", stay, 8).int(patient).int(unit)
		if v.bed != nil {
			o.int(v.bed.id)
		} else {
			o.null()
		}
		o.str("HJU"[v.class : v.class+1]).at(v.start)
		if v.end == 0 && stay%2 == 0 {
			o.str("0000-00-00 00:00:00")
		} else {
			o.at(v.end)
		}
		o.str("DUTR"[v.from : v.from+1])
		if v.end == 0 {
			o.null()
		} else {
			o.str("DTXCE"[v.to : v.to+1])
		}
		o.int(doctor).str(s.g.encoded(v.reason)).id(v.triage).str(pick("OCA", visitState(v))).flag(v.deleted, "", "").end()
	} else {
		s.visitID++
		visit = s.visitID
		kind := "PS"[visit%2 : visit%2+1]
		if v.class == remote {
			kind = "T"
		}
		state := "F"
		if v.cancelled {
			state = "A"
		}
		s.visits.int(visit).str(f.code).int(patient).int(unit).int(doctor).at(v.start).str(kind).str(s.g.encoded(v.reason)).str(state).flag(v.deleted, "", "").end()
	}
	if v.orphan || v.deleted || v.cancelled {
		return
	}
	s.clinical(rec, v, stay, visit)
	for i := range v.bills {
		s.bill(rec, v, &v.bills[i], stay, visit)
	}
	if a := v.appointment; a != nil {
		s.appointments.int(s.appointments.rows + 1).int(patient).int(unit).int(doctor).at(a.at).int(a.minutes).str("PHAN"[a.status : a.status+1]).str("GUICHET").end()
	}
}

// visitState is 0 for an open visit, 1 for a closed one, 2 for a cancelled one.
func visitState(v *visit) int {
	switch {
	case v.cancelled:
		return 2
	case v.end == 0:
		return 0
	}
	return 1
}

func (s *enovaSystem) clinical(rec *record, v *visit, stay, visit int) {
	patient, doctor := rec.id, v.doctor.id
	for i, d := range v.illnesses {
		s.diagnoses.int(s.diagnoses.rows + 1).int(patient).id(stay).id(visit).str(withoutDot(d.code)).str(s.g.encoded(d.fr)).str("PA"[min(i, 1):][:1]).day(sih.Date(v.start / 1440)).end()
	}
	for _, m := range v.medicines {
		d := &drugs[m.drug]
		s.prescriptionID++
		s.prescriptions.int(s.prescriptionID).int(patient).id(stay).id(visit).int(doctor).int(m.drug+1).str(d.label).dec(int64(d.dose*100), 2).str(enovaDoses[d.unit]).str(enovaRoutes[d.route]).str(m.often).int(m.days).at(v.start + 60).str("VTA"[m.status : m.status+1]).end()
		if m.given {
			s.dispensations.int(s.dispensations.rows+1).int(s.prescriptionID).int(patient).int(m.drug+1).dec(int64(m.days)*200, 2).code("L", m.lot, 4).at(v.start + 90).end()
		}
	}
	for i := range v.requests {
		q := &v.requests[i]
		id := s.requests.rows + 1
		state := "R"
		if q.pending {
			state = "E"
		}
		s.requests.int(id).int(patient).id(stay).id(visit).int(doctor).at(q.at).flag(q.urgent, "", "").str(state).end()
		for _, l := range q.lines {
			a := &analyses[l.analysis]
			o := s.results.int(s.results.rows + 1).int(id).int(patient)
			if l.unknown {
				o.str("ZZZ")
			} else {
				o.str(a.code)
			}
			o.str(a.name).value(l, '.', "Négatif", "Positif")
			o.unit(l).bounds(a).at(l.at).flag(true, "", "").end()
			s.counted.add("laboratory_acts", "", dayOf(l.at), 1)
		}
	}
	for i := range v.vitals {
		s.vital(patient, stay, visit, &v.vitals[i])
	}
	for _, m := range v.images {
		n := s.images.rows + 1
		s.images.int(n).int(patient).id(stay).id(visit).str(enovaModalities[m.modality]).str(m.region).at(m.at).code("A", n, 9).str(studyUID(m.uid)).int(m.count).opt(m.report).int(doctor).str("VPA"[m.status : m.status+1]).end()
		if m.status != 2 { // cancelled
			s.counted.add("radiology_acts", "", dayOf(m.at), 1)
		}
	}
	for _, a := range v.acts {
		code, of := a.code, stay
		if a.unknown {
			code = "ZZZ"
		}
		if a.orphan {
			of += 50000000
		}
		o := s.acts.int(s.acts.rows + 1).int(patient).id(of)
		if a.orphan {
			o.null()
		} else {
			o.id(visit)
		}
		o.str(code).str(a.label).str("CASDRN"[a.kind:a.kind+1]).opt(a.letter).dec(int64(a.coef), 2).at(a.at).at(a.ends).int(doctor).flag(a.deleted, "", "").end()
	}
}

func (s *enovaSystem) vital(patient, stay, visit int, v *vitals) {
	write := func(kind, unit string, value int64, places int) {
		for range s.g.times(s.g.rates.DuplicateVital) {
			s.vitals.int(patient).id(stay).id(visit).at(v.at).str(kind).dec(value, places).str(unit).end()
		}
	}
	write("TAS", "mmHg", int64(v.systolic), 0)
	write("TAD", "mmHg", int64(v.diastolic), 0)
	write("POULS", "/min", int64(v.pulse), 0)
	write("TEMP", "°C", int64(v.temperature), 1)
}

func (s *enovaSystem) bill(rec *record, v *visit, b *bill, stay, visit int) {
	if b.noStay {
		stay, visit = 0, 0
	}
	for range 1 + count(b.twin) {
		s.billID++
		s.counted.bill(rec.facility.code, enovaSchemes[rec.person.home.scheme], b)
		y, _, _ := b.on.Civil()
		state := "V"
		if b.cancelled {
			state = "A"
		}
		s.bills.int(s.billID).str(rec.facility.code).code(fmt.Sprint(y, "-"), s.billID, 7).int(rec.id).id(stay).id(visit).id(rec.cover).str(enovaSchemes[rec.person.home.scheme]).day(b.on)
		s.bills.dec(b.total, 2).dec(b.insurer, 2).dec(b.patient, 2).dec(b.exempt, 2).str(state).end()
		for i, l := range b.lines {
			s.lines.int(s.lines.rows + 1).int(s.billID).int(rec.id).int(i + 1).str(l.code).str(l.label).opt(l.letter)
			s.lines.dec(int64(l.coef), 2).dec(int64(l.quantity), 0).dec(l.price, 2).dec(l.amount, 2).day(b.on).end()
		}
	}
	if b.paid != 0 {
		s.receiptID++
		s.counted.receipt(rec.facility.code, b)
		s.receipts.int(s.receiptID).int(s.billID).int(rec.id).str(rec.facility.code).code("Q", s.receiptID, 9).day(b.paidOn)
		if b.unreadable != "" {
			s.receipts.str(b.unreadable)
		} else {
			s.receipts.dec(b.paid, 2)
		}
		s.receipts.str("ECVB"[b.payMode:b.payMode+1]).str("REGIE1").flag(b.unpaidBack, "", "").end()
	}
}

func count(v bool) int {
	if v {
		return 1
	}
	return 0
}
