package profile_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

// made is a table whose rows a function writes.
type made struct {
	name    string
	key     []string
	columns []string
	rows    int
	row     func(i int) []string
}

// related profiles tables of one source, in their order.
func related(s *profile.Source, all ...made) []profile.Table {
	var tables []profile.Table
	for _, m := range all {
		t := extract.Table{Name: m.name, Key: m.key}
		for _, c := range m.columns {
			t.Columns = append(t.Columns, extract.Column{Name: c})
		}
		p := profile.New(t, profile.Options{Source: s})
		for i := range m.rows {
			var row extract.Row
			for _, v := range m.row(i) {
				row = append(row, sih.Text(v))
			}
			p.Row(row)
		}
		tables = append(tables, p.Table())
	}
	s.Relate(tables)
	return tables
}

// hospital has 5,000 patients and 20,000 stays, of which one in a hundred is of
// nobody; half of the stays have a doctor, and three bills of four are paid.
func hospital() []made {
	text := func(format string, n int) string { return fmt.Sprintf(format, n) }
	return []made{
		{"dbo.ESTANCIAS", []string{"NUM"}, []string{"NUM", "NHC", "MEDICO", "DIA", "CAMA"}, 20_000, func(i int) []string {
			patient := i % 5000
			if i%100 == 0 {
				patient = 90_000 + i
			}
			doctor := ""
			if i%2 == 0 {
				doctor = text("m%05d", 7919*(i%40)%99_991)
			}
			return []string{text("%d", i+1), text("%08d ", patient*7), doctor, text("2024-01-%02d", i%28+1), text("%d", i%90+1)}
		}},
		{"dbo.PACIENTES", []string{"NHC"}, []string{"NHC", "NHC_FUSION", "APELLIDO", "ORDEN"}, 5000, func(i int) []string {
			into := ""
			if i%50 == 0 {
				into = text("%08d", (i+1)*7)
			}
			return []string{text("%08d", i*7), into, text("Apellido de %d", i), text("%d", i+1)}
		}},
		{"dbo.PERSONAL", []string{"MATRICULA"}, []string{"MATRICULA", "ID"}, 60, func(i int) []string {
			return []string{text("M%05d", 7919*i%99_991), text("%d", i+1)}
		}},
		{"dbo.FACTURAS", nil, []string{"FACTURA", "NHC"}, 400, func(i int) []string {
			return []string{text("F%06d", i), text("%08d", i*7)}
		}},
		{"dbo.COBROS", []string{"ID"}, []string{"ID", "FACTURA"}, 300, func(i int) []string {
			return []string{text("%d", i+1), text("F%06d", i)}
		}},
	}
}

// TestReferences finds what leads where in whatever order the tables come, and
// counts just the rows that lead to nothing.
func TestReferences(t *testing.T) {
	type found struct{ From, To, Evidence string }
	want := map[found][2]int64{
		{"dbo.ESTANCIAS NHC", "dbo.PACIENTES NHC", "name"}:           {200, 200},
		{"dbo.ESTANCIAS MEDICO", "dbo.PERSONAL MATRICULA", "values"}: {0, 0},
		{"dbo.PACIENTES NHC_FUSION", "dbo.PACIENTES NHC", "name"}:    {0, 0},
		{"dbo.FACTURAS NHC", "dbo.PACIENTES NHC", "name"}:            {0, 0},
		{"dbo.COBROS FACTURA", "dbo.FACTURAS FACTURA", "name"}:       {0, 0},
	}
	tables := hospital()
	for range 2 {
		got := map[found][2]int64{}
		for _, one := range related(&profile.Source{}, tables...) {
			for _, r := range one.References {
				got[found{one.Table + " " + r.Column, r.Table + " " + r.Key, r.Evidence}] = [2]int64{r.Orphans, r.OrphanValues}
				if !r.Exact {
					t.Errorf("%s %s is an estimate", one.Table, r.Column)
				}
			}
			notes := slices.ContainsFunc(one.Findings, func(f profile.Finding) bool { return f.Finding == "orphans" && f.Column == "NHC" && f.Count == 200 })
			if notes != (one.Table == "dbo.ESTANCIAS") {
				t.Errorf("%s: findings %+v", one.Table, one.Findings)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		slices.Reverse(tables)
	}
}

// TestReferencesInLittleMemory finds the same where a part of the values alone
// can be kept, and comes near to the number of orphans.
func TestReferencesInLittleMemory(t *testing.T) {
	s := (&profile.Source{}).Limit(2000)
	tables := related(s, hospital()...)
	if s.Kept() > 2000 || s.Kept() < 500 {
		t.Errorf("%d hashes are kept", s.Kept())
	}
	i := slices.IndexFunc(tables[0].References, func(r profile.Reference) bool { return r.Column == "NHC" })
	if i < 0 {
		t.Fatalf("got %+v", tables[0].References)
	}
	r := tables[0].References[i]
	if r.Exact || r.Table != "dbo.PACIENTES" || math.Abs(float64(r.Orphans)-200) > 150 || r.Rows != 20_000 {
		t.Errorf("got %+v, want about 200 orphans", r)
	}
}

// TestCandidates finds what could be a key where none is declared.
func TestCandidates(t *testing.T) {
	for _, test := range []struct {
		name string
		row  func(i int) []string
		want []profile.Candidate
	}{
		{"one", func(i int) []string { return []string{"a", fmt.Sprint(i), fmt.Sprint(i / 2)} }, []profile.Candidate{{Columns: []string{"b"}, Exact: true}}},
		{"pair", func(i int) []string { return []string{fmt.Sprint(i / 7), fmt.Sprint(i % 7), "x"} }, []profile.Candidate{{Columns: []string{"a", "b"}, Exact: true}}},
		{"none", func(i int) []string { return []string{fmt.Sprint(i / 7), fmt.Sprint(i % 3), "x"} }, nil},
		{"blank", func(i int) []string { return []string{"x", fmt.Sprint(i)[i/99*2:], "x"} }, nil},
	} {
		got := related(&profile.Source{}, made{"t", nil, []string{"a", "b", "c"}, 100, test.row})[0].Candidates
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	// Beyond what is compared it is said that it was not.
	got := related(&profile.Source{}, made{"t", nil, []string{"a", "_line"}, 70_000, func(i int) []string { return []string{fmt.Sprint(i), fmt.Sprint(i)} }})[0].Candidates
	if diff := cmp.Diff([]profile.Candidate{{Columns: []string{"a"}}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
