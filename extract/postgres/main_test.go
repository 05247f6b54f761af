package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// open opens a database of the server.
func open(t testing.TB, database string) *postgres.Source {
	t.Helper()
	return with(t, postgres.Config{DSN: server.DSN(database)})
}

// with opens what a config says.
func with(t testing.TB, cfg postgres.Config) *postgres.Source {
	t.Helper()
	src, err := postgres.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// read reads a whole table.
func read(t testing.TB, src extract.Source, table string) (rows []extract.Row) {
	t.Helper()
	for row, err := range src.Rows(t.Context(), table, nil) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, slices.Clone(row))
	}
	return rows
}

// text is a value that is text; octets one that is bytes.
func text(s string) sih.Raw   { return sih.Text(s) }
func octets(s string) sih.Raw { return sih.Raw{Text: s, Bytes: true} }

// explain asks how a statement would be run under the source's settings.
func explain(t testing.TB, db *pgconn.PgConn, query string) string {
	t.Helper()
	postgrestest.Exec(t, db, "BEGIN", "SET LOCAL enable_sort = off", "SET LOCAL enable_bitmapscan = off", "SET LOCAL search_path = ''")
	defer postgrestest.Exec(t, db, "ROLLBACK")
	result := db.ExecParams(t.Context(), "EXPLAIN "+query, nil, nil, nil, nil).Read()
	if result.Err != nil {
		t.Fatalf("%s: %v", query, result.Err)
	}
	var b strings.Builder
	for _, row := range result.Rows {
		b.Write(append(row[0], '\n'))
	}
	return b.String()
}
