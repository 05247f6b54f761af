package postgres_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/storetest"
)

var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	var err error
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC) }

// at returns the engine of a schema.
func at(t testing.TB, database, schema string) store.Engine {
	t.Helper()
	return atServer(t, server, database, schema)
}

func atServer(t testing.TB, server *postgrestest.Server, database, schema string) store.Engine {
	t.Helper()
	e, err := postgres.At(server.DSN(database), schema)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestContract(t *testing.T) {
	database, _ := server.Create(t)
	storetest.Suite(t, func(t *testing.T, name string) store.Store {
		s, err := at(t, database, name).Open(t.Context(), store.Live, store.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
