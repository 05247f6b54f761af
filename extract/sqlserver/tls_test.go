package sqlserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// certificate makes a server's certificate for sql01, and returns it with the
// file that a client is given.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"sql01"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestTLS(t *testing.T) {
	cert, file := certificate(t)
	for _, test := range []struct {
		name   string
		best   uint16 // version of TLS that the server knows
		change func(*sqlserver.Config)
		ok     bool
	}{
		{"certificate", tls.VersionTLS12, func(c *sqlserver.Config) { c.Certificate, c.CertificateHost = file, "sql01" }, true},
		{"login only", tls.VersionTLS12, func(c *sqlserver.Config) {
			c.Encrypt, c.Certificate, c.CertificateHost = sqlserver.EncryptLogin, file, "sql01"
		}, true},
		{"any certificate", tls.VersionTLS12, func(c *sqlserver.Config) { c.TrustServer = true }, true},
		{"unknown authority", tls.VersionTLS12, func(c *sqlserver.Config) { c.CertificateHost = "sql01" }, false},
		{"another host's", tls.VersionTLS12, func(c *sqlserver.Config) { c.Certificate, c.CertificateHost = file, "sql02" }, false},
		{"old TLS", tls.VersionTLS11, func(c *sqlserver.Config) { c.TrustServer = true }, false},
		{"old TLS, login only", tls.VersionTLS10, func(c *sqlserver.Config) { c.Encrypt, c.TrustServer = sqlserver.EncryptLogin, true }, false},
		{"old TLS allowed", tls.VersionTLS10, func(c *sqlserver.Config) { c.TrustServer, c.TLSMin = true, tls.VersionTLS10 }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, err := tdstest.New(tdstest.Database{
				Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Tables: hospital(),
				TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: test.best, SessionTicketsDisabled: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			cfg := config(server)
			cfg.Encrypt = ""
			test.change(&cfg)
			var notices []string
			cfg.Notice = func(s string) { notices = append(notices, s) }
			src := open(t, cfg)
			_, err = src.Tables(t.Context())
			if (err == nil) != test.ok {
				t.Fatalf("got error %v, want ok=%v", err, test.ok)
			}
			if !test.ok {
				var e *sqlserver.Error
				if !errors.As(err, &e) || !strings.Contains(e.Hint(), "certificate = ") {
					t.Errorf("got %v, want an Error that speaks of certificates", err)
				}
				if len(server.Logins()) > 0 {
					t.Error("a login was sent all the same")
				}
				return
			}
			if l := server.Logins(); len(l) != 1 || !l[0].Encrypted {
				t.Errorf("got logins %v, want one that was encrypted", l)
			}
			warned := slices.ContainsFunc(notices, func(s string) bool { return strings.Contains(s, "not encrypted") })
			if warned != (cfg.Encrypt == sqlserver.EncryptLogin) {
				t.Errorf("got notices %q", notices)
			}
			for _, table := range hospital() {
				if got := len(read(t, src, table.Schema+"."+table.Name)); got != len(table.Rows) {
					t.Errorf("%s: got %d rows, want %d", table.Name, got, len(table.Rows))
				}
			}
		})
	}
}
