package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sihctl/sih"
)

// The traps of the truth: kinds of records that a careless matcher joins.
const (
	trapTwin        = "twin"
	trapFatherSon   = "father-son"
	trapGuardian    = "guardian-cin"
	trapSpouse      = "spouse-cin"
	trapPhone       = "household-phone"
	trapHomonym     = "homonym"
	trapPlaceholder = "placeholder"
	trapTest        = "test"
	trapLeftOver    = "leftover-cin"
	trapAdjacent    = "adjacent-cin"
)

// person is one human being as the civil register has it.
type person struct {
	number           int
	female           bool
	birth            sih.Date
	yearOnly         bool // registered late: only the year is known
	given, family    name // as on the card
	fatherName       string
	motherName       string // given and family name
	husband          name   // a wife's husband's family name
	cin, idcs        string
	passport         string
	nationality      int // 0 Moroccan
	marital          int // 0 single, 1 married, 2 divorced, 3 widowed
	relation         int // to the insured: 0 insured, 1 spouse, 2 child
	blood            int // 0 not known
	dead             sih.Date
	heavy            bool // uses care a great deal
	guardian, spouse *person
	trap             string
	home             *household
	phone            string // own number, where it is not the household's
}

// age returns the person's age in years on a day.
func (p *person) age(on sih.Date) int { return int(on-p.birth) * 100 / 36525 }

// household is people who share an address, a telephone and an insurance.
type household struct {
	region, commune int
	address, phone  string
	insured         string // member number
	scheme          int
	people          []person
}

// The schemes of health cover, in the order of the systems' code lists.
const (
	cnss = iota
	cnops
	tadamon
	ramed
	achamil
	tns
	far
	mutual
	paying
	free
	schemes
)

// newHousehold makes a household from its own stream of random numbers.
func newHousehold(r *rand.Rand, h *household) {
	reg, com := drawCommune(r)
	*h = household{region: reg, commune: com, people: h.people[:0]}
	h.settle(r)
	if cap(h.people) < 16 { // pointers into people must stay true
		h.people = make([]person, 0, 16)
	}
	var stranger *household
	switch k := r.IntN(100); {
	case k < 3:
		stranger = h.homonyms(r)
	case k < 15:
		h.add(r, r.IntN(2) == 0, birthAround(r, 18+r.IntN(65)), h.familyName(r))
	default:
		h.family(r)
	}
	for i := range h.people {
		h.people[i].home = h
	}
	if stranger != nil {
		h.people[1].home = stranger
	}
}

// settle draws what the members of a household share.
func (h *household) settle(r *rand.Rand) {
	h.address, h.phone, h.insured = drawAddress(r), drawPhone(r), fmt.Sprintf("%09d", 100000000+r.IntN(899999999))
	h.scheme = [16]int{cnss, cnss, cnss, cnss, cnss, cnops, cnops, tadamon, tadamon, tadamon, tadamon, achamil, tns, far, paying, mutual}[r.IntN(16)]
}

func drawPhone(r *rand.Rand) string { return fmt.Sprintf("%d%08d", 6+r.IntN(2), r.IntN(100000000)) }

func birthAround(r *rand.Rand, age int) sih.Date {
	return today - sih.Date(age*36525/100) - sih.Date(r.IntN(365)) - 31
}

// familyName draws a name as this family's cards write it.
func (h *household) familyName(r *rand.Rand) name {
	n := familyNames.draw(r)
	if r.IntN(3) == 0 {
		n.latin = respell(r, n.latin)
	}
	return n
}

func (h *household) givenName(r *rand.Rand, female bool) name {
	s := maleNames
	if female {
		s = femaleNames
	}
	n := s.draw(r)
	if r.IntN(3) == 0 {
		n.latin = respell(r, n.latin)
	}
	return n
}

// add adds somebody, with the numbers that people of that age have.
func (h *household) add(r *rand.Rand, female bool, birth sih.Date, family name) *person {
	h.people = append(h.people, person{female: female, birth: birth, family: family, given: h.givenName(r, female)})
	p := &h.people[len(h.people)-1]
	p.fatherName = maleNames.draw(r).latin
	p.motherName = femaleNames.draw(r).latin + " " + familyNames.draw(r).latin
	age := p.age(today)
	// Registration became general about 1976.
	switch y, _, _ := birth.Civil(); {
	case y < 1960:
		p.yearOnly = r.IntN(10) < 6
	case y < 1976:
		p.yearOnly = r.IntN(10) < 3
	case y < 1990:
		p.yearOnly = r.IntN(40) == 0
	}
	if age >= 16 && r.IntN(100) < 96 {
		letters := strings.Fields(regions[h.region].cin)
		p.cin = cinNumber(letters[r.IntN(len(letters))], 10000+r.IntN(990000))
	}
	if r.IntN(100) < 45 || age < 5 && r.IntN(100) < 70 {
		p.idcs = idcsNumber(r)
	}
	if r.IntN(150) == 0 {
		p.nationality = 1 + r.IntN(len(nationalities)-1)
		p.passport, p.cin = fmt.Sprintf("%c%c%07d", 'A'+r.IntN(26), 'A'+r.IntN(26), r.IntN(10000000)), ""
	}
	if r.IntN(3) > 0 {
		p.blood = 1 + [20]int{0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 4, 4, 6, 1, 3, 5, 7}[r.IntN(20)]
	}
	if age > 16 && r.IntN(3) == 0 {
		p.phone = drawPhone(r)
	}
	if r.IntN(2000) < 5+age*age/60 {
		p.dead = historyStart + 300 + sih.Date(r.IntN(int(historyEnd-historyStart-300)))
		if p.dead <= p.birth {
			p.dead = 0
		}
	}
	p.heavy = r.IntN(1000) < 6+age/8
	return p
}

// homonyms are two strangers of one name, sex and commune, born in one year.
// The second has a household of its own, which is returned.
func (h *household) homonyms(r *rand.Rand) *household {
	female, fam, age := r.IntN(2) == 0, h.familyName(r), 20+r.IntN(60)
	a := h.add(r, female, birthAround(r, age), fam)
	y, _, _ := a.birth.Civil()
	birth := civil(y, 1+r.IntN(12), 1+r.IntN(28))
	if r.IntN(4) == 0 {
		birth = a.birth
	}
	b := h.add(r, female, birth, fam)
	b.given = a.given
	a.trap, b.trap = trapHomonym, trapHomonym
	a.phone, b.phone = drawPhone(r), drawPhone(r)
	other := &household{region: h.region, commune: h.commune}
	other.settle(r)
	return other
}

// family is a couple or a lone parent, their children, perhaps a grandparent.
func (h *household) family(r *rand.Rand) {
	fam := h.familyName(r)
	age := 24 + r.IntN(52)
	var father, mother *person
	if r.IntN(12) > 0 {
		father = h.add(r, false, birthAround(r, age), fam)
		father.marital = 1
	}
	if father == nil || r.IntN(15) > 0 {
		mother = h.add(r, true, birthAround(r, max(18, age-r.IntN(9)+1)), h.familyName(r))
		mother.marital, mother.relation = 1, 1
	}
	switch {
	case father != nil && mother != nil:
		mother.husband, mother.spouse, father.spouse = fam, father, mother
	case mother != nil:
		mother.marital, mother.relation = 2+r.IntN(2), 0
		fam = mother.family
	default:
		father.marital = 2 + r.IntN(2)
	}
	youngest := age
	if mother != nil {
		youngest = mother.age(today)
	}
	h.children(r, fam, father, mother, youngest)
	if r.IntN(9) == 0 && age < 55 {
		g := h.add(r, r.IntN(3) > 0, birthAround(r, age+22+r.IntN(14)), h.familyName(r))
		g.marital, g.relation = 3, 1
	}
}

func (h *household) children(r *rand.Rand, fam name, father, mother *person, parentAge int) {
	n := [10]int{0, 1, 1, 2, 2, 2, 3, 3, 4, 5}[r.IntN(10)]
	first := len(h.people)
	age := parentAge - 18 - r.IntN(6)
	for i := 0; i < n && len(h.people) < 12; i++ {
		if age -= 2 + r.IntN(4); age < 0 { // births lie a year apart or more
			break
		}
		if age > 30 && r.IntN(2) == 0 { // has left
			continue
		}
		c := h.child(r, birthAround(r, age), fam, father, mother)
		if r.IntN(1000) < 15 {
			twin := h.child(r, c.birth, fam, father, mother)
			for twin.given.latin == c.given.latin || twin.given.arabic == c.given.arabic {
				twin.given = h.givenName(r, twin.female)
			}
			c.trap, twin.trap = trapTwin, trapTwin
		}
	}
	kids := h.people[first:]
	for i := range kids {
		a := &kids[i]
		if father != nil && !a.female && a.trap == "" && r.IntN(60) == 0 {
			a.given, a.trap, father.trap = father.given, trapFatherSon, trapFatherSon
			continue
		}
		for j := range kids[:i] {
			b := &kids[j]
			if a.cin != "" && b.cin != "" && a.trap == "" && b.trap == "" && r.IntN(5) == 0 {
				digits := strings.IndexAny(b.cin, "0123456789")
				var number int
				fmt.Sscan(b.cin[digits:], &number)
				a.cin, a.trap, b.trap = cinNumber(b.cin[:digits], number+1), trapAdjacent, trapAdjacent
			} else if a.trap == "" && b.trap == "" && a.female == b.female && a.cin == "" && b.cin == "" && max(a.birth-b.birth, b.birth-a.birth) < 1000 {
				a.trap, b.trap = trapPhone, trapPhone
			}
		}
	}
}

func (h *household) child(r *rand.Rand, birth sih.Date, fam name, father, mother *person) *person {
	c := h.add(r, r.IntN(2) == 0, birth, fam)
	c.relation = 2
	for i := range h.people[:len(h.people)-1] { // brothers and sisters have names of their own
		if h.people[i].given.arabic == c.given.arabic {
			c.given = h.givenName(r, c.female)
		}
	}
	if father != nil {
		c.fatherName, c.guardian = father.given.latin, father
	}
	if mother != nil {
		c.motherName = mother.given.latin + " " + mother.family.latin
		if father == nil || r.IntN(2) == 0 {
			c.guardian = mother
		}
	}
	return c
}

// nationalities in the writings of the systems: words, ISO.
var nationalities = [][3]string{{"MAROCAINE", "MAR", "Marocaine"}, {"SENEGALAISE", "SEN", "Sénégalaise"}, {"IVOIRIENNE", "CIV", "Ivoirienne"}, {"FRANCAISE", "FRA", "Française"}, {"ALGERIENNE", "DZA", "Algérienne"}, {"SYRIENNE", "SYR", "Syrienne"}, {"ESPAGNOLE", "ESP", "Espagnole"}}
