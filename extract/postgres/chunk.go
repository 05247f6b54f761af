package postgres

import (
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// The size of a statement's answer: it begins with few rows and then asks for
// as many as come to about chunkBytes. One that grows beyond maxChunkBytes,
// since its rows are longer than those before, is cut there and asked for
// again behind the cut.
const (
	firstRows     = 1024
	chunkBytes    = 2 << 20
	maxChunkBytes = 8 << 20
)

// chunk holds rows in memory. It is used again for the next ones.
type chunk struct {
	columns []column
	page    *page
	buf     []byte
	ends    []end
	text    string // what buf holds, once it is sealed
	row     extract.Row
	cut     bool // there were more rows than it took
}

// end is where a value ends in the text, and what it is.
type end struct {
	at    int
	null  bool
	bytes bool
}

func newChunk(t *table, p *page) *chunk {
	return &chunk{columns: t.columns, page: p, row: make(extract.Row, len(t.columns))}
}

// fill takes an answer's rows until there are no more, or limit bytes.
func (c *chunk) fill(answer *pgconn.ResultReader, limit int) {
	c.buf, c.ends, c.cut = c.buf[:0], c.ends[:0], false
	for answer.NextRow() {
		if len(c.buf) >= limit {
			c.cut = true
			break
		}
		values := answer.Values()
		for i := range c.columns {
			e := end{null: values[i] == nil}
			if !e.null {
				c.buf, e.bytes = c.columns[i].append(c.buf, c.page, values[i])
			}
			e.at = len(c.buf)
			c.ends = append(c.ends, e)
		}
	}
	c.text = string(c.buf)
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
	fit := chunkBytes / max(1, len(c.buf)/c.len())
	return min(max(1, fit), 4*limit, extract.MaxChunkRows)
}
