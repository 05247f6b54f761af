package sheet_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/sheet"
)

// page is one sheet to write.
type page struct {
	name   string
	rows   [][]any // from A1; nil leaves a cell empty
	merges []string
}

// write makes a workbook of the pages.
func write(t testing.TB, file string, date1904 bool, pages ...page) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	for i, p := range pages {
		if i == 0 {
			check(f.SetSheetName("Sheet1", p.name))
		} else {
			_, err := f.NewSheet(p.name)
			check(err)
		}
		for r, row := range p.rows {
			for c, v := range row {
				if v == nil {
					continue
				}
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				check(err)
				check(f.SetCellValue(p.name, cell, v))
			}
		}
		for _, m := range p.merges {
			from, to, _ := strings.Cut(m, ":")
			check(f.MergeCell(p.name, from, to))
		}
	}
	if date1904 {
		check(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904}))
	}
	check(f.SaveAs(file))
}

func declare(name string, columns ...string) extract.Table {
	t := extract.Table{Name: name}
	for _, c := range columns {
		t.Columns = append(t.Columns, extract.Column{Name: c, Type: "text", Nullable: true})
	}
	for _, c := range []string{"_file", "_sheet", "_row", "_date1904", "_beside"} {
		t.Columns = append(t.Columns, extract.Column{Name: c, Type: "text", Nullable: c == "_beside"})
	}
	return t
}

// row makes a row; nil is NULL.
func row(fields ...any) extract.Row {
	r := extract.Row{}
	for _, f := range fields {
		if f == nil {
			r = append(r, sih.Null)
		} else {
			r = append(r, sih.Text(f.(string)))
		}
	}
	return r
}

func TestConformance(t *testing.T) {
	extracttest.Run(t, func(t *testing.T, dir string) extract.Source {
		write(t, filepath.Join(dir, "a_2023.xlsx"), false,
			page{name: "Fichier patients", rows: [][]any{
				{"Centre de santé Al Amal"},
				{nil, "Année", 2023},
				{},
				{"N° dossier", "Nom et prénom", "Naissance", "Couverture", nil, "Actif"},
				{nil, nil, nil, "Type", "N°"},
				{"00-1", "ALAMI Saïd", 29221, "AMO", 123456789, true},
				{"00-2", "TAZI <Amal> & fils", "1975", nil, " 0612 ", false, nil, "voir 00-1"},
				{"", " "},
				{"00-3", "القطاع", 12.5},
				{"Total", nil, 3},
				{nil, "Le médecin chef"},
			}, merges: []string{"A1:F1", "A4:A5", "B4:B5", "C4:C5", "D4:E4", "F4:F5"}},
			page{name: "Vaccinations", rows: [][]any{{"N° ordre", "Vaccin"}}},
		)
		write(t, filepath.Join(dir, "b_2023.xlsx"), true,
			page{name: "FICHIER  PATIENTS", rows: [][]any{
				{"Nom et Prénom", "N°  DOSSIER", "Couverture N°", "Village"},
				{"IDRISSI Omar", "7", 35064, "Aïn"},
			}},
			page{name: "Feuil2"},
		)
		src, err := sheet.New(sheet.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return src
	}, []extracttest.Content{
		{
			Table: declare("Fichier patients", "N° dossier", "Nom et prénom", "Naissance", "Couverture / Type", "Couverture / N°", "Actif", "Village"),
			Rows: []extract.Row{
				row("00-1", "ALAMI Saïd", "29221", "AMO", "123456789", "TRUE", nil, "a_2023.xlsx", "Fichier patients", "6", "0", nil),
				row("00-2", "TAZI <Amal> & fils", "1975", nil, " 0612 ", "FALSE", nil, "a_2023.xlsx", "Fichier patients", "7", "0", "H7: voir 00-1"),
				row("00-3", "القطاع", "12.5", nil, nil, nil, nil, "a_2023.xlsx", "Fichier patients", "9", "0", nil),
				row("Total", nil, "3", nil, nil, nil, nil, "a_2023.xlsx", "Fichier patients", "10", "0", nil),
				row("7", "IDRISSI Omar", nil, nil, "35064", nil, "Aïn", "b_2023.xlsx", "FICHIER  PATIENTS", "2", "1", nil),
			},
			Rejects: []extract.Rejected{{
				Where: "a_2023.xlsx, sheet Fichier patients, row 11", Detail: "a single cell is filled", Aside: true, Raw: []byte("B11: Le médecin chef"),
			}},
		},
		{Table: declare("Vaccinations", "N° ordre", "Vaccin")},
	})
}
