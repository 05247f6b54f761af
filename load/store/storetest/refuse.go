package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

func changedChunk(_ *testing.T, f *fixture) {
	f.load(Run, "1", dataRows(6, 3))
	before := f.contents()
	s := f.open()
	_, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: "1", Hash: "other"}, Seq(dataRows(7, 3), nil))
	if !errors.Is(err, store.ErrChunkChanged) {
		f.Errorf("load: %v, want %v", err, store.ErrChunkChanged)
	}
	f.close(s)
	if d := cmp.Diff(before, f.contents()); d != "" {
		f.Errorf("a refused chunk changed the store:\n%s", d)
	}
}

func seenTwice(_ *testing.T, f *fixture) {
	table := sih.TableByName("claim")
	e := Row(table, 8, 1, 3)
	for name, second := range map[string]sih.Entity{"same": e, "other": with(e, "claim_number", sih.StrValue("2"))} {
		s := f.open()
		_, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: name, Hash: "h"}, Seq([]sih.Entity{e, second}, nil))
		if !errors.Is(err, store.ErrTwice) {
			f.Errorf("%s: %v, want %v", name, err, store.ErrTwice)
		}
		f.close(s)
	}
	if got := f.contents(); len(got) != 0 {
		f.Errorf("refused chunks left %d tables with rows", len(got))
	}
}

func failedChunk(_ *testing.T, f *fixture) {
	f.load(Run, "1", dataRows(9, 2))
	before := f.contents()
	boom := errors.New("the stage broke off")
	s := f.open()
	chunk := store.Chunk{Run: Run, Name: "2", Hash: "h"}
	rows := dataRows(9, 6)
	var fresh []sih.Entity
	for _, e := range rows {
		if i := e.Get("id").ID(); i != ID(e.Table.Name, 0) && i != ID(e.Table.Name, 1) {
			fresh = append(fresh, e)
		}
	}
	if _, err := s.LoadChunk(f.Context(), chunk, Seq(fresh, boom)); !errors.Is(err, boom) {
		f.Errorf("load: %v, want %v", err, boom)
	}
	if d := cmp.Diff(before, Contents(f.T, s)); d != "" {
		f.Errorf("a failed chunk left something:\n%s", d)
	}
	l, err := s.LoadChunk(f.Context(), chunk, Seq(fresh, nil))
	if err != nil || total(l).Inserted != int64(len(fresh)) {
		f.Errorf("the chunk done again: %+v, %v", l, err)
	}
	f.close(s)
}

func cancelledChunk(_ *testing.T, f *fixture) {
	s := f.open()
	defer f.close(s)
	ctx, cancel := context.WithCancel(f.Context())
	rows := dataRows(10, 50)
	n := 0
	_, err := s.LoadChunk(ctx, store.Chunk{Run: Run, Name: "1", Hash: "h"}, func(yield func(sih.Entity, error) bool) {
		for _, e := range rows {
			if n++; n == len(rows)/2 {
				cancel()
			}
			if !yield(e, nil) {
				return
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("load: %v, want %v", err, context.Canceled)
	}
	if got := Contents(f.T, s); len(got) != 0 {
		f.Errorf("a cancelled chunk left %d tables with rows", len(got))
	}
	if l, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: "1", Hash: "h"}, Seq(rows, nil)); err != nil || l.Skipped {
		f.Errorf("the chunk done again: %+v, %v", l, err)
	}
}

func misfit(_ *testing.T, f *fixture) {
	table := sih.TableByName("encounter")
	good := Row(table, 11, 3, 10)
	bad := []struct {
		column string
		value  sih.Value
	}{
		{"class", sih.CodeValue("NOT-A-CLASS")},
		{"class", sih.Value{}},
		{"start_ts", sih.DateValue(1)},
		{"reason", sih.StrValue(string(make([]byte, 251)))},
		{"organisation_id", sih.Value{}},
	}
	s := f.open()
	defer f.close(s)
	for i, b := range bad {
		_, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: fmt.Sprint(i), Hash: "h"}, Seq([]sih.Entity{good, with(with(good, "id", sih.IDValue(ID("encounter", 8))), b.column, b.value)}, nil))
		var row *store.RowError
		if !errors.As(err, &row) || row.Table != "encounter" || row.ID != ID("encounter", 8) {
			f.Errorf("case %d, column %s: %v, want a *store.RowError for the row", i, b.column, err)
		}
	}
	if got := Contents(f.T, s); len(got) != 0 {
		f.Errorf("refused rows left %d tables with rows", len(got))
	}
}

func brokenReference(_ *testing.T, f *fixture) {
	rows := Rows(12, 6)
	for i, e := range rows {
		if id := e.Get("id").ID(); e.Table.Name == "diagnosis" && (id == ID("diagnosis", 4) || id == ID("diagnosis", 5)) {
			rows[i] = with(e, "encounter_id", sih.IDValue(ID("encounter", 1000)))
		}
	}
	s := f.open()
	defer f.close(s)
	if _, err := s.LoadChunk(f.Context(), store.Chunk{Run: ID("migration_run", 0), Name: "1", Hash: "h"}, Seq(rows, nil)); err != nil {
		f.Fatal(err)
	}
	var got *store.ReferenceError
	if err := s.Finish(f.Context()); !errors.As(err, &got) {
		f.Fatalf("finish: %v, want a *store.ReferenceError", err)
	}
	want := []store.BrokenReference{{Table: "diagnosis", Column: "encounter_id", Target: "encounter", Rows: 2, First: min(ID("diagnosis", 4).String(), ID("diagnosis", 5).String())}}
	if d := cmp.Diff(want, got.Broken); d != "" {
		f.Errorf("broken references (-want +got):\n%s", d)
	}
}
