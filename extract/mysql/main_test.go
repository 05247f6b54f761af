package mysql_test

import (
	"fmt"
	"os"
	"testing"

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
