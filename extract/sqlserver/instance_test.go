package sqlserver_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// browse starts a browser; its port is fixed, and another run of the tests may
// hold it.
func browse(t *testing.T, instance string, port uint16) {
	t.Helper()
	for range 600 {
		b, err := tdstest.NewBrowser(instance, port)
		if err == nil {
			t.Cleanup(b.Close)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("no browser could be started")
}

// TestInstance finds a named instance on the port that it has today.
func TestInstance(t *testing.T) {
	server := serve(t, true, hospital()...)
	cfg := config(server)
	cfg.Port = 0
	for _, test := range []struct {
		name, instance string
		port           uint16
		err, hint      string
	}{
		{"there", "hosix", server.Port(), "", ""},
		{"another", "OTHER", server.Port(), "no instance of that name, or it is not running; it has HOSIX", "mend the instance"},
		{"no TCP", "HOSIX", 0, "does not listen on TCP", "Configuration Manager"},
	} {
		t.Run(test.name, func(t *testing.T) {
			browse(t, "HOSIX", test.port)
			cfg := cfg
			cfg.Instance = test.instance
			_, err := open(t, cfg).Tables(t.Context())
			var e *sqlserver.Error
			if test.err == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else if !errors.As(err, &e) || !strings.Contains(err.Error(), test.err) || !strings.Contains(e.Hint(), test.hint) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
	cfg.Instance, cfg.Server = "HOSIX", "127.0.0.2" // where nobody else's browser is either
	_, err := open(t, cfg).Tables(t.Context())
	var e *sqlserver.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "Browser does not answer") || !strings.Contains(e.Hint(), "1434") {
		t.Errorf("no browser: got %v", err)
	}
}
