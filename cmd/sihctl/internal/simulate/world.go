package simulate

import (
	"fmt"
	"math/rand/v2"

	"github.com/sihctl/sih"
)

// The history that the region has, and the day it is seen on.
const (
	firstYear = 2019
	lastYear  = 2025
)

var (
	historyStart = civil(firstYear, 1, 1)
	historyEnd   = civil(lastYear, 12, 31)
	today        = civil(2026, 1, 31)
)

func civil(y, m, d int) sih.Date {
	date, _ := sih.DateOf(y, m, d)
	return date
}

// unitKind is a kind of ward or department; every hospital has one of each.
type unitKind int

const (
	medicine unitKind = iota
	surgery
	paediatrics
	maternity
	emergency
	intensive
	cardiology
	laboratory
	radiology
	pharmacy
	outpatients
	unitKinds
)

var unitNames = [unitKinds]struct{ fr, es, tr string }{
	{"Médecine interne", "Medicina interna", "Dahiliye"}, {"Chirurgie générale", "Cirugía general", "Genel Cerrahi"}, {"Pédiatrie", "Pediatría", "Çocuk Sağlığı"},
	{"Maternité", "Ginecología y obstetricia", "Kadın Doğum"}, {"Urgences", "Urgencias", "Acil Servis"}, {"Réanimation", "Cuidados intensivos", "Yoğun Bakım"}, {"Cardiologie", "Cardiología", "Kardiyoloji"},
	{"Laboratoire", "Laboratorio", "Laboratuvar"}, {"Radiologie", "Radiología", "Radyoloji"}, {"Pharmacie", "Farmacia", "Eczane"}, {"Consultations externes", "Consultas externas", "Poliklinik"},
}

// bedsOf is the number of beds by kind of unit.
var bedsOf = [unitKinds]int{medicine: 24, surgery: 20, paediatrics: 14, maternity: 16, emergency: 6, intensive: 6, cardiology: 10}

// professions, in the order in which the systems' code lists have them.
const (
	physician = iota
	nurse
	midwife
	technician
	pharmacist
	clerk
	professions
)

type staffMember struct {
	id            int
	unit          unitKind
	profession    int
	family, given string
	since         sih.Date
	active        bool
}

type bed struct {
	id    int
	unit  unitKind
	label string
	state int // free, occupied, out of order
}

type device struct {
	id                     int
	unit                   unitKind
	kind                   int
	maker, model, serialNo string
	state                  int
	installed, next        sih.Date
	events                 []deviceEvent
}

type deviceEvent struct {
	kind         int // fault, repair, preventive, calibration
	opened, ends int64
}

type facility struct {
	system  system
	index   int    // within its system, from 1
	code    string // the source's own
	master  string // the master list's
	name    string
	arabic  string
	region  int
	commune int
	unitID  [unitKinds]int
	staff   []staffMember
	doctors []*staffMember
	beds    []bed
	devices []device
}

func (f *facility) place() *commune { return &regions[f.region].communes[f.commune] }

// world is what the region's systems have in common and what stands still.
type world struct {
	facilities [systems][]*facility
	// near lists the facilities of a system in a region.
	near [systems][][]*facility
}

// newWorld sizes the region for a number of patients: a hospital for some
// 30,000 of them, a health centre for 4,000.
func newWorld(patients int, seed uint64) *world {
	w := &world{}
	share := [systems]int{}
	total := 0
	for _, reg := range regions {
		share[reg.system] += reg.weight
		total += reg.weight
	}
	for s := enova; s < systems; s++ {
		n := max(2, patients*share[s]/total/30000)
		if s == essp {
			n = max(4, patients/4000)
		}
		w.near[s] = make([][]*facility, len(regions))
		w.addFacilities(s, n, seed)
	}
	return w
}

// addFacilities spreads n facilities over the system's regions by weight, each
// time to the region that has the fewest for its people.
func (w *world) addFacilities(s system, n int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1<<40+uint64(s)))
	var ids struct{ unit, staff, bed, device int }
	for i := range n {
		best := -1
		for reg := range regions {
			if s != essp && regions[reg].system != s {
				continue
			}
			if best < 0 || regions[reg].weight*(len(w.near[s][best])+1) > regions[best].weight*(len(w.near[s][reg])+1) {
				best = reg
			}
		}
		f := &facility{system: s, index: i + 1, region: best}
		f.commune = len(w.near[s][best]) % len(regions[best].communes)
		f.label(len(w.near[s][best]) / len(regions[best].communes))
		w.facilities[s] = append(w.facilities[s], f)
		w.near[s][best] = append(w.near[s][best], f)
		if s == essp {
			f.hireCentre(r, &ids.staff)
			continue
		}
		for u := range unitKinds {
			ids.unit++
			f.unitID[u] = ids.unit
		}
		f.hire(r, &ids.staff)
		for u, count := range bedsOf {
			for k := range count {
				ids.bed++
				f.beds = append(f.beds, bed{id: ids.bed, unit: unitKind(u), label: fmt.Sprintf("%c%02d", 'A'+u, k+1), state: [8]int{0, 0, 0, 1, 1, 1, 1, 2}[r.IntN(8)]})
			}
		}
		f.equip(r, &ids.device)
	}
}

// label names the facility; round counts the ones that its commune has.
func (f *facility) label(round int) {
	c := f.place()
	more := ""
	if round > 0 {
		more = " " + places[round%len(places)]
	}
	f.name, f.arabic = "Hôpital "+c.name+more, "مستشفى "+c.arabic
	f.master = fmt.Sprintf("H-%s-%03d", f.system, f.index)
	switch f.system {
	case enova:
		f.code = fmt.Sprintf("H%02d", f.index)
	case hosix:
		f.code = fmt.Sprint(9 + f.index*3)
	case dedalus:
		f.code = fmt.Sprintf("%09d", 120000000+f.index*37)
	case bilmed:
		f.code = fmt.Sprint(500 + f.index)
	case essp:
		f.code = fmt.Sprintf("%04d", f.index)
		f.name, f.arabic = "Centre de santé "+c.name+more, "مركز صحي "+c.arabic
		f.master = fmt.Sprintf("CS-%04d", f.index)
	}
}

func (f *facility) hire(r *rand.Rand, id *int) {
	add := func(u unitKind, profession int) {
		*id++
		stock := maleNames
		if r.IntN(2) == 0 || profession == midwife {
			stock = femaleNames
		}
		f.staff = append(f.staff, staffMember{id: *id, unit: u, profession: profession, family: familyNames.draw(r).latin, given: stock.draw(r).latin,
			since: civil(2000+r.IntN(19), 1+r.IntN(12), 1), active: r.IntN(20) > 0})
	}
	for u := range unitKinds {
		switch u {
		case laboratory, radiology:
			add(u, physician)
			add(u, technician)
			add(u, technician)
		case pharmacy:
			add(u, pharmacist)
			add(u, clerk)
		default:
			for range 3 {
				add(u, physician)
			}
			add(u, nurse)
			add(u, nurse)
			if u == maternity {
				add(u, midwife)
			}
		}
	}
	for i := range f.staff {
		if f.staff[i].profession == physician {
			f.doctors = append(f.doctors, &f.staff[i])
		}
	}
}

func (f *facility) hireCentre(r *rand.Rand, id *int) {
	for k := range 3 {
		*id++
		f.staff = append(f.staff, staffMember{id: *id, profession: min(k, nurse), family: familyNames.draw(r).latin, given: femaleNames.draw(r).latin, active: true})
	}
}

func (f *facility) equip(r *rand.Rand, id *int) {
	for k := range 12 {
		*id++
		d := device{id: *id, unit: deviceUnits[k%len(deviceUnits)], kind: k % len(deviceUnits), state: [10]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2}[r.IntN(10)], installed: civil(2005+r.IntN(18), 1+r.IntN(12), 1+r.IntN(28))}
		m := makers[r.IntN(len(makers))]
		d.maker, d.model, d.serialNo = m[0], m[1], fmt.Sprintf("SN%08d", r.IntN(1e8))
		d.next = today + sih.Date(r.IntN(400)-40)
		for range r.IntN(4) {
			opened := (int64(historyStart)+int64(r.IntN(int(historyEnd-historyStart))))*1440 + 480 + int64(r.IntN(480))
			d.events = append(d.events, deviceEvent{kind: r.IntN(4), opened: opened, ends: opened + int64(r.IntN(20000)) - 1})
			if r.IntN(12) == 0 {
				d.events[len(d.events)-1].ends = 0
			}
		}
		f.devices = append(f.devices, d)
	}
}

var deviceUnits = [8]unitKind{radiology, radiology, radiology, intensive, intensive, laboratory, radiology, medicine}

var makers = [][2]string{{"Siemens", "Somatom"}, {"GE", "Optima"}, {"Philips", "Affiniti"}, {"Dräger", "Evita"}, {"Mindray", "BS-480"}, {"Fresenius", "4008S"}, {"Canon", "Aquilion"}}

// draw returns a facility of the system for somebody of the region: mostly the
// commune's own, and any of the system where the region has none.
func (w *world) draw(r *rand.Rand, s system, reg, com int) *facility {
	list := w.near[s][reg]
	if len(list) == 0 {
		list = w.facilities[s]
	}
	if r.IntN(5) > 0 {
		return list[com%len(list)]
	}
	return list[r.IntN(len(list))]
}

func (f *facility) doctor(r *rand.Rand, u unitKind) *staffMember {
	if len(f.doctors) == 0 { // a health centre
		return &f.staff[0]
	}
	d := f.doctors[r.IntN(len(f.doctors))]
	for try := 0; d.unit != u && try < 6; try++ {
		d = f.doctors[r.IntN(len(f.doctors))]
	}
	return d
}

// bedIn returns a bed of the unit, or nil.
func (f *facility) bedIn(r *rand.Rand, u unitKind) *bed {
	if bedsOf[u] == 0 {
		return nil
	}
	first := 0
	for k := range u {
		first += bedsOf[k]
	}
	return &f.beds[first+r.IntN(bedsOf[u])]
}
