package postgres

import (
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// The size of a statement's answer: it begins with few rows and then asks for
// as many as come to about chunkBytes. One that grows beyond maxChunkBytes,
// since its rows are longer than those before, is cut there and asked for
// again behind the cut. What is left of it is thrown away; beyond maxWaste the
// server is asked to stop.
const (
	firstRows     = 1024
	chunkBytes    = 2 << 20
	maxChunkBytes = 8 << 20
	maxWaste      = 32 << 20
)

// errLong tells that an answer is far longer than what is wanted of it.
var errLong = errors.New("the answer is too long")

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
	at    uint32 // a chunk, and one row beyond it, has less than 4 GiB
	null  bool
	bytes bool
}

func newChunk(t *table, p *page) *chunk {
	return &chunk{columns: t.columns, page: p, row: make(extract.Row, len(t.columns))}
}

// fill takes an answer's rows until there are no more, or maxChunkBytes. It
// tells whether it took all.
func (c *chunk) fill(answer *pgconn.ResultReader) (all bool) {
	c.buf, c.ends, c.cut = c.buf[:0], c.ends[:0], false
	for all = true; all && answer.NextRow(); {
		c.take(answer.Values())
		all = len(c.buf) < maxChunkBytes
	}
	c.text = string(c.buf)
	return all
}

// part fills the chunk with as much of an answer as fits. The rest, which will
// be asked for again, is passed over: the error is errLong where it is long.
func (c *chunk) part(answer *pgconn.ResultReader) error {
	if c.fill(answer) {
		return nil
	}
	for waste := 0; answer.NextRow(); {
		c.cut = true
		for _, raw := range answer.Values() {
			waste += len(raw)
		}
		if waste > maxWaste {
			return errLong
		}
	}
	return nil
}

// take takes one row. Most values are taken as they come, and looked at for
// what is no UTF-8 only together: where the row is, and no value begins within
// a character, each of them is.
func (c *chunk) take(values [][]byte) {
	first, sound := len(c.ends), true
	begin := uint32(len(c.buf))
	for i, raw := range values {
		e := end{null: raw == nil}
		switch col := &c.columns[i]; {
		case raw == nil:
		case col.kind == kindPlain, col.kind == kindText && c.page == nil:
			c.buf = append(c.buf, raw...)
			sound = sound && (len(raw) == 0 || utf8.RuneStart(raw[0]))
		default:
			c.buf, e.bytes = col.append(c.buf, c.page, raw)
			sound = sound && !e.bytes
		}
		e.at = uint32(len(c.buf))
		c.ends = append(c.ends, e)
	}
	if sound && utf8.Valid(c.buf[begin:]) || c.page != nil {
		return
	}
	for i := range c.ends[first:] {
		e := &c.ends[first+i]
		if c.columns[i].kind == kindText {
			e.bytes = !utf8.Valid(c.buf[begin:e.at])
		}
		begin = e.at
	}
}

// len is the number of rows.
func (c *chunk) len() int { return len(c.ends) / len(c.columns) }

// at returns a row; it is valid until the next call.
func (c *chunk) at(row int) extract.Row {
	first := row * len(c.columns)
	from := uint32(0)
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
