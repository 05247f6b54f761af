package sheet

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract"
)

// The columns that the reader adds to each table.
const (
	FileColumn     = "_file"
	SheetColumn    = "_sheet"
	RowColumn      = "_row"
	Date1904Column = "_date1904"
	BesideColumn   = "_beside"
)

var ownColumns = []string{FileColumn, SheetColumn, RowColumn, Date1904Column, BesideColumn}

func reserved(name string) bool { return slices.Contains(ownColumns, name) }

// table is a table as it was planned. Its columns are without the reader's.
type table struct {
	name    string
	columns []string
	index   map[string]int // folded name -> column
	parts   []part
}

// part is one sheet of a table.
type part struct {
	file   string
	sheet  sheetRef
	head   header
	target []int // by column of the sheet: the table's column, or -1
}

func (t *table) declare() extract.Table {
	out := extract.Table{Name: t.name}
	for _, name := range t.columns {
		out.Columns = append(out.Columns, extract.Column{Name: name, Type: "text", Nullable: true})
	}
	for _, name := range ownColumns {
		out.Columns = append(out.Columns, extract.Column{Name: name, Type: "text", Nullable: name == BesideColumn})
	}
	return out
}

// add adds a sheet, and its columns where they are new.
func (t *table) add(p part) {
	p.target = make([]int, p.head.columns[len(p.head.columns)-1]+1)
	for i := range p.target {
		p.target[i] = -1
	}
	for i, name := range p.head.names {
		k, ok := t.index[fold(name)]
		if !ok {
			k = len(t.columns)
			t.index[fold(name)] = k
			t.columns = append(t.columns, name)
		}
		p.target[p.head.columns[i]] = k
	}
	t.parts = append(t.parts, p)
}

// plan looks at the heads of all sheets.
func plan(ctx context.Context, cfg *Config) ([]*table, error) {
	files, err := cfg.workbooks()
	if err != nil {
		return nil, err
	}
	byName := map[string]*table{}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := planBook(cfg, file, byName); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Tables)) {
		if byName[fold(name)] == nil {
			return nil, faultf("", "", "", "no workbook in %s has a sheet for the table %q", cfg.Dir, name)
		}
	}
	tables := slices.Collect(maps.Values(byName))
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	return tables, nil
}

func planBook(cfg *Config, file string, byName map[string]*table) error {
	b, err := openBook(cfg.Dir, file, cfg.MaxUnzipped)
	if err != nil {
		return err
	}
	defer b.close()
	heads, err := b.heads(cfg)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if len(h.grid.rows) == 0 {
			continue
		}
		expect := cfg.Tables[h.table].Header
		head, ok := h.grid.find(expect)
		if !ok || !head.complete() {
			if h.grid.merges, err = b.merges(h.sheet.part); err != nil {
				return at(file, h.sheet.name, err)
			}
			head, ok = h.grid.find(expect)
		}
		if !ok {
			return faultf(file, h.sheet.name, "name the tables and their columns (tables: sheets, header), or leave the sheet out",
				"none of its first %d rows looks like a header", headRows)
		}
		for _, e := range expect {
			if !slices.ContainsFunc(head.names, func(n string) bool { return fold(n) == fold(e) }) {
				return faultf(file, h.sheet.name, "", "it lacks the column %q", e)
			}
		}
		t := byName[fold(h.table)]
		if t == nil {
			t = &table{name: h.table, index: map[string]int{}}
			byName[fold(h.table)] = t
		}
		t.add(part{file: file, sheet: h.sheet, head: head})
	}
	return nil
}

// head is the first rows of a sheet.
type head struct {
	sheet sheetRef
	table string
	grid  grid
}

// heads reads the first rows of the sheets that belong to tables.
func (b *book) heads(cfg *Config) ([]head, error) {
	var heads []head
	var rows [][][]cell // by sheet, row
	last := -1          // greatest number of a shared string among them
	for _, s := range b.sheets {
		name, err := cfg.tableOf(s.name)
		if err != nil {
			return nil, at(b.file, s.name, err)
		}
		if name == "" {
			continue
		}
		h := head{sheet: s, table: name}
		cells, err := b.first(s.part, &h.grid)
		if err != nil {
			return nil, at(b.file, s.name, err)
		}
		for _, row := range cells {
			for _, c := range row {
				last = max(last, c.shared)
			}
		}
		heads, rows = append(heads, h), append(rows, cells)
	}
	shared, err := b.strings(last + 1)
	if err != nil {
		return nil, at(b.file, "", err)
	}
	defer shared.close()
	for i := range heads {
		if err := heads[i].grid.fill(rows[i], shared); err != nil {
			return nil, at(b.file, heads[i].sheet.name, err)
		}
	}
	return heads, nil
}

// first reads the first filled rows of a sheet, shared strings unresolved.
func (b *book) first(part string, g *grid) ([][]cell, error) {
	r, err := b.part(part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := newCellReader(r, nil)
	var rows [][]cell
	for len(rows) < headRows {
		more, err := c.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if len(c.cells) > 0 {
			rows = append(rows, slices.Clone(c.cells))
			g.rows = append(g.rows, c.row)
		}
	}
	return rows, nil
}

// fill puts rows into the grid. Rows of blanks alone are dropped.
func (g *grid) fill(rows [][]cell, shared *sharedStrings) error {
	g.cells = map[int]map[int]gridCell{}
	numbers := g.rows
	g.rows = nil
	for i, row := range rows {
		cells := map[int]gridCell{}
		for _, c := range row {
			text := c.value.Text
			if c.shared >= 0 {
				var err error
				if text, err = shared.at(c.shared); err != nil {
					return err
				}
			}
			if text = tidy(text); text != "" {
				cells[c.col] = gridCell{text, c.number}
				g.width = max(g.width, c.col+1)
			}
		}
		if len(cells) > 0 {
			g.rows = append(g.rows, numbers[i])
			g.cells[numbers[i]] = cells
			g.full = max(g.full, len(cells))
		}
	}
	return nil
}

// merges reads the merged ranges of a sheet that begin in its first rows. They
// stand behind the rows, which are passed over.
func (b *book) merges(part string) ([]area, error) {
	r, err := b.part(part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t := newTokens(r)
	for {
		kind, err := t.next()
		if err != nil {
			return nil, err
		}
		if kind == tokenEOF {
			return nil, io.ErrUnexpectedEOF
		}
		if kind == tokenStart && string(t.name) == "sheetData" {
			break
		}
	}
	if !t.closed {
		if err := t.skip("sheetData"); err != nil {
			return nil, err
		}
	}
	var areas []area
	for {
		kind, err := t.next()
		if err != nil {
			return nil, err
		}
		if kind == tokenEOF {
			return areas, nil
		}
		if kind == tokenStart && string(t.name) == "mergeCell" {
			if a, ok := parseArea(string(t.attr("ref"))); ok && a.row1 < 10*headRows {
				areas = append(areas, a)
			}
		}
	}
}

// parseArea reads a range such as A1:C2.
func parseArea(ref string) (area, bool) {
	from, to, ok := strings.Cut(ref, ":")
	if !ok {
		return area{}, false
	}
	r1, c1, ok1 := parsePlace(from)
	r2, c2, ok2 := parsePlace(to)
	return area{r1, r2, c1, c2}, ok1 && ok2 && r1 <= r2 && c1 <= c2
}

func parsePlace(ref string) (row, col int, ok bool) {
	i := strings.IndexAny(ref, "0123456789")
	if i <= 0 {
		return 0, 0, false
	}
	row, err := strconv.Atoi(ref[i:])
	col = column([]byte(ref[:i]))
	return row, col, err == nil && col >= 0
}
