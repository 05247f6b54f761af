package mysql

import (
	"database/sql/driver"
	"io"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// The size of a statement's answer: it begins with few rows and then asks for
// as many as take about chunkBytes of memory. One that grows beyond
// maxChunkBytes, since its rows are longer than those before, is cut there and
// asked for again behind the cut.
const (
	firstRows     = 1024
	chunkBytes    = 4 << 20
	maxChunkBytes = 8 << 20
	endBytes      = 16 // of an end
)

// chunk holds rows in memory. It is used again for the next ones.
type chunk struct {
	columns []column
	checks  []int
	cells   []driver.Value
	ends    []end
	text    string // of all values, one behind the other
	room    int    // for the text of the next rows, in bytes
	scratch []byte
	row     extract.Row
}

// end is where a value ends in the text, and what it is.
type end struct {
	at    int
	null  bool
	bytes bool
}

func newChunk(t *table) *chunk {
	c := &chunk{columns: t.columns, checks: t.checked(), row: make(extract.Row, len(t.columns))}
	c.cells = make([]driver.Value, len(t.columns)+len(c.checks))
	return c
}

// expect says how many rows are to come, of about how many bytes of text each.
func (c *chunk) expect(rows, bytes int) {
	c.room = min(rows*bytes, chunkBytes) * 9 / 8
	c.ends = slices.Grow(c.ends[:0], min(rows, extract.MaxChunkRows)*len(c.columns))
}

// bytes is the length of a row's text, over all of them.
func (c *chunk) bytes() int { return len(c.text) / max(1, c.len()) }

// first says how many rows to ask for first.
func (c *chunk) first() int { return min(firstRows, max(1, chunkBytes/endBytes/len(c.columns))) }

// fill takes rows until there are no more, or limit bytes of memory. It tells
// whether it took all.
func (c *chunk) fill(rows driver.Rows, limit int) (all bool, err error) {
	var b strings.Builder
	b.Grow(c.room)
	c.ends = c.ends[:0]
	for b.Len()+endBytes*len(c.ends) < limit {
		if err := rows.Next(c.cells); err == io.EOF {
			all = true
			break
		} else if err != nil {
			return false, err
		}
		for j, at := range c.checks {
			if raw := c.cells[len(c.columns)+j]; raw != nil {
				c.cells[at] = raw // the server's text is not what it holds
			}
		}
		for i := range c.columns {
			e := end{null: c.cells[i] == nil || c.columns[i].out}
			if !e.null {
				e.bytes = c.columns[i].write(&b, &c.scratch, c.cells[i])
			}
			e.at = b.Len()
			c.ends = append(c.ends, e)
		}
		for j, at := range c.checks {
			if c.cells[len(c.columns)+j] != nil {
				c.ends[len(c.ends)-len(c.columns)+at].bytes = true
			}
		}
	}
	c.text = b.String()
	return all, nil
}

// len is the number of rows.
func (c *chunk) len() int { return len(c.ends) / len(c.columns) }

// at returns a row; it is valid until the next call.
func (c *chunk) at(row int) extract.Row {
	first := row * len(c.columns)
	from := 0
	if first > 0 {
		from = c.ends[first-1].at
	}
	for i, e := range c.ends[first : first+len(c.columns)] {
		c.row[i] = sih.Raw{Text: c.text[from:e.at], Null: e.null, Bytes: e.bytes}
		from = e.at
	}
	return c.row
}

// key returns the values of a row's key.
func (c *chunk) key(row int, order []int) extract.Row {
	values := c.at(row)
	key := make(extract.Row, len(order))
	for i, at := range order {
		key[i] = values[at]
	}
	return key
}

// next says how many rows to ask for after this chunk.
func (c *chunk) next(limit int) int {
	if c.len() == 0 {
		return limit
	}
	fit := chunkBytes / (c.bytes() + endBytes*len(c.columns))
	return min(max(1, fit), 4*limit, extract.MaxChunkRows)
}
