package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Suite checks that an engine keeps the contract. Open opens the store named
// name, empty at first, the same one each time it is asked for; name is new
// for every case.
func Suite(t *testing.T, open func(t *testing.T, name string) store.Store) {
	cases := []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"round trip", roundTrip},
		{"twice is once", twiceIsOnce},
		{"another run finds nothing to do", anotherRun},
		{"a changed row is updated", changedRow},
		{"a moved person is updated", movedPerson},
		{"a chunk of other content is refused", changedChunk},
		{"an id seen twice is refused", seenTwice},
		{"a failed chunk leaves nothing", failedChunk},
		{"a cancelled chunk leaves nothing", cancelledChunk},
		{"a row that does not fit is refused", misfit},
		{"a broken reference is found", brokenReference},
		{"loading goes on after finish", afterFinish},
		{"queries", queries},
		{"scans", scans},
		{"changes and their undoing", changing},
		{"views", views},
		{"names", names},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name := fmt.Sprintf("case%02d", i)
			c.run(t, &fixture{T: t, open: func() store.Store { return open(t, name) }})
		})
	}
}

func roundTrip(_ *testing.T, f *fixture) {
	rows := Rows(1, 20)
	f.wantCounts("first load", f.load(Run, "all", rows), store.Counts{Inserted: int64(len(rows))})
	want := map[string]map[string]sih.Entity{}
	for _, e := range rows {
		if want[e.Table.Name] == nil {
			want[e.Table.Name] = map[string]sih.Entity{}
		}
		want[e.Table.Name][keyOf(e, Run)] = e
	}
	s := f.open()
	defer f.close(s)
	var hasher store.Hasher
	for _, table := range sih.Tables {
		if table.Name == "load_chunk" {
			continue
		}
		last, n := "", 0
		for got, err := range s.Rows(f.Context(), table) {
			if err != nil {
				f.Fatalf("read %s: %v", table.Name, err)
			}
			k := keyOf(got, Run)
			if n++; n > 1 && k <= last {
				f.Errorf("%s: key %q comes after %q", table.Name, k, last)
			}
			last = k
			e, ok := want[table.Name][k]
			if !ok {
				f.Errorf("%s: a row that was not loaded", table.Name)
				continue
			}
			for i, c := range table.Columns {
				switch {
				case c.Name == "run_id":
					if got.Values[i].ID() != Run {
						f.Errorf("%s.%s is not the run", table.Name, c.Name)
					}
				case c.Name == "row_hash":
					if h := hasher.Row(got).String(); got.Values[i].String() != h || h != hasher.Row(e).String() {
						f.Errorf("%s.%s is not the hash of what is there", table.Name, c.Name)
					}
				case c.Name == "updated_at":
					if got.Values[i].IsNull() {
						f.Errorf("%s.%s is empty", table.Name, c.Name)
					}
				case got.Values[i] != e.Values[i]:
					f.Errorf("%s.%s of kind %v came back other than it was", table.Name, c.Name, c.Kind)
				}
			}
		}
		if n != len(want[table.Name]) {
			f.Errorf("%s has %d rows, want %d", table.Name, n, len(want[table.Name]))
		}
		counts, err := s.Count(f.Context(), table)
		if err != nil {
			f.Fatal(err)
		}
		sum := int64(0)
		for source, c := range counts {
			sum += c
			if (source == "") == table.Has("source_system") {
				f.Errorf("%s: rows counted for source %q", table.Name, source)
			}
		}
		if sum != int64(n) {
			f.Errorf("%s: Count counts %d of %d rows", table.Name, sum, n)
		}
	}
}

func twiceIsOnce(_ *testing.T, f *fixture) {
	rows := Rows(2, 8)
	f.load(Run, "all", rows)
	once := f.contents()
	l := f.load(Run, "all", rows)
	if !l.Skipped || total(l) != (store.Counts{}) {
		f.Errorf("the second load of a chunk was not skipped: %+v", l)
	}
	if d := cmp.Diff(once, f.contents()); d != "" {
		f.Errorf("loading twice differs from once (-once +twice):\n%s", d)
	}
	s := f.open()
	defer f.close(s)
	asked := false
	_, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: "all", Hash: "h"}, func(func(sih.Entity, error) bool) { asked = true })
	if err != nil || asked {
		f.Errorf("a chunk that is there was asked for its rows (%v), %v", asked, err)
	}
}

var secondRun = sih.NewID("storetest", "", "run 2", "migration_run", "")

func anotherRun(_ *testing.T, f *fixture) {
	rows := dataRows(3, 15)
	f.load(Run, "all", rows)
	once := f.contents()
	f.wantCounts("second run", f.load(secondRun, "all", rows), store.Counts{Unchanged: int64(len(rows))})
	twice := f.contents()
	delete(once, "load_chunk")
	delete(twice, "load_chunk")
	if d := cmp.Diff(once, twice); d != "" {
		f.Errorf("a run with the same content changed the store (-before +after):\n%s", d)
	}
}

func changedRow(_ *testing.T, f *fixture) {
	table := sih.TableByName("observation")
	a, b := Row(table, 4, 5, 10), Row(table, 4, 6, 10)
	f.load(Run, "1", []sih.Entity{a, b})
	a = with(a, "value_num", sih.NumValue(77_770_000))
	b = with(b, "value_text", sih.Value{})
	b2 := with(b, "label", sih.StrValue("أخرى"))
	f.wantCounts("second run", f.load(secondRun, "1", []sih.Entity{a, b2}), store.Counts{Updated: 2})
	s := f.open()
	defer f.close(s)
	for got, err := range s.Rows(f.Context(), table) {
		if err != nil {
			f.Fatal(err)
		}
		want := a
		if got.Get("id") == b2.Get("id") {
			want = b2
		}
		for i, c := range table.Columns {
			if !store.Filled(&c) && got.Values[i] != want.Values[i] {
				f.Errorf("after the update %s is not what was loaded", c.Name)
			}
		}
		if got.Get("run_id").ID() != secondRun {
			f.Error("the updated row is not the second run's")
		}
	}
}

func movedPerson(_ *testing.T, f *fixture) {
	table := sih.TableByName("observation")
	e := Row(table, 5, 5, 10)
	f.load(Run, "1", []sih.Entity{e})
	e = with(e, "person_id", sih.IDValue(ID("person", 99)))
	f.wantCounts("second run", f.load(secondRun, "1", []sih.Entity{e}), store.Counts{Updated: 1})
	s := f.open()
	defer f.close(s)
	for got, err := range s.Rows(f.Context(), table) {
		if err != nil || got.Get("person_id") != e.Get("person_id") {
			f.Errorf("the row did not follow its person, %v", err)
		}
	}
}

func afterFinish(_ *testing.T, f *fixture) {
	run := ID("migration_run", 0)
	s := f.open()
	table := sih.TableByName("staff")
	load := func(name string, rows []sih.Entity) {
		f.Helper()
		if _, err := s.LoadChunk(f.Context(), store.Chunk{Run: run, Name: name, Hash: "h"}, Seq(rows, nil)); err != nil {
			f.Fatal(err)
		}
	}
	finish := func() {
		f.Helper()
		if err := s.Finish(f.Context()); err != nil {
			f.Fatal(err)
		}
	}
	load("1", Rows(13, 5))
	finish()
	var more []sih.Entity
	for i := 5; i < 9; i++ {
		more = append(more, Row(table, 13, i, 5))
	}
	load("2", more)
	finish()
	// The row of another run comes with its last chunk.
	other := Row(sih.TableByName("migration_run"), 13, 9, 5)
	run = other.Get("id").ID()
	load("1", []sih.Entity{Row(table, 13, 9, 5)})
	load("2", []sih.Entity{other})
	finish()
	f.close(s)
	s = f.open()
	finish()
	f.close(s)
	if got := len(f.contents()["staff"]); got != 10 {
		f.Errorf("%d rows, want 10", got)
	}
}

func queries(_ *testing.T, f *fixture) {
	s := f.open()
	defer f.close(s)
	e := with(Row(sih.TableByName("payment"), 14, 7, 10), "amount", sih.MoneyValue(12_345))
	if _, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: "1", Hash: "h"}, Seq([]sih.Entity{e}, nil)); err != nil {
		f.Fatal(err)
	}
	calls := 0
	err := s.Query(f.Context(), "SELECT id, amount, NULL, amount / 100.0 FROM payment WHERE id = ? AND amount > ?", []any{e.Get("id").ID(), 12_344}, func(r store.Row) error {
		calls++
		if r.Text(0) != e.Get("id").String() || r.Int(1) != 12_345 || !r.Null(2) || r.Null(1) || r.Text(2) != "" || r.Float(3) != 123.45 {
			f.Error("the query's row is not the row that was loaded")
		}
		return s.Query(f.Context(), "SELECT count(*) FROM payment", nil, func(r store.Row) error {
			calls++
			if r.Int(0) != 1 {
				f.Errorf("the inner query counts %d", r.Int(0))
			}
			return nil
		})
	})
	if err != nil || calls != 2 {
		f.Errorf("query: %d calls, %v", calls, err)
	}
	stop := errors.New("enough")
	if err := s.Query(f.Context(), "SELECT 1 FROM payment", nil, func(store.Row) error { return stop }); !errors.Is(err, stop) {
		f.Errorf("query: %v, want the callback's error", err)
	}
	if err := s.Query(f.Context(), "SELECT nothing FROM nowhere", nil, func(store.Row) error { return nil }); err == nil {
		f.Error("a query of nothing is no error")
	}
	for range s.Rows(f.Context(), sih.TableByName("payment")) {
		break // leaving early must not leave the table locked
	}
	if _, err := s.LoadChunk(f.Context(), store.Chunk{Run: Run, Name: "2", Hash: "h"}, Seq([]sih.Entity{Row(sih.TableByName("payment"), 14, 8, 10)}, nil)); err != nil {
		f.Error(err)
	}
}
