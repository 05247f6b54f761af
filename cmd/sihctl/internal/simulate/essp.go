package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

// esspSystem writes the registers of health centres. It knows the year and the
// centre of every row, which the rows of the other systems need not.
type esspSystem struct {
	*outputs
	g       *generator
	books   *registers
	numbers map[[2]int]*[4]int // rows so far by centre and year: patients, visits, vaccinations, medicines
}

func newEssp(g *generator, o *outputs, books *registers) *esspSystem {
	return &esspSystem{outputs: o, g: g, books: books, numbers: map[[2]int]*[4]int{}}
}

func (s *esspSystem) reference(*world) {}

// next returns the next number of a sheet in a centre's workbook of a year.
func (s *esspSystem) next(f *facility, year, sheet int) int {
	k := [2]int{f.index, year}
	n := s.numbers[k]
	if n == nil {
		n = new([4]int)
		s.numbers[k] = n
	}
	n[sheet]++
	return n[sheet]
}

// The sheets, in the layout's order.
const (
	sheetPatients = iota
	sheetVisits
	sheetVaccinations
	sheetMedicines
)

// begin starts a row of a sheet: its centre, and the workbook it goes into.
func (s *esspSystem) begin(f *facility, on sih.Date, sheet int) (o *out, year, number int) {
	year, _, _ = on.Civil()
	year = min(max(year, firstYear), lastYear)
	s.books.turnTo(f, year)
	return s.all[sheet].str(f.code), year, s.next(f, year, sheet)
}

// date writes a day as a serial number of the workbook's base, or as text.
func (s *esspSystem) date(o *out, f *facility, year int, d sih.Date) *out {
	if !hit(s.g.rand, s.g.rates.Serial) {
		return o.day(d)
	}
	return o.int(s.books.serial(f, year, d))
}

func (s *esspSystem) patient(rec *record) {
	r, f := rec.rand, rec.facility
	on := sih.Date(rec.registered / 1440)
	o, year, n := s.begin(f, on, sheetPatients)
	rec.id, rec.key = n, fmt.Sprintf("%s/%02d-%05d", f.code, year%100, n)
	s.date(o.str(rec.key), f, year, on)
	full := rec.family + " " + rec.given
	if rec.oneCell {
		full = rec.given + " " + rec.family
	}
	o.str(full)
	switch {
	case rec.sex == 0:
		o.str("")
	case rec.sex == 1:
		o.str([6]string{"M", "M", "H", "Masculin", "masculin", "ذكر"}[r.IntN(6)])
	default:
		o.str([6]string{"F", "F", "f", "Féminin", "Feminin", "أنثى"}[r.IntN(6)])
	}
	s.birth(o, rec, year)
	phone := rec.phone
	if r.IntN(4) == 0 && strings.HasPrefix(phone, "0") && len(phone) == 10 {
		phone = phone[1:] // typed as a number
	}
	o.str(rec.cin).str(phone)
	switch {
	case rec.address == "":
		o.str(rec.commune)
	default:
		o.str(rec.address + ", " + rec.commune)
	}
	o.str(esspSchemes[rec.person.home.scheme][r.IntN(2)]).str(rec.insured)
	switch r.IntN(8) {
	case 0:
		if rec.mother != "" {
			o.str("Mère: " + rec.mother)
		} else {
			o.str("")
		}
	case 1:
		if hit(r, 0.3) {
			o.str("Allergie: " + substances[r.IntN(len(substances))].text)
		} else {
			o.str([4]string{"HTA", "Diabétique", "RAS", "Enceinte"}[r.IntN(4)])
		}
	default:
		o.str("")
	}
	o.end()
	s.books.junk(s.g, f)
}

var esspSchemes = [schemes][2]string{{"CNSS", "AMO"}, {"CNOPS", "AMO"}, {"AMO Tadamon", "Tadamon"}, {"RAMED", "Ramed"}, {"AMO", ""}, {"AMO", ""}, {"FAR", "FAR"}, {"Mutuelle", ""}, {"Payant", ""}, {"", ""}}

// birth writes the two cells of birth and age.
func (s *esspSystem) birth(o *out, rec *record, year int) {
	r, b := rec.rand, rec.birth
	if b.how == birthNone || rec.trap != trapTest && r.IntN(14) == 0 { // the age instead
		age := rec.person.age(sih.Date(rec.registered / 1440))
		o.str("")
		switch {
		case age < 0 || age > 150:
			o.str("")
		case age < 2:
			o.str(strconv.Itoa(max(0, int(rec.registered/1440)-int(rec.person.birth))/30) + " mois")
		case r.IntN(2) == 0:
			o.str(strconv.Itoa(age) + " ans")
		default:
			o.int(age)
		}
		return
	}
	d, ok := sih.DateOf(b.y, b.m, b.d)
	switch {
	case b.how == birthFull && ok && b.y >= 1905 && b.y < 2100:
		s.date(o, rec.facility, year, d)
	case b.how == birthZeros:
		o.int(b.y)
	default:
		o.birthday(b)
	}
	o.str("")
}

func (s *esspSystem) cover(*record, *cover)     {}
func (s *esspSystem) allergy(*record, *allergy) {}

func (s *esspSystem) vaccination(rec *record, v *vaccination) {
	o, year, n := s.begin(rec.facility, v.on, sheetVaccinations)
	o.str(fmt.Sprintf("%s/%02d-V%05d", rec.facility.code, year%100, n)).str(rec.key)
	s.date(o, rec.facility, year, v.on)
	dose := strconv.Itoa(v.dose)
	if v.vague {
		dose = [4]string{"R1", "R2", "1ère", "2ème"}[v.dose%4]
	}
	o.str([10]string{"BCG", "VPO", "Penta", "ROR", "Hep B", "Pneumo", "Rota", "Covid", "grippe", "dT"}[v.vaccine]).str(dose).str(v.lot).end()
}

func (s *esspSystem) visit(rec *record, v *visit) {
	r, f := rec.rand, rec.facility
	on := sih.Date(v.start / 1440)
	o, year, n := s.begin(f, on, sheetVisits)
	owner := rec.key
	if v.orphan {
		owner = fmt.Sprintf("%s/%02d-%05d", f.code, year%100, 90000+n%9999)
	}
	s.date(o.str(fmt.Sprintf("%s/%02d-C%05d", f.code, year%100, n)).str(owner), f, year, on)
	o.str(v.reason)
	if len(v.illnesses) > 0 {
		d := v.illnesses[0]
		text := d.fr
		if n%4 == 0 {
			text = d.code + " " + text
		}
		o.str(text)
	} else {
		o.str("")
	}
	if len(v.vitals) > 0 {
		m := v.vitals[0]
		if n%2 == 0 {
			o.str(fmt.Sprintf("%d/%d", m.systolic/10, m.diastolic/10))
		} else {
			o.str(fmt.Sprintf("%d/%d", m.systolic, m.diastolic))
		}
		if m.weight%10 == 0 {
			o.int(m.weight / 10)
		} else {
			o.str(string(appendDecimal(nil, int64(m.weight), 1, 1, false)))
		}
	} else {
		o.str("").str("")
	}
	referred := ""
	action := [3]string{"Traitement", "Contrôle", "Traitement"}[r.IntN(3)]
	if r.IntN(10) == 0 {
		action, referred = "Référé", "Hôpital "+f.place().name
	}
	who := f.staff[r.IntN(len(f.staff))]
	o.str(action).str(referred).str(who.given + " " + who.family).end()
	if v.orphan || v.deleted || v.cancelled {
		return
	}
	for _, m := range v.medicines {
		o, year, n := s.begin(f, on, sheetMedicines)
		s.date(o.str(fmt.Sprintf("%s/%02d-M%05d", f.code, year%100, n)).str(rec.key), f, year, on)
		d := &drugs[m.drug]
		o.str(d.label + " " + d.form)
		if n%3 == 0 {
			o.str(strconv.Itoa(1+m.days/10) + " bt")
		} else {
			o.int(m.days * 2)
		}
		o.str(m.often).end()
	}
}
