package match_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// trap is a handful of records among those of a region, and which of them are
// to be one cluster: "a b|c" joins the first two and keeps the third apart.
type trap struct {
	name    string
	records []string // "a given_name=Karim …"; what is not said is as in common
	common  string
	want    string
}

const adult = "given_name=Souhaib family_name=Zemmouri sex=male birth_date=1980-05-12 commune=communea"

var traps = []trap{
	{"one national number, all agreeing", []string{"a", "b"}, adult + " cin=BE123456", "a b"},
	{"one spelling of a name and another", []string{"a", "b given_name=Suhayb"}, adult + " cin=BE123456", "a b"},
	{"a name that nothing but names tells of", []string{"a phone=+212611111111", "b amo_no=123123123"}, adult, "a b"},
	{"a month mistyped", []string{"a", "b birth_date=1980-11-12"}, adult + " phone=+212611111111", "a b"},
	{"names in each other's place, and a husband's name", []string{"a given_name=Zemmouri family_name=Ghizlane", "b given_name=Ghizlane family_name=Filali"}, "sex=female birth_date=1980-05-12 cin=BE123456", "a b"},
	{"a family name of two words, one of them taken for the given name's", []string{"a family_name=Zemmouri-Filali given_name=Fatima", "b family_name=Zemmouri given_name=Filali-Fatima"}, "sex=female birth_date=1980-05-12 cin=BE123456", "a b"},
	{"names in each other's place", []string{"a", "b given_name=Zemmouri family_name=Souhaib"}, adult + " cin=BE123456", "a b"},
	{"a name split elsewhere", []string{"a", "b family_name=Filali given_name=Mokhtari-Souhaib"}, "given_name=Souhaib family_name=Filali-Mokhtari sex=male birth_date=1980-05-12 cin=BE123456", "a b"},
	{"a married woman under two names", []string{"a", "b family_name=Filali maiden_name=Zemmouri"}, "given_name=Ghizlane family_name=Zemmouri sex=female birth_date=1980-05-12 cin=BE123456", "a b"},
	{"day and month swapped", []string{"a", "b birth_date=1980-12-05"}, adult + " cin=BE123456", "a b"},
	{"a year instead of a day", []string{"a", "b birth_date=1980"}, adult + " cin=BE123456", "a b"},
	{"a sex that is mistyped", []string{"a", "b sex=female"}, adult + " cin=BE123456", "a b"},
	{"a given name and the first of two", []string{"a given_name=Fatima-Zahra", "b given_name=Fatima"}, "family_name=Zemmouri sex=female birth_date=1990-05-12 cin=BE123456", "a b"},
	{"a whole name in the family name's place", []string{"a", "b given_name=Berrada-Souhaib family_name=Zemmouri"}, "given_name=Souhaib family_name=Zemmouri-Berrada sex=male birth_date=1980-05-12 cin=BE123456", "a b"},
	{"one script in one place, the other in another", []string{"a given_name_ar=سهيب", "b given_name=Xouheb given_name_ar=سهيب"}, adult + " phone=+212611111111", "a b"},
	{"a child's number is its father's", []string{"a cin=BE123456", "b guardian_cin=BE123456"}, "given_name=Souhaib family_name=Zemmouri sex=male birth_date=2019-05-12 phone=+212611111111", "a b"},
	{"two numbers in one facility are no veto", []string{"a local_id=1", "b local_id=2"}, adult + " cin=BE123456 facility=f9", "a b"},
	{"a child in two places, with its mother's number", []string{"a", "b"}, "given_name=Souhaib family_name=Zemmouri sex=male birth_date=2019-05-12 guardian_cin=BE123456 phone=+212611111111", "a b"},
	{"a woman without a birth, of one telephone", []string{"a", "b birth_date="}, "given_name=Ghizlane family_name=Zemmouri sex=female birth_date=1980-05-12 phone=+212611111111 commune=communea", "a b"},
	{"a man without a birth, of one house and one father", []string{"a", "b birth_date="}, adult + " phone=+212611111111 father_name=Larbi", "a b"},
	{"a man without a birth, of one number and one father", []string{"a", "b birth_date="}, adult + " cin=BE123456 father_name=Larbi", "a b"},
	{"a woman without a birth, of one number", []string{"a", "b birth_date="}, "given_name=Ghizlane family_name=Zemmouri sex=female birth_date=1980-05-12 cin=BE123456", "a b"},

	{"twins", []string{"a given_name=Hassan", "b given_name=Houssine"}, "family_name=Zemmouri sex=male birth_date=2019-05-12 father_name=Souhaib mother_name=Ghizlane phone=+212611111111 amo_no=123123123", "a|b"},
	{"twins with their father's number as their own", []string{"a given_name=Hassan", "b given_name=Houssine"}, "family_name=Zemmouri sex=male birth_date=2019-05-12 father_name=Souhaib cin=BE123456", "a|b"},
	{"twins whose names differ in one letter", []string{"a given_name=Fatima", "b given_name=Fatiha"}, "family_name=Zemmouri sex=female birth_date=2019-05-12 father_name=Souhaib mother_name=Ghizlane phone=+212611111111", "a|b"},
	{"twins of two sexes", []string{"a given_name=Amine sex=male", "b given_name=Amina sex=female"}, "family_name=Zemmouri birth_date=2019-05-12 phone=+212611111111 amo_no=123123123", "a|b"},
	{"twins whom a record without given name could join", []string{"a given_name=Hassan", "b given_name=Houssine", "c"}, "family_name=Zemmouri sex=male birth_date=2019-05-12 father_name=Souhaib mother_name=Ghizlane phone=+212611111111 amo_no=123123123", "a|b|c"},
	{"father and son of one name", []string{"a", "b birth_date=2006-02-01"}, adult + " phone=+212611111111 address=x", "a|b"},
	{"father and son of one name and number", []string{"a", "b birth_date=2006-02-01"}, adult + " cin=BE123456 phone=+212611111111", "a|b"},
	{"father and son of one name and number, one without a birth", []string{"a", "b birth_date="}, adult + " cin=BE123456", "a|b"},
	{"father and son of one name and number, one without a birth, each with his father's name", []string{"a father_name=Larbi", "b birth_date= father_name=Souhaib"}, adult + " cin=BE123456 phone=+212611111111", "a|b"},
	{"father and son of one name and house, one without a birth", []string{"a father_name=Larbi", "b birth_date= father_name=Souhaib"}, adult + " phone=+212611111111 amo_no=123123123", "a|b"},
	{"mother and daughter of one given name and number, one without a birth", []string{"a", "b birth_date= family_name=Filali"}, "given_name=Ghizlane family_name=Zemmouri sex=female birth_date=1980-05-12 cin=BE123456 phone=+212611111111", "a|b"},
	{"twins of one telephone, one name the first of the other's two", []string{"a given_name=Fatima", "b given_name=Fatima-Zahra"}, "family_name=Zemmouri sex=female birth_date=1990-05-12 phone=+212611111111", "a|b"},
	{"twins of one telephone, one name the first of the other's two, one without a birth", []string{"a given_name=Fatima", "b given_name=Fatima-Zahra birth_date="}, "family_name=Zemmouri sex=female birth_date=1990-05-12 phone=+212611111111", "a|b"},
	{"a mother's number on her son", []string{"a given_name=Ghizlane sex=female", "b birth_date=2006-02-01"}, adult + " cin=BE123456", "a|b"},
	{"husband and wife with one number", []string{"a", "b given_name=Ghizlane sex=female birth_date=1984-01-20"}, adult + " cin=BE123456", "a|b"},
	{"a number left over from another patient", []string{"a", "b given_name=Ghizlane family_name=Oudghiri sex=female birth_date=1955-01-20"}, adult + " cin=BE123456", "a|b"},
	{"a number left over from a patient of the same name", []string{"a amo_no=123123123", "b amo_no=456456456 birth_date=1981-09-01"}, adult + " cin=BE123456", "a|b"},
	{"a number left over from a patient of the same name and another mother", []string{"a mother_name=Khadija", "b mother_name=Naima birth_date=1981-09-01"}, adult + " cin=BE123456", "a|b"},
	{"strangers of one name and birth", []string{"a phone=+212611111111", "b phone=+212622222222"}, adult, "a|b"},
	{"strangers of one name and birth, and a record that says nothing else", []string{"a phone=+212611111111 amo_no=123123123", "b phone=+212622222222 amo_no=456456456", "c"}, adult, "a|b|c"},
	{"strangers of one name and birth with a father of one name", []string{"a amo_no=123123123", "b amo_no=456456456"}, adult + " father_name=Ahmed", "a|b"},
	{"twins with their names in the family's place", []string{"a family_name=Hassan", "b family_name=Houssine"}, "given_name=Zemmouri sex=male birth_date=2019-05-12 father_name=Souhaib mother_name=Ghizlane phone=+212611111111", "a|b"},
	{"brother and sister of one name", []string{"a", "b sex=female"}, adult + " phone=+212611111111", "a|b"},
	{"brothers with numbers one apart", []string{"a cin=BE123456", "b cin=BE123457 given_name=Ghali"}, adult + " phone=+212611111111", "a|b"},
	{"brothers in one household", []string{"a", "b given_name=Ghali birth_date=1982-03-03"}, adult + " phone=+212611111111 amo_no=123123123 address=x father_name=Larbi", "a|b"},
	{"two valid distant numbers", []string{"a cin=BE123456", "b cin=K765432"}, adult, "a|b"},
	{"two valid distant numbers, joined by a third record", []string{"a cin=BE123456", "b cin=K765432", "c phone=+212611111111"}, adult + " phone=+212611111111", "a|b|c"},
	{"namesakes of one year", []string{"a", "b"}, "given_name=Mohamed family_name=Alaoui sex=male birth_date=1980", "a|b"},
	{"namesakes without a birth date", []string{"a", "b"}, "given_name=Mohamed family_name=Alaoui sex=male commune=communea", "a|b"},
	{"a household without given names or births", []string{"a", "b"}, "family_name=Zemmouri sex=male phone=+212611111111 amo_no=123123123 address=x", "a|b"},
	{"newborns without a name", []string{"a", "b"}, "given_name=Bebe family_name=Zemmouri sex=male birth_date=2024-05-12 flags=placeholder phone=+212611111111 guardian_cin=BE123456", "a|b"},
	{"test patients", []string{"a", "b"}, adult + " cin=BE123456 flags=test", "a|b"},
	{"a filler for a number", []string{"a", "b given_name=Ghali"}, adult + " cin=AA111111", "a|b"},
	{"the same filler says nothing", []string{"a birth_date=1980", "b birth_date=1981"}, adult + " cin=AA111111", "a|b"},
}

// asOf is the day of the traps.
var asOf = func() sih.Date { d, _ := sih.DateOf(2026, 1, 31); return d }()

func TestTraps(t *testing.T) {
	crowd := newRegion(2000, 23).records
	m := loadPatient(t)
	for i, trap := range traps {
		t.Run(trap.name, func(t *testing.T) {
			records := append([]patient(nil), crowd...)
			ids := map[string]sih.ID{}
			for _, words := range trap.records {
				who, words, _ := strings.Cut(words, " ")
				values := wordsOf(trap.common)
				maps.Copy(values, wordsOf(words))
				ids[who] = sih.NewID("trap", fmt.Sprint(i), who, "", "")
				records = append(records, patient{ids[who], 0, values, 0})
			}
			res := link(t, m, records, match.Options{AsOf: asOf})
			cluster := map[string]uint32{}
			group := 0
			want := map[string]int{}
			for part := range strings.SplitSeq(trap.want, "|") {
				group++
				for who := range strings.FieldsSeq(part) {
					n, ok := res.Record(ids[who])
					if !ok {
						t.Fatalf("record %s is gone", who)
					}
					cluster[who], want[who] = res.Founder(n), group
				}
			}
			for x := range cluster {
				for y := range cluster {
					if got, want := cluster[x] == cluster[y], want[x] == want[y]; got != want && x < y {
						a, b := mustRecord(t, res, ids[x]), mustRecord(t, res, ids[y])
						t.Errorf("%s and %s are one: %t, want %t: %s", x, y, got, want, res.Words(match.Pair{A: min(a, b), B: max(a, b)}))
					}
				}
			}
		})
	}
}

func mustRecord(t *testing.T, res *match.Result, id sih.ID) uint32 {
	t.Helper()
	n, ok := res.Record(id)
	if !ok {
		t.Fatalf("record %s is gone", id)
	}
	return n
}

func wordsOf(s string) map[string]string {
	out := map[string]string{}
	for w := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(w, "=")
		out[name] = value
	}
	return out
}
