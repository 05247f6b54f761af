package workbook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The Summary's columns: what is checked (A, B), by formula (C to E), by the
// program (F, G), the two against each other (H), lines off (I), state (J).
var summaryWidths = []float64{27, 36, 17, 17, 15, 17, 17, 15, 12, 14}

// summary writes the first sheet.
type summary struct {
	b   *book
	sw  *excelize.StreamWriter
	row int
}

// summary lays the first sheet out from top to bottom. Where the checks will
// lie is known before they are written, so that the verdict, which stands
// above them, can speak of them.
func (b *book) summary() error {
	checks := b.checks()
	facts := b.facts()
	first := 10 + len(facts)
	if n := len(b.Run.Sources); n > 0 {
		first += 2 + 2*n
	}
	last := first + len(checks) + 2 + len(terms)
	states := fmt.Sprintf("$J$%d:$J$%d", first, last)
	name := b.tab(tabSummary)
	if err := b.colourSummary(name, states, first, first+max(len(checks), 1)-1, last); err != nil {
		return err
	}
	sw, err := b.stream(name, 4, summaryWidths)
	if err != nil {
		return err
	}
	s := &summary{b: b, sw: sw, row: 1}
	if err := s.top(states, checks); err != nil {
		return err
	}
	if err := s.reasons(checks, first, last); err != nil {
		return err
	}
	if err := s.facts(facts); err != nil {
		return err
	}
	if err := s.sources(); err != nil {
		return err
	}
	if err := s.page(); err != nil {
		return err
	}
	if err := s.checks(checks, first); err != nil {
		return err
	}
	if err := s.terms(last); err != nil {
		return err
	}
	if err := s.details(); err != nil {
		return err
	}
	if err := s.files(); err != nil {
		return err
	}
	return sw.Flush()
}

func (b *book) colourSummary(name, states string, first, checked, last int) error {
	if err := b.colourStatus(name, states); err != nil {
		return err
	}
	for _, at := range [...]string{
		fmt.Sprintf("E%d:E%d", first, checked), fmt.Sprintf("H%d:I%d", first, checked),
		fmt.Sprintf("H%d:H%d", last-len(terms)+1, last),
	} {
		if err := b.colourDifference(name, at); err != nil {
			return err
		}
	}
	good, bad := "$B$3="+strconv.Quote(b.words[b.good()]), "$B$3<>"+strconv.Quote(b.words[b.good()])
	if err := b.file.SetConditionalFormat(name, "B3:J3", []excelize.ConditionalFormatOptions{
		{Type: "formula", Criteria: good, Format: &b.styles.good},
		{Type: "formula", Criteria: bad, Format: &b.styles.bad},
	}); err != nil {
		return err
	}
	return b.file.SetConditionalFormat(name, "B4:J4", []excelize.ConditionalFormatOptions{
		{Type: "formula", Criteria: bad, Format: &b.styles.bad},
	})
}

// put writes one row; nil values are no cells.
func (s *summary) put(height float64, cells ...any) error {
	var opts []excelize.RowOpts
	if height > 0 {
		opts = append(opts, excelize.RowOpts{Height: height})
	}
	err := s.sw.SetRow("A"+strconv.Itoa(s.row), cells, opts...)
	s.row++
	return err
}

func (s *summary) cell(k kind, v any) excelize.Cell {
	return excelize.Cell{StyleID: s.b.styles.cell[k], Value: number(v)}
}

func (s *summary) live(k kind, formula string, v any) excelize.Cell {
	return excelize.Cell{StyleID: s.b.styles.cell[k], Formula: formula, Value: number(v)}
}

// jump is a cell that leads to a sheet.
func (s *summary) jump(tab, text string) excelize.Cell {
	l := s.b.jump(tab, rowFirst, text)
	return excelize.Cell{StyleID: s.b.styles.jump, Formula: l.formula, Value: l.value}
}

// line gives the cells the sheet's width.
func (s *summary) line(cells ...any) []any {
	for len(cells) < len(summaryWidths) {
		cells = append(cells, s.cell(text, nil))
	}
	return cells
}

// wide fills a row of the sheet's width in one style, its text in the first
// cell.
func wide(style int, text string) []any {
	cells := make([]any, len(summaryWidths))
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style}
	}
	cells[0] = excelize.Cell{StyleID: style, Value: text}
	return cells
}

// page begins a new page where the sheet is printed.
func (s *summary) page() error { return s.sw.InsertPageBreak("A" + strconv.Itoa(s.row+1)) }

// section leaves a row free and writes a heading.
func (s *summary) section(word string) error {
	s.row++
	return s.put(20, wide(s.b.styles.section, s.b.words["section."+word])...)
}

// heads writes the heads of a table; an empty key is an empty head.
func (s *summary) heads(right int, keys ...string) error {
	cells := make([]any, len(summaryWidths))
	for i := range cells {
		side := text.side()
		switch {
		case i == len(cells)-1:
			side = status.side()
		case i >= right:
			side = whole.side()
		}
		cell := excelize.Cell{StyleID: s.b.styles.head[side]}
		if i < len(keys) && keys[i] != "" {
			cell.Value = s.b.words["col."+keys[i]]
		}
		cells[i] = cell
	}
	return s.put(30, cells...)
}

// top writes the band and the verdict: red where any check is, or where no
// row was extracted at all, and otherwise red for a tolerance exceeded.
func (s *summary) top(states string, checks []check) error {
	w := s.b.words
	title := w["title"]
	if s.b.Run.Project != "" {
		title += " · " + s.b.Run.Project
	}
	if err := s.put(33, wide(s.b.styles.band, title)...); err != nil {
		return err
	}
	privacy := excelize.Cell{StyleID: s.b.styles.note, Value: w["masked"]}
	if s.b.Unmasked {
		privacy = excelize.Cell{StyleID: s.b.styles.warning, Value: w["unmasked"]}
	}
	if err := s.put(18, privacy); err != nil {
		return err
	}
	good := s.b.good()
	word := good
	switch {
	case !s.b.Report.Balanced() || slices.ContainsFunc(checks, func(c check) bool { return !c.over && !c.balanced() }):
		word = "verdict.bad"
	case !s.b.Report.WithinTolerance():
		word = "verdict.over"
	}
	q := func(word string) string { return strconv.Quote(w[word]) }
	formula := fmt.Sprintf("IF(OR(SUM(%s)=0,COUNTIF(%s,%s)>0),%s,IF(COUNTIF(%s,%s)>0,%s,%s))",
		s.b.grids[tabRows].span("extracted"), states, q("status.bad"), q("verdict.bad"), states, q("status.over"), q("verdict.over"), q(good))
	cells := wide(s.b.styles.verdict, w["verdict"])
	cells[1] = excelize.Cell{StyleID: s.b.styles.verdict, Formula: formula, Value: w[word]}
	return s.put(27, cells...)
}

// good is the word of the verdict where nothing speaks against it. That
// tolerances were kept is said only where there were any.
func (b *book) good() string {
	if len(b.toleranceCheck()) == 0 {
		return "verdict.free"
	}
	return "verdict.ok"
}

// facts returns the run's facts that there are, as words and texts.
func (b *book) facts() [][2]string {
	r := b.Run
	id, generated := "", ""
	if !r.ID.IsZero() {
		id = r.ID.String()
	}
	if !r.Generated.IsZero() {
		generated = r.Generated.Format("2006-01-02 15:04:05 -07:00")
	}
	var out [][2]string
	for _, f := range [...][2]string{
		{"project", r.Project}, {"country", r.Country}, {"wave", r.Wave}, {"mode", b.words.code("mode", r.Mode)}, {"run", id},
		{"generated", generated}, {"tool", r.Tool}, {"target", r.Target}, {"config_hash", r.ConfigHash}, {"scope_hash", r.ScopeHash}, {"audit_head", r.AuditHead},
	} {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	return out
}

func (s *summary) facts(facts [][2]string) error {
	if err := s.section("run"); err != nil {
		return err
	}
	for _, f := range facts {
		if err := s.put(0, s.line(excelize.Cell{StyleID: s.b.styles.label, Value: s.b.words["fact."+f[0]]}, s.cell(text, f[1]))...); err != nil {
			return err
		}
	}
	return nil
}

// sources writes two lines per source, each with a hash.
func (s *summary) sources() error {
	if len(s.b.Run.Sources) == 0 {
		return nil
	}
	if err := s.section("sources"); err != nil {
		return err
	}
	for _, x := range s.b.Run.Sources {
		label := excelize.Cell{StyleID: s.b.styles.label, Value: string(x.ID)}
		if err := s.put(0, s.line(label, s.cell(text, join(x.System, x.Driver, x.Facility)),
			s.cell(text, s.b.words["hash.snapshot"]), s.cell(text, nil), s.cell(text, x.SnapshotHash))...); err != nil {
			return err
		}
		if err := s.put(0, s.line(excelize.Cell{StyleID: s.b.styles.label}, s.cell(text, s.b.views(x.Views)),
			s.cell(text, s.b.words["hash.mapping"]), s.cell(text, nil), s.cell(text, x.MappingHash))...); err != nil {
			return err
		}
	}
	return nil
}

// views says how a snapshot was read.
func (b *book) views(moments []string) string {
	switch len(moments) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(b.words["view.one"], moments[0])
	}
	return fmt.Sprintf(b.words["view.several"], len(moments), strings.Join(moments, " · "))
}

// join joins the texts that are not empty.
func join(texts ...string) string {
	out := ""
	for _, t := range texts {
		if t == "" {
			continue
		}
		if out != "" {
			out += " · "
		}
		out += t
	}
	return out
}

// details says how much of each list its sheet shows.
func (s *summary) details() error {
	if err := s.section("details"); err != nil {
		return err
	}
	if err := s.heads(2, "detail_sheet", "", "lines_all", "lines_shown", "lines_rest"); err != nil {
		return err
	}
	for _, d := range s.b.details {
		if err := s.put(0, s.line(s.jump(d.tab, s.b.tab(d.tab)), s.cell(text, nil), s.cell(whole, d.all), s.cell(whole, d.shown), s.cell(whole, d.all-d.shown))...); err != nil {
			return err
		}
	}
	return nil
}

// files names the files beside the workbook, each with its hash.
func (s *summary) files() error {
	if len(s.b.files) == 0 {
		return nil
	}
	if err := s.section("files"); err != nil {
		return err
	}
	if err := s.heads(2, "file", "", "lines_all", "sha256"); err != nil {
		return err
	}
	for _, d := range s.b.files {
		if err := s.put(0, s.line(s.cell(text, d.Name), s.cell(text, nil), s.cell(whole, d.Rows), s.cell(text, d.Hash))...); err != nil {
			return err
		}
	}
	return nil
}
