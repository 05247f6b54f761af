package postgres_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// BenchmarkStore measures the store, against COPY from files beside the
// server's own.
func BenchmarkStore(b *testing.B) {
	database, db := server.Create(b)
	file := func(part int) string { return filepath.Join(server.Data(), fmt.Sprintf("rows-%d", part)) }
	parts := 0
	storetest.Benchmarks(b, storetest.Benched{
		Open: func(b *testing.B, name string, o store.Options) store.Store {
			s, err := at(b, database, name).Open(b.Context(), store.Live, o)
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
		Ready: func(b *testing.B, name string) {
			for parts = 0; parts*storetest.PerChunk < b.N; parts++ {
				postgrestest.Exec(b, db, fmt.Sprintf("COPY (SELECT * FROM %s.observation ORDER BY effective_ts LIMIT %d OFFSET %d) TO '%s'", name, storetest.PerChunk, parts*storetest.PerChunk, file(parts)))
			}
		},
		Bulk: func(b *testing.B, name string) {
			postgrestest.Exec(b, db, "SET synchronous_commit = off")
			for part := range parts {
				postgrestest.Exec(b, db, fmt.Sprintf("COPY %s.observation FROM '%s'", name, file(part)))
			}
		},
	})
}
