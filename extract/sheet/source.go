package sheet

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a folder of workbooks. Its methods may be called
// at the same time.
type Source struct {
	cfg Config

	mu     sync.Mutex
	tables []*table // nil until planned
}

// New returns a source, or an error where the config contradicts itself. It
// does not yet look at the folder.
func New(cfg Config) (*Source, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Source{cfg: cfg}, nil
}

// Tables lists the tables by name. It looks at the head of every sheet, so
// that one that does not fit is found before any row is read. An error is an
// [*Error].
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Table, len(tables))
	for i, t := range tables {
		out[i] = t.declare()
	}
	return out, nil
}

func (s *Source) plan(ctx context.Context) ([]*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables != nil {
		return s.tables, nil
	}
	tables, err := plan(ctx, &s.cfg)
	if err != nil {
		return nil, err
	}
	s.tables = tables
	return tables, nil
}

// Rows yields a table's rows workbook by workbook in the order of their names,
// within one in the order of its sheets. What is no row goes to reject, in its
// place among the rows; a nil reject leaves it out. The strings of a row stay
// valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		tables, err := s.plan(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			yield(nil, faultf("", "", "", "there is no table %q in %s", name, s.cfg.Dir))
			return
		}
		t := tables[i]
		for rest := t.parts; len(rest) > 0; {
			n := 1 // the parts of one workbook
			for n < len(rest) && rest[n].file == rest[0].file {
				n++
			}
			more, err := s.book(ctx, t, rest[:n], reject, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
			rest = rest[n:]
		}
	}
}

// book yields the rows of the parts of one workbook and tells whether the next
// may follow.
func (s *Source) book(ctx context.Context, t *table, parts []part, reject func(extract.Rejected) error, yield func(extract.Row, error) bool) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	file := parts[0].file
	b, err := openBook(s.cfg.Dir, file, s.cfg.MaxUnzipped)
	if err != nil {
		return false, err
	}
	defer b.close()
	shared, err := b.strings(int(^uint(0) >> 1))
	if err != nil {
		return false, at(file, "", err)
	}
	defer shared.close()
	for i := range parts {
		m := newRowMaker(b, t, &parts[i])
		more, err := m.run(ctx, shared, reject, yield)
		if err != nil || !more {
			return more, err
		}
	}
	return true, nil
}

// Close does nothing: between calls the source holds no file open.
func (s *Source) Close() error { return nil }

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
			})
			if err != nil {
				return false, err
			}
		}
	}
}

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
		return "it stands above the header"
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
		return "nothing stands under the header's columns"
	case again == under && (again > 1 || len(h.columns) == 1):
		return "it is the header again"
	case filled == 1 && len(h.columns) >= 3:
		return "a single cell is filled"
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
