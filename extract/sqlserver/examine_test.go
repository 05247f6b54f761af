package sqlserver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// found looks for a finding and returns it.
func found(list []extract.Finding, level extract.Level, check, text string) (extract.Finding, bool) {
	i := slices.IndexFunc(list, func(f extract.Finding) bool {
		return f.Level == level && f.Check == check && strings.Contains(f.Text, text)
	})
	if i < 0 {
		return extract.Finding{}, false
	}
	return list[i], true
}

func examine(t *testing.T, cfg sqlserver.Config) []extract.Finding {
	t.Helper()
	list, err := open(t, cfg).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if s := fmt.Sprint(f); strings.Contains(s, password) {
			t.Errorf("a finding shows the password: %s", s)
		}
		if f.Level == extract.Faulty && f.Advice == "" {
			t.Errorf("nothing is advised about %q", f.Text)
		}
	}
	return list
}

// TestExamine spoils one thing after the other.
func TestExamine(t *testing.T) {
	cert, file := certificate(t)
	upTo := func(best uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: best, SessionTicketsDisabled: true}
	}
	for _, test := range []struct {
		name   string
		spoil  func(*tdstest.Database, *sqlserver.Config)
		level  extract.Level
		check  string
		text   string
		advice string
		script string
	}{
		{"nothing", func(*tdstest.Database, *sqlserver.Config) {}, extract.Fine, "rights", "may read, and has no right to write", "", ""},
		{"encrypted", func(*tdstest.Database, *sqlserver.Config) {}, extract.Fine, "encryption", "TLS 1.2, and the server's certificate is good", "", ""},
		{"view", func(*tdstest.Database, *sqlserver.Config) {}, extract.Fine, "view", "snapshot isolation", "", ""},
		{"version", func(*tdstest.Database, *sqlserver.Config) {}, extract.Fine, "server", "10.50.6000.34", "", ""},

		{"no TCP", func(_ *tdstest.Database, c *sqlserver.Config) { c.Port = 1 }, extract.Faulty, "reach", "nothing listens on port", "enable TCP/IP", ""},
		{"no such host", func(_ *tdstest.Database, c *sqlserver.Config) { c.Server = "no-such-host.invalid" }, extract.Faulty, "reach", "no-such-host.invalid is not known", "10.1.2.3", ""},
		{"no browser", func(_ *tdstest.Database, c *sqlserver.Config) { c.Server, c.Port, c.Instance = "127.0.0.2", 0, "HOSIX" }, extract.Faulty, "instance", "does not answer on UDP 1434", "port =", ""},
		{"another program", func(_ *tdstest.Database, c *sqlserver.Config) { c.Port = babbler(t) }, extract.Faulty, "reach", "is no SQL Server", "port =", ""},

		{"old TLS", func(d *tdstest.Database, _ *sqlserver.Config) { d.TLS = upTo(tls.VersionTLS10) }, extract.Faulty, "encryption", "no TLS newer than TLS 1.0, and at least TLS 1.2", "tls_min = 1.0", ""},
		{"old TLS allowed", func(d *tdstest.Database, c *sqlserver.Config) {
			d.TLS, c.TLSMin = upTo(tls.VersionTLS11), tls.VersionTLS10
		}, extract.Notable, "old-tls", "TLS 1.1 can be broken", "update the server", ""},
		{"an old cipher", func(d *tdstest.Database, c *sqlserver.Config) {
			d.TLS, c.TLSMin = upTo(tls.VersionTLS10), tls.VersionTLS10
			d.TLS.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}
		}, extract.Fine, "encryption", "TLS 1.0", "", ""},
		{"no TLS", func(d *tdstest.Database, _ *sqlserver.Config) { d.TLS = nil }, extract.Faulty, "encryption", "does not encrypt at all", "encrypt = disable", ""},
		{"no TLS needed", func(d *tdstest.Database, c *sqlserver.Config) {
			d.TLS, c.Encrypt, c.Certificate, c.CertificateHost = nil, sqlserver.EncryptNone, "", ""
		}, extract.Notable, "encryption", "NOTHING IS ENCRYPTED", "give the server a certificate", ""},
		{"TLS not used", func(_ *tdstest.Database, c *sqlserver.Config) {
			c.Encrypt, c.Certificate, c.CertificateHost = sqlserver.EncryptNone, "", ""
		}, extract.Notable, "encryption", "though they need not", "remove encrypt = disable", ""},
		{"TLS demanded", func(d *tdstest.Database, c *sqlserver.Config) {
			d.Demand = true
			c.Encrypt, c.Certificate, c.CertificateHost = sqlserver.EncryptNone, "", ""
		}, extract.Faulty, "encryption", "encrypted connections only", "remove encrypt", ""},
		{"login only", func(_ *tdstest.Database, c *sqlserver.Config) { c.Encrypt = sqlserver.EncryptLogin }, extract.Notable, "encryption", "only the login is encrypted", "encrypt = true", ""},
		{"any certificate", func(_ *tdstest.Database, c *sqlserver.Config) {
			c.TrustServer, c.Certificate, c.CertificateHost = true, "", ""
		}, extract.Notable, "encryption", "is not looked at", "certificate = FILE", ""},
		{"unknown certificate", func(_ *tdstest.Database, c *sqlserver.Config) { c.Certificate = "" }, extract.Faulty, "encryption", "the server's certificate", "certificate = FILE", ""},
		{"another's certificate", func(_ *tdstest.Database, c *sqlserver.Config) { c.CertificateHost = "sql02" }, extract.Faulty, "encryption", "sql02", "certificate_host = sql01", ""},
		{"no certificate", func(_ *tdstest.Database, c *sqlserver.Config) { c.Certificate = "nowhere.pem" }, extract.Faulty, "encryption", "nowhere.pem", "mend certificate", ""},

		{"password", func(_ *tdstest.Database, c *sqlserver.Config) { c.Password = "wr0ng" }, extract.Faulty, "login", "refuses the login sih_read (error 18456)", "58 Windows logins only", "CREATE LOGIN [sih_read] WITH PASSWORD"},
		{"Windows only", func(d *tdstest.Database, _ *sqlserver.Config) { d.Refuse = 18452 }, extract.Faulty, "login", "Windows logins only", "DOMAIN", "sp_addrolemember N'db_datareader', N'sih_read'"},
		{"expired", func(d *tdstest.Database, _ *sqlserver.Config) { d.Refuse = 18487 }, extract.Faulty, "login", "password has expired", "set it anew", ""},
		{"locked", func(d *tdstest.Database, _ *sqlserver.Config) { d.Refuse = 18486 }, extract.Faulty, "login", "the login is locked", "unlock", ""},

		{"another database", func(_ *tdstest.Database, c *sqlserver.Config) { c.Database = "HOSIX" }, extract.Faulty, "database", "there is no database HOSIX on the server that the login may know of; it has HIS, master", "mend database", ""},
		{"restoring", func(d *tdstest.Database, _ *sqlserver.Config) { d.State = "RESTORING" }, extract.Faulty, "database", "HIS is in the state RESTORING", "wait", ""},
		{"suspect", func(d *tdstest.Database, _ *sqlserver.Config) { d.State = "SUSPECT" }, extract.Faulty, "database", "SUSPECT", "damaged", ""},
		{"no user", func(d *tdstest.Database, _ *sqlserver.Config) { d.NoUser = true }, extract.Faulty, "database", "has no user in the database", "script", "CREATE USER [sih_read] FOR LOGIN [sih_read]"},
		{"old version", func(d *tdstest.Database, _ *sqlserver.Config) { d.Version = "9.00.5000.00" }, extract.Notable, "server", "older than SQL Server 2008 R2", "", ""},
		{"auto close", func(d *tdstest.Database, _ *sqlserver.Config) { d.AutoClose = true }, extract.Notable, "server", "closes whenever nobody", "", "SET AUTO_CLOSE OFF"},

		{"sysadmin", func(d *tdstest.Database, _ *sqlserver.Config) { d.Rights = []string{"sysadmin", "db_owner"} }, extract.Notable, "rights", "may do more than read: it has sysadmin, db_owner", "login of its own", "CREATE LOGIN [sihctl_read]"},
		{"writer", func(d *tdstest.Database, _ *sqlserver.Config) { d.Rights = []string{"UPDATE"} }, extract.Notable, "rights", "it has UPDATE", "login of its own", "DENY INSERT, UPDATE, DELETE"},
		{"writer of a table", func(d *tdstest.Database, _ *sqlserver.Config) { d.Tables[2].Rights = []string{"INSERT"} }, extract.Notable, "rights", "may write to dbo.PACIENTES", "login of its own", "CREATE LOGIN"},
		{"a closed table", func(d *tdstest.Database, _ *sqlserver.Config) { d.Tables[2].Rights = []string{"-SELECT"} }, extract.Faulty, "rights", "may not read dbo.PACIENTES", "leave_out", "GRANT SELECT TO [sih_read]"},
		{"a closed column", func(d *tdstest.Database, _ *sqlserver.Config) { d.Tables[2].Columns[1].Denied = true }, extract.Faulty, "rights", "dbo.PACIENTES.APELLIDO", "grant SELECT", "GRANT SELECT"},
		{"a closed table left out", func(d *tdstest.Database, c *sqlserver.Config) {
			d.Tables[2].Rights, d.Tables[0].Columns[2].Denied = []string{"-SELECT"}, true
			c.LeaveOut = map[string][]string{"dbo.PACIENTES": {"*"}, "dbo.EPISODIOS]": {"FECHA"}}
		}, extract.Fine, "rights", "no right to write", "", ""},
		{"no tables", func(d *tdstest.Database, _ *sqlserver.Config) { d.Tables = nil }, extract.Faulty, "tables", "sees no table", "script", "db_datareader"},
		{"no snapshots", func(d *tdstest.Database, _ *sqlserver.Config) { d.Snapshot = false }, extract.Notable, "view", "does not allow snapshot isolation", "tempdb", "ALTER DATABASE [HIS] SET ALLOW_SNAPSHOT_ISOLATION ON"},
		{"read-only", func(d *tdstest.Database, _ *sqlserver.Config) { d.Snapshot, d.ReadOnly = false, true }, extract.Fine, "view", "read-only", "", ""},
		{"replica", func(d *tdstest.Database, _ *sqlserver.Config) { d.Replica = true }, extract.Fine, "replica", "readable replica", "", ""},
		{"readers only", func(d *tdstest.Database, _ *sqlserver.Config) { d.Refuse = 978 }, extract.Faulty, "login", "takes readers only", "application_intent = readonly", ""},
		{"no key", func(*tdstest.Database, *sqlserver.Config) {}, extract.Notable, "keys", "read in one pass: dbo.LOG", "", ""},
		{"in memory", func(d *tdstest.Database, _ *sqlserver.Config) {
			d.Version, d.Tables[2].InMemory = "12.0.6024.0", true
		}, extract.Faulty, "tables", "lie in memory (In-Memory OLTP) cannot be read in a view of snapshot isolation: dbo.PACIENTES", "leave_out", ""},
		{"encrypted column", func(d *tdstest.Database, _ *sqlserver.Config) {
			d.Version, d.Tables[2].Columns[1].Sealed = "13.0.7029.3", true
		}, extract.Notable, "tables", "dbo.PACIENTES.APELLIDO", "Always Encrypted", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := tdstest.Database{Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Tables: hospital(), TLS: upTo(tls.VersionTLS12)}
			cfg := sqlserver.Config{Server: "127.0.0.1", Database: "HIS", User: "sih_read", Password: password, Certificate: file, CertificateHost: "sql01"}
			spoiled := &db
			test.spoil(spoiled, &cfg)
			server, err := tdstest.New(db)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			if cfg.Port == 0 && cfg.Instance == "" {
				cfg.Port = server.Port()
			}
			list := examine(t, cfg)
			f, ok := found(list, test.level, test.check, test.text)
			if !ok || !strings.Contains(f.Advice, test.advice) || !strings.Contains(f.Script, test.script) {
				t.Errorf("got %+v,\nwant level %d, check %s: %q, advice %q, script %q", list, test.level, test.check, test.text, test.advice, test.script)
			}
			if test.level != extract.Faulty && slices.ContainsFunc(list, func(f extract.Finding) bool { return f.Level == extract.Faulty }) {
				t.Errorf("something is faulty: %+v", list)
			}
			for _, s := range server.Statements() {
				if !strings.HasPrefix(s, "SELECT ") && !strings.HasPrefix(s, "SET ") || strings.Contains(s, "ISOLATION") {
					t.Errorf("it does more than to ask: %s", s)
				}
			}
			if test.check == "encryption" && test.level == extract.Faulty && len(server.Logins()) > 0 {
				t.Error("a login was sent on a way that was not asked for")
			}
		})
	}
}

// babbler starts a server of something else.
func babbler(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("220 mail.hospital.example ESMTP\r\n"))
			c.Close()
		}
	}()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// TestExamineEnds ends the context of an examination whose server is silent.
func TestExamineEnds(t *testing.T) {
	server := serve(t, true, hospital()...)
	server.Arm(tdstest.Fault{Kind: tdstest.Stall, Again: 9})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begin := time.Now()
	list, err := open(t, config(server)).Examine(ctx)
	if took := time.Since(begin); !errors.Is(err, context.Canceled) || took > time.Minute {
		t.Errorf("got %v, %+v after %v, want context.Canceled at once", err, list, took)
	}
	server = serve(t, true, hospital()...)
	server.Arm(tdstest.Fault{Kind: tdstest.Stall, Again: 9})
	cfg := config(server)
	cfg.Connect = 2 * time.Second
	if list := examine(t, cfg); len(list) == 0 || list[len(list)-1].Text != fmt.Sprintf("port %d of 127.0.0.1 takes the connection and then says nothing", server.Port()) {
		t.Errorf("a silent server: got %+v", list)
	}
}

func TestRealExamine(t *testing.T) {
	made, _ := create(t, realServer(t), true, hospital())
	for _, f := range examine(t, made) {
		t.Logf("%d %s: %s\n%s\n%s", f.Level, f.Check, f.Text, f.Advice, f.Script)
		if f.Level == extract.Faulty {
			t.Errorf("something is faulty: %+v", f)
		}
	}
}
