package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih/extract/sheet"
)

// parts are an archive's parts by name.
type parts map[string]string

// minimal returns the parts of a workbook with one sheet, whose XML is given
// without its first line.
func minimal(sheetXML string) parts {
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	return parts{
		"[Content_Types].xml": head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":         head + `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     head + `<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": head + `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml":     head + `<sst><si><t>A</t></si><si><t>B</t></si></sst>`,
		"xl/worksheets/sheet1.xml": head + sheetXML,
	}
}

const twoCells = `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row></sheetData></worksheet>`

// pack writes an archive; the parts in add come after those of a workbook.
func pack(t testing.TB, file string, all ...parts) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, p := range all {
		for name, content := range p {
			method := zip.Store // a compressor takes longer to make than a fuzz target has
			if len(content) > 4<<10 {
				method = zip.Deflate
			}
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		file string // empty: a.xlsx
		make func(t *testing.T, file string)
		max  int64
		want error
		hint string
	}{
		{"macros", "", func(t *testing.T, file string) { pack(t, file, minimal(twoCells), parts{"xl/vbaProject.bin": "x"}) }, 0, sheet.ErrMacros, ".xlsx"},
		{"xlsm", "a.xlsm", func(t *testing.T, file string) { pack(t, file, minimal(twoCells)) }, 0, sheet.ErrMacros, "--convert-to xlsx a.xlsm"},
		{"external links", "", func(t *testing.T, file string) {
			pack(t, file, minimal(twoCells), parts{"xl/externalLinks/externalLink1.xml": "<a/>"})
		}, 0, sheet.ErrExternalLinks, "break the links"},
		{"password", "", func(t *testing.T, file string) {
			f := excelize.NewFile()
			defer f.Close()
			if err := f.SaveAs(file, excelize.Options{Password: "x"}); err != nil {
				t.Fatal(err)
			}
		}, 0, sheet.ErrEncrypted, "password"},
		{"old", "a.xls", func(t *testing.T, file string) { put(t, file, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") }, 0, sheet.ErrNotWorkbook, "--convert-to xlsx a.xls"},
		{"dBase", "a.dbf", func(t *testing.T, file string) { put(t, file, "\x03") }, 0, sheet.ErrNotWorkbook, "--convert-to xlsx a.dbf"},
		{"Access", "a.mdb", func(t *testing.T, file string) { put(t, file, "x") }, 0, sheet.ErrNotWorkbook, "mdb-export a.mdb"},
		{"text", "", func(t *testing.T, file string) { put(t, file, "A;B\n1;2\n") }, 0, sheet.ErrNotWorkbook, ""},
		{"empty file", "", func(t *testing.T, file string) { put(t, file, "") }, 0, sheet.ErrNotWorkbook, ""},
		{"other archive", "", func(t *testing.T, file string) { pack(t, file, parts{"a.txt": "x"}) }, 0, sheet.ErrNotWorkbook, ""},
		{"cut off", "", func(t *testing.T, file string) {
			pack(t, file, minimal(twoCells))
			if err := os.Truncate(file, 700); err != nil {
				t.Fatal(err)
			}
		}, 0, sheet.ErrDamaged, ""},
		{"bomb by ratio", "", func(t *testing.T, file string) {
			z := minimal(twoCells)
			z["xl/worksheets/sheet1.xml"] += strings.Repeat(" ", 20<<20)
			packBest(t, file, z)
		}, 0, sheet.ErrTooLarge, ""},
		{"bomb by size", "", func(t *testing.T, file string) { pack(t, file, minimal(twoCells)) }, 500, sheet.ErrTooLarge, "max_unzipped"},
		{"bomb that lies", "", func(t *testing.T, file string) {
			pack(t, file, minimal(strings.Replace(twoCells, "</sheetData>", strings.Repeat(" ", 9999)+"</sheetData>", 1)))
			understate(t, file, "xl/worksheets/sheet1.xml", 300)
		}, 1 << 20, sheet.ErrDamaged, ""},
		{"entities", "", func(t *testing.T, file string) {
			pack(t, file, minimal(`<!DOCTYPE a [<!ENTITY b "bbbb">]>`+twoCells))
		}, 0, sheet.ErrDamaged, ""},
		{"no shared string", "", func(t *testing.T, file string) {
			pack(t, file, minimal(strings.Replace(twoCells, "<v>1</v>", "<v>7</v>", 1)))
		}, 0, sheet.ErrDamaged, ""},
		{"cell twice", "", func(t *testing.T, file string) {
			pack(t, file, minimal(strings.Replace(twoCells, `"B1"`, `"A1"`, 1)))
		}, 0, sheet.ErrDamaged, ""},
		{"sheet ends early", "", func(t *testing.T, file string) {
			pack(t, file, minimal(strings.TrimSuffix(twoCells, "</sheetData></worksheet>")))
		}, 0, sheet.ErrDamaged, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, name := t.TempDir(), test.file
			if name == "" {
				name = "a.xlsx"
			}
			test.make(t, filepath.Join(dir, name))
			src, err := sheet.New(sheet.Config{Dir: dir, Files: "a.*", MaxUnzipped: test.max})
			if err != nil {
				t.Fatal(err)
			}
			_, err = src.Tables(t.Context())
			if !errors.Is(err, test.want) {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			var e *sheet.Error
			if !errors.As(err, &e) || e.File != name {
				t.Fatalf("got error %#v, want a *sheet.Error that names %s", err, name)
			}
			if !strings.Contains(e.Hint(), test.hint) {
				t.Errorf("got hint %q, want it to say %q", e.Hint(), test.hint)
			}
		})
	}
}

// TestMinimal holds that the workbook which the cases above damage is good.
func TestMinimal(t *testing.T) {
	dir := t.TempDir()
	pack(t, filepath.Join(dir, "a.xlsx"), minimal(twoCells))
	src, err := sheet.New(sheet.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Tables(t.Context())
	if err != nil || len(got) != 1 || got[0].Columns[0].Name != "A" || got[0].Columns[1].Name != "B" {
		t.Errorf("got %v, %v; want one table with the columns A and B", got, err)
	}
}

func packBest(t testing.TB, file string, p parts) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, content := range p {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

// understate makes the archive's directory give a part a smaller size than it
// has.
func understate(t testing.TB, file, part string, size uint32) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const nameAt, sizeAt = 46, 24 // in a central directory header
	i := bytes.LastIndex(data, []byte(part)) - nameAt
	if string(data[i:i+4]) != "PK\x01\x02" {
		t.Fatal("no directory entry")
	}
	for k := range 4 {
		data[i+sizeAt+k] = byte(size >> (8 * k))
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
