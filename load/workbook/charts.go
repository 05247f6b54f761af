package workbook

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih/load/reconcile"
)

// weights counts pairs by their weight in whole bits: those that were joined,
// and those that wait for a decision.
type weights struct{ bits map[int]*[2]int64 }

// The heaviest and lightest bin of the chart.
const lightest, heaviest = -10, 60

func (w *weights) add(weight float64, side int) {
	if w.bits == nil {
		w.bits = map[int]*[2]int64{}
	}
	at := int(math.Floor(min(max(weight, lightest), heaviest)))
	if w.bits[at] == nil {
		w.bits[at] = new([2]int64)
	}
	w.bits[at][side]++
}

// block is a small table of figures on the sheet of charts.
type block struct {
	word  string // of its title, "chart." and word
	heads []string
	names []string
	rows  [][]float64
	share bool
	kind  excelize.ChartType
	// Over a scale of numbers, names are the numbers, and lines stand at some of
	// them.
	scale [2]float64
	lines []upright
}

// upright is a line that stands upright in a chart over a scale, as high as its
// highest figure.
type upright struct {
	name string
	at   float64
}

// charted are the fields of a patient's record whose filling the chart shows.
var charted = []string{"cin", "idcs", "family_name", "given_name", "family_name_ar", "birth_date", "father_name", "phone", "address", "amo_no", "blood_group"}

func (b *book) blocks() []block {
	rows := block{word: "rows", kind: excelize.BarStacked, heads: []string{b.words["col.accepted"], b.words["col.rejected"], b.words["col.excluded"], b.words["col.joined"]}}
	at := map[string]int{}
	for _, l := range b.Report.Rows {
		s := string(l.Source)
		i, ok := at[s]
		if !ok {
			i = len(rows.names)
			at[s] = i
			rows.names, rows.rows = append(rows.names, s), append(rows.rows, make([]float64, 4))
		}
		for j, n := range [...]int64{l.Accepted, l.Rejected, l.Excluded, l.Joined} {
			rows.rows[i][j] += float64(n)
		}
	}
	filled := block{word: "filled", kind: excelize.Col, share: true, heads: []string{b.words["col.before"], b.words["col.after"], b.words["col.valid"]}}
	for _, c := range charted {
		var sum reconcile.FieldCount
		for _, l := range b.Report.Completeness {
			if l.Table == "source_person" && l.Column == c {
				sum.Rows += l.Rows
				sum.Before += l.Before
				sum.After += l.After
				sum.Valid += l.Valid
			}
		}
		if sum.Rows > 0 {
			of := func(n int64) float64 { return float64(n) / float64(sum.Rows) }
			filled.names, filled.rows = append(filled.names, b.words["field."+c]), append(filled.rows, []float64{of(sum.Before), of(sum.After), of(sum.Valid)})
		}
	}
	overlap := b.overlapBlock()
	return []block{rows, filled, b.weightBlock(), overlap}
}

// weightBlock counts pairs by weight, each at the middle of its whole bit.
func (b *book) weightBlock() block {
	out := block{word: "weights", kind: excelize.Scatter, heads: []string{b.words["chart.joined"], b.words["chart.open"]}}
	if len(b.weights.bits) == 0 {
		return out
	}
	first, last := heaviest, lightest
	for bit := range b.weights.bits {
		first, last = min(first, bit), max(last, bit)
	}
	// An empty one at either end lets the outlines come down to nothing.
	for bit := first - 1; bit <= last+1; bit++ {
		n := b.weights.bits[bit]
		if n == nil {
			n = new([2]int64)
		}
		out.names, out.rows = append(out.names, strconv.FormatFloat(float64(bit)+0.5, 'f', 1, 64)), append(out.rows, []float64{float64(n[0]), float64(n[1])})
	}
	out.scale = [2]float64{float64(first - 1), float64(last + 2)}
	if t := b.Thresholds; t != nil {
		out.lines = []upright{{fmt.Sprintf(b.words["chart.from_review"], b.bits(t.Review)), t.Review}, {fmt.Sprintf(b.words["chart.from_join"], b.bits(t.Join)), t.Join}}
		for _, l := range out.lines {
			out.scale[0], out.scale[1] = min(out.scale[0], l.at), max(out.scale[1], l.at)
		}
	}
	// Whole tens, so that round numbers stand below.
	out.scale[0], out.scale[1] = 10*math.Floor(out.scale[0]/10), 10*math.Ceil(out.scale[1]/10)
	return out
}

func (b *book) overlapBlock() block {
	overlap := block{word: "overlap", kind: excelize.Bar, heads: []string{b.words["col.shared_persons"]}}
	list := slices.Clone(b.Report.Overlaps)
	slices.SortStableFunc(list, func(x, y reconcile.OverlapLine) int { return int(y.Persons - x.Persons) })
	for _, l := range list[:min(len(list), 15)] {
		overlap.names, overlap.rows = append(overlap.names, string(l.A)+" + "+string(l.B)), append(overlap.rows, []float64{float64(l.Persons)})
	}
	return overlap
}

// highest is the highest figure of the block.
func (x *block) highest() (top float64) {
	for _, row := range x.rows {
		top = max(top, slices.Max(row))
	}
	return top
}

// What a chart takes of the sheet, in rows of 15 points and in columns.
const (
	chartRows  = 19
	chartsLast = 3 + 2*chartRows // the row before the figures
)

// charts writes the charts, and below them the figures that they show. The
// sheet is not streamed: charts on one that is are lost.
func (b *book) charts() error {
	f, name := b.file, b.tab(tabCharts)
	yes, no, rtl, a4, wide, high, landscape := true, false, b.rtl(), 9, 1, 0, "landscape"
	for _, err := range []error{
		f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}),
		f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no, RightToLeft: &rtl}),
		f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: b.footer()}),
		f.SetColWidth(name, "A", "L", 13.5),
		f.SetCellStr(name, "A1", name), f.SetCellStyle(name, "A1", "L1", b.styles.band), f.SetRowHeight(name, 1, 27),
		f.SetCellStr(name, "A2", b.chartNote()), f.SetCellStyle(name, "A2", "A2", b.styles.note), f.SetRowHeight(name, 2, 18),
		f.InsertPageBreak(name, fmt.Sprintf("A%d", chartsLast)),
	} {
		if err != nil {
			return err
		}
	}
	// Programs differ in how high a row is that nobody has set.
	for row := 3; row < chartsLast; row++ {
		if err := f.SetRowHeight(name, row, 15); err != nil {
			return err
		}
	}
	places := [...]string{"A3", "G3", fmt.Sprintf("A%d", 3+chartRows), fmt.Sprintf("G%d", 3+chartRows)}
	row := chartsLast + 1
	for i, x := range b.blocks() {
		next, err := b.figures(name, x, row)
		if err != nil {
			return err
		}
		if len(x.names) > 0 {
			if err := b.chart(name, places[i], x, row); err != nil {
				return err
			}
		}
		row = next
	}
	return nil
}

func (b *book) chartNote() string {
	if t := b.Thresholds; t != nil {
		return fmt.Sprintf(b.words["chart.thresholds"], b.bits(t.Review), b.bits(t.Join))
	}
	return b.words["note.charts"]
}

// bits writes a weight as the language writes numbers.
func (b *book) bits(w float64) string {
	return strings.Replace(strconv.FormatFloat(w, 'f', 1, 64), ".", b.words["decimal"], 1)
}

// figures writes a block from a row on and returns the row after it.
func (b *book) figures(name string, x block, row int) (int, error) {
	f := b.file
	set := func(column int, row int, v any, style int) error {
		cell, err := excelize.CoordinatesToCellName(column, row)
		if err != nil {
			return err
		}
		if err := f.SetCellValue(name, cell, v); err != nil {
			return err
		}
		return f.SetCellStyle(name, cell, cell, style)
	}
	if err := set(1, row, b.words["chart."+x.word], b.styles.section); err != nil {
		return 0, err
	}
	row++
	if err := f.SetRowHeight(name, row, 26); err != nil {
		return 0, err
	}
	for j, h := range append([]string{""}, x.heads...) {
		side := whole.side()
		if err := set(1+j, row, h, b.styles.head[side]); err != nil {
			return 0, err
		}
	}
	k := whole
	if x.share {
		k = share
	}
	for i, n := range x.names {
		var name any = n
		if x.kind == excelize.Scatter {
			name, _ = strconv.ParseFloat(n, 64)
		}
		if err := set(1, row+1+i, name, b.styles.cell[text]); err != nil {
			return 0, err
		}
		for j, v := range x.rows[i] {
			if err := set(2+j, row+1+i, v, b.styles.cell[k]); err != nil {
				return 0, err
			}
		}
	}
	for i, l := range x.lines { // two points each, beside the figures
		column := 5 + 3*i
		if err := set(column, row, l.name, b.styles.head[text.side()]); err != nil {
			return 0, err
		}
		for j, y := range [...]float64{0, x.highest()} {
			if err := errors.Join(set(column, row+1+j, l.at, b.styles.cell[text]), set(column+1, row+1+j, y, b.styles.cell[k])); err != nil {
				return 0, err
			}
		}
	}
	return row + len(x.names) + 2, nil
}

// palette are the series' colours, told apart by their lightness too.
var palette = []string{"2F6DA8", "C7762B", "8A97A6", "5BA37B"}

func (b *book) chart(name, at string, x block, row int) error {
	sheet := "'" + strings.ReplaceAll(name, "'", "''") + "'!"
	first, last := row+2, row+1+len(x.names)
	var series []excelize.ChartSeries
	for j := range x.heads {
		c := string(rune('B' + j))
		series = append(series, excelize.ChartSeries{
			Name:       fmt.Sprintf("%s$%s$%d", sheet, c, row+1),
			Categories: fmt.Sprintf("%s$A$%d:$A$%d", sheet, first, last),
			Values:     fmt.Sprintf("%s$%s$%d:$%s$%d", sheet, c, first, c, last),
			Fill:       excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{palette[j%len(palette)]}},
			Line:       excelize.LineOptions{Type: excelize.LineSolid, Width: 2},
			Marker:     excelize.ChartMarker{Symbol: "none"},
		})
	}
	for i := range x.lines {
		c, y := string(rune('E'+3*i)), string(rune('F'+3*i))
		series = append(series, excelize.ChartSeries{
			Name:       fmt.Sprintf("%s$%s$%d", sheet, c, row+1),
			Categories: fmt.Sprintf("%s$%s$%d:$%s$%d", sheet, c, first, c, first+1),
			Values:     fmt.Sprintf("%s$%s$%d:$%s$%d", sheet, y, first, y, first+1),
			Fill:       excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{[...]string{"7A5200", "1D6B3C"}[i]}},
			Line:       excelize.LineOptions{Type: excelize.LineSolid, Width: 1.5, Dash: excelize.LineDashDash},
			Marker:     excelize.ChartMarker{Symbol: "none"},
		})
	}
	format := strings.Trim(b.words["unit.count"], "_-")
	if x.share {
		format = "0%"
	}
	small := excelize.Font{Size: 8, Family: font, Color: "404040"}
	gap := uint(60)
	legend := excelize.ChartLegend{Position: "bottom", Font: &small}
	if len(x.heads) == 1 {
		legend.Position = "none"
	}
	across := excelize.ChartAxis{Font: small, TickLabelSkip: 1 + len(x.names)/16, ReverseOrder: x.kind == excelize.Bar || x.kind == excelize.BarStacked}
	if x.kind == excelize.Scatter {
		across.Minimum, across.Maximum, across.MajorUnit = &x.scale[0], &x.scale[1], 10
	}
	up := excelize.ChartAxis{Font: small, MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: format}}
	if whole := 1.0; x.share {
		up.Maximum = &whole
	}
	return b.file.AddChart(name, at, &excelize.Chart{
		Type: x.kind, Series: series, GapWidth: &gap,
		Title:  excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: b.words["chart."+x.word], Font: &excelize.Font{Size: 11, Bold: true, Color: colourBand, Family: font}}}},
		Legend: legend,
		// The library reckons 18 pixels for a row of 15 points, so that this is less
		// than chartRows.
		Dimension: excelize.ChartDimension{Width: 590, Height: 18*chartRows - 12},
		XAxis:     across,
		YAxis:     up,
	})
}
