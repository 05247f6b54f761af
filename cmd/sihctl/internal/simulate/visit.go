package simulate

import (
	"math/rand/v2"

	"github.com/sihctl/sih"
)

// visit is a stay, an emergency visit or a consultation, with all that hangs
// on it. Times are minutes on the local clock since 1970. Its slices are used
// again for the next visit.
type visit struct {
	class      class
	start, end int64 // end 0: still open
	unit       unitKind
	bed        *bed
	doctor     *staffMember
	from, to   int // how the patient came and left, see the systems' lists
	triage     int // 1 to 5, 0 none
	reason     string
	cancelled  bool
	deleted    bool
	orphan     bool // the patient's row does not exist

	illnesses   []illnessOf
	medicines   []medicineOf
	requests    []request
	vitals      []vitals
	images      []image
	acts        []actOf
	bills       []bill
	appointment *appointment
	next        appointment
}

type class int

const (
	inpatient class = iota
	dayCase
	emergencyVisit
	consultation
	remote
)

type illnessOf struct {
	*illness
	code string
}

type medicineOf struct {
	drug   int
	days   int
	often  string
	status int // 0 active, 1 ended, 2 cancelled
	given  bool
	lot    int
}

type request struct {
	at      int64
	urgent  bool
	pending bool
	lines   []result
}

type result struct {
	analysis int
	value    int64 // scaled by the analysis' places
	word     int   // 0 a number, 1 negative, 2 positive, 3 below the value
	noUnit   bool
	unknown  bool // the code is on no list
	at       int64
}

type vitals struct {
	at                               int64
	systolic, diastolic, pulse, spo2 int
	temperature, weight, height      int // tenths of a degree, tenths of a kilogram, cm
}

type image struct {
	at       int64
	modality int // radiography, scanner, resonance, ultrasound, mammography
	region   string
	count    int
	report   string
	status   int // 0 validated, 1 provisional, 2 cancelled
	uid      uint64
}

type actOf struct {
	*act
	at, ends int64
	unknown  bool
	deleted  bool
	orphan   bool // its stay does not exist
}

type appointment struct {
	at      int64
	minutes int
	status  int // booked, kept, cancelled, missed
}

// visit makes the n-th visit of a record, from some day on.
func (g *generator) visit(v *visit, rec *record, c class, start int64) {
	r, rate, p := g.rand, &g.rates, rec.person
	*v = visit{class: c, start: start, illnesses: v.illnesses[:0], medicines: v.medicines[:0], requests: v.requests[:0], vitals: v.vitals[:0], images: v.images[:0], acts: v.acts[:0], bills: v.bills[:0]}
	age := p.age(sih.Date(start / 1440))
	fertile := p.female && age >= 17 && age <= 46
	v.reason = reasons[r.IntN(len(reasons)-2+2*count(fertile))]
	v.from, v.to = [6]int{0, 0, 0, 1, 2, 3}[r.IntN(6)], 0
	birth := false
	switch c {
	case inpatient:
		birth = p.female && age >= 18 && age <= 44 && r.IntN(5) < 3 || !p.female && hit(r, rate.WrongSex)
		v.end = start + 720 + int64(r.ExpFloat64()*4*1440)
		v.unit = [7]unitKind{medicine, medicine, medicine, surgery, surgery, cardiology, intensive}[r.IntN(7)]
		if age < 15 {
			v.unit = paediatrics
		}
		if birth {
			v.unit, v.reason = maternity, "Accouchement"
		}
		if birth && !p.female {
			g.count.WrongSex++
		}
	case dayCase:
		v.unit, v.end = medicine, start+300
	case emergencyVisit:
		v.unit, v.end, v.triage, v.from = emergency, start+60+int64(r.IntN(500)), 1+r.IntN(5), 0
	default:
		v.unit, v.end = outpatients, start
	}
	if v.bed = nil; c == inpatient || c == dayCase {
		v.bed = rec.facility.bedIn(r, v.unit)
	}
	v.doctor = rec.facility.doctor(r, v.unit)
	if c != consultation && c != remote && r.IntN(12) == 0 {
		v.to = 1 + r.IntN(4)
		if v.to == 2 {
			v.to = 0
		}
	}
	g.timing(v, rec)
	g.findings(v, rec, age, birth)
	g.treatment(v, rec, birth)
	g.billing(v, rec)
	if c == consultation && r.IntN(3) == 0 || c == inpatient && r.IntN(4) == 0 {
		v.next = appointment{at: start + int64(7+r.IntN(80))*1440, minutes: 15 * (1 + r.IntN(2)), status: [8]int{1, 1, 1, 1, 0, 0, 2, 3}[r.IntN(8)]}
		v.appointment = &v.next
	}
}

// timing puts the faults of time into a visit.
func (g *generator) timing(v *visit, rec *record) {
	r, rate, p := g.rand, &g.rates, rec.person
	if v.class == inpatient && hit(r, rate.StillOpen) {
		v.end = 0
		g.count.StillOpen++
	} else if v.end > v.start && hit(r, rate.DischargeBefore) {
		v.end = v.start - int64(60+r.IntN(3000))
		g.count.DischargeBefore++
	}
	if hit(r, rate.BeforeBirth) {
		stay := v.end - v.start
		v.start = int64(p.birth-sih.Date(30+r.IntN(400))) * 1440
		if v.end != 0 {
			v.end = v.start + stay
		}
		g.count.BeforeBirth++
	}
	if p.dead != 0 && v.class == inpatient && v.end/1440 == int64(p.dead) {
		v.to = 2
	}
	v.cancelled = hit(r, rate.Cancelled)
	if v.orphan = hit(r, rate.OrphanStay); v.orphan {
		g.count.OrphanStays++
	}
}

// findings adds diagnoses, vital signs, laboratory and imaging.
func (g *generator) findings(v *visit, rec *record, age int, birth bool) {
	r, rate, p := g.rand, &g.rates, rec.person
	n := 1
	if v.class == inpatient {
		n += r.IntN(3)
	} else if v.class >= consultation && r.IntN(4) == 0 {
		n = 0
	}
	for i := range n {
		k := r.IntN(len(illnesses))
		if birth && i == 0 {
			k = 20 + r.IntN(2)
		}
		for try := 0; try < 20 && !suits(&illnesses[k], p.female, age) && !(birth && i == 0); try++ {
			k = r.IntN(len(illnesses))
		}
		d := illnessOf{illness: &illnesses[k], code: illnesses[k].code}
		if hit(r, rate.UnknownCode) {
			d.code = "ZZ9" // of no list
			g.count.UnknownCodes++
		}
		v.illnesses = append(v.illnesses, d)
	}
	if v.class != remote && r.IntN(10) < 3 || rec.system == essp {
		v.vitals = append(v.vitals, drawVitals(r, v.start+int64(10+r.IntN(30)), age))
	}
	if rec.system == essp { // a health centre has neither laboratory nor imaging
		return
	}
	requests := 0
	switch v.class {
	case inpatient:
		requests = 1 + r.IntN(2)
	case dayCase:
		requests = 1
	case emergencyVisit:
		requests = r.IntN(3) / 2
	default:
		requests = r.IntN(6) / 5
	}
	for range requests {
		g.laboratory(v, r.IntN(4) == 0)
	}
	if v.class <= emergencyVisit && r.IntN(3) == 0 || r.IntN(12) == 0 {
		im := image{at: v.start + int64(60+r.IntN(600)), modality: [8]int{0, 0, 0, 0, 1, 2, 3, 3}[r.IntN(8)], region: bodyRegions[r.IntN(len(bodyRegions))], count: 1 + r.IntN(4), uid: r.Uint64()}
		if im.modality == 1 || im.modality == 2 {
			im.count = 80 + r.IntN(400)
		}
		if r.IntN(8) > 0 {
			im.report = findings[r.IntN(len(findings)-1)]
			if p.female && age >= 17 && age <= 46 && im.modality == 3 && r.IntN(3) == 0 {
				im.region, im.report = "Pelvis", findings[len(findings)-1]
			}
		}
		im.status = [20]int{0: 1, 1: 2}[r.IntN(20)]
		v.images = append(v.images, im)
	}
}

func suits(d *illness, female bool, age int) bool {
	if age < d.from || age > d.to {
		return false
	}
	switch d.who {
	case 'F', 'O':
		return female
	case 'M':
		return !female
	}
	return true
}

func drawVitals(r *rand.Rand, at int64, age int) vitals {
	v := vitals{at: at, systolic: 100 + r.IntN(60), diastolic: 55 + r.IntN(40), pulse: 60 + r.IntN(45), spo2: 92 + r.IntN(8), temperature: 364 + r.IntN(24), weight: 500 + r.IntN(450), height: 150 + r.IntN(40)}
	if age < 15 {
		v.weight, v.height, v.systolic = 35+age*30+r.IntN(30), 50+age*7, 80+r.IntN(30)
	}
	return v
}

func (g *generator) laboratory(v *visit, urgent bool) {
	r := g.rand
	if len(v.requests) < cap(v.requests) { // use the lines' memory again
		v.requests = v.requests[:len(v.requests)+1]
	} else {
		v.requests = append(v.requests, request{})
	}
	q := &v.requests[len(v.requests)-1]
	*q = request{at: v.start + int64(30+r.IntN(2000)), urgent: urgent, pending: r.IntN(150) == 0, lines: q.lines[:0]}
	if q.pending {
		return
	}
	wanted := 1 + r.IntN(2)
	if v.class == inpatient {
		wanted = 2
	}
	first := r.IntN(len(panels))
	for k := range wanted {
		for _, a := range panels[(first+k*3)%len(panels)] {
			q.lines = append(q.lines, g.result(a, q.at+int64(60+r.IntN(300))))
		}
	}
	// An analysis stands once in a request.
	seen := uint64(0)
	kept := q.lines[:0]
	for _, l := range q.lines {
		if seen&(1<<l.analysis) == 0 {
			seen |= 1 << l.analysis
			kept = append(kept, l)
		}
	}
	q.lines = kept
}

func (g *generator) result(a int, at int64) result {
	r, rate, an := g.rand, &g.rates, &analyses[a]
	out := result{analysis: a, at: at, noUnit: hit(r, rate.NoUnit), unknown: hit(r, rate.UnknownCode)}
	if out.noUnit && an.unit != "" {
		g.count.NoUnits++
	}
	if out.unknown {
		g.count.UnknownCodes++
	}
	if an.low == 0 && an.high == 0 {
		out.word = 1
		if r.IntN(8) == 0 {
			out.word = 2
		}
		return out
	}
	width := an.high - an.low
	value := max(an.low*0.4, an.low+width*(0.5+0.45*r.NormFloat64()))
	scale := pow10[an.places]
	out.value = max(0, int64(value*float64(scale)+0.5))
	if out.value == 0 {
		out.word, out.value = 3, 1
	}
	return out
}

var pow10 = [...]int64{1, 10, 100, 1000, 10000}

// treatment adds medicines and acts.
func (g *generator) treatment(v *visit, rec *record, birth bool) {
	r, rate := g.rand, &g.rates
	n := r.IntN(3)
	if v.class == inpatient {
		n = 1 + r.IntN(3)
	}
	for range n {
		v.medicines = append(v.medicines, medicineOf{drug: r.IntN(40), days: [5]int{3, 5, 7, 10, 30}[r.IntN(5)], often: frequencies[r.IntN(len(frequencies))], status: [12]int{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}[r.IntN(12)], given: v.class <= emergencyVisit && r.IntN(10) < 6, lot: r.IntN(500)})
	}
	if rec.system == essp {
		return
	}
	add := func(a int) {
		act := actOf{act: &acts[a], at: v.start + int64(30+r.IntN(900)), unknown: hit(r, rate.UnknownCode), deleted: hit(r, rate.DeletedRow), orphan: hit(r, rate.OrphanAct)}
		act.ends = act.at + int64(10+r.IntN(120))
		if act.orphan {
			g.count.OrphanActs++
		}
		if act.unknown {
			g.count.UnknownCodes++
		}
		v.acts = append(v.acts, act)
	}
	switch {
	case birth:
		add(actBirth + r.IntN(2))
	case v.class == dayCase:
		add([4]int{actDialysis, actDialysis, actDialysis, actRadiotherapy}[r.IntN(4)])
	case v.unit == surgery:
		add(2 + r.IntN(5))
	case v.class <= emergencyVisit && r.IntN(2) == 0:
		add([8]int{7, 8, 9, 14, 15, 16, 17, 18}[r.IntN(8)])
	case v.class >= consultation && r.IntN(6) == 0:
		add([4]int{7, 14, 15, 19}[r.IntN(4)])
	}
}
