package simulate

import (
	"fmt"
	"strings"

	"github.com/sihctl/sih"
)

// hosixSystem writes HOSIX's tables.
type hosixSystem struct {
	*outputs
	g                                                                                                                       *generator
	patients, addresses, stays, diagnoses, allergies, prescriptions, dispensations, requests, results, vitals, images, acts *out
	vaccinations, appointments, covers, bills, lines, receipts                                                              *out
	patientID, stayID, prescriptionID, requestID, billID, receiptID                                                         int
}

func newHosix(g *generator, o *outputs) legacy {
	return &hosixSystem{outputs: o, g: g, patientID: 100000, stayID: 500000,
		patients: o.table("dbo.PACIENTES"), addresses: o.table("dbo.PACIENTES_DOMICILIOS"), stays: o.table("dbo.EPISODIOS"), diagnoses: o.table("dbo.DIAGNOSTICOS"), allergies: o.table("dbo.ALERGIAS"),
		prescriptions: o.table("dbo.PRESCRIPCIONES"), dispensations: o.table("dbo.DISPENSACIONES"), requests: o.table("dbo.PETICIONES_LAB"), results: o.table("dbo.RESULTADOS_LAB"),
		vitals: o.table("dbo.CONSTANTES"), images: o.table("dbo.RADIOLOGIA"), acts: o.table("dbo.ACTOS"), vaccinations: o.table("dbo.VACUNAS"), appointments: o.table("dbo.CITAS"),
		covers: o.table("dbo.COBERTURAS"), bills: o.table("dbo.FACTURAS"), lines: o.table("dbo.FACTURAS_LIN"), receipts: o.table("dbo.COBROS")}
}

var (
	hosixUnits      = [unitKinds]string{"MINT", "CGEN", "PED", "GINE", "URG", "UCI", "CARD", "LABO", "RADI", "FARM", "CEXT"}
	hosixSchemes    = [schemes]string{"100", "200", "300", "310", "320", "330", "400", "500", "000", "900"}
	hosixDevices    = [8]string{"TAC", "RMN", "ECO", "RESP", "MON", "AUTO", "RX", "DIAL"}
	hosixDoses      = [5]string{"mg", "g", "comp", "ml", "UI"}
	hosixRoutes     = [5]string{"OR", "IV", "IM", "SC", "INH"}
	hosixModalities = [5]string{"RX", "TC", "RM", "EC", "MA"}
	hosixBlood      = [9]string{"", "A NEG", "A POS", "B NEG", "B POS", "AB-", "O POS", "O NEG", "AB+"}
)

// state writes a row's ESTADO: X where it is deleted.
func (o *out) state(deleted bool, otherwise string) *out {
	if deleted {
		return o.str("X")
	}
	return o.str(otherwise)
}

func (s *hosixSystem) reference(w *world) {
	for _, f := range w.facilities[hosix] {
		s.table("dbo.CENTROS").str(f.code).str(f.name).str(f.arabic).str(f.place().name).end()
		for u := range unitKinds {
			s.table("dbo.SERVICIOS").str(f.code).str(hosixUnits[u]).str(unitNames[u].es).str("A").end()
		}
		for _, m := range f.staff {
			s.table("dbo.PROFESIONALES").int(m.id).str(f.code).str(hosixUnits[m.unit]).code("", m.id*7, 9).str(strings.ToUpper(m.family)).str(m.given).str("MEPTFA"[m.profession:m.profession+1]).state(!m.active, "A").end()
		}
		for _, b := range f.beds {
			kind := "N"
			if b.unit == intensive {
				kind = "I"
			}
			s.table("dbo.CAMAS").str(f.code).str(b.label).str(hosixUnits[b.unit]).str(kind).str("LOB"[b.state : b.state+1]).at(int64(today)*1440 - int64(b.id%9000)).end()
		}
		for _, d := range f.devices {
			s.table("dbo.EQUIPOS").int(d.id).str(f.code).str(hosixUnits[d.unit]).code("EQ", d.id, 6).str(hosixDevices[d.kind]).str(d.maker).str(d.model).str(d.serialNo).str("FAB"[d.state : d.state+1]).day(d.installed).day(d.next).end()
			for k, e := range d.events {
				s.table("dbo.MANTENIMIENTO").int(d.id*10 + k).int(d.id).str("ARPC"[e.kind : e.kind+1]).at(e.opened).at(e.ends).hours(e).str("Parte " + hosixDevices[d.kind]).end()
			}
		}
		for i := range drugs {
			n := f.index*len(drugs) + i
			s.table("dbo.EXISTENCIAS").str(f.code).int(i+1).code("L", n*31%9000, 4).day(today+sih.Date(n*37%900-60)).dec(int64(n*13%5000), 0).at(int64(today)*1440 - 600).end()
		}
	}
	for i, d := range drugs {
		s.table("dbo.ARTICULOS").int(i + 1).str(d.label).opt(d.inn).opt(d.atc).opt(d.form).opt(d.strength).str("MVF"[d.kind : d.kind+1]).end()
	}
}

func (s *hosixSystem) patient(rec *record) {
	s.patientID++
	rec.id, rec.key = s.patientID, fmt.Sprint(s.patientID)
	first, second, _ := strings.Cut(rec.family, " ")
	if len(first) < 4 { // a particle is no surname of its own
		first, second = rec.family, ""
	}
	if rec.maiden != "" && second == "" {
		second = rec.maiden
	}
	o := s.patients.int(rec.id).str(rec.facility.code).opt(strings.ToUpper(first)).opt(strings.ToUpper(second)).opt(strings.ToUpper(rec.given)).opt(rec.familyAr).opt(rec.givenAr)
	o.str("IHM"[rec.sex : rec.sex+1]).birthday(rec.birth).opt(rec.birthPlace)
	passport := rec.passport
	o.opt(rec.cin).opt(rec.guardianCIN).opt(rec.idcs).opt(passport).opt(rec.insured).opt(rec.father).opt(rec.mother).str("SCDV"[rec.marital : rec.marital+1])
	country := nationalities[rec.nationality][1]
	if rec.nationality == 0 && rec.id%50 == 0 {
		country = "MA"
	}
	o.str(country).opt(rec.phone).opt(rec.address).opt(rec.commune).opt(hosixBlood[rec.blood]).flag(rec.dead != 0, "S", "N").day(rec.dead).id(rec.mergedInto).at(rec.registered)
	if rec.mergedInto != 0 {
		o.str("F")
	} else {
		o.state(rec.deleted, "A")
	}
	a, b := rec.rand.Uint64(), rec.rand.Uint64()
	o.str(fmt.Sprintf("%08X-%04X-4%03X-A%03X-%012X", uint32(a), uint16(a>>32), a>>48&0xFFF, b>>52, b&0xFFFFFFFFFFFF))
	if s.g.rand.IntN(40) == 0 {
		o.str("Paciente verificado por admisión").end()
	} else {
		o.null().end()
	}
	if rec.address != "" && rec.id%12 == 0 {
		s.addresses.int(s.addresses.rows+1).int(rec.id).str("A").str(drawAddress(rec.rand)).str(rec.commune).code("", 10000+rec.id%80000, 5).end()
	}
}

func (s *hosixSystem) cover(rec *record, c *cover) {
	s.covers.int(rec.id).int(1).str(hosixSchemes[c.scheme]).opt(c.number).str("TCH"[c.relation : c.relation+1]).day(c.from).day(c.to).end()
}

func (s *hosixSystem) allergy(rec *record, a *allergy) {
	s.allergies.int(s.allergies.rows+1).int(rec.id).str(strings.ToUpper(a.text)).opt(pick("MAO", a.kind)).opt(pick("LG", a.severity)).opt(a.reaction).at(a.at).state(a.takenBack, "A").end()
}

func (s *hosixSystem) vaccination(rec *record, v *vaccination) {
	s.vaccinations.int(s.vaccinations.rows + 1).int(rec.id).str(vaccines[v.vaccine][1]).opt(v.lot).int(v.dose).day(v.on).end()
}

func (s *hosixSystem) visit(rec *record, v *visit) {
	f, patient := rec.facility, rec.id
	if v.orphan {
		patient += 50000000
	}
	s.stayID++
	stay := s.stayID
	o := s.stays.int(stay).str(f.code).int(patient).str("HDUCT"[v.class : v.class+1]).str(hosixUnits[v.unit])
	if v.bed != nil {
		o.str(v.bed.label)
	} else {
		o.null()
	}
	o.at(v.start).at(v.end)
	if v.end == 0 {
		o.null()
	} else {
		o.str("DTEVF"[v.to : v.to+1])
	}
	o.str("PUTR"[v.from:v.from+1]).int(v.doctor.id).str(v.reason).id(v.triage).state(v.deleted, pick("ACN", visitState(v))).end()
	if v.orphan || v.deleted || v.cancelled {
		return
	}
	s.clinical(rec, v, stay)
	for i := range v.bills {
		s.bill(rec, &v.bills[i], stay)
	}
	if a := v.appointment; a != nil {
		s.appointments.int(s.appointments.rows + 1).str(f.code).int(patient).str(hosixUnits[v.unit]).int(v.doctor.id).at(a.at).int(a.minutes).str("PRNF"[a.status : a.status+1]).end()
	}
}

func (s *hosixSystem) clinical(rec *record, v *visit, stay int) {
	patient, doctor := rec.id, v.doctor.id
	for i, d := range v.illnesses {
		s.diagnoses.int(stay).int(i + 1).int(patient).str(d.code).str(d.fr).at(v.start + 45).end()
	}
	for _, m := range v.medicines {
		d := &drugs[m.drug]
		s.prescriptionID++
		s.prescriptions.int(s.prescriptionID).int(stay).int(patient).int(m.drug+1).str(d.label).dec(int64(d.dose*1000), 3).str(hosixDoses[d.unit]).str(hosixRoutes[d.route]).str(m.often).int(m.days).at(v.start + 60).int(doctor).str("AFN"[m.status : m.status+1]).end()
		if m.given {
			s.dispensations.int(s.dispensations.rows+1).int(s.prescriptionID).int(patient).int(m.drug+1).dec(int64(m.days)*2, 0).code("L", m.lot, 4).at(v.start + 90).end()
		}
	}
	for i := range v.requests {
		q := &v.requests[i]
		s.requestID++
		state := "V"
		if q.pending {
			state = "P"
		}
		s.requests.int(s.requestID).int(stay).int(patient).at(q.at).int(doctor).flag(q.urgent, "S", "N").str(state).end()
		for _, l := range q.lines {
			a := &analyses[l.analysis]
			code := 1000 + 10*l.analysis
			if l.unknown {
				code += 7
			}
			s.results.int(s.requestID).int(code).int(patient).int(stay).str(a.name).value(l, '.', "NEGATIVO", "POSITIVO").unit(l).bounds(a)
			if l.analysis%3 == 0 {
				s.results.opt(a.loinc)
			} else {
				s.results.null()
			}
			s.results.at(l.at).str("S").end()
		}
	}
	for _, m := range v.vitals {
		s.vitals.int(s.vitals.rows+1).int(stay).int(patient).at(m.at).int(m.systolic).int(m.diastolic).int(m.pulse).dec(int64(m.temperature), 1).dec(int64(m.weight), 1).int(m.height).int(m.spo2).end()
	}
	for _, m := range v.images {
		s.images.int(s.images.rows + 1).int(stay).int(patient).str(hosixModalities[m.modality]).str(m.region).at(m.at).str(studyUID(m.uid)).int(m.count).opt(m.report).int(doctor).str("VPN"[m.status : m.status+1]).end()
	}
	for _, a := range v.acts {
		code, of := a.code, stay
		if a.unknown {
			code = "ZZZ"
		}
		if a.orphan {
			of += 50000000
		}
		s.acts.int(s.acts.rows+1).int(of).int(patient).str(code).str(a.label).str("QAEDRP"[a.kind:a.kind+1]).opt(a.letter).dec(int64(a.coef), 2).at(a.at).at(a.ends).int(doctor).state(a.deleted, "A").end()
	}
}

func (s *hosixSystem) bill(rec *record, b *bill, stay int) {
	if b.noStay {
		stay = 0
	}
	y, _, _ := b.on.Civil()
	centre := rec.facility.code
	var number string
	for range 1 + count(b.twin) {
		s.billID++
		number = fmt.Sprintf("%s/%02d/%07d", centre, y%100, s.billID)
		state := "E"
		if b.cancelled {
			state = "N"
		}
		s.bills.str(number).str(centre).int(rec.id).id(stay).str(hosixSchemes[rec.person.home.scheme]).day(b.on).dec(b.total, 2).dec(b.insurer, 2).dec(b.patient, 2).dec(b.exempt, 2).str(state).end()
		for i, l := range b.lines {
			s.lines.str(number).int(i+1).int(rec.id).str(l.code).str(l.label).opt(l.letter).dec(int64(l.coef), 2).dec(int64(l.quantity), 0).dec(l.price, 2).dec(l.amount, 2).day(b.on).end()
		}
	}
	if b.paid != 0 {
		s.receiptID++
		s.receipts.str(fmt.Sprintf("%s/R/%07d", centre, s.receiptID)).str(number).str(centre).int(rec.id).day(b.paidOn)
		if b.unreadable != "" { // the money type holds no words
			s.receipts.null()
		} else {
			s.receipts.dec(b.paid, 2)
		}
		s.receipts.str("MCTV"[b.payMode:b.payMode+1]).str("CAJA1").flag(b.unpaidBack, "S", "N").end()
	}
}
