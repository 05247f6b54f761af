package mysql_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

var server *mariadbtest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if server, err = mariadbtest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// open opens a database of the server.
func open(t testing.TB, database string) *mysql.Source {
	t.Helper()
	src, err := mysql.New(mysql.Config{DSN: server.DSN(database)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// lacks tells whether a statement is one that the server given by the
// environment does not know, as an older one does not; the tests' own must.
func lacks(t testing.TB, db *sql.DB, statement string) bool {
	t.Helper()
	_, err := db.Exec(statement)
	var answer *driver.MySQLError
	if os.Getenv(mariadbtest.Env) != "" && errors.As(err, &answer) && answer.Number == 1064 {
		t.Logf("the server does not know: %s", statement)
		return true
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return false
}
