package extracttest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/sihctl/sih/extract"
)

// Memory is a database that lives in the memory of a test: what a consumer of
// databases is tried with. It compares keys as texts. Its fields may be changed
// between two readings.
type Memory struct {
	Content []Content
	// At is what View tells.
	At extract.View
	// Row is called, where it is set, before a row is given, from the goroutine
	// that reads; an error of it is that of the server.
	Row func(table string, row extract.Row) error

	mu    sync.Mutex
	reads int // rows given so far
}

// Reads tells how many rows were given so far.
func (m *Memory) Reads() int { m.mu.Lock(); defer m.mu.Unlock(); return m.reads }

// Tables lists the tables.
func (m *Memory) Tables(ctx context.Context) ([]extract.Table, error) {
	var out []extract.Table
	for _, c := range m.Content {
		out = append(out, c.Table)
	}
	return out, ctx.Err()
}

// View tells At.
func (m *Memory) View(ctx context.Context) (extract.View, error) {
	if m.At.Opened.IsZero() {
		m.At = extract.View{Opened: time.Now().UTC(), Consistent: true}
	}
	return m.At, ctx.Err()
}

func (m *Memory) content(table string) (*Content, error) {
	i := slices.IndexFunc(m.Content, func(c Content) bool { return c.Table.Name == table })
	if i < 0 {
		return nil, fmt.Errorf("no table %q", table)
	}
	return &m.Content[i], nil
}

// Rows yields the rows of a table.
func (m *Memory) Rows(ctx context.Context, table string, _ func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return m.rows(ctx, table, func(extract.Row) bool { return true })
}

// RowsIn yields the rows of a table whose keys are in a range.
func (m *Memory) RowsIn(ctx context.Context, table string, in extract.Range) iter.Seq2[extract.Row, error] {
	c, err := m.content(table)
	if err != nil || c.Table.Order == nil {
		return func(yield func(extract.Row, error) bool) { yield(nil, fmt.Errorf("%q has no order", table)) }
	}
	var order []int
	for _, name := range c.Table.Order {
		order = append(order, slices.IndexFunc(c.Table.Columns, func(c extract.Column) bool { return c.Name == name }))
	}
	compare := func(row, key extract.Row) int {
		for i, at := range order {
			if n := cmp.Compare(row[at].Text, key[i].Text); n != 0 {
				return n
			}
		}
		return 0
	}
	return m.rows(ctx, table, func(row extract.Row) bool {
		return (in.After == nil || compare(row, in.After) > 0) && (in.UpTo == nil || compare(row, in.UpTo) <= 0)
	})
}

func (m *Memory) rows(ctx context.Context, table string, fits func(extract.Row) bool) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		c, err := m.content(table)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		row := make(extract.Row, len(c.Table.Columns))
		for _, r := range c.Rows {
			if !fits(r) {
				continue
			}
			if m.Row != nil {
				err = m.Row(table, r)
			}
			if err = cmp.Or(ctx.Err(), err); err != nil {
				yield(nil, err)
				return
			}
			m.mu.Lock()
			m.reads++
			m.mu.Unlock()
			copy(row, r) // a consumer must not keep it
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Count counts a table's rows.
func (m *Memory) Count(ctx context.Context, table string) (int64, error) {
	c, err := m.content(table)
	if err != nil {
		return 0, err
	}
	return int64(len(c.Rows)), ctx.Err()
}

// Survey tells the size of each table.
func (m *Memory) Survey(ctx context.Context) ([]extract.Size, error) {
	var out []extract.Size
	for _, c := range m.Content {
		size := extract.Size{Rows: int64(len(c.Rows))}
		for _, r := range c.Rows {
			for _, v := range r {
				size.Bytes += int64(len(v.Text))
			}
		}
		out = append(out, size)
	}
	return out, ctx.Err()
}

// Examine finds nothing.
func (m *Memory) Examine(ctx context.Context) ([]extract.Finding, error) { return nil, ctx.Err() }

// Close does nothing.
func (m *Memory) Close() error { return nil }

var _ extract.Database = (*Memory)(nil)
