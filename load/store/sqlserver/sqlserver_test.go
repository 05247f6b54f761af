package sqlserver_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sqlserver/tdstest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlserver"
	"github.com/sihctl/sih/load/store/storetest"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC) }

const password = "s3cr3t-P55/@"

// held starts a server inside the test that holds what is written to it, and
// returns its DSN.
func held(t testing.TB) (*tdstest.Server, string) {
	t.Helper()
	s, err := tdstest.Hold(tdstest.Database{Name: "region", User: "sihctl", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	u := url.URL{Scheme: "sqlserver", User: url.UserPassword("sihctl", password), Host: fmt.Sprintf("127.0.0.1:%d", s.Port()), RawQuery: "database=region&encrypt=disable"}
	return s, u.String()
}

// unraced leaves a test out under the race detector, which slows the SQLite
// within the tests' server down thirtyfold; make test runs it without.
func unraced(t *testing.T) {
	t.Helper()
	if underRaceDetector {
		t.Skip("takes minutes under the race detector; run it without")
	}
}

func at(t testing.TB, dsn, schema string) store.Engine {
	t.Helper()
	e, err := sqlserver.At(dsn, schema)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func suite(t *testing.T, dsn, prefix string) {
	storetest.Suite(t, func(t *testing.T, name string) store.Store {
		e := at(t, dsn, prefix+name)
		s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestContract holds what the store says to the server, and what it copies in
// bulk, to the suite.
func TestContract(t *testing.T) {
	unraced(t)
	_, dsn := held(t)
	suite(t, dsn, "")
}

// TestContractReal holds a real server to the suite where there is one.
func TestContractReal(t *testing.T) {
	suite(t, realServer(t), fmt.Sprintf("sih_%d_", time.Now().UnixNano()))
}

// realServer is the DSN of a server and a database that may be written to.
func realServer(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("SIH_TEST_SQLSERVER")
	if dsn == "" {
		t.Skip("SIH_TEST_SQLSERVER does not name a server: sqlserver://user:password@host:1433?database=name")
	}
	if !strings.HasPrefix(dsn, "sqlserver://") {
		text, err := os.ReadFile(dsn)
		if err != nil {
			t.Fatal(err)
		}
		dsn = strings.TrimSpace(string(text))
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal("SIH_TEST_SQLSERVER is no address")
	}
	if q := u.Query(); q.Get("database") == "" {
		q.Set("database", "tempdb")
		u.RawQuery = q.Encode()
	}
	return u.String()
}
