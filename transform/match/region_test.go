package match_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sihctl/sih"
)

// A region is a made-up population and its records in several systems, with
// the defects that such records have. Nobody in it exists.
type region struct {
	rng     *rand.Rand
	records []patient
}

// A patient is a record and the person whom it is truly about.
type patient struct {
	id     sih.ID
	person int
	values map[string]string
	list   int
}

var givenMale = strings.Fields(`Mohamed Ahmed Hassan Houssine Youssef Omar Rachid Said Khalid Abdellah Abdelilah Mustapha Brahim
	Karim Hamid Aziz Driss Jamal Nabil Samir Tarik Hicham Adil Anas Ayoub Bilal Hamza Ilyas Imad Ismail Kamal Larbi Mehdi Mounir
	Mourad Nourdine Othmane Reda Soufiane Yassine Zakaria Amine Badr Fouad Ghali Jaouad Lahcen Mbarek Rayan Walid`)

var givenFemale = strings.Fields(`Fatima Fatiha Khadija Aicha Zineb Meryem Naima Latifa Rachida Samira Malika Houria Amina Saida
	Hanane Ilham Karima Leila Loubna Mouna Nadia Najat Nezha Nora Ouafa Rajae Salma Sanae Siham Souad Touria Zahra Yasmine
	Imane Hajar Ghita Dounia Chaimae Btissam Asmae`)

var familyRoots = strings.Fields(`Alaoui Idrissi Bennani Tazi Fassi Berrada Chraibi Lahlou Benjelloun Mansouri Amrani Ouazzani
	Filali Sqalli Benali Haddad Najjar Bouazza Slaoui Rahmouni Zerouali Tahiri Hamdaoui Jabri Kabbaj Lamrani Mernissi Naciri
	Ouali Qadiri Raji Sabri Toumi Wahbi Yaqoubi Ziani Achour Belkadi Cherkaoui Daoudi Essaidi Guessous Hakim Iraqi`)

// names returns given and family name, the common ones often.
func (r *region) skewed(list []string) string {
	f := r.rng.Float64()
	return list[int(f*f*float64(len(list)))]
}

func (r *region) familyName() string {
	n := r.skewed(familyRoots)
	switch r.rng.IntN(6) {
	case 0:
		n = "El " + n
	case 1:
		n = "Ben " + n
	case 2:
		n = "Ait " + n
	case 3:
		n = "Bou" + strings.ToLower(n)
	}
	return n
}

func (r *region) chance(p float64) bool { return r.rng.Float64() < p }

func (r *region) cin() string {
	office := string(rune('A' + r.rng.IntN(26)))
	if r.chance(0.5) {
		office += string(rune('A' + r.rng.IntN(26)))
	}
	return fmt.Sprintf("%s%d", office, 10000+r.rng.IntN(900000))
}

type person struct {
	number                        int
	given, family, father, mother string
	sex, birth, cin, guardian     string
	phone, amo, commune, address  string
	maiden                        string
	adult                         bool
}

// newRegion makes the records of about n persons.
func newRegion(n int, seed uint64) *region {
	r := &region{rng: rand.New(rand.NewPCG(seed, 1))}
	number := 0
	for number < n {
		phone := fmt.Sprintf("+2126%08d", r.rng.IntN(100000000))
		amo := fmt.Sprintf("%09d", r.rng.IntN(1000000000))
		commune := fmt.Sprintf("commune%c", 'a'+rune(r.rng.IntN(20)))
		address := fmt.Sprintf("%d rue %d", r.rng.IntN(200), r.rng.IntN(500))
		year := 1940 + r.rng.IntN(60)
		next := func() int { number++; return number }
		father := person{number: next(), given: r.skewed(givenMale), family: r.familyName(), sex: "male", adult: true,
			birth: r.day(year), cin: r.cin(), phone: phone, amo: amo, commune: commune, address: address,
			father: r.skewed(givenMale), mother: r.skewed(givenFemale)}
		mother := person{number: next(), given: r.skewed(givenFemale), family: r.familyName(), sex: "female", adult: true,
			birth: r.day(year + r.rng.IntN(8)), cin: r.cin(), phone: phone, amo: amo, commune: commune, address: address,
			father: r.skewed(givenMale), mother: r.skewed(givenFemale)}
		if r.chance(0.3) {
			mother.maiden, mother.family = mother.family, father.family
		}
		household := []person{father, mother}
		birth := ""
		for range r.rng.IntN(4) {
			twin := birth != "" && r.chance(0.05)
			if !twin {
				birth = r.day(year + 20 + r.rng.IntN(15))
			}
			child := person{number: next(), family: father.family, birth: birth, phone: phone, amo: amo, commune: commune,
				address: address, father: father.given, mother: mother.given, guardian: father.cin}
			if r.chance(0.4) {
				child.guardian = mother.cin
			}
			child.sex, child.given = "male", r.skewed(givenMale)
			if r.chance(0.5) {
				child.sex, child.given = "female", r.skewed(givenFemale)
			}
			if twin && child.given == household[len(household)-1].given {
				child.given = "Ghizlane"
			}
			if child.sex == "male" && r.chance(0.03) && !twin {
				child.given = father.given // father and son of one name
			}
			if child.birth < "2006" {
				child.adult, child.cin = true, r.cin()
			}
			household = append(household, child)
		}
		for _, p := range household {
			for range 1 + min(int(r.rng.ExpFloat64()*1.2), 5) {
				r.record(p)
			}
		}
	}
	return r
}

func (r *region) day(year int) string {
	return fmt.Sprintf("%04d-%02d-%02d", year, 1+r.rng.IntN(12), 1+r.rng.IntN(28))
}

// record writes down a person as one system has it.
func (r *region) record(p person) {
	v := map[string]string{
		"system": fmt.Sprintf("s%d", r.rng.IntN(5)), "facility": "f1", "local_id": fmt.Sprint(len(r.records)),
		"given_name": r.spell(p.given), "family_name": r.spell(p.family), "sex": p.sex, "birth_date": p.birth,
		"father_name": r.spell(p.father), "mother_name": r.spell(p.mother), "phone": p.phone, "amo_no": p.amo,
		"commune": p.commune, "address": p.address, "cin": p.cin, "guardian_cin": p.guardian, "maiden_name": p.maiden,
	}
	if p.maiden != "" && r.chance(0.5) {
		v["family_name"], v["maiden_name"] = p.maiden, ""
	}
	if p.adult {
		v["guardian_cin"] = ""
	} else if r.chance(0.25) { // the parent's card taken for the child's
		v["cin"], v["guardian_cin"] = p.guardian, ""
	}
	for _, x := range []struct {
		column string
		p      float64
	}{{"cin", 0.22}, {"guardian_cin", 0.3}, {"father_name", 0.3}, {"mother_name", 0.5}, {"phone", 0.18}, {"amo_no", 0.4},
		{"address", 0.6}, {"commune", 0.2}, {"sex", 0.02}, {"birth_date", 0.03}} {
		if r.chance(x.p) {
			v[x.column] = ""
		}
	}
	if r.chance(0.02) {
		v["given_name"], v["family_name"] = v["family_name"], v["given_name"]
	}
	if r.chance(0.005) {
		v["sex"] = map[string]string{"male": "female", "female": "male"}[p.sex]
	}
	if d := v["birth_date"]; d != "" {
		switch f := r.rng.Float64(); {
		case f < 0.06:
			v["birth_date"] = d[:4]
		case f < 0.08 && d[8:] <= "12":
			v["birth_date"] = d[:5] + d[8:] + "-" + d[5:7]
		case f < 0.11:
			v["birth_date"] = d[:9] + string('0'+byte(1+r.rng.IntN(8)))
		}
	}
	if c := v["cin"]; c != "" && r.chance(0.03) {
		i := 2 + r.rng.IntN(len(c)-2)
		v["cin"] = c[:i] + string('0'+byte(r.rng.IntN(10))) + c[i+1:]
	}
	if c := v["phone"]; c != "" && r.chance(0.2) {
		v["phone"] = fmt.Sprintf("+2126%08d", r.rng.IntN(100000000))
	}
	if !p.adult && p.birth > "2020" && r.chance(0.05) {
		v["given_name"], v["flags"] = "Bebe", "placeholder"
	}
	n := len(r.records)
	r.records = append(r.records, patient{sih.NewID("region", "patients", fmt.Sprint(n), "source_person", ""), p.number, v, 0})
}

// spell writes a name in one of the ways it is written, now and then wrongly.
func (r *region) spell(s string) string {
	for _, x := range [][2]string{{"ou", "u"}, {"i", "y"}, {"ss", "s"}, {"Kh", "K"}, {"ch", "sh"}, {"ine", "in"}, {"El ", "Al "}, {"Ben ", "Ben"}, {"Ait ", "Aït "}} {
		if r.chance(0.15) {
			s = strings.Replace(s, x[0], x[1], 1)
		}
	}
	if r.chance(0.03) && len(s) > 4 {
		i := 1 + r.rng.IntN(len(s)-2)
		switch r.rng.IntN(3) {
		case 0:
			s = s[:i] + s[i+1:]
		case 1:
			s = s[:i] + string('a'+byte(r.rng.IntN(26))) + s[i+1:]
		case 2:
			b := []byte(s)
			b[i], b[i+1] = b[i+1], b[i]
			s = string(b)
		}
	}
	if r.chance(0.2) {
		s = strings.ToUpper(s)
	}
	return s
}
