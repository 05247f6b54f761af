package identity_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/identity"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

const patients = `
system: x
from: P
key: [ID]
to:
  source_person:
    local_id: ID
    family_name: {from: NOM, steps: [text, name]}
    given_name: {from: PRENOM, steps: [text, name]}
    family_name_ar: {from: NOM_AR, steps: [name_ar]}
    given_name_ar: {from: PRENOM_AR, steps: [name_ar]}
    maiden_name: {from: JF, steps: [text, name]}
    birth_date: {from: NE, steps: [{birth: dd/MM/yyyy}]}
    cin: {from: CIN, steps: [cin]}
    amo_no: AMO
    phone: {from: TEL, steps: [phone]}
    address: ADR
    as_of: {from: CREE, steps: [{pdate: dd/MM/yyyy}]}
`

var table = mapping.Table{Name: "P", Columns: []string{"ID", "NOM", "PRENOM", "NOM_AR", "PRENOM_AR", "JF", "NE", "CIN", "AMO", "TEL", "ADR", "CREE"}}

// entities maps one Moroccan record and returns what becomes of it, by table
// and slot.
func entities(t *testing.T, record string) (out map[string]stage.Entity, m stage.Meta) {
	t.Helper()
	return entitiesOf(t, "ma", patients, record)
}

// entitiesOf maps one record of a country.
func entitiesOf(t *testing.T, country, patients, record string) (out map[string]stage.Entity, m stage.Meta) {
	t.Helper()
	f, err := mapping.Parse("p.yaml", []byte(patients))
	if err != nil {
		t.Fatal(err)
	}
	p, err := mapping.Compile(f, table, mapping.Setting{
		Source: "s", Rules: rule.New(rule.Profile{Country: country, Today: today}),
		Complete: map[string]func(*mapping.Completion){"source_person": identity.For(country)},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{})
	r := p.NewRunner(w, time.UTC)
	var row []sih.Raw
	for _, s := range strings.Split(record, ";") {
		row = append(row, sih.Text(s))
	}
	r.Row(0, row)
	r.Flush()
	path := filepath.Join(t.TempDir(), "x.stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	in, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out = map[string]stage.Entity{}
	for e, err := range in.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		one := *e
		one.Values = slices.Clone(e.Values)
		out[strings.Trim(e.Table.Name+" "+e.Get("slot").String(), " ")] = one
	}
	return out, in.Meta
}

var today = func() sih.Date { d, _ := sih.DateOf(2026, 1, 31); return d }()

func fields(e stage.Entity, names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, e.Get(n).String())
	}
	return strings.Join(out, " | ")
}

func TestIdentityRowsFollow(t *testing.T) {
	got, _ := entities(t, "7;El Alaoui;Mohammed;العلوي;محمد;;02/05/1980;AB123456;123456789;0661234567;12 rue X;01/01/2020")
	var names []string
	for n := range got {
		names = append(names, n)
	}
	slices.Sort(names)
	want := []string{
		"person_address home", "person_identifier amo", "person_identifier cin", "person_identifier ipp",
		"person_name arab", "person_name latn", "person_telecom phone", "source_person",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatal(diff)
	}
	p := got["source_person"]
	if fields(p, "sex", "cin", "cin_grade", "guardian_cin") != "unknown | AB123456 | valid | " {
		t.Errorf("person is %s", fields(p, "sex", "cin", "cin_grade", "guardian_cin"))
	}
	if p.Get("family_key").IsNull() || p.Get("given_key").IsNull() {
		t.Error("no name keys")
	}
	latin, arabic := got["person_name latn"], got["person_name arab"]
	if latin.Get("name_key") != arabic.Get("name_key") || latin.Get("script").String() != "Latn" || arabic.Get("script").String() != "Arab" {
		t.Errorf("names are %s and %s", fields(latin, "script", "name_key"), fields(arabic, "script", "name_key"))
	}
	for n, e := range got {
		if n != "source_person" && e.Get("source_person_id") != p.Values[0] {
			t.Errorf("%s belongs to another patient", n)
		}
	}
	if owner := got["person_identifier amo"].Get("owner").String(); owner != "insured" {
		t.Errorf("the household's number is owned by %q", owner)
	}
}

func TestMinorsNumberIsTheGuardians(t *testing.T) {
	for _, c := range []struct{ birth, made, cin, guardian string }{
		{"02/05/2015", "01/01/2020", "", "AB123456"}, // 4 years old
		{"02/05/2001", "01/01/2020", "AB123456", ""}, // 18
		{"02/05/2015", "", "AB123456", ""},           // nobody knows when: matching decides
	} {
		got, _ := entities(t, fmt.Sprintf("7;Alaoui;Sara;;;;%s;AB123456;;;;%s", c.birth, c.made))
		p := got["source_person"]
		if fields(p, "cin", "guardian_cin") != c.cin+" | "+c.guardian {
			t.Errorf("born %s, made %s: %s", c.birth, c.made, fields(p, "cin", "guardian_cin"))
		}
		id, ok := got["person_identifier guardian"]
		if ok != (c.guardian != "") || ok && id.Get("owner").String() != "guardian" {
			t.Errorf("born %s: guardian's identifier is %v", c.birth, ok)
		}
	}
}

func TestNobodyIsRejected(t *testing.T) {
	got, m := entities(t, "7;TEST;TEST;;;DUPONT;31/02/1980;XXXX;;12;;")
	if m.Accepted != 1 || got["source_person"].Table == nil {
		t.Fatalf("accepted %d", m.Accepted)
	}
	if flags := got["source_person"].Get("quality_flags").String(); !strings.Contains(flags, "R14") || !strings.Contains(flags, "R02") {
		t.Errorf("flags are %q", flags)
	}
	if got["person_name maiden"].Get("family").String() != "DUPONT" {
		t.Error("no maiden name")
	}
}

// TestAlgeria holds that an Algerian patient's numbers are not taken for
// Moroccan ones: neither graded as a card of there, nor for a guardian's.
func TestAlgeria(t *testing.T) {
	mapped := strings.NewReplacer("cin: {from: CIN, steps: [cin]}", "cin: CIN\n    nin: {from: JF, steps: [nin]}", "    maiden_name: {from: JF, steps: [text, name]}\n", "").Replace(patients)
	got, _ := entitiesOf(t, "dz", mapped, "7;Bensalem;Amine;;;109850123400012012;02/05/2015;200123456;123456789;0551234567;12 rue X;01/01/2020")
	for slot, want := range map[string]string{
		"person_identifier nin":   "dz:nin | 109850123400012012 | self",
		"person_identifier chifa": "dz:chifa | 123456789 | insured",
		"person_identifier cin":   "legacy | 200123456 | self",
		"person_identifier ipp":   "ipp | 7 | self",
	} {
		if e := fields(got[slot], "id_system", "id_norm", "owner"); e != want {
			t.Errorf("%s: %q, want %q", slot, e, want)
		}
	}
	if e := fields(got["source_person"], "cin", "cin_grade", "guardian_cin", "phone"); e != "200123456 |  |  | +213551234567" {
		t.Errorf("the patient: %q", e)
	}
	for slot := range got {
		if strings.HasSuffix(slot, " amo") || strings.HasSuffix(slot, " guardian") {
			t.Errorf("a Moroccan number: %s", slot)
		}
	}
}
