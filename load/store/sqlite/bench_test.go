package sqlite_test

import (
	"fmt"
	"iter"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// results yields laboratory results as hospitals have them: the same codes,
// units and provenance again and again, an id of its own for each.
func results(from, to int) iter.Seq2[sih.Entity, error] {
	table := sih.TableByName("observation")
	e := sih.Entity{Table: table, Values: make([]sih.Value, len(table.Columns))}
	set := func(column string, v sih.Value) { e.Values[table.Column(column)] = v }
	set("category", sih.CodeValue("laboratory"))
	set("code_system", sih.CodeValue("http://loinc.org"))
	set("unit", sih.CodeValue("mmol/L"))
	set("source_unit", sih.CodeValue("mmol/l"))
	set("status", sih.CodeValue("final"))
	set("source_system", sih.CodeValue("khemisset-hosix"))
	set("source_table", sih.StrValue("dbo.RESULTADOS"))
	return func(yield func(sih.Entity, error) bool) {
		for i := from; i < to; i++ {
			person := sih.IDValue(storetest.ID("source_person", i/150))
			set("id", sih.IDValue(storetest.ID("observation", i)))
			set("source_person_id", person)
			set("person_id", person)
			set("encounter_id", sih.IDValue(storetest.ID("encounter", i/12)))
			set("obs_code", sih.CodeValue(fmt.Sprintf("%d-4", 1000+i%60)))
			set("label", sih.StrValue(fmt.Sprintf("Hémoglobine glyquée %d", i%60)))
			set("value_num", sih.NumValue(int64(i*7919%2_000_000)))
			set("ref_low", sih.NumValue(35_000))
			set("ref_high", sih.NumValue(52_000))
			set("effective_ts", sih.TSValue(sih.Timestamp(1_600_000_000_000+int64(i)*60_000)))
			set("source_key", sih.StrValue(fmt.Sprint(i)))
			if !yield(e, nil) {
				return
			}
		}
	}
}

// BenchmarkLoad loads chunks of 65,536 laboratory results into one store; an
// iteration is a row. Give -benchtime=1000000x, so that the store grows to a
// size that means something.
func BenchmarkLoad(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	b.ResetTimer()
	for from := 0; from < b.N; from += 65_536 {
		c := store.Chunk{Run: storetest.Run, Name: fmt.Sprint(from), Hash: "h"}
		if _, err := s.LoadChunk(b.Context(), c, results(from, min(from+65_536, b.N))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkUnchanged loads under another run what is there already.
func BenchmarkUnchanged(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	load := func(run sih.ID) {
		for from := 0; from < b.N; from += 65_536 {
			c := store.Chunk{Run: run, Name: fmt.Sprint(from), Hash: "h"}
			if _, err := s.LoadChunk(b.Context(), c, results(from, min(from+65_536, b.N))); err != nil {
				b.Fatal(err)
			}
		}
	}
	load(storetest.Run)
	b.ReportAllocs()
	b.ResetTimer()
	load(sih.ID{1})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkFinish makes the indexes and checks the references of as many
// results; an iteration is a row.
func BenchmarkFinish(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	run := storetest.ID("migration_run", 0)
	load := func(name string, rows iter.Seq2[sih.Entity, error]) {
		if _, err := s.LoadChunk(b.Context(), store.Chunk{Run: run, Name: name, Hash: "h"}, rows); err != nil {
			b.Fatal(err)
		}
	}
	load("people", people(b.N))
	for from := 0; from < b.N; from += 65_536 {
		load(fmt.Sprint(from), results(from, min(from+65_536, b.N)))
	}
	b.ResetTimer()
	if err := s.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// people yields whom and what the first n results point at.
func people(n int) iter.Seq2[sih.Entity, error] {
	run := storetest.Row(sih.TableByName("migration_run"), 1, 0, 1)
	place := storetest.Row(sih.TableByName("organisation"), 1, 0, 1)
	return func(yield func(sih.Entity, error) bool) {
		if !yield(run, nil) || !yield(place, nil) {
			return
		}
		for i := range n/150 + 1 {
			id := sih.IDValue(storetest.ID("source_person", i))
			record := storetest.Row(sih.TableByName("source_person"), 1, 0, 1)
			human := storetest.Row(sih.TableByName("person"), 1, 0, 1)
			record.Values[record.Table.Column("id")] = id
			record.Values[record.Table.Column("person_id")] = id
			human.Values[human.Table.Column("id")] = id
			human.Values[human.Table.Column("founder")] = id
			if !yield(record, nil) || !yield(human, nil) {
				return
			}
		}
		for i := range n/12 + 1 {
			stay := storetest.Row(sih.TableByName("encounter"), 1, 0, 1)
			person := sih.IDValue(storetest.ID("source_person", i*12/150))
			stay.Values[stay.Table.Column("id")] = sih.IDValue(storetest.ID("encounter", i))
			stay.Values[stay.Table.Column("source_person_id")] = person
			stay.Values[stay.Table.Column("person_id")] = person
			if !yield(stay, nil) {
				return
			}
		}
	}
}

// BenchmarkRows reads the results back in the order of their ids.
func BenchmarkRows(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.LoadChunk(b.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, results(0, b.N)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, err := range s.Rows(b.Context(), sih.TableByName("observation")) {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
