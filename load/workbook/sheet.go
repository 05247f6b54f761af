package workbook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih/load/reconcile"
)

// Every sheet but the Summary has a band with its title in row 1, a note in
// row 2, the totals of what the filter shows in row 3, the heads in row 4 and
// its lines after them.
const (
	rowBand  = 1
	rowNote  = 2
	rowTotal = 3
	rowHead  = 4
	rowFirst = 5
)

// pageWidth is what a printed page holds, in the units of a column's width:
// narrow sheets are stretched to it.
const pageWidth = 150

// column declares a column of a sheet. Its head is the word "col." and key.
type column struct {
	key   string
	kind  kind
	width float64
	// summed columns have their total in row 3.
	summed bool
	// choices are what may be entered, where an input takes nothing else.
	choices []string
}

// grid says where the columns of a written sheet lie.
type grid struct {
	name    string
	letters map[string]string
	last    int // the last line's row, or the first's where there are none
}

// span returns the reference of a column's lines, for a formula on any sheet.
func (g *grid) span(key string) string {
	c := g.letters[key]
	return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", strings.ReplaceAll(g.name, "'", "''"), c, rowFirst, c, g.last)
}

// expand replaces each {key} in a formula by what to returns for the key.
func expand(formula string, to func(key string) string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(formula, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		key, after, _ := strings.Cut(rest, "}")
		out.WriteString(to(key))
		formula = after
	}
}

// sheet is a sheet being written.
type sheet struct {
	*grid
	b     *book
	sw    *excelize.StreamWriter
	cols  []column
	wide  []float64 // the columns' widths on the page
	row   int       // the row to come
	tall  float64   // height of its lines where it is not their own
	cells []any
	items int64      // lines of the list that it is of, those that it does not hold too
	whole *wholeList // that list, where it is kept beside the workbook
}

// centimes is an amount; cells show it in units of the currency.
type centimes int64

// live is a formula with the value that the program expects of it. In a line
// of a sheet, {key} stands for the cell of that column in the same row.
type live struct {
	formula string
	value   any
}

// styled gives a cell another kind than its column has.
type styled struct {
	value any
	kind  kind
}

// open begins a sheet of so many lines; a negative number says that it is not
// known.
func (b *book) open(tab string, lines int, cols ...column) (*sheet, error) {
	s := &sheet{
		b: b, cols: cols, row: rowFirst, cells: make([]any, len(cols)),
		grid: &grid{name: b.tab(tab), letters: make(map[string]string, len(cols)), last: rowFirst + max(lines, 1) - 1},
	}
	for i, c := range cols {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		s.letters[c.key] = letter
	}
	b.grids[tab] = s.grid
	if err := s.conditions(); err != nil {
		return nil, err
	}
	s.wide = make([]float64, len(cols))
	sum := 0.0
	for _, c := range cols {
		sum += c.width
	}
	for i, c := range cols {
		s.wide[i] = c.width * max(1, pageWidth/sum)
	}
	var err error
	if s.sw, err = b.stream(s.name, rowHead, s.wide); err != nil {
		return nil, err
	}
	return s, s.heads(tab)
}

// stream sets a sheet's page up and begins to write it, with the rows down to
// head frozen and repeated on each page. What concerns the whole sheet is set
// before the writer is made: later it has no effect.
func (b *book) stream(name string, head int, widths []float64) (*excelize.StreamWriter, error) {
	f := b.file
	yes, no, rtl, a4, wide, high, landscape := true, false, b.rtl(), 9, 1, 0, "landscape"
	side, edge, foot := 0.4, 0.5, 0.3
	for _, err := range []error{
		f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}),
		f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no, RightToLeft: &rtl}),
		f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge, Header: &foot, Footer: &foot}),
		f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: b.footer()}),
		f.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: name,
			RefersTo: fmt.Sprintf("'%s'!$1:$%d", strings.ReplaceAll(name, "'", "''"), head),
		}),
	} {
		if err != nil {
			return nil, err
		}
	}
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, w := range widths {
		if err := sw.SetColWidth(i+1, i+1, w); err != nil {
			return nil, err
		}
	}
	below := "A" + strconv.Itoa(head+1)
	return sw, sw.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: head, TopLeftCell: below, ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: below, ActiveCell: below, Pane: "bottomLeft"}},
	})
}

// conditions colours differences and states. Colour is never alone: a state
// is a word as well.
func (s *sheet) conditions() error {
	for _, c := range s.cols {
		at := fmt.Sprintf("%s%d:%s%d", s.letters[c.key], rowFirst, s.letters[c.key], s.last)
		switch {
		case c.kind == status:
			if err := s.b.colourStatus(s.name, at); err != nil {
				return err
			}
		case c.choices != nil:
			v := excelize.NewDataValidation(true)
			v.SetSqref(at)
			if err := v.SetDropList(c.choices); err != nil {
				return err
			}
			if err := s.b.file.AddDataValidation(s.name, v); err != nil {
				return err
			}
		case strings.HasPrefix(c.key, "difference"):
			if err := s.b.colourDifference(s.name, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) colourStatus(name, at string) error {
	equals := func(word string, style *int) excelize.ConditionalFormatOptions {
		return excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: strconv.Quote(b.words[word]), Format: style}
	}
	return b.file.SetConditionalFormat(name, at, []excelize.ConditionalFormatOptions{
		equals("status.ok", &b.styles.good), equals("status.bad", &b.styles.bad),
		equals("status.over", &b.styles.bad), equals("status.none", &b.styles.doubt), equals("status.unstated", &b.styles.doubt),
	})
}

func (b *book) colourDifference(name, at string) error {
	return b.file.SetConditionalFormat(name, at, []excelize.ConditionalFormatOptions{
		{Type: "cell", Criteria: "!=", Value: "0", Format: &b.styles.bad},
	})
}

// heads writes the rows above the lines, but for the totals.
func (s *sheet) heads(tab string) error {
	b := s.b
	band := make([]any, len(s.cols))
	for i := range band {
		band[i] = excelize.Cell{StyleID: b.styles.band}
	}
	band[0] = excelize.Cell{StyleID: b.styles.band, Value: s.name}
	if err := s.sw.SetRow("A1", band, excelize.RowOpts{Height: 27}); err != nil {
		return err
	}
	words := b.words["note."+tab]
	if own := b.notes[tab]; own != "" {
		words = own
	}
	note := []any{excelize.Cell{StyleID: b.styles.note, Value: words}}
	if err := s.sw.SetRow("A2", note, excelize.RowOpts{Height: 18}); err != nil {
		return err
	}
	return nil
}

// totals writes the totals in row 3, where any column is summed, and the
// heads in row 4. Each total is of the lines that a filter leaves.
func (s *sheet) totals(sums map[string]any) error {
	totals, heads := make([]any, len(s.cols)), make([]any, len(s.cols))
	for i, c := range s.cols {
		heads[i] = excelize.Cell{StyleID: s.b.styles.filtered[c.kind.side()], Value: s.b.words["col."+c.key]}
		if sums == nil {
			continue
		}
		cell := excelize.Cell{StyleID: s.b.styles.total[c.kind]}
		switch {
		case i == 0:
			cell.Value = s.b.words["total"]
		case c.summed:
			l := s.letters[c.key]
			cell.Formula = fmt.Sprintf("SUBTOTAL(109,%s%d:%s%d)", l, rowFirst, l, s.last)
			if c.kind == money {
				cell.Formula = "ROUND(" + cell.Formula + ",2)"
			}
			cell.Value = number(sums[c.key])
		}
		totals[i] = cell
	}
	if err := s.sw.SetRow("A3", totals, excelize.RowOpts{Height: 15}); err != nil {
		return err
	}
	// High enough for the filters' buttons to stand below the words.
	return s.sw.SetRow("A4", heads, excelize.RowOpts{Height: 33})
}

// add writes one line, a value per column; nil is an empty cell.
func (s *sheet) add(values ...any) error {
	if len(values) != len(s.cols) {
		return fmt.Errorf("line of %d values for %d columns", len(values), len(s.cols))
	}
	row := strconv.Itoa(s.row)
	tall := 1
	for i, v := range values {
		k := s.cols[i].kind
		if t, ok := v.(string); ok && k == long {
			tall = max(tall, linesOf(t, s.wide[i]))
		}
		if o, ok := v.(styled); ok {
			v, k = o.value, o.kind
		}
		cell := excelize.Cell{StyleID: s.b.styles.cell[k]}
		if f, ok := v.(live); ok {
			cell.Formula = expand(f.formula, func(key string) string { return s.letters[key] + row })
			v = f.value
		}
		cell.Value = number(v)
		s.cells[i] = cell
	}
	s.row++
	if s.tall > 0 {
		return s.sw.SetRow("A"+row, s.cells, excelize.RowOpts{Height: s.tall})
	}
	// LibreOffice does not fit the height of rows that it reads.
	if tall > 1 {
		return s.sw.SetRow("A"+row, s.cells, excelize.RowOpts{Height: float64(3 + 12*min(tall, 20))})
	}
	return s.sw.SetRow("A"+row, s.cells)
}

// linesOf is how many lines a text takes in a column that wraps. A width is in
// letters of 10 points, of which a line of 9 holds a few more; what words leave
// free at the ends of lines is taken from that.
func linesOf(text string, width float64) int {
	lines := 0
	for part := range strings.SplitSeq(text, "\n") {
		lines += 1 + (utf8.RuneCountInString(part)-1)/int(width)
	}
	return max(lines, 1)
}

// number turns amounts and shares into what a cell holds. An empty text is no
// value, so that a count of filled cells is right.
func number(v any) any {
	switch v := v.(type) {
	case centimes:
		// The nearest double has at most 15 digits for any amount below ten
		// million million, so the cell shows and sums to the centime.
		return float64(v) / 100
	case reconcile.Share:
		return float64(v) / float64(reconcile.Whole)
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

// close ends the sheet and gives it its filter.
func (s *sheet) close() error {
	if s.row == rowFirst {
		if err := s.sw.SetRow("A5", []any{excelize.Cell{StyleID: s.b.styles.note, Value: s.b.words["none"]}}); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(s.cols), max(s.row-1, rowFirst))
	if err != nil {
		return err
	}
	// The filter, unlike the rest, is written after the lines, and may
	// therefore be set when their number is known.
	if err := s.b.file.AutoFilter(s.name, "A4:"+last, nil); err != nil {
		return err
	}
	return s.sw.Flush()
}

// more says something below the lines.
func (s *sheet) more(note string) error {
	// The row is not counted: the filter ends above it.
	return s.sw.SetRow("A"+strconv.Itoa(s.row), []any{excelize.Cell{StyleID: s.b.styles.note, Value: note}})
}
