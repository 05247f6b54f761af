package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih/load/reconcile"
)

// cached is a formula with its cached value, as the program writes them.
var cached = regexp.MustCompile(`(<c r="[A-Z]+[0-9]+"[^>]*><f>[^<]*</f>)<v>[^<]*</v>`)

// edit returns the workbook with each sheet's XML changed.
func edit(t *testing.T, data []byte, change func(part, xml string) string) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, file := range zr.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(file.Name, "xl/worksheets/sheet") {
			text = []byte(change(file.Name, string(text)))
		}
		w, err := zw.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// corrupt replaces the cached value of every formula, so that none of the
// program's own values can come back as a recalculated one.
func corrupt(t *testing.T, data []byte) (_ []byte, formulas int) {
	t.Helper()
	return edit(t, data, func(_, xml string) string {
		formulas += strings.Count(xml, "<f>")
		n := len(cached.FindAllString(xml, -1))
		if n != strings.Count(xml, "<f>") {
			t.Errorf("%d of %d formulas have a cached value", n, strings.Count(xml, "<f>"))
		}
		return cached.ReplaceAllString(xml, "${1}<v>987654321</v>")
	}), formulas
}

// recalculate lets LibreOffice open the workbooks, compute every formula and
// save them.
func recalculate(t *testing.T, files map[string][]byte) map[string]*excelize.File {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed: its recalculation is not compared")
	}
	dir := t.TempDir()
	profile := filepath.Join(dir, "profile", "user")
	if err := os.MkdirAll(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	always := `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`
	if err := os.WriteFile(filepath.Join(profile, "registrymodifications.xcu"), []byte(always), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx", "--outdir", filepath.Join(dir, "out")}
	for name, data := range files {
		path := filepath.Join(dir, name+".xlsx")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), soffice, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	opened := map[string]*excelize.File{}
	for name := range files {
		data, err := os.ReadFile(filepath.Join(dir, "out", name+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		opened[name] = open(t, data)
	}
	return opened
}

// plants are reports with something wrong, and the verdict on each.
var plants = []struct {
	name    string
	plant   func(*reconcile.Tally)
	limits  reconcile.Limits
	verdict string
}{
	{"balanced", func(*reconcile.Tally) {}, limits, "CONFORME"},
	{"one-row", func(t *reconcile.Tally) {
		t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.PACIENTES"}).Accepted--
	}, limits, "ÉCART"},
	{"one-entity", func(t *reconcile.Tally) {
		t.Entities(reconcile.EntitiesKey{Source: sources[0], Table: "claim", Facility: "CHP-01", Year: 2023}).Inserted--
	}, limits, "ÉCART"},
	{"one-admission", func(t *reconcile.Tally) {
		t.Control(reconcile.ControlKey{Source: sources[0], Facility: "CHP-01", Year: 2023, Measure: reconcile.Admissions}).Found--
	}, limits, "ÉCART"},
	{"one-centime", func(t *reconcile.Tally) {
		t.Amount(reconcile.AmountKey{Source: sources[1], Payer: "payant", Month: "2024-01", Item: reconcile.Insurer}).Found--
	}, limits, "ÉCART"},
	{"two-that-cancel", func(t *reconcile.Tally) {
		t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.PACIENTES"}).Accepted--
		t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.EPISODIOS"}).Accepted++
	}, limits, "ÉCART"},
	{"one-excluded-row-without-a-reason", func(t *reconcile.Tally) {
		c := t.Rows(reconcile.RowsKey{Source: sources[0], Table: "dbo.PACIENTES"})
		c.Extracted++
		c.Excluded++
	}, limits, "ÉCART"},
	{"one-row-left-out-that-the-store-does-not-list", func(t *reconcile.Tally) {
		t.Rows(reconcile.RowsKey{Source: sources[0], Table: "dbo.EPISODIOS"}).Listed--
	}, limits, "ÉCART"},
	{"one-centime-left-out", func(t *reconcile.Tally) {
		t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.PACIENTES"}).Noted++
		t.Rows(reconcile.RowsKey{Source: sources[1], Table: "dbo.EPISODIOS"}).Noted--
	}, limits, "ÉCART"},
	{"one-declared-centime", func(t *reconcile.Tally) {
		c := t.Control(reconcile.ControlKey{Source: sources[0], Facility: "CHP-01", Year: 2023, Measure: reconcile.Receipts})
		declared := c.Expected + 1
		c.Declared = &declared
	}, limits, "ÉCART"},
	{"one-row-on-the-server", func(t *reconcile.Tally) {
		c := t.Control(reconcile.ControlKey{Source: sources[0], Facility: "CHP-01", Year: 2023, Measure: reconcile.Admissions})
		server := c.Expected - 1
		c.Server = &server
	}, limits, "ÉCART"},
	{"one-centime-on-the-server", func(t *reconcile.Tally) {
		c := t.Amount(reconcile.AmountKey{Source: sources[1], Payer: "payant", Month: "2024-01", Item: reconcile.Billed})
		server := c.Expected - 1
		c.Server = &server
	}, limits, "ÉCART"},
	{"four-hands-that-agree", func(t *reconcile.Tally) {
		c := t.Control(reconcile.ControlKey{Source: sources[0], Facility: "CHP-01", Year: 2023, Measure: reconcile.Receipts})
		declared, server := c.Expected, c.Expected
		c.Declared, c.Server = &declared, &server
		a := t.Amount(reconcile.AmountKey{Source: sources[1], Payer: "payant", Month: "2024-01", Item: reconcile.Billed})
		billed := a.Expected
		a.Declared, a.Server = &billed, &billed
	}, limits, "CONFORME"},
	{"no-tolerances", func(*reconcile.Tally) {}, nil, "CONFORME : aucun écart ; aucune tolérance fixée"},
	{"over-tolerance", func(*reconcile.Tally) {}, reconcile.Limits{"encounter": 1}, "TOLÉRANCE DÉPASSÉE"},
}

// LibreOffice, given the formulas and none of their values, finds the values
// that the program wrote, and the same verdict.
func TestLibreOfficeAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice")
	}
	files, ours := map[string][]byte{}, map[string]*excelize.File{}
	for _, p := range plants {
		tally := tally(2, 3)
		c := content(tally, 6, 8)
		p.plant(tally)
		c.Report = tally.Report(p.limits)
		audited(&c)
		data := write(t, c)
		spoilt, n := corrupt(t, data)
		if n < 100 {
			t.Fatalf("only %d formulas", n)
		}
		files[p.name], ours[p.name] = spoilt, open(t, data)
		if got := value(t, open(t, spoilt), "Synthèse", "B3"); got != "987654321" {
			t.Fatalf("the verdict is not spoilt: %q", got)
		}
	}
	// What an auditor changes in a sheet behind shows in the Summary.
	tampered := regexp.MustCompile(`(<c r="E5"[^>]*>)<v>[0-9]+</v>`)
	hits := 0
	files["tampered"] = edit(t, files["balanced"], func(part, xml string) string {
		if part != "xl/worksheets/sheet5.xml" { // of the rows
			return xml
		}
		hits += len(tampered.FindAllString(xml, -1))
		return tampered.ReplaceAllString(xml, "${1}<v>1</v>")
	})
	if hits != 1 {
		t.Fatalf("changed %d cells, not 1", hits)
	}
	theirs := recalculate(t, files)
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			if got := value(t, ours[p.name], "Synthèse", "B3"); !strings.HasPrefix(got, p.verdict) {
				t.Errorf("the program's verdict is %q, want %s", got, p.verdict)
			}
			compare(t, ours[p.name], theirs[p.name])
		})
	}
	if got := value(t, theirs["tampered"], "Synthèse", "B3"); !strings.HasPrefix(got, "ÉCART") {
		t.Errorf("a changed sheet leaves the verdict %q", got)
	}
}

// compare holds every formula's value in ours against the same cell in
// theirs.
func compare(t *testing.T, ours, theirs *excelize.File) {
	t.Helper()
	compared := 0
	for _, sheet := range ours.GetSheetList() {
		rows, err := ours.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c := range row {
				cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
				formula, err := ours.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				got, want := value(t, theirs, sheet, cell), value(t, ours, sheet, cell)
				if formula == "" {
					continue
				}
				compared++
				if kept, err := theirs.GetCellFormula(sheet, cell); err != nil || kept == "" {
					t.Errorf("%s!%s: the formula is gone, %v", sheet, cell, err)
				}
				if !same(got, want) {
					t.Errorf("%s!%s: LibreOffice finds %q, the program wrote %q for %s", sheet, cell, got, want, formula)
				}
			}
		}
	}
	if compared < 100 {
		t.Errorf("only %d formulas compared", compared)
	}
}

// same tells whether two raw values are the same text or, to the last digits
// of a double, the same number.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && math.Abs(x-y) <= 1e-12*max(math.Abs(x), math.Abs(y))
}

// A difference is red and a balance is green, beside their words.
func TestStatusColours(t *testing.T) {
	f := open(t, write(t, content(tally(1, 1), 0, 0)))
	formats, err := f.GetConditionalFormats("Synthèse")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string]string{}
	for _, rules := range formats {
		for _, rule := range rules {
			style, err := f.GetConditionalStyle(*rule.Format)
			if err != nil {
				t.Fatal(err)
			}
			key := rule.Value
			if rule.Criteria != "equal to" {
				key = rule.Criteria + " " + rule.Value
			}
			colours[key] = style.Font.Color
		}
	}
	for rule, want := range map[string]string{
		`"conforme"`: "1D6B3C", `"ÉCART"`: "9B1C2C", `"DÉPASSÉE"`: "9B1C2C", `"non fixée"`: "7A5200", "not equal to 0": "9B1C2C",
	} {
		if got := colours[rule]; !strings.HasSuffix(got, want) {
			t.Errorf("rule %s has colour %q, want %s; rules: %v", rule, got, want, colours)
		}
	}
}
