// Package seal tells whether a workbook that came back is the one that was
// written, but for the cells that were to be filled in: those that its writer
// left unlocked.
//
// What a spreadsheet program does to a file by itself when it saves it is no
// change: it numbers styles anew, moves texts to another part, shares formulas,
// and computes their values again.
package seal

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Change is a cell that nobody was to change. It holds no value.
type Change struct {
	Sheet string
	Cell  string
	Why   string
}

// Result is what a comparison found.
type Result struct {
	Filled  int      // cells that were to be filled in and say something else now
	Changes []Change // at most [MostChanges]
	More    int      // changes beyond
}

// MostChanges is how many changes are listed one by one.
const MostChanges = 100

func (r *Result) add(sheet string, c cell, why string) {
	if len(r.Changes) == MostChanges {
		r.More++
		return
	}
	r.Changes = append(r.Changes, Change{sheet, c.name(), why})
}

// FileError tells that a file cannot be read as a workbook.
type FileError struct{ Err error }

// Error says why.
func (e *FileError) Error() string { return fmt.Sprintf("it cannot be read as a workbook: %v", e.Err) }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *FileError) Hint() string { return "give the workbook as it was saved, with the ending .xlsx" }

// Part is a file that can be read anywhere, and its length.
type Part struct {
	io.ReaderAt
	Size int64
}

// Compare compares a workbook that came back with the one that was written.
func Compare(written, back Part) (*Result, error) { return compare(written, back, -1) }

// Front counts the changes of the first sheet alone, which tells which of
// several workbooks it was.
func Front(written, back Part) (int, error) {
	r, err := compare(written, back, 1)
	if err != nil {
		return 0, err
	}
	return len(r.Changes) + r.More, nil
}

func compare(written, back Part, sheets int) (*Result, error) {
	w, err := open(written)
	if err != nil {
		return nil, &FileError{err}
	}
	b, err := open(back)
	if err != nil {
		return nil, &FileError{err}
	}
	r := &Result{}
	for i, s := range w.sheets {
		if i == sheets {
			return r, nil
		}
		if i >= len(b.sheets) || b.sheets[i].name != s.name {
			r.add(s.name, cell{row: 1, column: 1}, "the sheet was removed, renamed or moved")
			continue
		}
		if err := compareSheet(r, s.name, w.cells(i), b.cells(i)); err != nil {
			return nil, &FileError{fmt.Errorf("sheet %q: %w", s.name, err)}
		}
	}
	if sheets < 0 && len(b.sheets) > len(w.sheets) {
		r.add(b.sheets[len(w.sheets)].name, cell{row: 1, column: 1}, "the sheet was added")
	}
	return r, nil
}

func compareSheet(r *Result, sheet string, written, back iter.Seq2[cell, error]) error {
	nextW, stopW := iter.Pull2(written)
	defer stopW()
	nextB, stopB := iter.Pull2(back)
	defer stopB()
	w, err, okW := nextW()
	if err != nil {
		return err
	}
	b, err, okB := nextB()
	if err != nil {
		return err
	}
	for okW || okB {
		order := 0
		switch {
		case !okB:
			order = -1
		case !okW:
			order = 1
		default:
			order = cmp.Or(cmp.Compare(w.row, b.row), cmp.Compare(w.column, b.column))
		}
		switch {
		case order > 0:
			compareCell(r, sheet, cell{row: b.row, column: b.column}, b)
		case order < 0:
			compareCell(r, sheet, w, cell{row: w.row, column: w.column})
		default:
			compareCell(r, sheet, w, b)
		}
		if order <= 0 {
			if w, err, okW = nextW(); err != nil {
				return err
			}
		}
		if order >= 0 {
			if b, err, okB = nextB(); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareCell compares two cells of one place; one that is not there is empty.
func compareCell(r *Result, sheet string, w, b cell) {
	switch {
	case w.open && b.formula != "":
		r.add(sheet, w, "a formula stands where something was to be filled in")
	case w.open && w.text != b.text:
		r.Filled++
	case w.open:
	case w.formula != b.formula && w.formula == "":
		r.add(sheet, w, "a formula was put in")
	case w.formula != b.formula && b.formula == "":
		r.add(sheet, w, "its formula was removed")
	case w.formula != b.formula:
		r.add(sheet, w, "its formula was changed")
	case w.formula == "" && w.text != b.text && w.text == "":
		r.add(sheet, w, "something was written into it")
	case w.formula == "" && w.text != b.text && b.text == "":
		r.add(sheet, w, "it was emptied")
	case w.formula == "" && w.text != b.text:
		r.add(sheet, w, "it was changed")
	}
}

// Sheets lists the sheets in which something was changed.
func (r *Result) Sheets() []string {
	var out []string
	for _, c := range r.Changes {
		if !slices.Contains(out, c.Sheet) {
			out = append(out, c.Sheet)
		}
	}
	return out
}
