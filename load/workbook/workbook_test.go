package workbook_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// write returns the workbook's bytes.
func write(t *testing.T, c workbook.Content) []byte {
	t.Helper()
	c.TempDir = t.TempDir()
	var buf bytes.Buffer
	if err := workbook.Write(&buf, c); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(c.TempDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
	return buf.Bytes()
}

// open reads a workbook.
func open(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func value(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// cells lists every cell of a workbook, with its formula.
func cells(t *testing.T, f *excelize.File) string {
	t.Helper()
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "[%s]\n", sheet)
		for r, row := range rows {
			for c, v := range row {
				cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
				formula, err := f.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				if formula != "" {
					fmt.Fprintf(&out, "%s\t%s\t=%s\n", cell, v, formula)
				} else if v != "" {
					fmt.Fprintf(&out, "%s\t%s\n", cell, v)
				}
			}
		}
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	for _, lang := range workbook.Languages() {
		c := content(tally(2, 1), 3, 8)
		c.Lang = lang
		got := cells(t, open(t, write(t, c)))
		golden := filepath.Join("testdata", "reconciliation."+lang+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestSameContentSameBytes(t *testing.T) {
	a := write(t, content(tally(3, 2), 50, 50))
	b := write(t, content(tally(3, 2), 50, 50))
	if !bytes.Equal(a, b) {
		t.Error("the same content gives other bytes")
	}
	later := content(tally(3, 2), 50, 50)
	later.Run.Generated = later.Run.Generated.Add(1e9)
	if bytes.Equal(a, write(t, later)) {
		t.Error("another time gives the same bytes")
	}
}

func TestDataNeverBecomesAFormula(t *testing.T) {
	texts := []string{
		"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "=HYPERLINK(\"http://example.org\")", "_x0041_", " blank ", "a\nb", "<b>&amp;</b>", "محمد", "0012",
	}
	c := content(tally(1, 1), 0, 0)
	c.Unmasked = true
	c.Rejects = func(yield func(workbook.Reject, error) bool) {
		for _, s := range texts {
			if !yield(workbook.Reject{Source: "s", SourceKey: s, Facility: s, Value: s, Detail: s, Reason: sih.R99}, nil) {
				return
			}
		}
	}
	f := open(t, write(t, c))
	for i, want := range texts {
		for _, column := range []string{"E", "F", "I", "M"} {
			cell := fmt.Sprint(column, 5+i)
			if formula, err := f.GetCellFormula("Rejets, lignes", cell); err != nil || formula != "" {
				t.Errorf("%s of %q is a formula: %q, %v", cell, want, formula, err)
			}
			if kind, err := f.GetCellType("Rejets, lignes", cell); err != nil || kind != excelize.CellTypeInlineString {
				t.Errorf("%s of %q is of type %v, %v", cell, want, kind, err)
			}
			if got := value(t, f, "Rejets, lignes", cell); got != want {
				t.Errorf("%s is %q, want %q", cell, got, want)
			}
		}
	}
}

func TestControlCharactersDoNotBreakTheFile(t *testing.T) {
	c := content(tally(1, 1), 0, 0)
	c.Unmasked = true
	c.Rejects = seq(workbook.Reject{Source: "s", Value: "a\x00b\x0bc\xff\ufffe", Reason: sih.R06})
	if got, want := value(t, open(t, write(t, c)), "Rejets, lignes", "I5"), "a\ufffdb\ufffdc\ufffd\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// seq yields the given values.
func seq[T any](values ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func TestMasking(t *testing.T) {
	c := content(tally(1, 1), 0, 0)
	c.Merges = seq(workbook.Merge{
		A: workbook.Record{LocalID: "0012345", Name: "Testouni  Exemple", CIN: "AB123456"},
		B: workbook.Record{LocalID: "R-99", Name: "محمد تجريبي", CIN: "X1"},
	})
	c.Rejects = seq(workbook.Reject{Value: "AB123456", SourceKey: "2024|17"})
	all := cells(t, open(t, write(t, c)))
	for _, secret := range []string{"Testouni", "Exemple", "AB123456", "محمد", "تجريبي", "X1"} {
		if strings.Contains(all, secret) {
			t.Errorf("the masked workbook holds %q", secret)
		}
	}
	for _, shown := range []string{"0012345", "R-99", "2024|17", "T••• E•••", "A•••56"} {
		if !strings.Contains(all, shown) {
			t.Errorf("the masked workbook lacks %q", shown)
		}
	}
	c.Unmasked = true
	all = cells(t, open(t, write(t, c)))
	for _, shown := range []string{"Testouni  Exemple", "AB123456", "محمد تجريبي", "DONNÉES NOMINATIVES NON MASQUÉES"} {
		if !strings.Contains(all, shown) {
			t.Errorf("the unmasked workbook lacks %q", shown)
		}
	}
}

func TestLimit(t *testing.T) {
	c := content(tally(1, 1), 12, 20)
	c.Lang, c.Limit = "en", 5
	f := open(t, write(t, c))
	for _, tt := range []struct {
		sheet, last, note string
	}{
		{"Merges", "A10", "… and 7 more lines, counted and not listed (limit: 5 lines per sheet)"},
		{"Reject rows", "A10", "… and 15 more lines, counted and not listed (limit: 5 lines per sheet) · All of them are in the files that the Summary names."},
	} {
		if got := value(t, f, tt.sheet, tt.last); got != tt.note {
			t.Errorf("%s ends with %q, want %q", tt.sheet, got, tt.note)
		}
		rows, err := f.GetRows(tt.sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 10 {
			t.Errorf("%s has %d rows, want 10", tt.sheet, len(rows))
		}
	}
	// The groups are of all, not of those listed.
	if got := value(t, f, "Rejects", "G3"); got != "20" {
		t.Errorf("the causes add up to %s, want 20", got)
	}
	rows, err := f.GetRows("Summary")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range rows {
		if len(row) > 4 && slices.Contains([]string{"Merges", "Reject rows", "Excluded rows"}, row[0]) {
			got = append(got, []string{row[0], row[2], row[3], row[4]})
		}
	}
	want := [][]string{{"Merges", "12", "5", "7"}, {"Reject rows", "20", "5", "15"}, {"Excluded rows", "39", "5", "34"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the Summary says of the detail (-want +got):\n%s", diff)
	}
}

// TestWholeLists holds that a list which its sheet cannot hold stands beside the
// workbook, whole, masked and harmless, that the sheet and the Summary name it,
// and that one which fits does not.
func TestWholeLists(t *testing.T) {
	dir := t.TempDir()
	c := content(tally(1, 1), 12, 20)
	c.Excluded = excluded(4)
	c.Lang, c.Limit, c.DetailDir, c.Details = "en", 5, filepath.Join(dir, "lists"), nil
	c.Pairs = func(yield func(workbook.Merge, error) bool) {
		for i := range 7 {
			if !yield(workbook.Merge{A: workbook.Record{LocalID: "=1+1", Name: "Testouni"}, Weight: float64(i) + 0.5}, nil) {
				return
			}
		}
	}
	path := filepath.Join(dir, "x.xlsx")
	if err := workbook.WriteFile(path, c); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, data)
	summary := cells(t, f)
	for name, want := range map[string]int{"merges": 12, "review": 7, "reject_rows": 20} {
		text, err := os.ReadFile(filepath.Join(dir, "lists", name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\r\n")
		if len(lines) != 1+want || !strings.HasPrefix(lines[0], "\ufeff") || strings.Contains(string(text), "Testouni") {
			t.Errorf("%s.csv has %d lines, beginning with %q", name, len(lines), lines[0])
		}
		if name == "review" && !strings.Contains(lines[7], ";'=1+1;T•••;") {
			t.Errorf("review.csv ends with %q", lines[7])
		}
		if hash := fmt.Sprintf("%x", sha256.Sum256(text)); !strings.Contains(summary, "\tlists/"+name+".csv\n") || !strings.Contains(summary, hash) {
			t.Errorf("the Summary does not tell of %s.csv with %s", name, hash)
		}
	}
	if got, want := value(t, f, "Merges", "A10"), "… and 7 more lines, counted and not listed (limit: 5 lines per sheet) · All of them are in lists/merges.csv."; got != want {
		t.Errorf("Merges ends with %q, want %q", got, want)
	}
	if list, err := os.ReadDir(filepath.Join(dir, "lists")); err != nil || len(list) != 3 {
		t.Errorf("there are %d files, %v", len(list), err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 2 {
		t.Errorf("%d files are left beside the workbook, %v", len(list), err)
	}
	// A list that fits needs no file, and no folder.
	c = content(tally(1, 1), 5, 5)
	c.Excluded, c.Limit, c.DetailDir = excluded(5), 5, filepath.Join(dir, "none")
	if err := workbook.WriteFile(path, c); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.DetailDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder is made for nothing: %v", err)
	}
}

func TestErrorsLeaveNothing(t *testing.T) {
	broken := errors.New("the stream ended early")
	dir := t.TempDir()
	path := filepath.Join(dir, "reconciliation.xlsx")
	if err := os.WriteFile(path, []byte("the workbook of yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := content(tally(1, 1), 0, 0)
	c.Merges = func(yield func(workbook.Merge, error) bool) {
		if yield(workbook.Merge{}, nil) {
			yield(workbook.Merge{}, broken)
		}
	}
	if err := workbook.WriteFile(path, c); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || string(kept) != "the workbook of yesterday" {
		t.Errorf("%d files are left and the old workbook is %d bytes", len(entries), len(kept))
	}
	c.Merges = nil
	if err := workbook.WriteFile(path, c); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Size() < 1000 {
		t.Errorf("mode %v, %d bytes", info.Mode(), info.Size())
	}
}

func TestRefuses(t *testing.T) {
	good := content(tally(1, 1), 0, 0)
	good.TempDir = t.TempDir()
	for name, spoil := range map[string]func(*workbook.Content){
		"no report":           func(c *workbook.Content) { c.Report = nil },
		"no temporary place":  func(c *workbook.Content) { c.TempDir = "" },
		"an unknown language": func(c *workbook.Content) { c.Lang = "xx" },
		"too great a limit":   func(c *workbook.Content) { c.Limit = 2_000_000 },
	} {
		c := good
		spoil(&c)
		if err := workbook.Write(&bytes.Buffer{}, c); err == nil {
			t.Errorf("accepted %s", name)
		}
	}
}

// Each sheet opens with frozen and repeated heads, filters, and a page that
// fits.
func TestEverySheetIsFitToRead(t *testing.T) {
	f := open(t, write(t, content(tally(2, 1), 3, 8)))
	titles := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm.Print_Titles" {
			titles[n.Scope] = true
		}
	}
	filters := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm._FilterDatabase" {
			filters[n.Scope] = true
		}
	}
	for i, sheet := range f.GetSheetList() {
		const head = 4
		if sheet == "Graphiques" {
			continue // it has no lines
		}
		if panes, err := f.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != head {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
		if !titles[sheet] {
			t.Errorf("%s: no repeated rows", sheet)
		}
		if i > 0 && !filters[sheet] {
			t.Errorf("%s: no filter", sheet)
		}
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
			t.Errorf("%s: page %+v, %v", sheet, layout, err)
		}
		if foot, err := f.GetHeaderFooter(sheet); err != nil || foot == nil || !strings.Contains(foot.OddFooter, "rabat-wave-1 · ") {
			t.Errorf("%s: footer %+v, %v", sheet, foot, err)
		}
		if i == 0 {
			continue
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for c, head := range rows[3] {
			if head == "" {
				t.Errorf("%s: column %d has no head", sheet, c+1)
			}
		}
	}
}

func TestEmptyReport(t *testing.T) {
	f := open(t, write(t, workbook.Content{Report: new(reconcile.Tally).Report(nil)}))
	if got := value(t, f, "Synthèse", "B3"); !strings.HasPrefix(got, "ÉCART") {
		t.Errorf("the verdict on nothing is %q", got)
	}
}
