package mysql_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
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

// perChunk is how many rows a chunk of the benchmarks has.
const perChunk = 65_536

// BenchmarkLoad loads chunks of laboratory results into one store; an iteration
// is a row. Give -benchtime=300000x.
func BenchmarkLoad(b *testing.B) {
	s := open(b, fresh())
	b.ReportAllocs()
	b.ResetTimer()
	fill(b, s, storetest.Run)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkUnchanged loads under another run what is there already.
func BenchmarkUnchanged(b *testing.B) {
	s := open(b, fresh())
	fill(b, s, sih.ID{1})
	b.ResetTimer()
	fill(b, s, storetest.Run)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStatements loads into a server that takes no files.
func BenchmarkStatements(b *testing.B) {
	_, db := server.Create(b)
	mariadbtest.Exec(b, db, "SET GLOBAL local_infile = OFF")
	defer mariadbtest.Exec(b, db, "SET GLOBAL local_infile = ON")
	s := open(b, fresh())
	b.ResetTimer()
	fill(b, s, storetest.Run)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkScan reads them back.
func BenchmarkScan(b *testing.B) {
	s := open(b, fresh())
	fill(b, s, storetest.Run)
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for _, err := range s.Scan(b.Context(), sih.TableByName("observation"), store.Span{}) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != b.N {
		b.Fatalf("%d rows of %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkServer is what the server does by itself: the same rows, ready in
// files of a chunk each beside its tables, by LOAD DATA into the same table.
func BenchmarkServer(b *testing.B) {
	name := fresh()
	s := open(b, name)
	fill(b, s, storetest.Run)
	conn := server.Conn(b, name)
	defer conn.Close()
	run := func(format string, args ...any) {
		b.Helper()
		if _, err := conn.ExecContext(b.Context(), fmt.Sprintf(format, args...)); err != nil {
			b.Fatal(err)
		}
	}
	run("SET NAMES utf8mb4")
	for from := 0; from < b.N; from += perChunk {
		run("SELECT * INTO OUTFILE 'rows-%d' CHARACTER SET utf8mb4 FROM observation ORDER BY effective_ts LIMIT %d OFFSET %d", from, perChunk, from)
	}
	run("TRUNCATE TABLE observation")
	b.ResetTimer()
	for from := 0; from < b.N; from += perChunk {
		run("LOAD DATA INFILE 'rows-%d' INTO TABLE observation CHARACTER SET utf8mb4", from)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func open(b *testing.B, database string) store.Store {
	b.Helper()
	s, err := at(b, database).Open(b.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func fill(b *testing.B, s store.Store, run sih.ID) {
	b.Helper()
	for from := 0; from < b.N; from += perChunk {
		c := store.Chunk{Run: run, Name: fmt.Sprint(from), Hash: "h"}
		if _, err := s.LoadChunk(b.Context(), c, results(from, min(from+perChunk, b.N))); err != nil {
			b.Fatal(err)
		}
	}
}
