package simulate

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih"
)

// bilmedSystem writes BILMED's tables.
type bilmedSystem struct {
	*outputs
	g                                                                                                            *generator
	patients, stays, diagnoses, allergies, prescriptions, dispensations, requests, results, vitals, images, acts *out
	vaccinations, appointments, covers, bills, lines, receipts                                                   *out
	patientID, stayID, prescriptionID, requestID, billID, receiptID                                              int
}

func newBilmed(g *generator, o *outputs) legacy {
	return &bilmedSystem{outputs: o, g: g, stayID: 7000000,
		patients: o.table("dbo.HASTA"), stays: o.table("dbo.PROTOKOL"), diagnoses: o.table("dbo.TANI"), allergies: o.table("dbo.ALERJI"), prescriptions: o.table("dbo.RECETE"), dispensations: o.table("dbo.ILAC_CIKIS"),
		requests: o.table("dbo.LAB_ISTEM"), results: o.table("dbo.LAB_SONUC"), vitals: o.table("dbo.VITAL"), images: o.table("dbo.RADYOLOJI"), acts: o.table("dbo.ISLEM"), vaccinations: o.table("dbo.ASI"),
		appointments: o.table("dbo.RANDEVU"), covers: o.table("dbo.SIGORTA"), bills: o.table("dbo.FATURA"), lines: o.table("dbo.FATURA_SATIR"), receipts: o.table("dbo.TAHSILAT")}
}

var (
	bilmedUnits       = [unitKinds]string{"DAH", "CER", "COC", "KAD", "ACL", "YBU", "KAR", "LAB", "RAD", "ECZ", "POL"}
	bilmedProfessions = [professions]string{"DR", "HEM", "EBE", "TEK", "ECZ", "MEM"}
	bilmedSchemes     = [schemes]string{"CNSS", "CNOPS", "TADAMON", "RAMED", "ACHAMIL", "TNS", "FAR", "OZEL", "UCRETLI", "UCRETSIZ"}
	bilmedDevices     = [8]string{"BT", "MR", "USG", "VENT", "MONITOR", "OTOANAL", "RONTGEN", "DIYALIZ"}
	bilmedDoses       = [5]string{"mg", "g", "tb", "ml", "IU"}
	bilmedRoutes      = [5]string{"AGIZ", "IV", "IM", "SC", "INH"}
	bilmedModalities  = [5]string{"RONT", "BT", "MR", "USG", "MAMO"}
	bilmedBlood       = [9]string{"", "A RH-", "A RH+", "B RH-", "B RH+", "AB RH-", "0 RH+", "0 RH-", "AB RH+"}
	bilmedOften       = [8]string{"1x1", "2x1", "3x1", "1x1", "2x1", "LH", "1x1 aksam", "3x1"}
)

func (s *bilmedSystem) reference(w *world) {
	for _, f := range w.facilities[bilmed] {
		s.table("dbo.KURUM").str(f.code).str(cp1254(f.name)).str(f.arabic).str(cp1254(f.place().name)).end()
		for u, id := range f.unitID {
			s.table("dbo.BIRIM").int(id).str(f.code).str(unitNames[u].tr).str(bilmedUnits[u]).flag(true, "", "").end()
		}
		for _, m := range f.staff {
			s.table("dbo.PERSONEL").int(m.id).str(f.code).int(f.unitID[m.unit]).code("S", m.id, 6).str(turkishUpper(m.given)).str(turkishUpper(m.family)).str(bilmedProfessions[m.profession]).flag(m.active, "", "").end()
		}
		for _, b := range f.beds {
			kind := "N"
			if b.unit == intensive {
				kind = "Y"
			}
			s.table("dbo.YATAK").int(b.id).int(f.unitID[b.unit]).str(b.label).str(kind).str("BDA"[b.state : b.state+1]).end()
		}
		for _, d := range f.devices {
			s.table("dbo.CIHAZ").int(d.id).str(f.code).int(f.unitID[d.unit]).code("D", d.id, 6).str(bilmedDevices[d.kind]).str(cp1254(d.maker)).str(d.model).str(d.serialNo).str("CAH"[d.state : d.state+1]).day(d.installed).day(d.next).end()
			for k, e := range d.events {
				s.table("dbo.BAKIM").int(d.id*10 + k).int(d.id).str("AOPK"[e.kind : e.kind+1]).at(e.opened).at(e.ends).hours(e).str("Bakım " + bilmedDevices[d.kind]).end()
			}
		}
		for i := range drugs {
			n := f.index*len(drugs) + i
			s.table("dbo.STOK").int(n).str(f.code).int(i+1).code("P", n*31%9000, 4).day(today+sih.Date(n*37%900-60)).dec(int64(n*13%5000), 0).at(int64(today)*1440 - 600).end()
		}
	}
	for i, d := range drugs {
		s.table("dbo.ILAC").int(i+1).str(d.label).opt(d.inn).opt(d.atc).opt(d.form).opt(d.strength).code("869", 1000000000+i*7919, 10).str("IAM"[d.kind : d.kind+1]).end()
	}
}

// cp1254 is what a varchar of a Turkish collation keeps of a text.
func cp1254(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			out := make([]rune, 0, len(s))
			for _, c := range s {
				if _, ok := charmap.Windows1254.EncodeRune(c); !ok {
					c = '?'
				}
				out = append(out, c)
			}
			return string(out)
		}
	}
	return s
}

func (s *bilmedSystem) patient(rec *record) {
	s.patientID++
	rec.id, rec.key = s.patientID, fmt.Sprint(s.patientID)
	o := s.patients.int(rec.id).str(rec.facility.code)
	switch rec.id % 3 {
	case 0:
		o.str("99999999999")
	case 1:
		o.str(fmt.Sprint(10000000000 + int64(rec.id)*7919%89999999999))
	default:
		o.null()
	}
	kind := "C"
	if rec.document == passportNumber {
		kind = "P"
	} else if rec.document == guardiansCIN && rec.id%3 == 0 {
		kind = "V"
	}
	given, family := turkishUpper(rec.given), turkishUpper(rec.family)
	if rec.familyAr != "" && hit(rec.rand, s.g.rates.LostText) { // Arabic was typed into the Latin fields
		given, family = lost(rec.givenAr), lost(rec.familyAr)
		s.g.count.LostText++
	}
	o.opt(rec.cin).str(kind).opt(cp1254(given)).opt(cp1254(family)).opt(cp1254(turkishUpper(rec.maiden))).opt(rec.givenAr).opt(rec.familyAr)
	o.str("BEK"[rec.sex : rec.sex+1]).birthday(rec.birth).opt(cp1254(rec.birthPlace)).opt(cp1254(turkishUpper(rec.father)))
	mother := rec.mother
	for i := range len(mother) {
		if mother[i] == ' ' {
			mother = mother[:i]
			break
		}
	}
	o.opt(cp1254(turkishUpper(mother))).opt(rec.idcs).opt(rec.insured).str("BESD"[rec.marital : rec.marital+1])
	nation := nationalities[rec.nationality][1]
	if rec.nationality == 0 && rec.id%2 == 0 {
		nation = "FAS"
	}
	o.str(nation).opt(rec.phone).opt(cp1254(rec.address)).opt(cp1254(rec.commune)).opt(bilmedBlood[rec.blood]).day(rec.dead).id(rec.mergedInto).at(rec.registered).flag(rec.deleted, "", "")
	var version [8]byte
	binary.BigEndian.PutUint64(version[:], 0x7d0+uint64(rec.id))
	o.str(string(version[:])).end()
}

func (s *bilmedSystem) cover(rec *record, c *cover) {
	s.covers.int(s.covers.rows + 1).int(rec.id).str(bilmedSchemes[c.scheme]).opt(c.number).str("KEC"[c.relation : c.relation+1]).day(c.from).day(c.to).end()
}

func (s *bilmedSystem) allergy(rec *record, a *allergy) {
	text := a.text
	if a.none && a.at%13 == 0 {
		text = "BİLİNMİYOR"
	}
	s.allergies.int(s.allergies.rows+1).int(rec.id).str(text).opt(pick("IGD", a.kind)).opt(pick("HA", a.severity)).day(sih.Date(a.at/1440)).flag(a.takenBack, "", "").end()
}

func (s *bilmedSystem) vaccination(rec *record, v *vaccination) {
	o := s.vaccinations.int(s.vaccinations.rows + 1).int(rec.id).str(vaccines[v.vaccine][2]).opt(v.lot).int(v.dose)
	if y, m, _ := v.on.Civil(); v.vague {
		o.str(fmt.Sprintf("00.%02d.%04d", m, y)).end()
		return
	}
	o.day(v.on).end()
}

func (s *bilmedSystem) visit(rec *record, v *visit) {
	f, patient := rec.facility, rec.id
	if v.orphan {
		patient += 50000000
	}
	s.stayID++
	stay := s.stayID
	o := s.stays.int(stay).str(f.code).int(patient).str("YGCAU"[v.class : v.class+1]).int(f.unitID[v.unit])
	if v.bed != nil {
		o.int(v.bed.id)
	} else {
		o.null()
	}
	o.at(v.start).at(v.end).str("NATS"[v.from : v.from+1])
	if v.end == 0 {
		o.null()
	} else {
		o.str("TSXKF"[v.to : v.to+1])
	}
	o.int(v.doctor.id).str(v.reason)
	switch {
	case v.triage == 0:
		o.null()
	case v.triage < 3:
		o.str("KIRMIZI")
	case v.triage < 4:
		o.str("SARI")
	default:
		o.str("YESIL")
	}
	o.str(pick("AKI", visitState(v))).flag(v.deleted, "", "").end()
	if v.orphan || v.deleted || v.cancelled {
		return
	}
	s.clinical(rec, v, stay)
	for i := range v.bills {
		s.bill(rec, &v.bills[i], stay)
	}
	if a := v.appointment; a != nil {
		s.appointments.int(s.appointments.rows + 1).int(patient).int(f.unitID[v.unit]).int(v.doctor.id).at(a.at).int(a.minutes).str("BGIN"[a.status : a.status+1]).end()
	}
}

func (s *bilmedSystem) clinical(rec *record, v *visit, stay int) {
	patient, doctor := rec.id, v.doctor.id
	for i, d := range v.illnesses {
		s.diagnoses.int(s.diagnoses.rows + 1).int(stay).int(patient).str(d.code).str(d.tr).str("AE"[min(i, 1):][:1]).day(sih.Date(v.start / 1440)).end()
	}
	for _, m := range v.medicines {
		d := &drugs[m.drug]
		s.prescriptionID++
		s.prescriptions.int(s.prescriptionID).int(stay).int(patient).int(m.drug+1).str(d.label).dec(int64(d.dose*100), 2).str(bilmedDoses[d.unit]).str(bilmedRoutes[d.route]).str(bilmedOften[m.lot%8]).int(m.days).at(v.start + 60).int(doctor).str("ABI"[m.status : m.status+1]).end()
		if m.given {
			s.dispensations.int(s.dispensations.rows+1).int(s.prescriptionID).int(patient).int(m.drug+1).dec(int64(m.days)*2, 0).code("P", m.lot, 4).at(v.start + 90).end()
		}
	}
	for i := range v.requests {
		q := &v.requests[i]
		s.requestID++
		state := "O"
		if q.pending {
			state = "B"
		}
		s.requests.int(s.requestID).int(stay).int(patient).at(q.at).int(doctor).flag(q.urgent, "", "").str(state).end()
		for _, l := range q.lines {
			a := &analyses[l.analysis]
			code := 101 + l.analysis
			if l.unknown {
				code = 999
			}
			s.results.int(s.results.rows+1).int(s.requestID).int(stay).int(patient).code("L-", code, 3).str(a.name).value(l, ',', "NEGATİF", "POZİTİF").unit(l)
			if a.low == 0 && a.high == 0 {
				s.results.null().null()
			} else {
				s.results.str(plainNumber(a.low, true)).str(plainNumber(a.high, true))
			}
			if l.analysis%5 != 0 {
				s.results.opt(a.loinc)
			} else {
				s.results.null()
			}
			s.results.at(l.at).flag(true, "", "").end()
		}
	}
	for _, m := range v.vitals {
		write := func(code string, value, places int) {
			s.vitals.int(s.vitals.rows+1).int(stay).int(patient).str(code).dec(int64(value), places).at(m.at).end()
		}
		write("TAS", m.systolic, 0)
		write("TAD", m.diastolic, 0)
		write("NABIZ", m.pulse, 0)
		write("ATES", m.temperature, 1)
	}
	for _, m := range v.images {
		s.images.int(s.images.rows + 1).int(stay).int(patient).str(bilmedModalities[m.modality]).str(m.region).at(m.at).str(studyUID(m.uid)).int(m.count).opt(m.report).int(doctor).str("OTI"[m.status : m.status+1]).end()
	}
	for _, a := range v.acts {
		code, of := a.code, stay
		if a.unknown {
			code = "ZZZ"
		}
		if a.orphan {
			of += 50000000
		}
		s.acts.int(s.acts.rows+1).int(of).int(patient).str(code).str(a.label).str("AIHDRG"[a.kind:a.kind+1]).opt(a.letter).dec(int64(a.coef), 2).at(a.at).at(a.ends).int(doctor).flag(a.deleted, "", "").end()
	}
}

func (s *bilmedSystem) bill(rec *record, b *bill, stay int) {
	if b.noStay {
		stay = 0
	}
	for range 1 + count(b.twin) {
		s.billID++
		state := "K"
		if b.cancelled {
			state = "I"
		}
		s.bills.int(s.billID).str(rec.facility.code).int(rec.id).id(stay).str(bilmedSchemes[rec.person.home.scheme]).day(b.on).dec(b.total, 2).dec(b.insurer, 2).dec(b.patient, 2).dec(b.exempt, 2).str(state).end()
		for i, l := range b.lines {
			s.lines.int(s.billID).int(i+1).int(rec.id).str(l.code).str(l.label).opt(l.letter).dec(int64(l.coef), 2).dec(int64(l.quantity), 0).dec(l.price, 2).dec(l.amount, 2).day(b.on).end()
		}
	}
	if b.paid != 0 {
		s.receiptID++
		o := s.receipts.int(s.receiptID).int(s.billID).str(rec.facility.code).int(rec.id).day(b.paidOn)
		if b.unreadable != "" {
			o.str(b.unreadable)
		} else {
			o.dots(b.paid)
		}
		o.str("NCHK"[b.payMode:b.payMode+1]).str("VEZNE1").flag(b.unpaidBack, "", "").end()
	}
}

// dots writes dirhams the Turkish way: 1.234,50.
func (o *out) dots(centimes int64) *out {
	from := len(o.buf)
	o.buf = appendDecimal(o.buf, centimes, 2, 2, true)
	if n := len(o.buf) - from; n > 6 && o.buf[from] != '-' {
		s := string(o.buf[from:])
		o.buf = append(append(append(o.buf[:from], s[:n-6]...), '.'), s[n-6:]...)
	}
	return o.done(from)
}
