package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sihctl/sih"
)

// record is one registration of a person in a system: the person as a clerk
// saw and typed them.
type record struct {
	person   *person
	number   int // of the person in the truth
	system   system
	facility *facility
	rand     *rand.Rand
	id       int    // row number or patient number in the system
	key      string // see sih.JoinKey
	trap     string

	registered           int64 // minute on the local clock
	sex                  int   // 0 not known, 1 male, 2 female
	family, given        string
	maiden               string
	familyAr, givenAr    string
	birth                birthText
	birthPlace           string
	cin                  string
	document             document
	guardianCIN          string
	idcs, passport       string
	insured              string
	father, mother       string
	marital, nationality int
	phone, address       string
	commune              string
	blood                int
	dead                 sih.Date
	oneCell              bool   // ESSP: given name first in the one cell
	cover                int    // row of its health cover, where it has one
	mergedInto           int    // id of the record that it was merged into
	mergedKey            string // its own number there
	deleted, hurried     bool
}

// document is what the number in the CIN's field really is.
type document int

const (
	ownCIN document = iota
	guardiansCIN
	passportNumber
)

// birthText is a birth as a clerk typed it.
type birthText struct {
	y, m, d int
	how     int
}

const (
	birthFull     = iota
	birthJanuary  // year only, as 01/01
	birthDecember // as 31/12
	birthJuly     // as 01/07
	birthZeros    // as 00/00
	birthYear     // the year alone
	birthNone
	birthShort // two digits of the year
	birthHijri // a Hijri year
)

// register writes down what a system knows of a person.
func (g *generator) register(rec *record, p *person, s system, f *facility, at int64) {
	r, rate := g.rand, &g.rates
	h := p.home
	*rec = record{person: p, number: p.number, system: s, facility: f, rand: r, registered: at, trap: p.trap,
		given: p.given.latin, family: p.family.latin, givenAr: p.given.arabic, familyAr: p.family.arabic,
		marital: p.marital, nationality: p.nationality, blood: p.blood, insured: h.insured,
		father: p.fatherName, mother: p.motherName, idcs: p.idcs, passport: p.passport,
		commune: regions[h.region].communes[h.commune].name, address: h.address}
	rec.hurried = s != essp && hit(r, rate.Emergency)
	rec.sex = 1
	if p.female {
		rec.sex = 2
	}
	if hit(r, rate.UnknownSex) || rec.hurried && r.IntN(6) == 0 {
		rec.sex = 0
	}
	if p.dead != 0 && r.IntN(4) > 0 && s != essp {
		rec.dead = p.dead
	}
	if r.IntN(3) > 0 {
		rec.birthPlace = rec.commune
	}
	g.names(rec)
	rec.birth = g.birth(p, s)
	g.identifiers(rec)
	g.contact(rec)
	if r.IntN(3) == 0 {
		rec.father = ""
	}
	if r.IntN(3) == 0 {
		rec.mother = ""
	}
	if r.IntN(3) == 0 {
		rec.idcs = ""
	}
	if rec.hurried {
		rec.birthPlace, rec.father, rec.mother, rec.idcs, rec.address, rec.insured, rec.cin, rec.document, rec.guardianCIN, rec.blood = "", "", "", "", "", "", "", 0, "", 0
		if rec.trap == trapGuardian || rec.trap == trapSpouse || rec.trap == trapLeftOver {
			rec.trap = p.trap
		}
		if r.IntN(2) == 0 {
			rec.phone = ""
		}
	}
}

func hit(r *rand.Rand, rate float64) bool { return rate > 0 && r.Float64() < rate }

// names writes the names as the clerk did.
func (g *generator) names(rec *record) {
	r, rate, p := g.rand, &g.rates, rec.person
	if p.female && p.marital == 1 && p.husband.latin != "" && hit(r, rate.MarriedName) {
		rec.maiden, rec.family, rec.familyAr = rec.family, p.husband.latin, p.husband.arabic
		if r.IntN(2) == 0 {
			rec.maiden = ""
		}
	}
	if hit(r, rate.Respelled) {
		rec.given = respell(r, rec.given)
	}
	if hit(r, rate.Respelled) {
		rec.family = respell(r, rec.family)
	}
	if hit(r, rate.Typo) {
		if r.IntN(2) == 0 {
			rec.given = mistype(r, rec.given)
		} else {
			rec.family = mistype(r, rec.family)
		}
		g.count.Typos++
	}
	if hit(r, rate.Respelled) {
		rec.givenAr, rec.familyAr = arabicSpelling(r, rec.givenAr), arabicSpelling(r, rec.familyAr)
	}
	if hit(r, rate.ArabicNoise) {
		rec.familyAr = arabicNoise(r, rec.familyAr)
	}
	if hit(r, rate.Title) {
		rec.given = [...]string{"Hajj ", "Moulay ", "Sidi ", "Dr "}[r.IntN(4)] + rec.given
		if p.female {
			rec.given = [...]string{"Hajja ", "Lalla "}[r.IntN(2)] + strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(rec.given, "Hajj "), "Moulay "), "Sidi "), "Dr ")
		}
	}
	if hit(r, rate.SwappedNames) {
		rec.given, rec.family = rec.family, rec.given
		g.count.Swapped++
	}
	if rec.system != essp && r.IntN(4) > 0 {
		rec.family = strings.ToUpper(rec.family)
		if r.IntN(2) == 0 {
			rec.given = strings.ToUpper(rec.given)
		}
	}
	switch k := r.IntN(10); { // systems hold Latin, Arabic or both
	case rec.system == essp && k < 2, rec.hurried:
		if rec.system == essp {
			rec.given, rec.family = rec.givenAr, rec.familyAr
		}
		rec.givenAr, rec.familyAr = "", ""
	case k < 4 && rec.system != enova, rec.system == dedalus:
		rec.givenAr, rec.familyAr = "", ""
	}
	if hit(r, rate.StrayControl) {
		rec.family = strings.Replace(rec.family, " ", "\u00a0", 1) + "\u00a0"
	}
	age := int(sih.Date(rec.registered/1440) - p.birth)
	if rec.system != essp && age < 60 && hit(r, rate.Placeholder) {
		_, mother, _ := strings.Cut(p.motherName, " ")
		rec.given = [...]string{"BB DE " + strings.ToUpper(p.motherName), "NN", "NOUVEAU NE", "BEBE DE " + strings.ToUpper(mother), "X"}[r.IntN(5)]
		rec.givenAr, rec.trap = "", trapPlaceholder
	}
	rec.oneCell = r.IntN(4) == 0
}

// birth writes the birth as the clerk did.
func (g *generator) birth(p *person, s system) birthText {
	r, rate := g.rand, &g.rates
	y, m, d := p.birth.Civil()
	b := birthText{y: y, m: m, d: d}
	files := s == dedalus || s == essp || s == bilmed
	switch {
	case hit(r, rate.NoBirth):
		return birthText{how: birthNone}
	case hit(r, rate.BadBirth):
		g.count.BadBirths++
		b.y = [...]int{1798, 2061, 2090, 1066}[r.IntN(4)]
		if s == hosix {
			b.y = [...]int{1798, 2061, 2090}[r.IntN(3)] // datetime begins in 1753
		}
		return b
	case p.yearOnly:
		b.how = [...]int{birthJanuary, birthJanuary, birthJanuary, birthDecember, birthJuly, birthZeros, birthYear}[r.IntN(7)]
		if b.how >= birthZeros && s == hosix {
			b.how = birthJanuary
		}
		if b.how == birthYear && s == enova {
			b.how = birthZeros
		}
		if b.how == birthZeros && s == dedalus {
			b.how = birthYear
		}
		if s == dedalus && y < 1960 && hit(r, rate.Hijri) {
			b.how = birthHijri
		}
		return b
	case hit(r, rate.DayMonth) && d <= 12 && d != m:
		b.d, b.m = m, d
	case hit(r, rate.BirthTypo):
		switch r.IntN(3) {
		case 0:
			b.y -= []int{1, 10, 1, 2}[r.IntN(4)]
		case 1:
			b.m = 1 + r.IntN(12)
			b.d = min(b.d, 28)
		default:
			b.d = 1 + r.IntN(28)
		}
	}
	if files && hit(r, rate.TwoDigitYear) {
		b.how = birthShort
	}
	return b
}

// identifiers writes the numbers that the clerk asked for and typed.
func (g *generator) identifiers(rec *record) {
	r, rate, p := g.rand, &g.rates, rec.person
	age := p.age(sih.Date(rec.registered / 1440))
	switch {
	case age < 16 && p.guardian != nil && p.guardian.cin != "" && hit(r, rate.GuardianCIN):
		if rec.system == hosix && r.IntN(3) > 0 {
			rec.guardianCIN = p.guardian.cin
		} else {
			rec.cin, rec.document, rec.trap = p.guardian.cin, guardiansCIN, trapGuardian
		}
		g.count.GuardianCINs++
	case p.passport != "":
		rec.cin, rec.document = p.passport, passportNumber
	case age >= 16 && p.cin != "" && !hit(r, rate.NoCIN):
		rec.cin = p.cin
		switch {
		case p.female && p.spouse != nil && p.spouse.cin != "" && hit(r, rate.SpouseCIN):
			rec.cin, rec.trap = p.spouse.cin, trapSpouse
			g.count.SpouseCINs++
		case hit(r, rate.CINTypo):
			rec.cin = cinTypo(r, rec.cin)
			g.count.CINTypos++
		default:
			rec.cin = cinHand(r, rec.cin)
		}
	case hit(r, rate.CINFiller):
		rec.cin = cinFillers[r.IntN(len(cinFillers))]
		g.count.Fillers++
	}
	if last := g.lastCIN[rec.system]; last != "" && g.lastOwner[rec.system] != p.number && rec.document == ownCIN && hit(r, rate.CINLeftOver) {
		rec.cin, rec.trap = last, trapLeftOver
		g.count.LeftOvers++
	}
	if rec.cin != "" && p.cin != "" {
		g.lastCIN[rec.system], g.lastOwner[rec.system] = p.cin, p.number
	}
	if s := p.home.scheme; s == paying || s == free || r.IntN(3) == 0 {
		rec.insured = ""
	}
}

func (g *generator) contact(rec *record) {
	r, rate, p := g.rand, &g.rates, rec.person
	nine := p.home.phone
	if p.phone != "" && r.IntN(3) > 0 {
		nine = p.phone
	}
	if hit(r, rate.NewPhone) {
		nine = drawPhone(r)
	}
	if !hit(r, rate.NoPhone) {
		rec.phone = phoneHand(r, nine)
	}
	if p.trap == trapPhone && rec.phone == "" && r.IntN(2) == 0 {
		rec.phone = phoneHand(r, p.home.phone)
	}
	switch r.IntN(6) {
	case 0:
		rec.address = ""
	case 1:
		rec.address = drawAddress(r)
	}
	if r.IntN(2) == 0 {
		rec.commune = strings.ToUpper(rec.commune)
	}
	if r.IntN(5) == 0 {
		rec.blood = 0
	}
}

// nobody turns rec into a test registration, under a person of its own.
func (g *generator) nobody(rec *record, number int) {
	r := g.rand
	first := [...]string{"TEST", "ESSAI", "PRUEBA", "DENEME"}[r.IntN(4)]
	rec.number, rec.trap = number, trapTest
	rec.family, rec.given = first, [...]string{"TEST", "PATIENT", "A", "INFORMATIQUE"}[r.IntN(4)]
	rec.familyAr, rec.givenAr, rec.maiden, rec.father, rec.mother, rec.idcs, rec.guardianCIN, rec.passport = "", "", "", "", "", "", "", ""
	rec.cin, rec.document, rec.phone, rec.insured, rec.dead = "AA111111", ownCIN, fmt.Sprintf("06%08d", r.IntN(10)), "", 0
	rec.birth = birthText{y: 2000, m: 1, d: 1}
	g.count.Tests++
}
