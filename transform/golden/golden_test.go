package golden_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/golden"
)

var sourcePerson = sih.TableByName("source_person")

// record makes a row of source_person from words like "sex=male".
func record(t *testing.T, n int, words string) golden.Source {
	t.Helper()
	e := sih.Entity{Table: sourcePerson, Values: make([]sih.Value, len(sourcePerson.Columns))}
	var id sih.ID
	id[15] = byte(n)
	e.Values[sourcePerson.Column("id")] = sih.IDValue(id)
	s := golden.Source{}
	for w := range strings.FieldsSeq(words) {
		if w == "verified" {
			s.Verified = true
			continue
		}
		name, text, _ := strings.Cut(w, "=")
		i := sourcePerson.Column(name)
		if i < 0 {
			t.Fatalf("source_person has no column %q", name)
		}
		v, err := sih.ParseValue(&sourcePerson.Columns[i], text)
		if err != nil {
			t.Fatal(err)
		}
		e.Values[i] = v
	}
	s.Entity = e
	return s
}

func records(t *testing.T, words []string) (out []golden.Source) {
	for i, w := range words {
		out = append(out, record(t, i+1, w))
	}
	return out
}

// tell writes a person as words, the columns that are always the same left
// out, and where its values come from.
func tell(p golden.Person) string {
	var b strings.Builder
	for _, c := range []string{"sex", "birth_date", "deceased", "death_ts", "blood_group", "nationality", "identity_status"} {
		if v := p.Entity.Get(c); !v.IsNull() {
			fmt.Fprintf(&b, "%s=%s ", c, v)
		}
	}
	if len(p.Conflicts) > 0 {
		fmt.Fprintf(&b, "conflicts=%v", p.Conflicts)
	}
	return strings.TrimSpace(b.String())
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name    string
		trust   []string
		records []string
		want    string
	}{
		{name: "nothing is known", records: []string{"sex=unknown"}, want: "sex=unknown identity_status=provisional"},
		{name: "sex by majority",
			records: []string{"sex=female", "sex=male", "sex=male", "sex=unknown"},
			want:    "sex=male identity_status=conflict conflicts=[sex]"},
		{name: "the graded record decides a tie",
			records: []string{"nationality=ESP", "nationality=MAR cin=BE123456 cin_grade=valid"},
			want:    "sex=unknown nationality=MAR identity_status=retrieved"},
		{name: "the trusted source decides a tie", trust: []string{"b"},
			records: []string{"nationality=ESP source_system=a", "nationality=MAR source_system=b"},
			want:    "sex=unknown nationality=MAR identity_status=provisional"},
		{name: "the smaller id decides a tie",
			records: []string{"nationality=ESP", "nationality=MAR"},
			want:    "sex=unknown nationality=ESP identity_status=provisional"},
		{name: "a verified record comes before many",
			records: []string{"sex=male birth_date=1980-01-02", "sex=male birth_date=1980-01-02", "sex=male birth_date=1980-02-01 verified"},
			want:    "sex=male birth_date=1980-02-01 identity_status=validated"},
		{name: "a day comes before a year",
			records: []string{"birth_date=1980", "birth_date=1980", "birth_date=1980-05-02"},
			want:    "sex=unknown birth_date=1980-05-02 identity_status=provisional"},
		{name: "the day that more records allow",
			records: []string{"birth_date=1981-05-02", "birth_date=1980-05-02", "birth_date=1980"},
			want:    "sex=unknown birth_date=1980-05-02 identity_status=provisional"},
		{name: "births years apart",
			records: []string{"birth_date=1981-05-02", "birth_date=1985-05-02"},
			want:    "sex=unknown birth_date=1981-05-02 identity_status=conflict conflicts=[birth_date]"},
		{name: "deceased if any says so, at the earliest plausible time",
			records: []string{"birth_date=1950-03-01 deceased=false", "death_ts=2021-01-05T10:00:00Z", "death_ts=2021-01-04T10:00:00Z", "deceased=true death_ts=1900-01-01T00:00:00Z"},
			want:    "sex=unknown birth_date=1950-03-01 deceased=true death_ts=2021-01-04T10:00:00.000Z identity_status=provisional"},
		{name: "no plausible death leaves the death untimed",
			records: []string{"birth_date=1950-03-01", "deceased=true death_ts=1900-01-01T00:00:00Z"},
			want:    "sex=unknown birth_date=1950-03-01 deceased=true identity_status=provisional"},
		{name: "an undisputed blood group",
			records: []string{"blood_group=O+", "", "blood_group=O+"},
			want:    "sex=unknown blood_group=O+ identity_status=provisional"},
		{name: "a disputed blood group is left empty",
			records: []string{"blood_group=O+", "blood_group=O+", "blood_group=A+"},
			want:    "sex=unknown identity_status=provisional conflicts=[blood_group]"},
		{name: "two valid national numbers",
			records: []string{"cin=BE123456 cin_grade=valid", "cin=K98765 cin_grade=valid"},
			want:    "sex=unknown identity_status=conflict conflicts=[cin]"},
		{name: "a filler is no second number",
			records: []string{"cin=BE123456 cin_grade=valid", "cin=AA111111 cin_grade=filler"},
			want:    "sex=unknown identity_status=retrieved"},
		{name: "a register number retrieves", records: []string{"idcs=2345678901"},
			want: "sex=unknown identity_status=retrieved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := golden.Policy{Trust: tt.trust}.Merge(records(t, tt.records))
			if err != nil {
				t.Fatal(err)
			}
			if got := tell(p); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestChoices(t *testing.T) {
	p, err := golden.Policy{}.Merge(records(t, []string{
		"sex=male blood_group=O+ nationality=MAR", "sex=male blood_group=A+", "sex=female",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var first sih.ID
	first[15] = 1
	want := []golden.Choice{
		{Column: "sex", From: first, Rule: golden.RuleFrequent, Agree: 2, Known: 3},
		{Column: "nationality", From: first, Rule: golden.RuleFrequent, Agree: 1, Known: 1},
		{Column: "blood_group", Rule: golden.RuleUndisputed, Known: 2},
	}
	if diff := cmp.Diff(want, p.Choices); diff != "" {
		t.Error(diff)
	}
	if got, want := p.Entity.Get("founder").ID(), first; got != want {
		t.Errorf("founder %s, want %s", got, want)
	}
}

func TestRefuses(t *testing.T) {
	if _, err := (golden.Policy{}).Merge(nil); err == nil {
		t.Error("no records made a person")
	}
	person := sih.TableByName("person")
	row := sih.Entity{Table: person, Values: make([]sih.Value, len(person.Columns))}
	if _, err := (golden.Policy{}).Merge([]golden.Source{{Entity: row}}); err == nil {
		t.Error("a row of person was taken for a record")
	}
}

// TestOrder holds that the order of the records does not matter.
func TestOrder(t *testing.T) {
	words := strings.Fields("sex=male sex=female birth_date=1980 birth_date=1980-05-02 birth_date=1981-05-02 blood_group=O+ deceased=true nationality=MAR nationality=ESP cin=BE123456 cin_grade=valid death_ts=2020-01-01T00:00:00Z idcs=2345678901 verified")
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var list []string
		for range 1 + rng.IntN(5) {
			var w []string
			for range rng.IntN(5) {
				w = append(w, words[rng.IntN(len(words))])
			}
			list = append(list, strings.Join(w, " "))
		}
		all := records(t, list)
		want, err := golden.Policy{}.Merge(all)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := slices.Clone(all)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got, err := golden.Policy{}.Merge(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tell(want), tell(got)); diff != "" {
			t.Fatalf("%q shuffled:\n%s", list, diff)
		}
		if diff := cmp.Diff(want.Choices, got.Choices); diff != "" {
			t.Fatalf("%q shuffled:\n%s", list, diff)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	var all []golden.Source
	for i := range 3 {
		e := sih.Entity{Table: sourcePerson, Values: make([]sih.Value, len(sourcePerson.Columns))}
		var id sih.ID
		id[15] = byte(i + 1)
		e.Values[sourcePerson.Column("id")] = sih.IDValue(id)
		e.Values[sourcePerson.Column("sex")] = sih.CodeValue("male")
		e.Values[sourcePerson.Column("birth_date")] = sih.PDateValue(sih.YearDate(1980))
		all = append(all, golden.Source{Entity: e})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (golden.Policy{}).Merge(all); err != nil {
			b.Fatal(err)
		}
	}
}
