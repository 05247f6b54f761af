package storetest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// names holds that a name is found by its key, and others are not.
func names(_ *testing.T, f *fixture) {
	keys := []string{"mhmd alwy", "mhmd alwy hsny", "mhmd alwyy", "mhmd", "mhmd alw", "mhmd alwy!", "mhmd alwy", "mhmd alwy"}
	var rows []sih.Entity
	for i, key := range keys {
		for _, e := range Person(i, key) {
			switch {
			case i == 6 && e.Table.Name == "person": // who was merged into another
				e = with(e, "active", sih.BoolValue(false))
			case i == 7 && e.Table.Name == "person_name": // whose name has vanished
				mark := Row(sih.TableByName("source_record"), 16, 20, 30)
				rows = append(rows, with(with(mark, "id", e.Get("id")), "state", sih.CodeValue("gone")))
			}
			rows = append(rows, e)
		}
	}
	f.load(Run, "all", rows)
	s := f.open()
	defer f.close(s)
	find := func(key string) (found []string) {
		f.Helper()
		sql, args := store.NamesQuery(key)
		if err := s.Query(f.Context(), sql, args, func(r store.Row) error { found = append(found, r.Text(6)); return nil }); err != nil {
			f.Fatal(err)
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	for key, want := range map[string][]string{"mhmd alwy": {"0", "1"}, "mhmd": {"0", "1", "2", "3", "4", "5"}, "alwy": nil, "mhmd alwy hsny": {"1"}} {
		if diff := gocmp.Diff(want, find(key)); diff != "" {
			f.Errorf("%q (-want +got):\n%s", key, diff)
		}
	}
}

// Person returns the rows of the person of a number, whose name has a key: the
// person, their record, the name in either script.
func Person(i int, key string) []sih.Entity {
	id := sih.IDValue(ID("source_person", i))
	human := with(with(Row(sih.TableByName("person"), 16, 0, 1), "id", id), "founder", id)
	human = with(with(human, "active", sih.BoolValue(true)), "birth_date", sih.PDateValue(sih.DayDate(sih.Date(i%30_000))))
	record := with(with(Row(sih.TableByName("source_person"), 16, 0, 1), "id", id), "person_id", id)
	rows := []sih.Entity{human, with(record, "local_id", sih.StrValue(fmt.Sprint(i)))}
	for n, script := range []string{"Latn", "Arab"} {
		name := with(with(Row(sih.TableByName("person_name"), 16, 0, 1), "id", sih.IDValue(ID("person_name", 2*i+n))), "name_key", sih.StrValue(key))
		name = with(with(with(name, "source_person_id", id), "person_id", id), "script", sih.CodeValue(script))
		rows = append(rows, with(name, "full_text", sih.StrValue("the name of "+fmt.Sprint(i))))
	}
	return rows
}

// nameKey is the key of the i-th of many people: common names and rare ones, as
// there are.
func nameKey(r *rand.Rand) string {
	return fmt.Sprintf("g%d f%d", int(r.ExpFloat64()*40), int(r.ExpFloat64()*6000))
}

// FindNames measures how long a name is looked for among a number of people,
// and holds that plan, which tells how the engine goes about a query, names the
// index.
func FindNames(b *testing.B, people int, s store.Store, plan func(sql string, args []any) string) {
	const perChunk = 20_000
	run := Row(sih.TableByName("migration_run"), 16, 0, 1)
	r := rand.New(rand.NewPCG(1, 2))
	var some []string
	for from := 0; from < people; from += perChunk {
		rows := iter.Seq2[sih.Entity, error](func(yield func(sih.Entity, error) bool) {
			if from == 0 && !yield(run, nil) {
				return
			}
			for i := from; i < min(from+perChunk, people); i++ {
				key := nameKey(r)
				if i%1000 == 0 {
					some = append(some, key)
				}
				for _, e := range Person(i, key) {
					if !yield(e, nil) {
						return
					}
				}
			}
		})
		if _, err := s.LoadChunk(b.Context(), store.Chunk{Run: run.Get("id").ID(), Name: fmt.Sprint(from), Hash: "h"}, rows); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	sql, args := store.NamesQuery(some[0])
	b.Logf("the engine's plan:\n%s", plan(sql, args))
	var all []time.Duration
	found := 0
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		sql, args := store.NamesQuery(some[i%len(some)])
		begin := time.Now()
		if err := s.Query(b.Context(), sql, args, func(store.Row) error { found++; return nil }); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(begin))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "µs-99th")
	b.ReportMetric(float64(found)/float64(len(all)), "found/query")
}
