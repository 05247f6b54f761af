package simulate

import (
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// sheetWriter writes one sheet as a centre keeps it.
type sheetWriter struct {
	*excelize.StreamWriter
	table   *Table
	numeric []bool
	line    int
	cells   []any
}

func newSheetWriter(sw *excelize.StreamWriter, t *Table) *sheetWriter {
	s := &sheetWriter{StreamWriter: sw, table: t}
	for _, c := range t.Columns {
		switch c.Name {
		case "Date inscription", "Date de naissance", "Age", "Téléphone", "Date", "Poids", "Quantité", "Dose":
			s.numeric = append(s.numeric, true)
		default:
			s.numeric = append(s.numeric, false)
		}
	}
	return s
}

func (s *sheetWriter) put(cells ...any) error {
	s.line++
	return s.SetRow("A"+strconv.Itoa(s.line), cells)
}

// head writes titles, group labels on every second centre's sheet of patients,
// and the header.
func (s *sheetWriter) head(r *register) error {
	if err := s.put(fmt.Sprintf("%s : %s - Année %d", s.table.Name, r.facility.name, r.year)); err != nil {
		return err
	}
	if err := s.MergeCell("A1", "F1"); err != nil {
		return err
	}
	if err := s.put("Centre n° " + r.facility.code); err != nil {
		return err
	}
	s.line++
	if s.table == esspTables[sheetPatients] && r.facility.index%2 == 0 {
		if err := s.put(nil, nil, nil, "Identité", nil, nil, nil, nil, "Contact", nil, "Couverture sociale"); err != nil {
			return err
		}
		line := strconv.Itoa(s.line)
		for _, m := range [][2]string{{"D", "H"}, {"I", "J"}, {"K", "L"}} {
			if err := s.MergeCell(m[0]+line, m[1]+line); err != nil {
				return err
			}
		}
	}
	names := make([]any, len(s.table.Columns))
	for i, c := range s.table.Columns {
		names[i] = c.Name
	}
	return s.put(names...)
}

func (s *sheetWriter) row(cells []string) error {
	s.cells = s.cells[:0]
	for i, c := range cells {
		switch {
		case c == "":
			s.cells = append(s.cells, nil)
		case i < len(s.numeric) && s.numeric[i] && plain(c):
			v, err := strconv.ParseFloat(c, 64)
			if err != nil {
				return fmt.Errorf("row %d: %w", s.line+1, err)
			}
			s.cells = append(s.cells, v)
		case i == len(s.table.Columns): // the remark stands one column off
			s.cells = append(s.cells, nil, c)
		default:
			s.cells = append(s.cells, c)
		}
	}
	return s.put(s.cells...)
}

// plain tells whether a cell would be typed as a number.
func plain(s string) bool {
	if s[0] == '0' && len(s) > 1 || len(s) > 9 {
		return false
	}
	point := false
	for i := range len(s) {
		switch {
		case s[i] >= '0' && s[i] <= '9':
		case s[i] == '.' && !point && i > 0 && i < len(s)-1:
			point = true
		default:
			return false
		}
	}
	return true
}

// foot writes a total or a signature under some sheets.
func (s *sheetWriter) foot(r *register) error {
	s.line++
	var err error
	switch (r.facility.index + r.year) % 3 {
	case 0:
		err = s.put("Total")
	case 1:
		err = s.put(nil, nil, "Le médecin chef")
	}
	if err != nil {
		return err
	}
	return s.Flush()
}
