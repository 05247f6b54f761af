package sqlserver

import (
	"context"
	"database/sql"
	"slices"
	"unsafe"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// chunkBytes is about what a chunk may hold in memory, of which there are two.
// Rows with values of any length are read a few at first, then as many as their
// size allows.
const (
	chunkBytes   = 8 << 20
	fieldBytes   = int(unsafe.Sizeof(sih.Raw{})) // of a field beside its text
	firstOfLarge = 16
)

// chunk holds rows in memory. It is used again for others.
type chunk struct {
	table  *table
	fields []sih.Raw // those of one row after those of another
	bytes  int
	buf    []sih.Raw // the row that is being taken
	cells  []any     // what it is scanned into
	other  *chunk
}

func newChunk(t *table) *chunk {
	c := &chunk{table: t, buf: make([]sih.Raw, len(t.columns))}
	for i, col := range t.columns {
		x := &cell{column: col, out: &c.buf[i], size: &c.bytes}
		c.cells = append(c.cells, x)
		if col.form == asVariant {
			typ := new(variantType)
			c.cells = append(c.cells, typ, &variantScale{x, typ})
		}
	}
	return c
}

// spare returns the chunk to read into while this one is in use: there are
// two, in turns.
func (c *chunk) spare() *chunk {
	if c.other == nil {
		c.other = newChunk(c.table)
		c.other.other = c
	}
	return c.other
}

func (c *chunk) clear() { c.fields, c.bytes = c.fields[:0], 0 }

// take adds the row at which rows stand.
func (c *chunk) take(rows *sql.Rows) error {
	if err := rows.Scan(c.cells...); err != nil {
		return err
	}
	c.fields = append(c.fields, c.buf...)
	c.bytes += fieldBytes * len(c.buf)
	return nil
}

func (c *chunk) rows() int { return len(c.fields) / len(c.buf) }

// row returns a row; it is valid until the chunk is used again.
func (c *chunk) row(i int) extract.Row { return c.fields[i*len(c.buf) : (i+1)*len(c.buf)] }

// key returns the values of the last row in the table's order.
func (c *chunk) key() extract.Row {
	last := c.row(c.rows() - 1)
	var out extract.Row
	for _, k := range c.table.order {
		out = append(out, last[slices.Index(c.table.columns, k)])
	}
	return out
}

// fetch reads what a statement gives into a chunk.
func (s *session) fetch(ctx context.Context, statement string, args []any, into *chunk) error {
	return s.again(ctx, func() error {
		into.clear()
		return s.query(ctx, statement, args, into.take)
	})
}
