package sqlserver_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/sqlserver"
)

var ignoreNotice = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Notice" }, cmp.Ignore())

func TestParseAddress(t *testing.T) {
	got, err := sqlserver.ParseAddress("\uFEFF# read only\r\nserver = 10.1.2.3\\HOSIX\r\n\r\nPORT=1444\nDatabase = HIS 2\nuser = sih_read\npassword =  a=b # c;é \nencrypt = Login\ntls_min = 1.0\ncertificate_host = sql01\ntrust_server = no\napplication_intent = ReadOnly")
	if err != nil {
		t.Fatal(err)
	}
	want := sqlserver.Config{
		Server: "10.1.2.3", Instance: "HOSIX", Port: 1444, Database: "HIS 2", User: "sih_read", Password: "a=b # c;é",
		Encrypt: sqlserver.EncryptLogin, TLSMin: tls.VersionTLS10, CertificateHost: "sql01", ReadOnlyIntent: true,
	}
	if diff := cmp.Diff(want, got, ignoreNotice); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]sqlserver.Config{
		"sql01":              {Server: "sql01"},
		`sql01\HOSIX`:        {Server: "sql01", Instance: "HOSIX"},
		"10.1.2.3,1444":      {Server: "10.1.2.3", Port: 1444},
		`sql01\HOSIX, 1444`:  {Server: "sql01", Instance: "HOSIX", Port: 1444},
		".":                  {Server: "localhost"},
		`(local)\SQLEXPRESS`: {Server: "localhost", Instance: "SQLEXPRESS"},
		"fe80::1":            {Server: "fe80::1"},
		"sql01,hunter2":      {},
		"sql01,0":            {},
		`\HOSIX`:             {},
	} {
		got, err := sqlserver.ParseAddress("server = " + text)
		if (err == nil) != (want.Server != "") || !cmp.Equal(want, got, ignoreNotice) {
			t.Errorf("%s: got %+v, error %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseURL(t *testing.T) {
	got, err := sqlserver.ParseAddress("sqlserver://HOSP%5Csih:p%40ss%2F@[fe80::1]:1444/HOSIX?database=HIS+2&encrypt=false&TrustServerCertificate=true&tlsmin=1.1&applicationintent=ReadOnly\n")
	if err != nil {
		t.Fatal(err)
	}
	want := sqlserver.Config{
		Server: "fe80::1", Instance: "HOSIX", Port: 1444, Database: "HIS 2", User: "HOSP\\sih", Password: "p@ss/",
		Encrypt: sqlserver.EncryptLogin, TLSMin: tls.VersionTLS11, TrustServer: true, ReadOnlyIntent: true,
	}
	if diff := cmp.Diff(want, got, ignoreNotice); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	for _, text := range []string{
		"sqlserver://u:hunter2%@h?database=a", "sqlserver://h?database=hunter2", "sqlserver://u:p@h:hunter2", "sqlserver://u:p@h?hunter2=1",
		"sqlserver://u:p@h?encrypt=hunter2", "sqlserver://u:p@h?log=63&x=hunter2", "sqlserver://u:hunter#2@h", "sqlserver://u:p@h:0?database=hunter2",
	} {
		if _, err := sqlserver.ParseAddress(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want an error without a value", text, err)
		}
	}
}

func TestParseAddressErrors(t *testing.T) {
	for _, text := range []string{
		"server = a\nhunter2", "server = a\nserver = hunter2", "server = a\nhunter2 = b", "x = y\nport = hunter2",
		"server = a\nport = 0", "server = a,1433\nport = 1433", "port = 1433\nserver = a,1433", "server = a\nencrypt = hunter2", "server = a\ntls_min = hunter2", "server = a\ntrust_server = hunter2",
		"server = a\napplication_intent = hunter2", "server = ",
	} {
		_, err := sqlserver.ParseAddress(text)
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: got %v, want an error with a line and no value", text, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := sqlserver.Config{Server: "a", Database: "b", User: "c"}
	if _, err := sqlserver.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sqlserver.Config){
		"server":   func(c *sqlserver.Config) { c.Server = "" },
		"database": func(c *sqlserver.Config) { c.Database = "" },
		"user":     func(c *sqlserver.Config) { c.User = "" },
		"encrypt":  func(c *sqlserver.Config) { c.Encrypt = "x" },
		"rows":     func(c *sqlserver.Config) { c.ChunkRows = -1 },
		"cert":     func(c *sqlserver.Config) { c.Encrypt, c.Certificate = sqlserver.EncryptNone, "x" },
		"trust":    func(c *sqlserver.Config) { c.TrustServer, c.Certificate = true, "x" },
	} {
		c := good
		change(&c)
		if _, err := sqlserver.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("server = a\nport = 1433\ndatabase = b\nuser = c\npassword = d")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := sqlserver.ParseAddress(text)
		if err != nil {
			return
		}
		if _, err := sqlserver.New(c); err != nil && c.Password != "" && len(c.Password) > 8 && strings.Contains(err.Error(), string(c.Password)) {
			t.Error("the error shows the password")
		}
	})
}
