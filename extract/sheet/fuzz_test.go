package sheet_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/extract/sheet"
)

// FuzzSheet gives any XML as a sheet: it is read, the same twice, or refused
// by an Error; it never panics.
func FuzzSheet(f *testing.F) {
	f.Add(twoCells)
	f.Add(`<x:worksheet><x:sheetData><x:row r="3"><x:c r="B3" t="inlineStr"><x:is><x:t>_x000D_</x:t></x:is></x:c><x:c t='s'><x:v>0</x:v></x:c></x:row><x:row/></x:sheetData><x:mergeCells><x:mergeCell ref="B3:C4"/></x:mergeCells></x:worksheet>`)
	f.Add(`<sheetData><row><c><v>1</v></c><c t="b"><v>1</v></c></row><row><c t="str"><v><![CDATA[x]]>&#x41;&bad;</v></c></row></sheetData>`)
	f.Add(`<sheetData/><mergeCells><mergeCell ref="A1:B1"/>`)
	f.Add(`<!-- --><?x?><sheetData><row r="1"><c r="A1" t="str" a=">"><v/></c></row></sheetData`)
	f.Fuzz(func(t *testing.T, xml string) {
		dir := t.TempDir()
		pack(t, filepath.Join(dir, "a.xlsx"), minimal(xml))
		var first int
		for reading := range 2 {
			src, err := sheet.New(sheet.Config{Dir: dir, Tables: map[string]sheet.Table{"S": {}}})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for row, err := range src.Rows(t.Context(), "S", nil) {
				var e *sheet.Error
				if err != nil && !errors.As(err, &e) {
					t.Fatalf("got error %v, want a *sheet.Error", err)
				}
				if err == nil && len(row) < 6 {
					t.Fatalf("a row of %d columns", len(row))
				}
				n++
			}
			if reading == 1 && n != first {
				t.Fatalf("read %d values, then %d", first, n)
			}
			first = n
		}
	})
}
