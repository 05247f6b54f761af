package sqlserver_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestInstance finds a named instance on the port that it has today.
func TestInstance(t *testing.T) {
	server := serve(t, true, hospital()...)
	var browser *tdstest.Browser
	var err error
	for range 100 { // its port is fixed: another run of the tests may hold it
		if browser, err = tdstest.NewBrowser("HOSIX", server.Port()); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Close)
	cfg := config(server)
	cfg.Port, cfg.Instance = 0, "hosix"
	if got, want := len(read(t, open(t, cfg), "dbo.PACIENTES")), len(hospital()[2].Rows); got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
	cfg.Instance = "OTHER"
	_, err = open(t, cfg).Tables(t.Context())
	var e *sqlserver.Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint(), "instance") {
		t.Errorf("an unknown instance: got %v, want an Error that speaks of it", err)
	}
}
