package storetest

import (
	"context"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// fixture is a case's store.
type fixture struct {
	*testing.T
	open func() store.Store
}

// load opens the store, loads the rows as one chunk of the run, and closes it.
func (f *fixture) load(run sih.ID, chunk string, rows []sih.Entity) store.Loaded {
	f.Helper()
	s := f.open()
	defer f.close(s)
	loaded, err := s.LoadChunk(f.Context(), store.Chunk{Run: run, Name: chunk, Hash: "h"}, Seq(rows, nil))
	if err != nil {
		f.Fatalf("load %s: %v", chunk, err)
	}
	return loaded
}

func (f *fixture) close(s store.Store) {
	f.Helper()
	if err := s.Close(); err != nil {
		f.Errorf("close: %v", err)
	}
}

// contents reads the whole store, without clock columns.
func (f *fixture) contents() map[string][][]string {
	f.Helper()
	s := f.open()
	defer f.close(s)
	return Contents(f.T, s)
}

// Contents reads a whole store as text, without clock columns: two stores are
// equal where these are.
func Contents(t testing.TB, s store.Store) map[string][][]string {
	t.Helper()
	all := map[string][][]string{}
	for _, table := range sih.Tables {
		for e, err := range s.Rows(context.Background(), table) {
			if err != nil {
				t.Fatalf("read %s: %v", table.Name, err)
			}
			var row []string
			for i, c := range table.Columns {
				if !c.Clock {
					row = append(row, e.Values[i].String())
				}
			}
			all[table.Name] = append(all[table.Name], row)
		}
	}
	return all
}

func total(l store.Loaded) (n store.Counts) {
	for _, c := range l.Tables {
		n.Inserted += c.Inserted
		n.Updated += c.Updated
		n.Unchanged += c.Unchanged
	}
	return n
}

func (f *fixture) wantCounts(what string, l store.Loaded, want store.Counts) {
	f.Helper()
	if got := total(l); l.Skipped || got != want {
		f.Errorf("%s: %+v (skipped: %v), want %+v", what, got, l.Skipped, want)
	}
}

// keyOf returns the key of a row, in an order that is the key's own.
func keyOf(e sih.Entity, run sih.ID) string {
	s := ""
	for _, name := range e.Table.Key {
		v := e.Get(name)
		if name == "run_id" {
			v = sih.IDValue(run)
		}
		s += v.String() + "\x00"
	}
	return s
}

// dataRows are the rows without the migration's own, whose run differs.
func dataRows(seed uint64, n int) []sih.Entity {
	var list []sih.Entity
	for _, e := range Rows(seed, n) {
		if e.Table.Group != sih.Ledger {
			list = append(list, e)
		}
	}
	return list
}

// with returns a copy of e in which a column has another value.
func with(e sih.Entity, column string, v sih.Value) sih.Entity {
	values := append([]sih.Value(nil), e.Values...)
	values[e.Table.Column(column)] = v
	return sih.Entity{Table: e.Table, Values: values}
}
