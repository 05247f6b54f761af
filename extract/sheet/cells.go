package sheet

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

// maxColumns and maxRows are Excel's limits.
const (
	maxColumns = 16384
	maxRows    = 1 << 20
)

// cell is a filled cell.
type cell struct {
	col    int // from 0
	value  sih.Raw
	number bool
	shared int // number of its shared string, -1 where it has none
}

// cellReader reads a sheet's rows in the order of the file.
type cellReader struct {
	t      *tokens
	shared *sharedStrings // nil leaves shared strings unresolved
	row    int            // number of the row read last, from 1
	cells  []cell
	text   textReader
	arena  []byte
	ends   []int
}

func newCellReader(src io.Reader, shared *sharedStrings) *cellReader {
	return &cellReader{t: newTokens(src), shared: shared}
}

// next reads the next row into row and cells, and tells whether there was one.
// Cells without a value are left out.
func (c *cellReader) next() (bool, error) {
	for {
		kind, err := c.t.next()
		switch {
		case err != nil:
			return false, err
		case kind == tokenEOF:
			return false, fmt.Errorf("%w: the sheet ends early", ErrDamaged)
		case kind == tokenEnd && string(c.t.name) == "sheetData":
			return false, nil
		case kind == tokenStart && string(c.t.name) == "row":
			return true, c.readRow()
		}
	}
}

// rest reads what follows the rows, so that the archive's checksum is
// compared.
func (c *cellReader) rest() error {
	_, err := io.Copy(io.Discard, c.t.src)
	return err
}

func (c *cellReader) readRow() error {
	c.cells, c.arena, c.ends = c.cells[:0], c.arena[:0], c.ends[:0]
	c.row++
	if r := c.t.attr("r"); r != nil {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < c.row || n > maxRows {
			return fmt.Errorf("%w: its rows are not in order", ErrDamaged)
		}
		c.row = n
	}
	col := -1
	for {
		kind, err := c.t.next()
		switch {
		case err != nil:
			return err
		case kind == tokenEOF:
			return fmt.Errorf("%w: the sheet ends early", ErrDamaged)
		case kind == tokenEnd && string(c.t.name) == "row":
			c.settle()
			return nil
		case kind == tokenStart && string(c.t.name) == "c":
			if col, err = c.readCell(col); err != nil {
				return err
			}
		}
	}
}

// settle gives the cells that are not shared strings their text: one string
// for the row.
func (c *cellReader) settle() {
	all, start, k := string(c.arena), 0, 0
	for i := range c.cells {
		if c.cells[i].shared < 0 {
			c.cells[i].value.Text = all[start:c.ends[k]]
			start = c.ends[k]
			k++
		}
		c.cells[i].value.Bytes = !utf8.ValidString(c.cells[i].value.Text)
	}
}

// readCell reads a cell and returns its column; prev is that of the cell
// before.
func (c *cellReader) readCell(prev int) (int, error) {
	col := prev + 1
	if r := c.t.attr("r"); r != nil {
		col = column(r)
	}
	if col <= prev || col >= maxColumns {
		return 0, fmt.Errorf("%w: the cells of row %d are not in order", ErrDamaged, c.row)
	}
	kind := string(c.t.attr("t"))
	start := len(c.arena)
	filled, inValue := false, false
	for {
		tok, err := c.t.next()
		if err != nil {
			return 0, err
		}
		switch tok {
		case tokenEOF:
			return 0, fmt.Errorf("%w: the sheet ends early", ErrDamaged)
		case tokenStart:
			switch string(c.t.name) {
			case "v":
				filled, inValue = true, true
			case "is":
				if err := c.text.read(c.t, "is"); err != nil {
					return 0, err
				}
				filled = true
				c.arena = append(c.arena, c.text.buf...)
			}
		case tokenText:
			if inValue {
				c.arena = c.t.appendText(c.arena)
			}
		case tokenEnd:
			switch string(c.t.name) {
			case "v":
				inValue = false
			case "c":
				if !filled {
					return col, nil
				}
				return col, c.add(col, kind, start)
			}
		}
	}
}

// add adds the cell whose stored value is in the arena from start.
func (c *cellReader) add(col int, kind string, start int) error {
	stored := c.arena[start:]
	out := cell{col: col, shared: -1}
	switch kind {
	case "s":
		n, err := strconv.Atoi(string(stored))
		if err != nil || n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("%w: row %d has a cell whose shared string has no number", ErrDamaged, c.row)
		}
		out.shared = n
		if c.shared != nil {
			if out.value.Text, err = c.shared.at(n); err != nil {
				return err
			}
		}
		c.arena = c.arena[:start]
		c.cells = append(c.cells, out)
		return nil
	case "b":
		name := "FALSE"
		if string(stored) == "1" || string(stored) == "true" {
			name = "TRUE"
		}
		c.arena = append(c.arena[:start], name...)
	case "str":
		c.arena = c.arena[:start+len(unescapeUnits(stored))]
	case "", "n":
		out.number = true
	}
	if len(c.arena) == start && out.number {
		return nil // <v/>: a number without digits is no value
	}
	c.ends = append(c.ends, len(c.arena))
	c.cells = append(c.cells, out)
	return nil
}

// column returns the column, from 0, of a place such as AB12, or -1.
func column(ref []byte) int {
	n := 0
	for _, ch := range ref {
		switch {
		case ch >= 'A' && ch <= 'Z':
			n = n*26 + int(ch-'A') + 1
		case ch >= '0' && ch <= '9':
			return n - 1
		default:
			return -1
		}
		if n > maxColumns {
			return -1
		}
	}
	return n - 1
}

// columnName returns the letters of a column.
func columnName(col int) string {
	var b []byte
	for col++; col > 0; col = (col - 1) / 26 {
		b = append([]byte{byte('A' + (col-1)%26)}, b...)
	}
	return string(b)
}
