package postgres_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// benchRows is how many rows the benchmarks read, of twenty columns each.
const benchRows = 100000

const wide = `(id integer PRIMARY KEY, nom varchar(30), prenom varchar(30), nom_ar varchar(60), ancien varchar(30), uid uuid,
	naissance date, entree timestamp, sortie timestamptz, montant numeric(10,2), part double precision, n1 integer, n2 integer, n3 bigint,
	actif boolean, code char(8), motif varchar(100), adresse varchar(100), telephone varchar(20), image bytea)`

// fillWide makes rows of made-up fields.
func fillWide(rows int) string {
	return fmt.Sprintf(`INSERT INTO t SELECT i, 'BÉNALI ' || i, 'Fatima', 'بنعلي', NULLIF('NOM ' || i %% 50, 'NOM 7'), md5(i::text)::uuid,
	'1930-01-01'::date + i %% 30000, '2024-01-02 03:04:05'::timestamp + i * interval '1.001 s', NULL, i / 3.0, i / 7.0, i, i * 3, i * 7,
	i %% 2 = 0, 'C' || i, 'douleur ' || repeat('x', i %% 40), '12 rue ' || i, '06' || i, decode(md5(i::text), 'hex') FROM generate_series(1, %d) AS i`, rows)
}

// BenchmarkSource reads a table of 100,000 rows; BenchmarkBare scans the same
// with the driver alone and keeps nothing.
func BenchmarkSource(b *testing.B) {
	name, db := server.Create(b)
	postgrestest.Exec(b, db, "CREATE TABLE t "+wide, fillWide(benchRows), "VACUUM ANALYZE t")
	src := open(b, name)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range src.Rows(b.Context(), "public.t", nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows {
			b.Fatalf("got %d rows", n)
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkBare(b *testing.B) {
	_, db := server.Create(b)
	postgrestest.Exec(b, db, "CREATE TABLE t "+wide, fillWide(benchRows), "VACUUM ANALYZE t")
	b.ReportAllocs()
	for b.Loop() {
		rows := db.ExecParams(b.Context(), "SELECT * FROM t", nil, nil, nil, nil)
		n := 0
		for rows.NextRow() {
			for _, v := range rows.Values() {
				if len(v) > 1000 {
					b.Fatal("a long value")
				}
			}
			n++
		}
		if _, err := rows.Close(); err != nil || n != benchRows {
			b.Fatalf("got %d rows, error %v", n, err)
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// What a reading holds does not grow with the table, with a key or without, and
// whether the consumer is fast or slow.
func TestMemoryStaysFlat(t *testing.T) {
	const rows = 100000 // about 20 MB
	name, db := server.Create(t)
	postgrestest.Exec(t, db, "CREATE TABLE t "+wide, fillWide(rows), "CREATE TABLE keyless AS SELECT * FROM t")
	for _, table := range []string{"public.t", "public.keyless"} {
		src := open(t, name)
		if _, err := src.Tables(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, most, n := heap(), uint64(0), 0
		for _, err := range src.Rows(t.Context(), table, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%10000 == 0 {
				most = max(most, heap())
			}
		}
		// Two chunks, each as it came and as text, of up to twice their usual size.
		if n != rows || most > before+20<<20 {
			t.Errorf("%s: got %d rows, %d MiB held", table, n, (most-before)>>20)
		}
	}
}

// heap is what is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
