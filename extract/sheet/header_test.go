package sheet_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/sheet"
)

func TestHeader(t *testing.T) {
	type table = map[string]sheet.Table
	for _, test := range []struct {
		name    string
		page    page
		expect  []string
		columns []string
		rows    []string // the row numbers of what is read as rows
		rejects []string // what is said of the others
	}{
		{"at once", page{rows: [][]any{{"A", "B"}, {1, 2}}}, nil, []string{"A", "B"}, []string{"2"}, nil},
		{"not from A1", page{rows: [][]any{{}, {nil, nil, "A", "B"}, {nil, nil, 1, 2}}}, nil, []string{"A", "B"}, []string{"3"}, nil},
		{"header alone", page{rows: [][]any{{"A", "B"}}}, nil, []string{"A", "B"}, nil, nil},
		{"one column", page{rows: [][]any{{"CIN"}, {"x"}}}, nil, []string{"CIN"}, []string{"2"}, nil},
		{"titles above", page{rows: [][]any{{"Registre", nil, nil, "2023"}, {"Centre", "Aïn"}, {}, {"A", "B", "C", "D"}, {1, "x", "y", "z"}}}, nil,
			[]string{"A", "B", "C", "D"}, []string{"5"}, nil},
		{"title merged over all", page{rows: [][]any{{"Registre"}, {"A", "B", "C"}, {1, 2, 3}}, merges: []string{"A1:C1"}}, nil,
			[]string{"A", "B", "C"}, []string{"3"}, nil},
		{"title merged over two rows", page{rows: [][]any{{"Registre"}, {}, {"A", "B", "C"}, {1, 2, 3}}, merges: []string{"A1:C2"}}, nil,
			[]string{"A", "B", "C"}, []string{"4"}, nil},
		{"two titles merged", page{rows: [][]any{{"Centre", nil, "Année"}, {"A", "B", "C", "D"}, {1, 2, 3, 4}}, merges: []string{"A1:B1", "C1:D1"}}, nil,
			[]string{"A", "B", "C", "D"}, []string{"3"}, nil},
		{"columns of text", page{rows: [][]any{{"Nom", "Sexe", "Ville"}, {"ALAMI", "F", "Fès"}, {"TAZI", "M", "Fès"}}}, nil,
			[]string{"Nom", "Sexe", "Ville"}, []string{"2", "3"}, nil},
		{"line breaks and blanks", page{rows: [][]any{{" Date\nde  naissance ", "B"}, {1, 2}}}, nil, []string{"Date de naissance", "B"}, []string{"2"}, nil},
		{"same name twice", page{rows: [][]any{{"N°", "Nom", "Prénom", "Date", "Obs", "obs."}, {1, 2, 3, 4, 5, 6}}}, nil,
			[]string{"N°", "Nom", "Prénom", "Date", "Obs", "obs. (2)"}, []string{"2"}, nil},
		{"a name of the reader's", page{rows: [][]any{{"_row", "B"}, {1, 2}}}, nil, []string{"_row (2)", "B"}, []string{"2"}, nil},
		{"groups with cells merged downwards", page{rows: [][]any{{"N°", "Couverture", nil, "Vaccin", nil}, {nil, "Type", "N°", "BCG", "Penta"}, {1, "AMO", 2, 3, 4}},
			merges: []string{"A1:A2", "B1:C1", "D1:E1"}}, nil,
			[]string{"N°", "Couverture / Type", "Couverture / N°", "Vaccin / BCG", "Vaccin / Penta"}, []string{"3"}, nil},
		{"groups, the others not merged", page{rows: [][]any{{"N°", "Nom", "Couverture"}, {nil, nil, "Type", "N°"}, {1, "x", "AMO", 2}}, merges: []string{"C1:D1"}}, nil,
			[]string{"N°", "Nom", "Couverture / Type", "Couverture / N°"}, []string{"3"}, nil},
		{"groups above names that say enough", page{rows: [][]any{{nil, nil, "Couverture"}, {"N°", "Nom", "Type", "N° AMO"}, {1, "x", "AMO", 2}}, merges: []string{"C1:D1"}}, nil,
			[]string{"N°", "Nom", "Type", "N° AMO"}, []string{"3"}, nil},
		{"three rows", page{rows: [][]any{{"N°", "Vaccin"}, {nil, "Penta", nil, "BCG"}, {nil, "Dose 1", "Dose 2"}, {1, 2, 3, 4}},
			merges: []string{"A1:A3", "B1:D1", "B2:C2", "D2:D3"}}, nil,
			[]string{"N°", "Vaccin / Penta / Dose 1", "Vaccin / Penta / Dose 2", "Vaccin / BCG"}, []string{"4"}, nil},
		{"expected", page{rows: [][]any{{"x", "y", "z"}, {"n° dossier", "NOM", "Age"}, {1, 2, 3}}}, []string{"Nom", "N° Dossier"},
			[]string{"n° dossier", "NOM", "Age"}, []string{"3"}, []string{"it stands above the header"}},
		{"expected in the last row", page{rows: [][]any{{"N°", "Couverture"}, {nil, "Type", "N° AMO"}, {1, 2, 3}}, merges: []string{"A1:A2", "B1:C1"}}, []string{"N°", "N° AMO"},
			[]string{"N°", "Couverture / Type", "N° AMO"}, []string{"3"}, nil},
		{"what stands below", page{rows: [][]any{{"A", "B", "C"}, {1, 2, 3}, {}, {"A", "B", "C"}, {4, 5}, {"Total 2"}, {nil, nil, nil, "signature"}}}, nil,
			[]string{"A", "B", "C"}, []string{"2", "5"}, []string{"it is the header again", "a single cell is filled", "nothing stands under the header's columns"}},
		{"two columns, one filled", page{rows: [][]any{{"A", "B"}, {1}, {nil, 2}}}, nil, []string{"A", "B"}, []string{"2", "3"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			test.page.name = "S"
			write(t, filepath.Join(dir, "a.xlsx"), false, test.page)
			cfg := sheet.Config{Dir: dir}
			if test.expect != nil {
				cfg.Tables = table{"S": {Header: test.expect}}
			}
			src, err := sheet.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			tables, err := src.Tables(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(declare("S", test.columns...), tables[0]); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
			got, rejects := numbers(t, src, "S")
			if diff := cmp.Diff(test.rows, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.rejects, rejects); diff != "" {
				t.Errorf("rejects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeveralAsOne(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.xlsx"), false, page{name: "Janv. 2023", rows: [][]any{{"Prenom", "NOM"}, {"b", "B"}}}, page{name: "Notes", rows: [][]any{{"x"}}})
	write(t, filepath.Join(dir, "a.xlsx"), false,
		page{name: "janv 2023", rows: [][]any{{"Nom", "Prénom"}, {"A", "a"}}},
		page{name: "FÉVR 2023", rows: [][]any{{"Nom ", "prénom", "Âge"}, {"C", "c", 3}}})
	write(t, filepath.Join(dir, "~$a.xlsx"), false, page{name: "janv 2023"})
	got, rejects := rows(t, sheet.Config{Dir: dir, Tables: map[string]sheet.Table{
		"actes": {Sheets: []string{"janv*", "fevr*"}, Header: []string{"nom", "prénom"}},
	}}, "actes")
	if diff := cmp.Diff([][]string{{"A", "a", ""}, {"C", "c", "3"}, {"B", "b", ""}}, texts(got)); diff != "" || len(rejects) > 0 {
		t.Errorf("%d rejects; rows (-want +got):\n%s", len(rejects), diff)
	}
}

func TestTablesErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		page   page
		tables map[string]sheet.Table
		want   string
	}{
		{"no header", page{name: "S", rows: [][]any{{1, 2}, {3, 4}}}, nil, `read a.xlsx, sheet "S": none of its first 30 rows looks like a header`},
		{"expected column", page{name: "S", rows: [][]any{{"A", "B"}, {3, 4}}}, map[string]sheet.Table{"S": {Header: []string{"A", "C"}}}, `read a.xlsx, sheet "S": it lacks the column "C"`},
		{"no sheet", page{name: "S", rows: [][]any{{"A", "B"}}}, map[string]sheet.Table{"T": {}}, `no workbook in`},
		{"two tables", page{name: "S", rows: [][]any{{"A", "B"}}}, map[string]sheet.Table{"T": {Sheets: []string{"*"}}, "S": {}}, `for the tables "S" and "T"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.xlsx"), false, test.page)
			src, err := sheet.New(sheet.Config{Dir: dir, Tables: test.tables})
			if err != nil {
				t.Fatal(err)
			}
			_, err = src.Tables(t.Context())
			var e *sheet.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want a *sheet.Error that says %q", err, test.want)
			}
		})
	}
	src, err := sheet.New(sheet.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Tables(t.Context()); err == nil || !strings.Contains(err.Error(), "matches *.xlsx") {
		t.Errorf("empty folder: got error %v, want one that names the pattern", err)
	}
	// A register of another kind must not stay out unnoticed, unless the
	// workbooks are named.
	mixed := t.TempDir()
	write(t, filepath.Join(mixed, "a.xlsx"), false, page{name: "S", rows: [][]any{{"A", "B"}, {3, 4}}})
	if err := os.WriteFile(filepath.Join(mixed, "b.XLS"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for files, refused := range map[string]bool{"": true, "a*.xlsx": false} {
		src, err := sheet.New(sheet.Config{Dir: mixed, Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.Tables(t.Context()); errors.Is(err, sheet.ErrNotWorkbook) != refused {
			t.Errorf("files %q beside b.XLS: got error %v; want a refusal: %v", files, err, refused)
		}
	}
	if _, err := sheet.New(sheet.Config{Files: "["}); err == nil {
		t.Error("a pattern that is none: got no error")
	}
}
