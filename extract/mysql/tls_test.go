package mysql_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	bignum "math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/linetest"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// certificate writes one that nobody else has signed, where a server that runs
// under another user can read it.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: bignum.NewInt(1), Subject: pkix.Name{CommonName: "hopital"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "mariadb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestEncryption(t *testing.T) {
	cert, key := certificate(t)
	at := linetest.Port(t)
	private, err := mariadbtest.Private("--skip-networking=0", "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", at), "--ssl-cert="+cert, "--ssl-key="+key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	name, db := private.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE USER u IDENTIFIED BY '"+password+"'", "GRANT SELECT ON "+name+".* TO u")
	for options, want := range map[string]extract.Finding{
		"":                 {Level: extract.Fine, Text: "does not leave this machine"},
		"?tls=skip-verify": {Level: extract.Notable, Text: "the connection is encrypted (TLSv1.3)"},
		"?tls=preferred":   {Level: extract.Notable, Text: "the connection is encrypted (TLSv1.3)"},
		"?tls=true":        {Level: extract.Faulty, Text: "nobody that this machine trusts has signed"},
	} {
		dsn := fmt.Sprintf("u:%s@tcp(127.0.0.1:%d)/%s%s", password, at, name, options)
		found := examine(t, mysql.Config{DSN: dsn})["encryption"]
		if len(found) != 1 || found[0].Level != want.Level || !strings.Contains(found[0].Text, want.Text) {
			t.Errorf("%s: got %+v, want %+v", options, found, want)
		}
		if want.Level == extract.Faulty {
			continue
		}
		src, err := mysql.New(mysql.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if rows := read(t, src, "t"); len(rows) != 1 {
			t.Errorf("%s: got %d rows", options, len(rows))
		}
		src.Close()
	}
}
