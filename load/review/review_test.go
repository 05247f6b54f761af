package review_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/load/review"
	"github.com/xuri/excelize/v2"
)

var fields = []string{"record", "family_name", "birth_date", "sex", "cin"}

// content holds pairs whose values no spreadsheet program may take for more
// than text.
func content(lang string) review.Content {
	c := review.Content{Project: "rabat & salé", Fields: fields, Reviewer: "Amina", Lang: lang, Generated: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	for i, name := range []string{"=1+1", "+212600000001", "-5", "@SUM(A1)", "\tALAMI", "العلمي", "ALAMI<&>\"'", "0012", "1E5", "TRUE"} {
		c.Pairs = append(c.Pairs, review.Pair{
			Key: fmt.Sprintf("key%02d", i), Weight: 31.25 - float64(i), Why: "review", Rule: "names-alone", Says: []string{"same birth date", "somebody's own sentence"},
			Values: []review.Value{{A: "hosix\nCHP\n1", B: "enova\nCHP\n2"}, {A: name, B: "ALAMI"}, {A: "1970-01-01", B: "1970-01-01"}, {A: "male", B: ""}, {A: "AB123456", B: "AB123457"}},
		})
	}
	return c
}

func write(t *testing.T, c review.Content) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "review.xlsx")
	if err := review.WriteFile(path, c); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) []review.Row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := review.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func sums(t *testing.T, c review.Content) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, p := range c.Pairs {
		s, err := c.Sums(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p.Key] = s
	}
	return out
}

// change edits a workbook's first sheet and saves it.
func change(t *testing.T, path string, edit func(f *excelize.File, sheet string) error) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := edit(f, f.GetSheetName(0)); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
}

// TestRoundTrip holds that what was written comes back as it was, in every
// language, masked or not, and that values stay text.
func TestRoundTrip(t *testing.T) {
	for _, lang := range review.Languages() {
		for _, masked := range []bool{false, true} {
			c := content(lang)
			c.Masked = masked
			path := write(t, c)
			want := sums(t, c)
			rows := read(t, path)
			if len(rows) != len(c.Pairs) {
				t.Fatalf("%s: got %d rows, want %d", lang, len(rows), len(c.Pairs))
			}
			for i, r := range rows {
				if column, changed := r.Changed(want[r.Key]); r.Key != c.Pairs[i].Key || changed || r.Verdict != "" || r.Reviewer != "Amina" {
					t.Errorf("%s: row %d came back as %q, by %q, changed in %q", lang, r.Line, r.Key, r.Reviewer, column)
				}
			}
			f, err := excelize.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sheet := f.GetSheetName(0)
			for i, p := range c.Pairs {
				cell := fmt.Sprintf("J%d", 4+i)
				got, err := f.GetCellValue(sheet, cell)
				kind, err2 := f.GetCellType(sheet, cell)
				formula, err3 := f.GetCellFormula(sheet, cell)
				if err != nil || err2 != nil || err3 != nil {
					t.Fatal(err, err2, err3)
				}
				if formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
					t.Errorf("%s: cell %s is no text: type %d, formula %q", lang, cell, kind, formula)
				}
				if value := p.Values[1].A; !masked && got != value || masked && got == value {
					t.Errorf("%s, masked %v: cell %s holds %q for %q", lang, masked, cell, got, value)
				}
			}
			f.Close()
		}
	}
}

// TestVerdicts holds that verdicts are read in any language, and nothing else
// is one.
func TestVerdicts(t *testing.T) {
	path := write(t, content("fr"))
	said := []string{"même personne", " PERSONNES  DIFFÉRENTES ", "incertain", "same", "نفس الشخص", "perhaps", "", "1"}
	change(t, path, func(f *excelize.File, sheet string) error {
		for i, s := range said {
			if err := f.SetCellStr(sheet, fmt.Sprintf("C%d", 4+i), s); err != nil {
				return err
			}
		}
		return nil
	})
	rows := read(t, path)
	for i, want := range []struct {
		verdict string
		odd     bool
	}{{"same", false}, {"apart", false}, {"unsure", false}, {"same", false}, {"same", false}, {"perhaps", true}, {"", false}, {"1", true}} {
		if r := rows[i]; r.Verdict != want.verdict || r.Odd != want.odd {
			t.Errorf("%q: got %q, odd %v", said[i], r.Verdict, r.Odd)
		}
	}
}

// TestHarmless holds that sorting, removing and adding notes change nothing.
func TestHarmless(t *testing.T) {
	c := content("en")
	want := sums(t, c)
	path := write(t, c)
	change(t, path, func(f *excelize.File, sheet string) error {
		if err := f.DuplicateRowTo(sheet, 4, 20); err != nil {
			return err
		}
		if err := f.RemoveRow(sheet, 4); err != nil {
			return err
		}
		if err := f.SetCellStr(sheet, "Z5", "a note at the side"); err != nil {
			return err
		}
		return f.InsertRows(sheet, 1, 2)
	})
	rows := read(t, path)
	if len(rows) != len(c.Pairs) {
		t.Fatalf("got %d rows, want %d", len(rows), len(c.Pairs))
	}
	for _, r := range rows {
		if column, changed := r.Changed(want[r.Key]); changed {
			t.Errorf("row %d is said to be changed in %q", r.Line, column)
		}
	}
}

// TestDamaged changes, again and again, a cell that nobody is to change.
func TestDamaged(t *testing.T) {
	c := content("en")
	want := sums(t, c)
	path := write(t, c)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		row, column := 4+rng.IntN(len(c.Pairs)), 6+rng.IntN(2+2*len(fields))
		cell, err := excelize.CoordinatesToCellName(column, row)
		if err != nil {
			t.Fatal(err)
		}
		var was string
		change(t, path, func(f *excelize.File, sheet string) (err error) {
			if was, err = f.GetCellValue(sheet, cell); err != nil {
				return err
			}
			return f.SetCellStr(sheet, cell, was+"x")
		})
		changed := slices.DeleteFunc(read(t, path), func(r review.Row) bool { _, c := r.Changed(want[r.Key]); return !c })
		if len(changed) != 1 || changed[0].Line != row {
			t.Errorf("cell %s was changed, and %d rows are found", cell, len(changed))
		}
		change(t, path, func(f *excelize.File, sheet string) error { return f.SetCellStr(sheet, cell, was) })
	}
}

// TestInserted holds that a column that was put in is named by its letters.
func TestInserted(t *testing.T) {
	c := content("en")
	want := sums(t, c)
	path := write(t, c)
	change(t, path, func(f *excelize.File, sheet string) error { return f.InsertCols(sheet, "F", 1) })
	for _, r := range read(t, path) {
		if column, changed := r.Changed(want[r.Key]); !changed || column != "F" {
			t.Errorf("row %d: changed is %v, in column %q", r.Line, changed, column)
		}
	}
}

// TestForeign holds that other files are refused in words.
func TestForeign(t *testing.T) {
	other := excelize.NewFile()
	var b bytes.Buffer
	if err := other.Write(&b); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"no zip": []byte("text"), "nothing": nil, "another workbook": b.Bytes()} {
		if rows, err := review.Read(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: %d rows were read", name, len(rows))
		}
	}
}

// TestPrivate holds that a masked workbook holds no value that it hides.
func TestPrivate(t *testing.T) {
	c := content("en")
	c.Masked = true
	for i := range c.Pairs {
		c.Pairs[i].Values[1] = review.Value{A: "BENNANI", B: "ZEROUALI"}
	}
	z, err := zip.OpenReader(write(t, c))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"BENNANI", "ZEROUALI", "AB12345", "1970-01-01"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a value that is to be hidden", f.Name)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	c := content("en")
	path := filepath.Join(f.TempDir(), "review.xlsx")
	if err := review.WriteFile(path, c); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := review.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, r := range rows {
			r.Changed(make([]byte, 40))
		}
	})
}

func TestSay(t *testing.T) {
	for _, test := range []struct{ lang, evidence, want string }{
		{"", "same given name; same birth date", "même prénom ; même date de naissance"},
		{"en", "same given name; same birth date", "same given name; same birth date"},
		{"fr", "same given name; same given name; a model's own", "même prénom ; a model's own"},
		{"fr", "", ""},
		{"xx", "same given name", "same given name"},
	} {
		if got := review.Say(test.lang, test.evidence); got != test.want {
			t.Errorf("%s: got %q, want %q", test.lang, got, test.want)
		}
	}
}
