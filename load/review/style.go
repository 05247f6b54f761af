package review

import "github.com/xuri/excelize/v2"

// font is on every machine, or its metric twin is, and it has Arabic.
const font = "Arial"

// styles holds the ids of the styles of one workbook.
type styles struct {
	band, note, head, para       int
	words                        int // sentences in the language of the workbook
	cell, differ, number, weight int
	open, verdict                int    // cells to be filled in
	verdicts                     [3]int // conditional: same, apart, unsure
}

func newStyles(f *excelize.File, rightToLeft bool) (s styles, err error) {
	add := func(st excelize.Style) int {
		if err != nil {
			return 0
		}
		st.Font.Family = font
		var id int
		id, err = f.NewStyle(&st)
		return id
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	lines := func(colour string) []excelize.Border {
		return []excelize.Border{{Type: "bottom", Color: colour, Style: 1}, {Type: "left", Color: colour, Style: 1}, {Type: "right", Color: colour, Style: 1}}
	}
	// Text is kept as text when a cell is edited, too: "@".
	const asText = 49
	wrapped := &excelize.Alignment{Vertical: "top", WrapText: true}
	order := uint64(1)
	if rightToLeft {
		order = 2
	}
	read := &excelize.Alignment{Vertical: "top", WrapText: true, ReadingOrder: order}
	s.band = add(excelize.Style{Font: &excelize.Font{Size: 14, Bold: true, Color: "FFFFFF"}, Fill: fill("1F3A5F"), Alignment: &excelize.Alignment{Vertical: "center"}})
	s.note = add(excelize.Style{Font: &excelize.Font{Size: 9, Italic: true, Color: "5B6B7D"}, Alignment: &excelize.Alignment{Vertical: "center", ReadingOrder: order}})
	s.head = add(excelize.Style{Font: &excelize.Font{Size: 9, Bold: true, Color: "1F3A5F"}, Fill: fill("DCE5EF"), Border: lines("B9C6D4"), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "top", WrapText: true}})
	s.para = add(excelize.Style{Font: &excelize.Font{Size: 11}, Alignment: read})
	s.words = add(excelize.Style{Font: &excelize.Font{Size: 9}, NumFmt: asText, Border: lines("D5DBE3"), Alignment: read})
	s.cell = add(excelize.Style{Font: &excelize.Font{Size: 9}, NumFmt: asText, Border: lines("D5DBE3"), Alignment: wrapped})
	s.differ = add(excelize.Style{Font: &excelize.Font{Size: 9, Bold: true, Color: "7A5200"}, Fill: fill("FBF0D5"), NumFmt: asText, Border: lines("D5DBE3"), Alignment: wrapped})
	s.number = add(excelize.Style{Font: &excelize.Font{Size: 9, Color: "5B6B7D"}, Border: lines("D5DBE3"), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "top"}})
	oneDecimal := "0.0"
	s.weight = add(excelize.Style{Font: &excelize.Font{Size: 9}, CustomNumFmt: &oneDecimal, Border: lines("D5DBE3"), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "top"}})
	unlocked := &excelize.Protection{Locked: false}
	s.open = add(excelize.Style{Font: &excelize.Font{Size: 9}, Fill: fill("FFFDF3"), NumFmt: asText, Border: lines("C9B87A"), Alignment: wrapped, Protection: unlocked})
	s.verdict = add(excelize.Style{Font: &excelize.Font{Size: 10, Bold: true}, Fill: fill("FFFDF3"), NumFmt: asText, Border: lines("C9B87A"), Alignment: wrapped, Protection: unlocked})
	for i, c := range [3][2]string{{"1D6B3C", "E2F1E7"}, {"9B1C2C", "F9DFE2"}, {"5B6B7D", "E9EDF2"}} {
		if err == nil {
			s.verdicts[i], err = f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: c[0]}, Fill: fill(c[1])})
		}
	}
	return s, err
}
