package review

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// largest bounds what a workbook may unpack to, in bytes.
const largest = 1 << 30

// Row is a row of a workbook that came back.
type Row struct {
	Line int // of the sheet, from 1
	Key  string
	// Verdict is Same, Apart, Unsure, nothing where the cell is empty, or what
	// else somebody wrote there: then Odd is set.
	Verdict           string
	Odd               bool
	Reviewer, Comment string
	// cells are the others, titles what stands above them.
	cells, titles []string
}

// NotReviewError tells that a file is not a review workbook.
type NotReviewError struct {
	Why string
	Err error // may be nil
}

// Error says why.
func (e *NotReviewError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Why, e.Err)
	}
	return e.Why
}

// Unwrap returns the cause.
func (e *NotReviewError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *NotReviewError) Hint() string {
	return "give the workbook that sihctl review export wrote, saved as .xlsx, with its columns as they were"
}

// Read reads the rows that hold a pair, or a verdict.
func Read(r io.Reader) ([]Row, error) {
	f, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: largest, UnzipXMLSizeLimit: largest})
	if err != nil {
		return nil, &NotReviewError{"it cannot be read as a workbook", err}
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		rows, found, err := readSheet(f, name)
		if err != nil {
			return nil, &NotReviewError{"it cannot be read", err}
		}
		if found {
			return rows, nil
		}
	}
	return nil, &NotReviewError{Why: "it has no sheet of pairs, or its columns were moved"}
}

// deepest is how far down the row of titles may stand.
const deepest = 30

func readSheet(f *excelize.File, name string) (out []Row, found bool, err error) {
	rows, err := f.Rows(name)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	var titles []string
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, false, err
		}
		if titles == nil {
			if len(cells) >= columnFixed && cells[columnKey-1] == keyTitle {
				titles = cells
			} else if line > deepest {
				return nil, false, nil
			}
			continue
		}
		at := func(column int) string {
			if column > len(cells) {
				return ""
			}
			return normal(cells[column-1])
		}
		row := Row{Line: line, Key: at(columnKey), Reviewer: strings.Join(strings.Fields(at(columnReviewer)), " "), Comment: at(columnComment), titles: titles}
		row.Verdict, row.Odd = verdictOf(at(columnVerdict))
		if row.Key == "" && row.Verdict == "" {
			continue
		}
		for c := columnFixed; c <= len(titles); c++ {
			row.cells = append(row.cells, at(c))
		}
		out = append(out, row)
	}
	return out, titles != nil, rows.Error()
}

// verdictOf reads a verdict in any of the languages.
func verdictOf(s string) (verdict string, odd bool) {
	said := strings.ToLower(strings.Join(strings.Fields(s), " "))
	if said == "" {
		return "", false
	}
	for _, lang := range Languages() {
		for _, v := range []string{Same, Apart, Unsure} {
			if said == strings.ToLower(languages[lang]["verdict."+v]) {
				return v, false
			}
		}
	}
	return s, true
}

// title is what stands above a column, or the column's letters where nothing
// does, as above one that somebody put in.
func (r Row) title(column int) string {
	if t := r.titles[column-1]; t != "" {
		return t
	}
	letters, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return strconv.Itoa(column)
	}
	return letters
}

// Changed tells whether a cell that nobody is to change holds something else
// than was written, and names its column.
func (r Row) Changed(sums []byte) (column string, changed bool) {
	for i := 0; len(sums) >= sumSize; i++ {
		if i >= len(r.cells) {
			return "…", true // columns were removed
		}
		text := r.cells[i]
		if i == 1 {
			// A weight is a number: the program may have written it otherwise.
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				text = fmt.Sprintf("%.1f", n)
			}
		}
		if !bytes.Equal(sumOf(r.Key, text), sums[:sumSize]) {
			return r.title(columnFixed + i), true
		}
		sums = sums[sumSize:]
	}
	return "", false
}
