//go:debug x509negativeserial=1
package sqlserver_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// selfSigned makes a certificate as SQL Server does for itself: RSA, a common
// name and no host, and a number that is negative in every second one.
func selfSigned(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	number := bytes.Repeat([]byte{0x7E}, 16)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(number), Subject: pkix.Name{CommonName: "SSL_Self_Signed_Fallback"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der[bytes.Index(der, number)] = 0xFE // Go makes no negative ones
	file := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// TestOldServer reads a server that never was updated, by what an examination
// of it advises step by step.
func TestOldServer(t *testing.T) {
	cert, file := selfSigned(t)
	server, err := tdstest.New(tdstest.Database{
		Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Tables: hospital(),
		TLS: &tls.Config{
			Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, SessionTicketsDisabled: true,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	cfg := config(server)
	cfg.Encrypt = sqlserver.EncryptAll
	if _, ok := found(examine(t, cfg), extract.Faulty, "encryption", "no TLS newer than TLS 1.0"); !ok {
		t.Error("old TLS: nothing is said")
	}
	cfg.TLSMin = tls.VersionTLS10
	if f, ok := found(examine(t, cfg), extract.Faulty, "encryption", "the server's certificate"); !ok || f.Advice == "" {
		t.Error("its certificate: nothing is said")
	}
	cfg.Certificate = file
	if f, ok := found(examine(t, cfg), extract.Notable, "old-tls", "TLS 1.0"); !ok {
		t.Errorf("the very certificate: got %+v", f)
	}
	if got, want := len(read(t, open(t, cfg), "dbo.PACIENTES")), len(hospital()[2].Rows); got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
	_, other := certificate(t)
	cfg.Certificate = other
	if _, ok := found(examine(t, cfg), extract.Faulty, "encryption", "the server's certificate"); !ok {
		t.Error("another's certificate: nothing is said")
	}
	if _, err := open(t, cfg).Tables(t.Context()); err == nil {
		t.Error("another's certificate was taken")
	}
}

// TestOldCiphers reads a server that knows TLS 1.2, with ciphers that Go does
// not offer by itself.
func TestOldCiphers(t *testing.T) {
	cert, file := selfSigned(t)
	server, err := tdstest.New(tdstest.Database{
		Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Tables: hospital(),
		TLS: &tls.Config{
			Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12, SessionTicketsDisabled: true,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	cfg := config(server)
	cfg.Encrypt, cfg.Certificate = sqlserver.EncryptAll, file
	if f, ok := found(examine(t, cfg), extract.Faulty, "encryption", "TLS 1.2 with old ciphers only"); !ok || !strings.Contains(f.Advice, "tls_min = 1.1") {
		t.Errorf("got %+v", f)
	}
	cfg.TLSMin = tls.VersionTLS11
	if f, ok := found(examine(t, cfg), extract.Fine, "encryption", "TLS 1.2"); !ok {
		t.Errorf("as advised: got %+v", f)
	}
	if got, want := len(read(t, open(t, cfg), "dbo.PACIENTES")), len(hospital()[2].Rows); got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
}
