package sqlserver_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestFaults breaks a statement at each of its rows, in each way, in a table
// with a key and in one without: the reading must end in an error, never
// short, and the same source must then read everything.
func TestFaults(t *testing.T) {
	kinds := map[string]tdstest.FaultKind{"Fail": tdstest.Fail, "Stall": tdstest.Stall, "Drop": tdstest.Drop, "Short": tdstest.Short}
	for _, table := range []tdstest.Table{hospital()[1], hospital()[2]} {
		want := content(table).Rows
		full := table.Schema + "." + table.Name
		for name, kind := range kinds {
			for _, snapshot := range []bool{true, false} {
				for sent := range 3 {
					t.Run(fmt.Sprintf("%s/%s/snapshot=%v/%d", full, name, snapshot, sent), func(t *testing.T) {
						t.Parallel()
						server := serve(t, snapshot, table)
						cfg := config(server)
						if kind == tdstest.Stall {
							cfg.Stall = 500 * time.Millisecond
						}
						var notices []string
						cfg.Notice = func(s string) { notices = append(notices, s) }
						src := open(t, cfg)
						server.Arm(tdstest.Fault{Kind: kind, Table: full, Rows: sent})
						got, err := collect(t, src, full)
						// A machine that is busy is no server that is silent.
						server.Arm(tdstest.Fault{Table: "none"})
						src.SetStall(time.Minute)
						var e *sqlserver.Error
						switch {
						case err != nil && (!errors.As(err, &e) || e.Hint() == ""):
							t.Errorf("got %v, want an Error with a hint", err)
						case err != nil && strings.Contains(err.Error(), "ZAHRA"):
							t.Errorf("the error shows a value: %v", err)
						case err != nil:
						case kind == tdstest.Fail && !snapshot && (len(table.Key) > 0 || sent == 0) && len(got) == len(want):
							// The victim of a deadlock asks again, and loses no view.
						case kind != tdstest.Short:
							t.Error("no error")
						case len(got) == len(want):
							// A chunk that ends early is gone on behind.
						case snapshot || !slices.ContainsFunc(notices, func(s string) bool { return strings.Contains(s, "written to while") }):
							t.Errorf("got %d of %d rows, and nothing was said: %q", len(got), len(want), notices)
						}
						if diff := cmp.Diff(want, read(t, src, full)); diff != "" {
							t.Errorf("read again (-want +got):\n%s", diff)
						}
					})
				}
			}
		}
	}
}

// TestCancelStalled ends the context of a reading whose server fell silent.
func TestCancelStalled(t *testing.T) {
	table := hospital()[2]
	for _, at := range []string{"", "dbo.PACIENTES"} {
		server := serve(t, true, table)
		server.Arm(tdstest.Fault{Kind: tdstest.Stall, Table: at, Rows: 1})
		src := open(t, config(server))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		begin := time.Now()
		var last error
		for _, err := range src.Rows(ctx, "dbo.PACIENTES", nil) {
			last = err
		}
		if took := time.Since(begin); !errors.Is(last, context.Canceled) || took > time.Minute {
			t.Errorf("stalled at %q: got %v after %v, want context.Canceled at once", at, last, took)
		}
		if diff := cmp.Diff(content(table).Rows, read(t, src, "dbo.PACIENTES")); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	}
}

// TestLogin refuses logins, and lets no password show.
func TestLogin(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*sqlserver.Config)
		want   string
	}{
		{"password", func(c *sqlserver.Config) { c.Password = "wr0ng" + password }, "read sqlserver: connect: the login was refused (error 18456)"},
		{"database", func(c *sqlserver.Config) { c.Database = "OTHER" }, "read sqlserver: connect: the server cannot open the database for this login (error 4060)"},
		{"no encryption there", func(c *sqlserver.Config) { c.Encrypt = sqlserver.EncryptAll }, "read sqlserver: connect: server does not support encryption"},
		{"no encrypted login there", func(c *sqlserver.Config) { c.Encrypt = sqlserver.EncryptLogin }, "read sqlserver: connect: the server does not encrypt the login"},
		{"silence", func(c *sqlserver.Config) { c.Connect = time.Second }, "read sqlserver: the server did not answer in time"},
		{"certificate", func(c *sqlserver.Config) { c.Encrypt, c.Certificate = sqlserver.EncryptAll, "nowhere.pem" }, "read sqlserver: open nowhere.pem: no such file or directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, true, hospital()...)
			if test.name == "silence" {
				server.Arm(tdstest.Fault{Kind: tdstest.Stall})
			}
			cfg := config(server)
			test.change(&cfg)
			src := open(t, cfg)
			_, err := src.Tables(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if n := len(server.Logins()); strings.HasPrefix(test.name, "no encr") && n > 0 {
				t.Errorf("%d logins were sent readable", n)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(fmt.Sprintf("%v %+v", e, e), password) {
					t.Error("the error shows the password")
				}
			}
			if s := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); strings.Contains(s, password) {
				t.Error("the printed config shows the password")
			}
		})
	}
}

// TestPolite looks at what the server was asked.
func TestPolite(t *testing.T) {
	for _, snapshot := range []bool{true, false} {
		server := serve(t, snapshot, hospital()...)
		cfg := config(server)
		cfg.ReadOnlyIntent = true
		src := open(t, cfg)
		for _, table := range hospital() {
			read(t, src, table.Schema+"."+table.Name)
		}
		asked := server.Statements()
		isolation := "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
		if snapshot {
			isolation = "SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION"
		}
		if asked[0] != "SET LOCK_TIMEOUT 10000; SET DEADLOCK_PRIORITY LOW; SET XACT_ABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET ARITHABORT ON; SET TEXTSIZE 2147483647; SET ROWCOUNT 0; SET DATEFORMAT ymd" || asked[2] != isolation {
			t.Errorf("the session begins with %q", asked[:3])
		}
		for _, s := range asked {
			if strings.Contains(strings.ToUpper(s), "NOLOCK") || strings.Contains(strings.ToUpper(s), "UNCOMMITTED") {
				t.Errorf("asked: %s", s)
			}
		}
		want := []tdstest.Login{{User: "sih_read", App: "sihctl", Database: "HIS", ReadOnly: true}}
		if diff := cmp.Diff(want, server.Logins()); diff != "" {
			t.Errorf("logins (-want +got):\n%s", diff)
		}
	}
}

// TestChanged writes to a table while it is read.
func TestChanged(t *testing.T) {
	for _, snapshot := range []bool{true, false} {
		table := hospital()[2]
		server := serve(t, snapshot, table)
		cfg := config(server)
		var notices []string
		cfg.Notice = func(s string) { notices = append(notices, s) }
		src := open(t, cfg)
		n := 0
		for _, err := range src.Rows(t.Context(), "dbo.PACIENTES", nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 {
				server.SetRows("dbo.PACIENTES", append(slices.Clone(table.Rows), row("2000", "NEW", nil), row("2001", "NEW", nil)))
			}
		}
		want, last := 7, ""
		if !snapshot {
			want, last = 9, "dbo.PACIENTES was written to while it was read: 7 rows before, 9 read, 9 after"
		}
		if n != want {
			t.Errorf("snapshot=%v: got %d rows, want %d", snapshot, n, want)
		}
		if last != "" && (len(notices) == 0 || notices[len(notices)-1] != last) {
			t.Errorf("got %q, want %q last", notices, last)
		}
	}
}

// TestLargeValues reads values of a megabyte, a few rows at a time, to where
// nothing follows.
func TestLargeValues(t *testing.T) {
	table := tdstest.Table{Schema: "dbo", Name: "DOC", Key: []string{"ID"}, Columns: []tdstest.Column{{Name: "ID", Type: "int"}, {Name: "PDF", Type: "image"}}}
	for i := range 40 {
		table.Rows = append(table.Rows, row(fmt.Sprint(i), []byte(strings.Repeat("%PDF", 1<<18))))
	}
	server := serve(t, true, table)
	cfg := config(server)
	cfg.ChunkRows = 0
	src := open(t, cfg)
	if diff := cmp.Diff(content(table).Rows, read(t, src, "dbo.DOC")); diff != "" {
		t.Error("the rows differ")
	}
	var got []string
	for _, s := range server.Statements() {
		if top, _, ok := strings.Cut(s, ") [ID]"); ok {
			got = append(got, strings.TrimPrefix(top, "SELECT TOP ("))
		}
	}
	if want := []string{"16", "7", "7", "7", "7", "7"}; !slices.Equal(got, want) {
		t.Errorf("got chunks of %v rows, want %v", got, want)
	}
}
