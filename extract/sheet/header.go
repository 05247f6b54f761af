package sheet

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// headRows is how many filled rows a header is looked for in.
const headRows = 30

// maxHeaderHeight is how many rows a header may have.
const maxHeaderHeight = 3

// header is where a sheet's columns are and how they are called.
type header struct {
	top, bottom int      // its rows, from 1; 0 when there is none
	columns     []int    // columns of the sheet, from 0
	names       []string // of each
	labels      []string // what each has in the header's last row
	full        int      // number of filled cells in the fullest of the rows looked at
}

// gridCell is a cell of the rows in which a header is looked for.
type gridCell struct {
	text   string
	number bool
}

// area is a merged range, its last row and column included; columns from 0.
type area struct{ row1, row2, col1, col2 int }

// grid is the first filled rows of a sheet.
type grid struct {
	rows   []int // their numbers
	cells  map[int]map[int]gridCell
	width  int // number of columns
	full   int
	merges []area
}

// label returns the text that a header shows at a place, which is that of the
// merged cell's first cell, and where it is written.
func (g *grid) label(row, col int) (text string, at [2]int) {
	for _, m := range g.merges {
		if m.row1 <= row && row <= m.row2 && m.col1 <= col && col <= m.col2 {
			row, col = m.row1, m.col1
			break
		}
	}
	return g.cells[row][col].text, [2]int{row, col}
}

// block returns the header that begins at a row.
func (g *grid) block(top int) header {
	h := header{top: top, bottom: g.blockEnd(top), full: g.full}
	for col := range g.width {
		var parts []string
		var last [2]int
		bottom := ""
		for row := h.top; row <= h.bottom; row++ {
			text, at := g.label(row, col)
			if text == "" || at == last {
				continue
			}
			if at[0] < h.top { // merged from above: a title
				continue
			}
			last, bottom = at, text
			if len(parts) == 0 || fold(parts[len(parts)-1]) != fold(text) {
				parts = append(parts, text)
			}
		}
		if len(parts) > 0 {
			h.columns = append(h.columns, col)
			h.names = append(h.names, strings.Join(parts, " / "))
			h.labels = append(h.labels, bottom)
		}
	}
	return h
}

// blockEnd returns the last row of the header that begins at top.
func (g *grid) blockEnd(top int) int {
	end := top
	grouped := map[int]bool{}
	for _, m := range g.merges {
		if m.row1 != top || g.cells[top][m.col1].text == "" {
			continue
		}
		end = max(end, min(m.row2, top+maxHeaderHeight-1))
		if m.col2 > m.col1 {
			for col := m.col1; col <= min(m.col2, g.width); col++ {
				grouped[col] = true
			}
		}
	}
	if end > top || len(grouped) == 0 {
		return end
	}
	// Group labels and no cell merged downwards: the row below belongs to them
	// if it has nothing but texts, and nothing elsewhere or nothing clear.
	elsewhere, under, twice := false, false, false
	seen := map[string]bool{}
	for col, c := range g.cells[top+1] {
		if c.number {
			return end
		}
		under = under || grouped[col]
		elsewhere = elsewhere || !grouped[col]
		twice = twice || seen[fold(c.text)]
		seen[fold(c.text)] = true
	}
	if under && (!elsewhere || twice) {
		end++
	}
	return end
}

// likely tells whether h may be a header by its looks.
func (g *grid) likely(h header) bool {
	distinct := map[string]bool{}
	for _, n := range h.names {
		distinct[fold(n)] = true
	}
	texts, numbers := 0, 0
	for row := h.top; row <= h.bottom; row++ {
		for _, c := range g.cells[row] {
			if c.number {
				numbers++
			} else {
				texts++
			}
		}
	}
	return len(distinct) >= min(2, g.full) && 10*len(distinct) >= 6*g.full &&
		5*len(distinct) >= 4*len(h.names) && texts >= 4*numbers
}

// find returns the header of a sheet. Where columns are expected, it is the
// one that has most of them.
func (g *grid) find(expect []string) (header, bool) {
	best, most := header{}, 0
	wanted := map[string]bool{}
	for _, e := range expect {
		wanted[fold(e)] = true
	}
	for _, row := range g.rows {
		h := g.block(row)
		if len(expect) == 0 {
			if g.likely(h) {
				return h.unique(), true
			}
			continue
		}
		if n := h.prefer(wanted); n > most {
			best, most = h, n
		}
	}
	if most == 0 || 2*most < len(wanted) {
		return header{}, false
	}
	return best.unique(), true
}

// prefer returns how many of the expected names, given folded, h has. A column
// that is not called by an expected name, but is so in the header's last row,
// is called by that.
func (h *header) prefer(expect map[string]bool) int {
	n := 0
	seen := map[string]bool{}
	for i, name := range h.names {
		f := fold(name)
		if !expect[f] {
			if f = fold(h.labels[i]); !expect[f] || seen[f] {
				continue
			}
			h.names[i] = h.labels[i]
		}
		if !seen[f] {
			seen[f] = true
			n++
		}
	}
	return n
}

// unique gives columns of equal names different ones.
func (h header) unique() header {
	seen := map[string]bool{}
	for i, name := range h.names {
		for n := 2; seen[fold(h.names[i])] || reserved(h.names[i]); n++ {
			h.names[i] = name + " (" + strconv.Itoa(n) + ")"
		}
		seen[fold(h.names[i])] = true
	}
	return h
}

// complete tells whether merged cells could not change the header: its row has
// a text in every column.
func (h header) complete() bool {
	return len(h.columns) >= h.full && len(h.columns) > 0 &&
		h.columns[len(h.columns)-1]-h.columns[0] == len(h.columns)-1
}

// fold returns s without what people write differently: case, accents,
// blanks, punctuation, and the forms of "N°". What has no letter or digit is
// left as it is.
func fold(s string) string { return foldKeeping(s, "") }

// numero takes "Nº" and "№" for "N°", before the normal form makes No of them.
var numero = strings.NewReplacer("º", "", "ª", "", "№", "n")

func foldKeeping(s, keep string) string {
	s = numero.Replace(s)
	out := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(keep, r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(s))
	if out == "" {
		return strings.TrimSpace(s)
	}
	return out
}

// tidy returns a label on one line.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
