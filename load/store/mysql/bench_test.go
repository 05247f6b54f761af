package mysql_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// BenchmarkStore measures the store, against LOAD DATA of files beside the
// server's own.
func BenchmarkStore(b *testing.B) {
	base, parts := fresh(), 0
	run := func(b *testing.B, database string, statements ...string) {
		b.Helper()
		conn := server.Conn(b, database)
		defer conn.Close()
		for _, statement := range append([]string{"SET NAMES utf8mb4"}, statements...) {
			if _, err := conn.ExecContext(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
	}
	storetest.Benchmarks(b, storetest.Benched{
		Open: func(b *testing.B, name string, o store.Options) store.Store {
			s, err := at(b, base+name).Open(b.Context(), store.Live, o)
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
		Ready: func(b *testing.B, name string) {
			for parts = 0; parts*storetest.PerChunk < b.N; parts++ {
				run(b, base+name, fmt.Sprintf("SELECT * INTO OUTFILE '../%s-%d' CHARACTER SET utf8mb4 FROM observation ORDER BY effective_ts LIMIT %d OFFSET %d", base+fmt.Sprint(b.N), parts, storetest.PerChunk, parts*storetest.PerChunk))
			}
		},
		Bulk: func(b *testing.B, name string) {
			var statements []string
			for part := range parts {
				statements = append(statements, fmt.Sprintf("LOAD DATA INFILE '../%s-%d' INTO TABLE observation CHARACTER SET utf8mb4", base+fmt.Sprint(b.N), part))
			}
			run(b, base+name, statements...)
		},
	})
}

// BenchmarkStatements loads into a server that takes no files.
func BenchmarkStatements(b *testing.B) {
	_, db := server.Create(b)
	mariadbtest.Exec(b, db, "SET GLOBAL local_infile = OFF")
	defer mariadbtest.Exec(b, db, "SET GLOBAL local_infile = ON")
	s, err := at(b, fresh()).Open(b.Context(), store.Live, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ResetTimer()
	storetest.Fill(b, s, storetest.Run)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
