package simulate

import (
	"fmt"
	"math/rand/v2"

	"github.com/sihctl/sih"
)

// legacy writes what one system knows, in its own layout.
type legacy interface {
	reference(*world)
	// patient writes the patient's row and sets the record's id and key.
	patient(*record)
	cover(*record, *cover)
	allergy(*record, *allergy)
	vaccination(*record, *vaccination)
	visit(*record, *visit)
	// failure returns the first error of all writing.
	failure() error
	close() error
	counts() map[string]int
}

type cover struct {
	scheme, relation int
	number           string
	from, to         sih.Date // to 0: in force
}

type allergy struct {
	text           string
	none           bool // says that there is none
	kind, severity int  // -1: not said
	reaction       string
	at             int64
	takenBack      bool
}

type vaccination struct {
	vaccine, dose int
	lot           string
	on            sih.Date
	vague         bool // the day is not known
}

// generator makes the region, household by household. A household depends on
// the seed and its number alone; only local numbers, and numbers typed over
// from the patient before, depend on what came earlier.
type generator struct {
	rand    *rand.Rand
	source  *rand.PCG
	seed    uint64
	rates   Rates
	world   *world
	systems [systems]legacy
	// lastCIN is the number of each system's last patient who had one.
	lastCIN   [systems]string
	lastOwner [systems]int
	truth     *truth
	count     Defects
	home      household
	rec       record
	again     record
	v         visit
	persons   int // so far
	tests     int // numbers given to test registrations, after the persons'
	records   int
	// patientsOnly makes nothing of what happened to people.
	patientsOnly bool
}

// households makes households until there are enough persons. After each it
// calls next, which may stop it.
func (g *generator) households(patients int, next func() error) error {
	g.tests = patients
	for number := uint64(1); g.persons < patients; number++ {
		g.source.Seed(g.seed, number)
		newHousehold(g.rand, &g.home)
		people := g.home.people
		if left := patients - g.persons; len(people) > left {
			people = people[:left]
		}
		for i := range people {
			g.persons++
			people[i].number = g.persons
		}
		for i := range people {
			g.life(&people[i])
		}
		if err := next(); err != nil {
			return err
		}
	}
	return nil
}

// life registers a person in the systems that they met.
func (g *generator) life(p *person) {
	r, h := g.rand, p.home
	own := regions[h.region].system
	hospital := r.IntN(100) < 62 || p.heavy
	centre := r.IntN(100) < 46 || p.age(today) < 12 && r.IntN(2) == 0
	moved := hit(r, g.rates.Moved)
	if !hospital && !centre && !moved {
		hospital = r.IntN(2) == 0
		centre = !hospital
	}
	if hospital {
		g.patientOf(p, own, h.region)
	}
	if centre {
		g.patientOf(p, essp, h.region)
	}
	if moved { // referred to one of the large towns, or gone elsewhere
		reg := r.IntN(4)
		if r.IntN(3) == 0 {
			reg = r.IntN(len(regions))
		}
		if s := regions[reg].system; s != own || reg != h.region {
			g.patientOf(p, s, reg)
		} else if !hospital && !centre {
			g.patientOf(p, own, h.region)
		}
	}
}

// patientOf registers a person in one system, perhaps several times, with what
// happened to them there.
func (g *generator) patientOf(p *person, s system, reg int) {
	r := g.rand
	com := p.home.commune
	if reg != p.home.region {
		com = r.IntN(64)
	}
	f := g.world.draw(r, s, reg, com)
	first := max(historyStart, p.birth)
	last := historyEnd
	if p.dead != 0 {
		last = max(first, p.dead-2)
	}
	on := first + sih.Date(r.IntN(int(last-first)+1))
	if p.birth >= historyStart && s != essp && r.IntN(3) == 0 {
		on = min(last, p.birth+sih.Date(r.IntN(3))) // where they were born
	}
	at := int64(on)*1440 + clock(r)
	rec := &g.rec
	g.register(rec, p, s, f, at)
	if g.record(rec); hit(r, g.rates.Deleted) && s != essp {
		again := &g.again
		*again = *rec
		again.deleted = true
		g.record(again)
	}
	g.history(rec)
	for k := 0; k < 2 && s != essp && hit(r, g.rates.Again*float64(1+k)) || k == 0 && s == essp && hit(r, g.rates.Again/3); k++ {
		g.secondRecord(rec, p, s, reg, com, last)
	}
	if hit(r, g.rates.TestPatient) {
		again := &g.again
		*again = *rec
		g.tests++
		g.nobody(again, g.tests)
		g.record(again)
	}
}

// secondRecord registers a person once more where they are known already.
func (g *generator) secondRecord(rec *record, p *person, s system, reg, com int, last sih.Date) {
	r := g.rand
	f := rec.facility
	if r.IntN(3) == 0 {
		f = g.world.draw(r, s, reg, com)
	}
	since := sih.Date(rec.registered / 1440)
	on := since + sih.Date(r.IntN(int(max(1, last-since))))
	again := &g.again
	g.register(again, p, s, f, int64(on)*1440+clock(r))
	if s != essp && f == rec.facility && hit(r, g.rates.Merged) {
		again.mergedInto, again.mergedKey = rec.id, rec.key
	}
	g.record(again)
	if again.mergedInto == 0 {
		g.history(again)
	}
	g.count.Again++
}

// clock draws a time of day, in minutes.
func clock(r *rand.Rand) int64 {
	if r.IntN(5) == 0 {
		return int64(r.IntN(1440))
	}
	return 480 + int64(r.IntN(600))
}

// record writes a patient's row and its line of truth.
func (g *generator) record(rec *record) {
	g.systems[rec.system].patient(rec)
	g.truth.add(rec)
	g.records++
}

// history writes what happened to a record's person in its system.
func (g *generator) history(rec *record) {
	if g.patientsOnly {
		return
	}
	r, p, s := g.rand, rec.person, rec.system
	to := g.systems[s]
	start := sih.Date(rec.registered / 1440)
	if s != essp && !rec.hurried && r.IntN(10) < 8 {
		h := p.home
		c := cover{scheme: h.scheme, relation: p.relation, from: start - sih.Date(r.IntN(900)), number: rec.insured}
		if h.scheme == ramed || h.scheme == tadamon && start < civil(2022, 12, 1) && r.IntN(2) == 0 {
			c.scheme, c.to = ramed, civil(2022, 11, 30) // RAMED ended with that month
			c.from = min(c.from, c.to-30)
		}
		to.cover(rec, &c)
	}
	if s != essp && r.IntN(9) == 0 {
		g.allergies(rec)
	}
	g.vaccinations(rec)
	g.visits(rec)
}

func (g *generator) allergies(rec *record) {
	r := g.rand
	for range 1 + r.IntN(5)/4 {
		a := allergy{kind: -1, severity: -1, at: rec.registered + int64(r.IntN(3000))}
		if hit(r, g.rates.NoneKnown) {
			list := noneKnown[rec.system]
			a.text, a.none = list[r.IntN(len(list))], true
			g.count.NoneKnown++
		} else {
			w := substances[r.IntN(len(substances))]
			a.text, a.reaction, a.severity = w.text, reactions[r.IntN(len(reactions))], r.IntN(3)-1
			if r.IntN(5) > 0 {
				a.kind = w.kind
			}
			a.takenBack = r.IntN(30) == 0
		}
		g.systems[rec.system].allergy(rec, &a)
		if a.none {
			return
		}
	}
}

// vaccinations: those of small children, of children by their calendar, and of
// some grown-ups.
func (g *generator) vaccinations(rec *record) {
	r, p := g.rand, rec.person
	start := sih.Date(rec.registered / 1440)
	age := p.age(start)
	give := func(vaccine, dose int, on sih.Date) {
		if vaccine == covid && on < civil(2021, 1, 28) { // the campaign's first day
			return
		}
		if on < historyStart || on < start || on > historyEnd || p.dead != 0 && on > p.dead {
			return
		}
		v := vaccination{vaccine: vaccine, dose: dose, on: on, vague: r.IntN(60) == 0}
		if r.IntN(3) > 0 {
			v.lot = fmt.Sprintf("%c%05d", 'A'+r.IntN(26), r.IntN(100000))
		}
		g.systems[rec.system].vaccination(rec, &v)
	}
	switch {
	case age < 2 && (rec.system == essp || r.IntN(4) == 0):
		give(0, 1, p.birth+sih.Date(r.IntN(20)))
		for k := range 3 {
			on := p.birth + sih.Date(60+30*k+r.IntN(15))
			give(2, k+1, on)
			if r.IntN(2) == 0 {
				give(1, k+1, on)
			}
		}
		give(3, 1, p.birth+270+sih.Date(r.IntN(30)))
	case r.IntN(12) == 0:
		give(7+r.IntN(3), 1+r.IntN(2), start+sih.Date(r.IntN(600)))
	}
}

// visits makes the visits of a record, in the order of their beginnings.
func (g *generator) visits(rec *record) {
	r, p := g.rand, rec.person
	at := rec.registered + 5
	if p.dead != 0 && hit(r, g.rates.AfterDeath) {
		defer g.afterDeath(rec)
	}
	more := 15 // chance in a hundred of another visit
	if p.heavy && rec.system != essp {
		more = 90
	}
	dialysis := p.heavy && r.IntN(3) == 0
	for n := 0; n < 80; n++ {
		day := sih.Date(at / 1440)
		if day > historyEnd {
			return
		}
		if p.dead != 0 && day > p.dead {
			return
		}
		c := consultation
		if rec.system != essp {
			switch k := r.IntN(100); {
			case dialysis && n > 0:
				c = dayCase
			case k < 15:
				c = inpatient
			case k < 40:
				c = emergencyVisit
			case k < 42:
				c = dayCase
			case k < 45:
				c = remote
			}
		}
		g.visit(&g.v, rec, c, at)
		g.systems[rec.system].visit(rec, &g.v)
		if rec.system != essp && hit(r, g.rates.DeletedRow) {
			g.v.deleted = true
			g.systems[rec.system].visit(rec, &g.v)
			g.count.DeletedRows++
		}
		if r.IntN(100) >= more {
			return
		}
		gap := int64(r.ExpFloat64()*150*1440) + 1440
		if dialysis {
			gap = int64(2+r.IntN(12)) * 1440
		}
		at = (max(at, g.v.end)+gap)/1440*1440 + clock(r)
	}
}

// afterDeath makes a consultation of somebody who was dead by then.
func (g *generator) afterDeath(rec *record) {
	at := (int64(rec.person.dead)+int64(5+g.rand.IntN(200)))*1440 + clock(g.rand)
	g.visit(&g.v, rec, consultation, at)
	g.systems[rec.system].visit(rec, &g.v)
	g.count.AfterDeath++
}
