package postgres_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
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
	set("status", sih.CodeValue("final"))
	set("source_system", sih.CodeValue("khemisset-hosix"))
	set("source_table", sih.StrValue("dbo.RESULTADOS"))
	return func(yield func(sih.Entity, error) bool) {
		for i := from; i < to; i++ {
			person := sih.IDValue(storetest.ID("source_person", i/150))
			set("id", sih.IDValue(storetest.ID("observation", i)))
			set("source_person_id", person)
			set("person_id", person)
			set("obs_code", sih.CodeValue(fmt.Sprintf("%d-4", 1000+i%60)))
			set("label", sih.StrValue(fmt.Sprintf("Hémoglobine glyquée %d", i%60)))
			set("value_num", sih.NumValue(int64(i*7919%2_000_000)))
			set("effective_ts", sih.TSValue(sih.Timestamp(1_600_000_000_000+int64(i)*60_000)))
			set("source_key", sih.StrValue(fmt.Sprint(i)))
			if !yield(e, nil) {
				return
			}
		}
	}
}

// BenchmarkLoad loads chunks of 65,536 laboratory results into one store; an
// iteration is a row. BenchmarkUnchanged loads under another run what is there
// already. Give -benchtime=1000000x.
func BenchmarkLoad(b *testing.B) { bench(b, false) }

func BenchmarkUnchanged(b *testing.B) { bench(b, true) }

func bench(b *testing.B, again bool) {
	database, _ := server.Create(b)
	s, err := at(b, database, "unified").Open(b.Context(), store.Live, store.Options{Now: now})
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
	if again {
		load(sih.ID{1})
	}
	b.ReportAllocs()
	b.ResetTimer()
	load(storetest.Run)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
