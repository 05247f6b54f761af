package term

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// Table is a table of results. Its columns are as wide as their widest cell;
// one whose cells are all numbers is aligned to the right.
type Table struct {
	Titles []string
	rows   [][]cell
}

// Percent is a share of one, shown in per cent.
type Percent float64

// Words are a cell that is put into the user's language, as titles are.
type Words string

// Toned is a cell in a tone.
type Toned struct {
	Cell any
	Tone Tone
}

// cell is what stands in one place.
type cell struct {
	text   string
	digits int  // of the whole part, which may be grouped; 0 for none
	number bool // counts for the alignment
	words  bool // to be put into the user's language
	tone   Tone
}

// Row adds a row. Cells are texts, [Words], int or int64, [Percent], [time.Duration]
// (shown in seconds), or one of these as [Toned]; missing cells are empty.
func (t *Table) Row(cells ...any) {
	row := make([]cell, len(t.Titles))
	for i := range row {
		if i < len(cells) {
			row[i] = newCell(cells[i])
		}
	}
	t.rows = append(t.rows, row)
}

func newCell(v any) cell {
	switch v := v.(type) {
	case Toned:
		c := newCell(v.Cell)
		c.tone = v.Tone
		return c
	case int:
		return whole(int64(v))
	case int64:
		return whole(v)
	case Percent:
		// Two decimals, and never a 100 % that is not one.
		text := strconv.FormatFloat(100*float64(v), 'f', 2, 64)
		if text == "100.00" && v < 1 {
			text = "99.99"
		}
		return cell{text: text + " %", number: true}
	case time.Duration:
		places := 1
		if v < 10*time.Second {
			places = 2
		}
		return cell{text: strconv.FormatFloat(v.Seconds(), 'f', places, 64) + " s", number: true}
	case string:
		return cell{text: v}
	case Words:
		return cell{text: string(v), words: true}
	}
	return cell{text: fmt.Sprint(v)}
}

func whole(n int64) cell {
	text := strconv.FormatInt(n, 10)
	return cell{text: text, digits: len(strings.TrimPrefix(text, "-")), number: true}
}

// thin is the narrow no-break space that parts thousands.
const thin = "\u202f"

// Group parts the thousands of n.
func Group(n int64) string { return group(strconv.FormatInt(n, 10)) }

func group(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	var b strings.Builder
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteRune(digit)
	}
	return sign + b.String()
}

// said returns the table in the user's language.
func (t *Table) said(say func(string) string) *Table {
	out := &Table{Titles: make([]string, len(t.Titles)), rows: make([][]cell, len(t.rows))}
	for i, title := range t.Titles {
		out.Titles[i] = say(title)
	}
	for i, row := range t.rows {
		out.rows[i] = append([]cell(nil), row...)
		for j := range row {
			if c := &out.rows[i][j]; c.words {
				c.text = say(c.text)
			}
		}
	}
	return out
}

// gap parts two columns.
const gap = "  "

// render writes the table for a terminal of that width, 0 for any. A table
// that is too wide becomes a block of lines for each row: nothing is cut off.
func (t *Table) render(width int, grouped, colour bool) string {
	rows := make([][]cell, len(t.rows))
	widths := make([]int, len(t.Titles))
	right := make([]bool, len(t.Titles))
	for i, title := range t.Titles {
		widths[i] = uniseg.StringWidth(title)
		right[i] = len(t.rows) > 0
	}
	for r, row := range t.rows {
		rows[r] = append(rows[r], row...)
		for i := range row {
			c := &rows[r][i]
			if grouped && c.digits > 3 {
				c.text = group(c.text)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(c.text))
			right[i] = right[i] && (c.number || c.text == "")
		}
	}
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	if width > 0 && total > width {
		return t.blocks(rows, colour)
	}
	var b strings.Builder
	titles := make([]cell, len(t.Titles))
	for i, title := range t.Titles {
		titles[i] = cell{text: title, tone: Strong}
	}
	line(&b, titles, widths, right, colour)
	for _, row := range rows {
		line(&b, row, widths, right, colour)
	}
	return b.String()
}

// line writes one line, without blanks at its end.
func line(b *strings.Builder, row []cell, widths []int, right []bool, colour bool) {
	last := len(row) - 1
	for last > 0 && row[last].text == "" {
		last--
	}
	for i, c := range row[:last+1] {
		if i > 0 {
			b.WriteString(gap)
		}
		pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(c.text))
		switch {
		case right[i]:
			b.WriteString(pad + paint(colour, c.tone, c.text))
		case i < last:
			b.WriteString(paint(colour, c.tone, c.text) + pad)
		default:
			b.WriteString(paint(colour, c.tone, c.text))
		}
	}
	b.WriteByte('\n')
}

// blocks writes each row as lines of a title and a cell.
func (t *Table) blocks(rows [][]cell, colour bool) string {
	widest := 0
	for _, title := range t.Titles {
		widest = max(widest, uniseg.StringWidth(title))
	}
	var b strings.Builder
	for r, row := range rows {
		if r > 0 {
			b.WriteByte('\n')
		}
		for i, c := range row {
			if c.text == "" {
				continue
			}
			title := t.Titles[i]
			b.WriteString(paint(colour, Strong, title))
			b.WriteString(strings.Repeat(" ", widest-uniseg.StringWidth(title)) + gap)
			b.WriteString(paint(colour, c.tone, c.text) + "\n")
		}
	}
	return b.String()
}
