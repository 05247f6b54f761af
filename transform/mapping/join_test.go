package mapping_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
)

// An order whose names, history, attributes and lines are in other tables.
const joinMapping = `
system: x
from: ORDRE
key: [ID]
join:
  line:  {from: LIGNE, on: {ORDRE_ID: ID}, order: [-RANG, NO]}
  drug:  {from: PRODUIT, on: {CODE: line.PRODUIT}}
  texts: {from: LIGNE, on: {ORDRE_ID: ID}, order: [RANG], all: " + ", where: "ANNULE != '1'"}
  attr:
    from: ATTRIBUT
    on: {ORDRE_ID: ID}
    order: [-NO]
    by: QUOI
    value: VALEUR
    attributes: {route: [voie, VOIE], days: jours}
excluded:
  - a reason for those that where leaves out
  - {when: "ETAT == 'X'", reason: deleted}
  - {when: "isnull(line.NO) and isnull(attr.route)", reason: empty}
where: "ETAT != 'T'"
to:
  medication_request:
    source_person_id: {of: PATIENT, key: [IPP]}
    drug_text: [drug.NOM, texts.TEXTE, {value: nothing}]
    route: {from: attr.route, code: codes/voie.csv, unmapped: keep}
    frequency: {from: texts.TEXTE, steps: [text]}
    days: {expr: "int(attr.days) * 7", when: "not isnull(attr.days)"}
    dose_unit: {expr: "upper(replace(line.UNITE, '-', ''))"}
    atc: {from: line.PRODUIT, code: codes/atc.csv, unmapped: next}
    status: {value: active}
    intent: {value: order}
`

const joinCases = `
table: ORDRE
cases:
  - name: the line of the greatest rank, numbers by size
    row: {ID: "1", IPP: "7", ETAT: A}
    others:
      LIGNE:
        - {ORDRE_ID: "1", NO: "1", RANG: "9", PRODUIT: P1, TEXTE: nine, UNITE: m-g, ANNULE: "0"}
        - {ORDRE_ID: "1", NO: "2", RANG: "10", PRODUIT: P2, TEXTE: ten, UNITE: g, ANNULE: "0"}
        - {ORDRE_ID: "1", NO: "3", RANG: null, PRODUIT: P3, TEXTE: none, UNITE: g, ANNULE: "0"}
        - {ORDRE_ID: "1", NO: "4", RANG: "1", PRODUIT: P3, TEXTE: cancelled, UNITE: g, ANNULE: "1"}
        - {ORDRE_ID: "2", NO: "5", RANG: "99", PRODUIT: P9, TEXTE: other, UNITE: g, ANNULE: "0"}
      PRODUIT: [{CODE: P1, NOM: one}, {CODE: P2, NOM: two}]
    want:
      medication_request: {drug_text: two, frequency: nine + ten + none, dose_unit: G, route: null, days: null}
  - name: attributes, the last of each
    row: {ID: "1", IPP: "7", ETAT: A}
    others:
      ATTRIBUT:
        - {ORDRE_ID: "1", NO: "1", QUOI: voie, VALEUR: IV}
        - {ORDRE_ID: "1", NO: "2", QUOI: VOIE, VALEUR: PO}
        - {ORDRE_ID: "1", NO: "3", QUOI: jours, VALEUR: "2"}
        - {ORDRE_ID: "1", NO: "4", QUOI: couleur, VALEUR: rouge}
    want:
      medication_request: {drug_text: nothing, route: oral, days: "14"}
  - name: what cannot be computed is a warning
    row: {ID: "1", IPP: "7", ETAT: A}
    others: {ATTRIBUT: [{ORDRE_ID: "1", QUOI: voie, VALEUR: X}, {ORDRE_ID: "1", QUOI: jours, VALEUR: deux}]}
    issues: [R99 days]
    want: {medication_request: {days: null, route: X}}
  - name: nothing agrees with NULL
    row: {ID: null, IPP: "7", ETAT: A}
    others: {LIGNE: [{ORDRE_ID: null, NO: "1"}]}
    state: excluded
  - name: deleted
    row: {ID: "1", ETAT: X}
    others: {LIGNE: [{ORDRE_ID: "1", NO: "1"}]}
    state: excluded
  - name: no state at all
    row: {ID: "1"}
    state: excluded
`

func joinSetting() mapping.Setting {
	return mapping.Setting{Source: "s", Rules: rule.New(rule.Profile{}), Files: fstest.MapFS{
		"codes/voie.csv": {Data: []byte("code,label,target,status,approver\nPO,per os,oral,approved,dr\n")},
		"codes/atc.csv":  {Data: []byte("code,label,target,status,approver,system\nP7,x,N02BE01,approved,dr,atc\n")},
	}}
}

// runCases returns what does not hold.
func runCases(t *testing.T, text, cases string) (failures []string) {
	t.Helper()
	f, err := mapping.Parse("ordre.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	list, err := mapping.ParseCases("cases/ordre.yaml", []byte(cases))
	if err != nil {
		t.Fatal(err)
	}
	err = mapping.RunCases([]*mapping.File{f}, list, joinSetting(), time.UTC, func(_ *mapping.Case, faults mapping.Faults) {
		for _, f := range faults {
			failures = append(failures, f.Error())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return failures
}

func TestJoins(t *testing.T) {
	for _, f := range runCases(t, joinMapping, joinCases) {
		t.Error(f)
	}
}

// TestCasesFail holds that a case which does not hold is told, and where.
func TestCasesFail(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"drug_text: two", "drug_text: one", `cases/ordre.yaml:15:39: the line of the greatest rank, numbers by size: medication_request.drug_text is "two", not "one"`},
		{"days: \"14\"}", "days: null}", `days is "14", not ""`},
		{"issues: [R99 days", "issues: [R99 dose", "no issue R99 dose"},
		{"row: {ID: \"1\", ETAT: X}", "row: {ID: \"1\", IPP: \"7\", ETAT: B}", "the row is accepted, not excluded"},
		{"row: {ID: null, IPP", "row: {ID: null, IPPP", `knows no column "IPPP"; did you mean "IPP"?`},
		{"want:\n      medication_request: {drug_text: two", "none: [medication_request]\n    want:\n      medication_request: {drug_text: two", "a medication_request came of it"},
		{"want:\n      medication_request: {drug_text: two", "want:\n      medication_request:x: {drug_text: two", "no medication_request:x came of it, but medication_request"},
	} {
		cases := strings.Replace(joinCases, tt.old, tt.new, 1)
		if cases == joinCases {
			t.Fatalf("%q is not in the cases", tt.old)
		}
		if got := strings.Join(runCases(t, joinMapping, cases), "\n"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want it to say %q", tt.new, got, tt.want)
		}
	}
}

// TestFaultsOfJoins holds what a join may not be, by place and word.
func TestFaultsOfJoins(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"from: PRODUIT, on", "from: PRODUITS, on", `ordre.yaml:7:10: join drug: the source has no table "PRODUITS"; did you mean "PRODUIT"?`},
		{"{CODE: line.PRODUIT}", "{CODES: line.PRODUIT}", `join drug: table PRODUIT has no column "CODES"; did you mean "CODE"?`},
		{"{CODE: line.PRODUIT}", "{CODE: line.PRODUITS}", `did you mean "PRODUIT"?`},
		{"{CODE: line.PRODUIT}", "{CODE: lines.PRODUIT}", `has no column "lines.PRODUIT"; did you mean "line.PRODUIT"?`},
		{"{from: attr.route,", "{from: attr.rout,", `there is no attribute "rout"; did you mean "route"?`},
		{"    value: VALEUR\n", "", "by, value and attributes go together"},
		{"[voie, VOIE]", "[voie, jours]", `attribute "jours" is both`},
		{"key: [ID]\n", "key: [line.NO]\n", "only the table's own columns"},
		{"where: \"ANNULE != '1'\"", "where: \"ANULE != '1'\"", `did you mean "ANNULE"?`},
		{"int(attr.days) * 7", "now().Year()", `has no column "now"`},
		{"int(attr.days) * 7", "int(attr.days) ** 99", "not allowed"},
		{"int(attr.days) * 7", "len(1..999999)", "not allowed"},
		{"int(attr.days) * 7", "let x = attr.days; int(x)", "variables and loops are not allowed"},
		{"int(attr.days) * 7", "map([1], {# * 2})", "expression"},
		{"int(attr.days) * 7", "$env", "$env"},
		{"int(attr.days) * 7", "ID matches ETAT", "must be written out"},
		{"int(attr.days) * 7", "ID == '1' ? 1 : 'x'", "not one text, number or truth"},
		{"int(attr.days) * 7", "attr.days * 7", "expression"},
		{"unmapped: next}\n", "unmapped: next, gives: system}\n", "unmapped is a fixed value"},
		{"unmapped: next}\n", "gives: sytem}\n", "gives is target, system or label"},
	} {
		text := strings.Replace(joinMapping, tt.old, tt.new, 1)
		if text == joinMapping {
			t.Fatalf("%q is not in the mapping", tt.old)
		}
		f, err := mapping.Parse("ordre.yaml", []byte(text))
		if err == nil {
			good, fault := mapping.Parse("ordre.yaml", []byte(joinMapping))
			if fault != nil {
				t.Fatal(fault)
			}
			s := joinSetting()
			s.Tables = mapping.TablesOf([]*mapping.File{good})
			_, err = mapping.Compile(f, s.Tables["ORDRE"], s)
		}
		var one *mapping.Error
		if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.As(err, &one) || one.Line == 0 {
			t.Errorf("%s: got %v, want it to say %q with its place", tt.new, err, tt.want)
		}
	}
}

// TestAllFaults holds that every fault is told at once, by file and line.
func TestAllFaults(t *testing.T) {
	files := fstest.MapFS{
		"a.yaml": {Data: []byte("system: x\nform: T\nkey: [A]\nto:\n  encounters: {}\n  claim: {totl: A}\n")},
		"b.yaml": {Data: []byte("system: [\n")},
		"c.yaml": {Data: []byte("system: x\nexcluded:\n  T: \n  U: why\n")},
		"d.yaml": {Data: []byte("system: x\nfrom: T\nexcluded: why\n")},
	}
	list, err := mapping.Load(files)
	if len(list) != 1 || list[0].Path != "d.yaml" {
		t.Errorf("%d files are whole, want one", len(list))
	}
	var got []string
	for _, f := range mapping.AllFaults(err) {
		got = append(got, f.Error())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"a.yaml:2:1: \"form\" is not known here", "a.yaml:5:3: no unified table", "a.yaml:6:11: claim has no column \"totl\"", "b.yaml:1:1: not YAML", "c.yaml:3:3: T: the reason is missing"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not among\n%s", want, text)
		}
	}
}

func TestForTable(t *testing.T) {
	files, err := mapping.Load(fstest.MapFS{
		"a.yaml": {Data: []byte("system: x\nexcluded: {\"log_*\": why, T: not this}\n")},
		"b.yaml": {Data: []byte("system: x\nfrom: T\nexcluded: own\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{"log_2024": "why", "T": "own", "U": ""} {
		got := ""
		if f := mapping.ForTable(files, table); f != nil {
			got = f.Excluded
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", table, got, want)
		}
	}
}
