package workbook

import "github.com/xuri/excelize/v2"

// The palette: a deep blue for the band, greys for what is beside the point,
// green and red only for what agrees and what does not.
const (
	colourBand    = "1F3A5F"
	colourHead    = "DCE5EF"
	colourLine    = "D5DBE3"
	colourNote    = "5B6B7D"
	colourTotal   = "F3F6FA"
	colourGood    = "1D6B3C"
	colourGoodBg  = "E2F1E7"
	colourBad     = "9B1C2C"
	colourBadBg   = "F9DFE2"
	colourDoubt   = "7A5200"
	colourDoubtBg = "FBF0D5"
	colourLink    = "1A5FB4"
	colourInput   = "FFFDE7"
)

// font is on every machine, or its metric twin is, and it has Arabic.
const font = "Arial"

// kind is how a column shows its values.
type kind int

const (
	text       kind = iota
	long            // text that wraps
	whole           // a count
	money           // centimes, shown in units of the currency
	share           // a fraction, shown in per cent
	limit           // a fraction with up to four decimals
	weight          // bits
	plain           // a number that is a name, such as a year
	status          // a word
	link            // leads to another place
	input           // a cell for the auditor to fill in
	inputWhole      // the same for a count
	inputMoney      // and for an amount
	kinds
)

// side is where a column's head stands: 0 left, 1 right, 2 in the middle.
func (k kind) side() int {
	switch k {
	case text, long, input:
		return 0
	case plain, status, link:
		return 2
	}
	return 1
}

// styles holds the ids of the styles of one workbook.
type styles struct {
	cell, total [kinds]int
	band, note  int
	warning     int
	head        [3]int // of text, of numbers, of states
	filtered    [3]int // the same above filters
	section     int
	label       int
	jump        int // text that leads to a sheet
	verdict     int
	reason      int // what speaks against it
	// Conditional formats.
	good, bad, doubt int
}

// newStyles makes the styles; rtl mirrors them for sheets that run from right to
// left.
func newStyles(f *excelize.File, w words, rtl bool) (*styles, error) {
	s := new(styles)
	var err error
	add := func(st excelize.Style) int {
		if err != nil {
			return 0
		}
		st.Font.Family = font
		if a := st.Alignment; rtl && a != nil {
			mirrored := *a
			switch a.Horizontal {
			case "left":
				mirrored.Horizontal = "right"
			case "right":
				mirrored.Horizontal = "left"
			}
			mirrored.ReadingOrder = 2
			st.Alignment = &mirrored
		}
		var id int
		id, err = f.NewStyle(&st)
		return id
	}
	line := []excelize.Border{{Type: "bottom", Color: colourLine, Style: 1}}
	formats := [kinds]string{whole: w["unit.count"], money: w["unit.money"], share: w["unit.share"], limit: w["unit.limit"], weight: w["unit.weight"], plain: "0",
		inputWhole: w["unit.count"], inputMoney: w["unit.money"]}
	for k := range s.cell {
		st := excelize.Style{Font: &excelize.Font{Size: 9}, Border: line, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}}
		if formats[k] != "" {
			st.CustomNumFmt = &formats[k]
			// The formats themselves keep clear of the edge: LibreOffice indents
			// numbers in some cells and not in others.
			st.Alignment.Horizontal, st.Alignment.Indent = "right", 0
		}
		switch kind(k) {
		case long:
			st.Alignment.WrapText = true
		case status, plain:
			st.Alignment.Horizontal, st.Alignment.Indent = "center", 0
		case link:
			st.Alignment.Horizontal, st.Alignment.Indent = "center", 0
			st.Font = &excelize.Font{Size: 9, Color: colourLink, Underline: "single"}
		case input, inputWhole, inputMoney:
			st.Alignment.WrapText = kind(k) == input
			st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colourInput}}
			st.Protection = &excelize.Protection{Locked: false}
		}
		s.cell[k] = add(st)
		bold := st
		bold.Font = &excelize.Font{Size: 9, Bold: true, Color: colourBand}
		bold.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colourTotal}}
		s.total[k] = add(bold)
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	s.band = add(excelize.Style{Font: &excelize.Font{Size: 14, Bold: true, Color: "FFFFFF"}, Fill: fill(colourBand), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.note = add(excelize.Style{Font: &excelize.Font{Size: 9, Italic: true, Color: colourNote}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.warning = add(excelize.Style{Font: &excelize.Font{Size: 10, Bold: true, Color: colourBad}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	for i, side := range [...]string{"left", "right", "center"} {
		indent := 1
		if side != "left" {
			indent = 0
		}
		for _, h := range []struct {
			id       *int
			vertical string
		}{{&s.head[i], "center"}, {&s.filtered[i], "top"}} {
			*h.id = add(excelize.Style{
				Font: &excelize.Font{Size: 9, Bold: true, Color: colourBand}, Fill: fill(colourHead),
				Border:    []excelize.Border{{Type: "bottom", Color: colourBand, Style: 2}},
				Alignment: &excelize.Alignment{Horizontal: side, Vertical: h.vertical, WrapText: true, Indent: indent},
			})
		}
	}
	s.section = add(excelize.Style{Font: &excelize.Font{Size: 11, Bold: true, Color: colourBand}, Border: []excelize.Border{{Type: "bottom", Color: colourBand, Style: 1}}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.label = add(excelize.Style{Font: &excelize.Font{Size: 9, Color: colourNote}, Border: line, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.jump = add(excelize.Style{Font: &excelize.Font{Size: 9, Color: colourLink, Underline: "single"}, Border: line, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.reason = add(excelize.Style{Font: &excelize.Font{Size: 9}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	s.verdict = add(excelize.Style{Font: &excelize.Font{Size: 12, Bold: true}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
	condition := func(colour, background string) int {
		if err != nil {
			return 0
		}
		var id int
		id, err = f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: colour}, Fill: fill(background)})
		return id
	}
	s.good = condition(colourGood, colourGoodBg)
	s.bad = condition(colourBad, colourBadBg)
	s.doubt = condition(colourDoubt, colourDoubtBg)
	return s, err
}
