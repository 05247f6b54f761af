package mysql_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"testing"
	"time"

	client "github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/storetest"
)

var server *mariadbtest.Server

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	if where := os.Getenv(loader); where != "" {
		return loadSlowly(where)
	}
	var err error
	if server, err = mariadbtest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC) }

// at returns the engine of a database, and drops it when the test ends.
func at(t testing.TB, database string) store.Engine {
	t.Helper()
	return atServer(t, server.DSN(""), database)
}

func atServer(t testing.TB, dsn, database string) store.Engine {
	t.Helper()
	e, err := mysql.At(dsn, database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(dsn, database) })
	return e
}

// drop drops the databases of an engine, where the server still runs.
func drop(dsn, database string) {
	cfg, err := client.ParseDSN(dsn)
	if err != nil {
		return
	}
	cfg.Logger = &client.NopLogger{}
	c, err := client.NewConnector(cfg)
	if err != nil {
		return
	}
	conn, err := c.Connect(context.Background())
	if err != nil {
		return
	}
	defer conn.Close()
	for _, end := range []string{"", "_building", "_previous"} {
		execute(conn, "DROP DATABASE IF EXISTS "+database+end)
	}
}

// names counts the databases of the tests.
var names int

func fresh() string {
	names++
	return fmt.Sprintf("sih_store_%d_%d", os.Getpid(), names)
}

func TestContract(t *testing.T) { suite(t, server.DSN("")) }

// TestContractTiDB holds TiDB to the suite where there is one.
func TestContractTiDB(t *testing.T) {
	dsn := os.Getenv("SIH_TEST_TIDB")
	if dsn == "" {
		t.Skip("SIH_TEST_TIDB does not name a server: user:password@tcp(host:4000)/")
	}
	suite(t, dsn)
}

func suite(t *testing.T, dsn string) {
	base := fresh()
	storetest.Suite(t, func(t *testing.T, name string) store.Store {
		s, err := atServer(t, dsn, base+name).Open(t.Context(), store.Live, store.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func execute(conn driver.Conn, statement string) {
	_, _ = conn.(driver.ExecerContext).ExecContext(context.Background(), statement, nil)
}
