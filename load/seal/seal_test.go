package seal_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sihctl/sih/load/seal"
	"github.com/xuri/excelize/v2"
)

// ledger makes a workbook of two sheets: column C is to be filled in, column D
// adds up. Edit may change it before it is saved.
func ledger(t testing.TB, edit func(f *excelize.File) error) seal.Part {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	open, err := f.NewStyle(&excelize.Style{Protection: &excelize.Protection{Locked: false}})
	check(err)
	check(f.SetSheetName("Sheet1", "Control totals"))
	_, err = f.NewSheet("Sign-off")
	check(err)
	for _, sheet := range f.GetSheetList() {
		for row := 1; row <= 20; row++ {
			at := func(column string) string { return fmt.Sprintf("%s%d", column, row) }
			check(f.SetCellStr(sheet, at("A"), fmt.Sprintf("CHP-%d", row)))
			check(f.SetCellFloat(sheet, at("B"), float64(row)*1.1, 2, 64))
			check(f.SetCellStyle(sheet, at("C"), at("C"), open))
			check(f.SetCellFormula(sheet, at("D"), fmt.Sprintf("'Control totals'!B%d-C%d", row, row)))
		}
	}
	if edit != nil {
		check(edit(f))
	}
	var b bytes.Buffer
	check(f.Write(&b))
	return seal.Part{ReaderAt: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}
}

// share puts a formula into D1 that the cells below it share.
func share(f *excelize.File, sheet, formula string) error {
	for row := 1; row <= 20; row++ {
		if err := f.SetCellFormula(sheet, fmt.Sprintf("D%d", row), ""); err != nil {
			return err
		}
	}
	kind, span := "shared", "D1:D20"
	return f.SetCellFormula(sheet, "D1", formula, excelize.FormulaOpts{Type: &kind, Ref: &span})
}

// TestCompare holds what is a change and what is not.
func TestCompare(t *testing.T) {
	const sheet = "Control totals"
	written := ledger(t, nil)
	for _, test := range []struct {
		name    string
		edit    func(f *excelize.File) error
		filled  int
		changes int
	}{
		{"nothing", nil, 0, 0},
		{"filled in", func(f *excelize.File) error { return f.SetCellInt(sheet, "C3", 12) }, 1, 0},
		{"a sign at the foot", func(f *excelize.File) error { return f.SetCellStr("Sign-off", "C20", "A. B.") }, 1, 0},
		{"a formula where a number was to be", func(f *excelize.File) error { return f.SetCellFormula(sheet, "C3", "B3") }, 0, 1},
		{"a number", func(f *excelize.File) error { return f.SetCellFloat(sheet, "B7", 7.71, 2, 64) }, 0, 1},
		{"a number as text", func(f *excelize.File) error { return f.SetCellStr(sheet, "B10", "11") }, 0, 1},
		{"emptied", func(f *excelize.File) error { return f.SetCellValue(sheet, "A2", nil) }, 0, 1},
		{"a formula", func(f *excelize.File) error { return f.SetCellFormula(sheet, "D9", "0") }, 0, 1},
		{"a formula's quotes and blanks", func(f *excelize.File) error {
			return f.SetCellFormula("Sign-off", "D9", "'Control totals'!B9 - C9")
		}, 0, 0},
		{"a value for a formula", func(f *excelize.File) error { return f.SetCellInt(sheet, "D9", 0) }, 0, 1},
		{"a row more", func(f *excelize.File) error { return f.SetCellStr(sheet, "A21", "x") }, 0, 1},
		{"a column more", func(f *excelize.File) error { return f.SetCellStr(sheet, "ZZ3", "x") }, 0, 1},
		{"a sheet more", func(f *excelize.File) error { _, err := f.NewSheet("more"); return err }, 0, 1},
		{"a sheet less", func(f *excelize.File) error { return f.DeleteSheet("Sign-off") }, 0, 1},
		{"a sheet renamed", func(f *excelize.File) error { return f.SetSheetName("Sign-off", "Signed") }, 0, 1},
		{"a shared formula that says the same", func(f *excelize.File) error {
			return share(f, sheet, "'Control totals'!B1-C1")
		}, 0, 0},
		{"a shared formula that does not", func(f *excelize.File) error {
			return share(f, sheet, "'Control totals'!B$1-C1")
		}, 0, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := seal.Compare(written, ledger(t, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			if r.Filled != test.filled || len(r.Changes) != test.changes {
				t.Errorf("got %d cells filled in and changes %v, want %d and %d", r.Filled, r.Changes, test.filled, test.changes)
			}
		})
	}
}

// TestEveryCell changes one cell after another, and finds each.
func TestEveryCell(t *testing.T) {
	written := ledger(t, nil)
	rng := rand.New(rand.NewPCG(7, 8))
	for range 40 {
		column, row := []string{"A", "B", "D"}[rng.IntN(3)], 1+rng.IntN(20)
		cell := fmt.Sprintf("%s%d", column, row)
		r, err := seal.Compare(written, ledger(t, func(f *excelize.File) error { return f.SetCellInt("Sign-off", cell, 987) }))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Changes) != 1 || r.Changes[0].Cell != cell || r.Changes[0].Sheet != "Sign-off" {
			t.Errorf("%s was changed, and %v is told", cell, r.Changes)
		}
	}
}

func FuzzCompare(f *testing.F) {
	written := ledger(f, nil)
	data := make([]byte, written.Size)
	if _, err := written.ReadAt(data, 0); err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := seal.Compare(written, seal.Part{ReaderAt: bytes.NewReader(data), Size: int64(len(data))}); err != nil {
			return // it was no workbook
		}
	})
}
