package review

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The columns that are always there, from 1. What follows them are the fields,
// two columns each.
const (
	columnKey = iota + 1
	columnNumber
	columnVerdict
	columnReviewer
	columnComment
	columnEvidence
	columnWeight
	columnFields

	columnFixed = columnEvidence // from here on nobody is to change anything
)

// keyTitle stands above the keys, and tells the row of titles.
const keyTitle = "sihctl"

// The rows of the sheet.
const (
	rowBand = iota + 1
	rowNote
	rowTitle
	rowFirst
)

// MaxPairs is how many pairs a sheet can hold.
const MaxPairs = 1_048_576 - rowFirst

// WriteFile writes the workbook to path, whole or not at all: under another
// name in the same folder first. The file can be read by its user only.
func WriteFile(path string, c Content) (err error) {
	f, err := c.book()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	tmp, err := os.CreateTemp(filepath.Dir(path), ".review-*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = f.Write(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// book makes the workbook.
func (c *Content) book() (*excelize.File, error) {
	w, err := wordsOf(c.Lang)
	if err != nil {
		return nil, err
	}
	if len(c.Pairs) > MaxPairs {
		return nil, fmt.Errorf("%d pairs are more than a sheet holds", len(c.Pairs))
	}
	f := excelize.NewFile()
	s := &sheet{Content: c, f: f, w: w, name: w["tab.pairs"]}
	if err := s.write(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sheet is the sheet of pairs being written.
type sheet struct {
	*Content
	f    *excelize.File
	w    words
	name string
	sw   *excelize.StreamWriter
	st   styles
}

func (s *sheet) last() int { return columnFields - 1 + 2*len(s.Fields) }

func (s *sheet) write() error {
	if err := s.f.SetDefaultFont(font); err != nil {
		return err
	}
	var err error
	if s.st, err = newStyles(s.f, s.Lang == "ar"); err != nil {
		return err
	}
	if err := s.f.SetSheetName("Sheet1", s.name); err != nil {
		return err
	}
	if err := s.guide(); err != nil {
		return err
	}
	if err := s.page(); err != nil {
		return err
	}
	if s.sw, err = s.f.NewStreamWriter(s.name); err != nil {
		return err
	}
	if err := s.columns(); err != nil {
		return err
	}
	if err := s.titles(); err != nil {
		return err
	}
	for i, p := range s.Pairs {
		if err := s.pair(i, p); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(s.last(), rowTitle+max(len(s.Pairs), 1))
	if err != nil {
		return err
	}
	if err := s.f.AutoFilter(s.name, fmt.Sprintf("B%d:%s", rowTitle, last), nil); err != nil {
		return err
	}
	if err := s.sw.Flush(); err != nil {
		return err
	}
	at := s.Generated.UTC().Format(time.RFC3339)
	return s.f.SetDocProps(&excelize.DocProperties{Creator: "sihctl", LastModifiedBy: "sihctl", Created: at, Modified: at, Title: s.w["title"], Subject: s.Project})
}

// page sets what must be set before the first row is written.
func (s *sheet) page() error {
	// A row is one sheet of A3 wide: whoever decides on paper has both records
	// before them.
	yes, no, a3, wide, high, landscape := true, false, 8, 1, 0, "landscape"
	side, edge, foot := 0.25, 0.4, 0.2
	rtl := s.Lang == "ar"
	end := rowTitle + max(len(s.Pairs), 1)
	verdicts := excelize.NewDataValidation(true)
	verdicts.SetSqref(fmt.Sprintf("C%d:C%d", rowFirst, end))
	verdicts.SetError(excelize.DataValidationErrorStyleStop, s.w["verdict"], s.w["choose"])
	list := []string{s.w["verdict."+Same], s.w["verdict."+Apart], s.w["verdict."+Unsure]}
	if err := verdicts.SetDropList(list); err != nil {
		return err
	}
	var chosen []excelize.ConditionalFormatOptions
	for i, v := range list {
		chosen = append(chosen, excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: `"` + v + `"`, Format: &s.st.verdicts[i]})
	}
	return errors.Join(
		s.f.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &yes}),
		s.f.SetSheetView(s.name, 0, &excelize.ViewOptions{ShowGridLines: &no, RightToLeft: &rtl}),
		s.f.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &a3, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		s.f.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge, Header: &foot, Footer: &foot}),
		s.f.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8" + strings.ReplaceAll(s.Project, "&", "&&") + "&R&8&P / &N"}),
		s.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: s.name, RefersTo: fmt.Sprintf("'%s'!$%[2]d:$%[2]d", s.name, rowTitle)}),
		s.f.AddDataValidation(s.name, verdicts),
		s.f.SetConditionalFormat(s.name, fmt.Sprintf("C%d:C%d", rowFirst, end), chosen),
		// Without a password: it is against slips of the hand, and who wants to
		// sort the rows takes it off.
		s.f.ProtectSheet(s.name, &excelize.SheetProtectionOptions{AutoFilter: true, FormatColumns: true, FormatRows: true, SelectLockedCells: true, SelectUnlockedCells: true}),
	)
}

func (s *sheet) columns() error {
	widths := []float64{columnKey: 3, columnNumber: 5, columnVerdict: 14, columnReviewer: 11, columnComment: 18, columnEvidence: evidenceWidth, columnWeight: 6}
	for _, f := range s.Fields {
		widths = append(widths, s.width(f), s.width(f))
	}
	for i, width := range widths[1:] {
		if err := s.sw.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := s.sw.SetColVisible(columnKey, columnKey, false); err != nil {
		return err
	}
	corner := fmt.Sprintf("D%d", rowFirst)
	return s.sw.SetPanes(&excelize.Panes{Freeze: true, XSplit: columnVerdict, YSplit: rowTitle, TopLeftCell: corner, ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: fmt.Sprintf("C%d", rowFirst), ActiveCell: fmt.Sprintf("C%d", rowFirst), Pane: "bottomLeft"}}})
}

// widthOf are the widths of fields that are not of the usual length. They are
// narrow, and texts wrap: all columns together are to be read on one page.
var widthOf = map[string]float64{"record": 15, "family_name": 12.5, "birth_date": 9.5, "sex": 7, "cin": 9.5, "guardian_cin": 9.5, "phone": 12.5, "address": 15}

const evidenceWidth = 34

func (s *sheet) width(field string) float64 {
	if w := widthOf[field]; w > 0 {
		return w
	}
	return 10.5
}

func (s *sheet) titles() error {
	n := s.last()
	band, title := make([]any, n), make([]any, n)
	for i := range n {
		band[i] = excelize.Cell{StyleID: s.st.band}
	}
	band[columnNumber-1] = excelize.Cell{StyleID: s.st.band, Value: s.w["title"] + " · " + s.Project}
	title[columnKey-1] = excelize.Cell{StyleID: s.st.head, Value: keyTitle}
	for i, key := range []string{columnNumber: "number", columnVerdict: "verdict", columnReviewer: "reviewer", columnComment: "comment", columnEvidence: "evidence", columnWeight: "weight"} {
		if key != "" {
			title[i-1] = excelize.Cell{StyleID: s.st.head, Value: s.w[key]}
		}
	}
	for i, f := range s.Fields {
		at := columnFields - 1 + 2*i
		title[at] = excelize.Cell{StyleID: s.st.head, Value: s.w["field."+f] + " A"}
		title[at+1] = excelize.Cell{StyleID: s.st.head, Value: s.w["field."+f] + " B"}
	}
	note := make([]any, columnNumber)
	note[columnNumber-1] = excelize.Cell{StyleID: s.st.note, Value: s.w["note"]}
	for _, r := range []struct {
		row    int
		cells  []any
		height float64
	}{{rowBand, band, 27}, {rowNote, note, 18}, {rowTitle, title, 58}} {
		if err := s.sw.SetRow(fmt.Sprintf("A%d", r.row), r.cells, excelize.RowOpts{Height: r.height}); err != nil {
			return err
		}
	}
	return nil
}

// marked tells whether a difference in a field is worth a mark: two records
// always differ in where they come from.
func marked(field string) bool {
	return field != "record"
}

func (s *sheet) pair(i int, p Pair) error {
	if len(p.Values) != len(s.Fields) {
		return fmt.Errorf("pair %d has %d values for %d fields", i+1, len(p.Values), len(s.Fields))
	}
	fixed := p.fixed(s.Content, s.w)
	cells := make([]any, s.last())
	set := func(column, style int, v any) { cells[column-1] = excelize.Cell{StyleID: style, Value: v} }
	set(columnKey, s.st.cell, p.Key)
	set(columnNumber, s.st.number, i+1)
	set(columnVerdict, s.st.verdict, nil)
	set(columnReviewer, s.st.open, none(s.Reviewer))
	set(columnComment, s.st.open, nil)
	set(columnEvidence, s.st.words, none(fixed[0]))
	var weight float64
	if _, err := fmt.Sscanf(fixed[1], "%g", &weight); err != nil {
		return err
	}
	set(columnWeight, s.st.weight, weight)
	tall := linesOf(fixed[0], evidenceWidth)
	for k, v := range p.Values {
		style := s.st.cell
		if v.differ() && marked(s.Fields[k]) {
			style = s.st.differ
		}
		for side := range 2 {
			text := fixed[2+2*k+side]
			set(columnFields+2*k+side, style, none(text))
			tall = max(tall, linesOf(text, s.width(s.Fields[k])-2))
		}
	}
	return s.sw.SetRow(fmt.Sprintf("A%d", rowFirst+i), cells, excelize.RowOpts{Height: float64(6 + 12*min(max(tall, 2), 12))})
}

// linesOf is how many lines a text takes in a column of that width, whose unit is
// a digit: letters are a little narrower.
func linesOf(text string, width float64) (n int) {
	for line := range strings.Lines(text) {
		n += 1 + int(float64(utf8.RuneCountInString(line))/(1.15*width))
	}
	return n
}

// none is what an empty text is in a sheet: no value.
func none(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// guide writes the sheet that says how to decide.
func (s *sheet) guide() error {
	name := s.w["tab.guide"]
	if _, err := s.f.NewSheet(name); err != nil {
		return err
	}
	no, rtl := false, s.Lang == "ar"
	err := errors.Join(
		s.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no, RightToLeft: &rtl}),
		s.f.SetColWidth(name, "A", "A", 110),
		s.f.SetCellStr(name, "A1", s.w["tab.guide"]),
		s.f.SetCellStyle(name, "A1", "A1", s.st.band),
		s.f.SetRowHeight(name, 1, 27),
	)
	for i, line := range strings.Split(strings.TrimSpace(s.w["guide"]), "\n") {
		cell := fmt.Sprintf("A%d", i+3)
		err = errors.Join(err, s.f.SetCellStr(name, cell, line), s.f.SetCellStyle(name, cell, cell, s.st.para),
			s.f.SetRowHeight(name, i+3, float64(8+14*(1+utf8.RuneCountInString(line)/105))))
	}
	return err
}
