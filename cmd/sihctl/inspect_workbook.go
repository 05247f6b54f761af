package main

import (
	"bytes"
	"fmt"

	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/rule"
	"github.com/xuri/excelize/v2"
)

// cardGrades are the grades of an identity card's number, the best first.
var cardGrades = []string{rule.Valid, rule.Atypical, rule.Invalid, rule.Filler}

// listing is a sheet of the workbook: a line of titles and lines below it.
type listing struct {
	name   string
	titles []any
	widths []float64 // of the columns, in characters
	lines  [][]any
}

// writeInspection writes the workbook: what to look at, the tables, the
// columns, what leads where, patterns and dates, and the values where they were
// asked for.
func writeInspection(out string, sources []inspectedSource) error {
	f := excelize.NewFile()
	defer f.Close()
	percent, err := f.NewStyle(&excelize.Style{NumFmt: 10}) // 0.00 %
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	head, err := f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "1F3A5F"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE5EF"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true},
	})
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	for i, l := range listings(sources, percent) {
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), l.name)
		} else {
			_, err = f.NewSheet(l.name)
		}
		if err == nil {
			err = l.write(f, head)
		}
		if err != nil {
			return fmt.Errorf("write workbook: %w", err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return replaceFile(out, b.Bytes())
}

func (l *listing) write(f *excelize.File, head int) error {
	// What a sheet is like on paper has to be said before its first row.
	if err := l.printed(f); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(l.name)
	if err != nil {
		return err
	}
	for i, width := range l.widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for n, line := range append([][]any{l.titles}, l.lines...) {
		var style []excelize.RowOpts
		if n == 0 {
			style = append(style, excelize.RowOpts{StyleID: head, Height: 2 * 15})
		}
		if err := w.SetRow(fmt.Sprintf("A%d", n+1), line, style...); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(l.titles), len(l.lines)+1)
	if err != nil {
		return err
	}
	return f.AutoFilter(l.name, "A1:"+last, nil)
}

// printed has the sheet fit the width of a page, under its titles on each.
func (l *listing) printed(f *excelize.File) error {
	fit, landscape, a4, wide, long := true, "landscape", 9, 1, 0
	if err := f.SetSheetProps(l.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageLayout(l.name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &long}); err != nil {
		return err
	}
	return f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + l.name + "'!$1:$1", Scope: l.name})
}

// listings are the sheets. Percent is the style of shares.
func listings(sources []inspectedSource, percent int) []*listing {
	share := func(n, of int64) excelize.Cell {
		return excelize.Cell{StyleID: percent, Value: float64(n) / float64(of)}
	}
	look := &listing{name: "To look at", titles: []any{"source", "table", "column", "rows", "because", "finding"}, widths: []float64{16, 28, 24, 12, 70, 18}}
	tables := &listing{name: "Tables", titles: []any{"source", "table", "columns", "rows", "unreadable", "key"}, widths: []float64{16, 28, 10, 12, 12, 60}}
	columns := &listing{name: "Columns", titles: []any{
		"source", "table", "column", "type", "nullable", "NULL", "empty", "filled", "distinct", "counted", "shortest", "longest",
		"no text", "Arabic", "accents", "mojibake", "lost", "controls", "padded", "leading zeros",
		"numbers", "about from", "about to", "decimals", "commas", "card valid", "card atypical", "card invalid", "card filler",
	}, widths: []float64{16, 28, 24, 18, 9, 9, 9, 9, 9, 10, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 15, 15}}
	shapes := &listing{name: "Patterns", titles: []any{"source", "table", "column", "pattern", "rows", "share"}, widths: []float64{16, 28, 24, 44, 12, 10}}
	days := &listing{name: "Dates", titles: []any{"source", "table", "column", "layout", "rows", "first", "last", "partial", "impossible", "ambiguous"}, widths: []float64{16, 28, 24, 26, 12, 12, 12, 12, 12, 12}}
	leads := &listing{name: "References", titles: []any{"source", "table", "column", "seems to lead to", "by its", "counted", "rows", "orphans", "share", "orphan values"}, widths: []float64{16, 28, 24, 44, 10, 12, 12, 12, 10, 14}}
	codes := &listing{name: "Values", titles: []any{"source", "table", "column", "value", "rows"}, widths: []float64{16, 28, 24, 44, 12}}
	for _, s := range sources {
		for i := range s.Tables {
			t := &s.Tables[i]
			tables.add(string(s.Source), t.Table, len(t.Columns), t.Rows, t.Rejected, keyWords(t))
			for _, n := range t.Findings {
				look.add(string(s.Source), t.Table, n.Column, n.Count, n.Text, n.Finding)
			}
			for _, r := range t.References {
				leads.add(string(s.Source), t.Table, r.Column, r.Table+" "+r.Key, r.Evidence, countedHow(r.Exact), r.Rows, r.Orphans, share(r.Orphans, r.Rows), r.OrphanValues)
			}
			for j := range t.Columns {
				c := &t.Columns[j]
				at := []any{string(s.Source), t.Table, c.Column}
				columns.add(append(at[:3:3], columnCells(c)...)...)
				for _, p := range c.Patterns {
					shapes.add(append(at[:3:3], p.Pattern, p.Count, share(p.Count, c.Valued))...)
				}
				if c.OtherPatterns > 0 {
					shapes.add(append(at[:3:3], "(others)", c.OtherPatterns, share(c.OtherPatterns, c.Valued))...)
				}
				for _, d := range c.Dates {
					days.add(append(at[:3:3], d.Layout, d.Count, d.First, d.Last, d.Partial, d.Impossible, d.Ambiguous)...)
				}
				for _, v := range c.Values {
					codes.add(append(at[:3:3], v.Value, v.Count)...)
				}
			}
		}
	}
	all := []*listing{look, tables, columns, leads, shapes, days}
	if len(codes.lines) > 0 {
		all = append(all, codes)
	}
	return all
}

func (l *listing) add(cells ...any) { l.lines = append(l.lines, cells) }

// orEmpty leaves the cell of nothing empty: what is there is seen at once.
func orEmpty(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// countedHow says whether a number is exact.
func countedHow(exact bool) string {
	if exact {
		return "exactly"
	}
	return "estimated"
}

// columnCells returns the cells of a column after its name.
func columnCells(c *profile.Column) []any {
	nullable := "no"
	if c.Nullable {
		nullable = "yes"
	}
	cells := []any{c.Type, nullable, c.Nulls, c.Empty, c.Valued, c.Distinct, countedHow(c.DistinctExact), c.MinLength, c.MaxLength}
	for _, s := range textSigns(c) {
		cells = append(cells, orEmpty(s.count))
	}
	if n := c.Numbers; n != nil {
		cells = append(cells, n.Count, n.Min, n.Max, n.Decimals, n.Commas)
	} else {
		cells = append(cells, nil, nil, nil, nil, nil)
	}
	for _, grade := range cardGrades {
		if c.Grades != nil {
			cells = append(cells, c.Grades[grade])
		}
	}
	return cells
}
