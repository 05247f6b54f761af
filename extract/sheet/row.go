package sheet

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// rowMaker turns a sheet's rows into a table's.
type rowMaker struct {
	book  *book
	part  *part
	cells extract.Row
	own   []sih.Raw // the reader's own columns, last in cells
	base  string    // of dates
}

func newRowMaker(b *book, t *table, p *part) *rowMaker {
	n := len(t.columns)
	m := &rowMaker{book: b, part: p, cells: make(extract.Row, n+len(ownColumns)), base: "0"}
	m.own = m.cells[n:]
	if b.date1904 {
		m.base = "1"
	}
	return m
}

// run yields the sheet's rows.
func (m *rowMaker) run(ctx context.Context, shared *sharedStrings, reject func(extract.Rejected) error, yield func(extract.Row, error) bool) (bool, error) {
	file, sheet := m.part.file, m.part.sheet.name
	r, err := m.book.part(m.part.sheet.part)
	if err != nil {
		return false, at(file, sheet, err)
	}
	defer r.Close()
	c := newCellReader(r, shared)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		more, err := c.next()
		if err == nil && !more {
			return true, at(file, sheet, c.rest())
		}
		if err != nil {
			return false, at(file, sheet, err)
		}
		verdict := m.fill(c)
		switch {
		case verdict == "":
			if !yield(m.cells, nil) {
				return false, nil
			}
		case verdict != nothing && reject != nil:
			err := reject(extract.Rejected{
				Where:  fmt.Sprintf("%s, sheet %s, row %d", file, sheet, c.row),
				Detail: verdict,
				Raw:    show(nil, c.row, c.cells),
				Aside:  true,
			})
			if err != nil {
				return false, err
			}
		}
	}
}

// What is said, as [extract.Rejected.Detail], of what is no row.
const (
	AboveHeader  = "it stands above the header"
	HeaderAgain  = "it is the header again"
	SingleCell   = "a single cell is filled"
	UnderNothing = "nothing stands under the header's columns"
)

// nothing is the verdict on what is neither a row nor rejected.
const nothing = "nothing"

// fill makes a row of the cells just read, or says why they are none.
func (m *rowMaker) fill(c *cellReader) string {
	h := &m.part.head
	filled := 0
	for i := range c.cells {
		if !c.cells[i].value.Empty() {
			filled++
		}
	}
	switch {
	case filled == 0 || c.row >= h.top && c.row <= h.bottom:
		return nothing
	case c.row < h.top && 10*filled < 6*h.full:
		return nothing
	case c.row < h.top:
		return AboveHeader
	}
	for i := range m.cells {
		m.cells[i] = sih.Null
	}
	under, again := 0, 0
	var beside []byte
	for i := range c.cells {
		x := &c.cells[i]
		k := -1
		if x.col < len(m.part.target) {
			k = m.part.target[x.col]
		}
		if k >= 0 {
			m.cells[k] = x.value
			if !x.value.Empty() {
				if again == under && m.part.isLabel(x.col, x.value.Text) {
					again++
				}
				under++
			}
			continue
		}
		if !x.value.Empty() {
			beside = show(beside, c.row, c.cells[i:i+1])
		}
	}
	switch {
	case under == 0:
		return UnderNothing
	case again == under && (again > 1 || len(h.columns) == 1):
		return HeaderAgain
	case filled == 1 && len(h.columns) >= 3:
		return SingleCell
	}
	m.own[0] = sih.Text(m.part.file)
	m.own[1] = sih.Text(m.part.sheet.name)
	m.own[2] = sih.Text(strconv.Itoa(c.row))
	m.own[3] = sih.Text(m.base)
	if beside != nil {
		m.own[4] = sih.Text(string(beside))
	}
	return ""
}

// isLabel tells whether text is what the header shows in a column of the
// sheet.
func (p *part) isLabel(col int, text string) bool {
	i, ok := slices.BinarySearch(p.head.columns, col)
	return ok && tidy(text) == p.head.labels[i]
}

// show appends cells as lines such as "B7: text".
func show(dst []byte, row int, cells []cell) []byte {
	for _, c := range cells {
		if len(dst) > 0 {
			dst = append(dst, '\n')
		}
		dst = append(dst, columnName(c.col)...)
		dst = strconv.AppendInt(dst, int64(row), 10)
		dst = append(dst, ": "...)
		dst = append(dst, c.value.Text...)
	}
	return dst
}
