package workbook_test

import (
	"archive/zip"
	"bytes"
	"io"
	"iter"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// hostile are texts that a spreadsheet takes for formulas when they are typed in.
var hostile = []string{"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1"}

// spoil puts a text into every text field below v.
func spoil(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			spoil(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), text)
		}
	}
}

// spoilt yields the values of a list with the text in all their fields.
func spoilt[T any](list iter.Seq2[T, error], text string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range list {
			spoil(reflect.ValueOf(&v).Elem(), text)
			if !yield(v, err) {
				return
			}
		}
	}
}

var (
	formulaText = regexp.MustCompile(`<f>[^<]*</f>`)
	inlineText  = regexp.MustCompile(`(?s)<c [^>]*t="inlineStr"[^>]*>.*?</c>`)
)

// TestHostileTextsOnEverySheet holds that whatever text a source may bring stays
// text, on every sheet that shows any.
func TestHostileTextsOnEverySheet(t *testing.T) {
	for _, text := range hostile {
		c := content(tally(2, 2), 2, 4)
		c.Unmasked, c.Lang = true, "en"
		c.Merges, c.Pairs = spoilt(c.Merges, text), spoilt(c.Pairs, text)
		c.Rejects, c.Excluded = spoilt(c.Rejects, text), spoilt(c.Excluded, text)
		c.Codes, c.Clashes, c.Alerts = spoilt(c.Codes, text), spoilt(c.Clashes, text), spoilt(c.Alerts, text)
		for _, list := range []any{&c.Runs, &c.Series, &c.Hashes, &c.Identifiers, &c.Faults, &c.Corrections, &c.Details} {
			spoil(reflect.ValueOf(list).Elem(), text)
		}
		spoil(reflect.ValueOf(&c.Sample.Lines).Elem(), text)
		for i := range c.Report.Rows {
			c.Report.Rows[i].Table, c.Report.Rows[i].Facility = text, text
		}
		for i := range c.Report.Entities {
			c.Report.Entities[i].Facility = text
		}
		for i := range c.Report.Controls {
			c.Report.Controls[i].Facility = text
		}
		for i := range c.Report.Amounts {
			c.Report.Amounts[i].Payer = text
		}
		for i := range c.Report.Scope {
			c.Report.Scope[i].Why, c.Report.Scope[i].Accepted = text, text
		}
		c.Run.Project, c.Run.Wave = text, text
		data := write(t, c)
		shown := map[string]int{}
		f := open(t, data)
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				for _, v := range row {
					if strings.Contains(v, text) {
						shown[sheet]++
					}
				}
			}
		}
		for _, sheet := range f.GetSheetList() {
			switch sheet {
			case "Charts", "Definitions", "Tolerances", "Completeness", "Persons", "Overlaps", "Safety", "Sign-off":
				continue // they show counts, and names that the config checks
			}
			if shown[sheet] == 0 {
				t.Errorf("%q is not on the sheet %s", text, sheet)
			}
		}
		texts := 0
		eachSheet(t, data, func(part, xml string) {
			for _, formula := range formulaText.FindAllString(xml, -1) {
				if strings.Contains(formula, "1+1") || strings.Contains(formula, "SUM(A1)") {
					t.Errorf("%s: %q stands in the formula %s", part, text, formula)
				}
			}
			for _, cell := range inlineText.FindAllString(xml, -1) {
				if strings.Contains(cell, strings.TrimSpace(text)) && !strings.Contains(cell, "<f>") {
					texts++
				}
			}
		})
		if texts < 100 {
			t.Errorf("%q stands in %d cells of text", text, texts)
		}
	}
}

// eachSheet calls fn for the XML of every sheet.
func eachSheet(t *testing.T, data []byte, fn func(part, xml string)) {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range zr.File {
		if !strings.HasPrefix(file.Name, "xl/worksheets/sheet") {
			continue
		}
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		fn(file.Name, string(text))
	}
}
