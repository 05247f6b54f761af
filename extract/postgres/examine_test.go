package postgres_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/linetest"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// examine examines a server, and fails where a finding shows the password or
// says what is wrong without what to do.
func examine(t *testing.T, cfg postgres.Config) map[string][]extract.Finding {
	t.Helper()
	list, err := with(t, cfg).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]extract.Finding{}
	for _, f := range list {
		if said := f.Text + f.Advice + f.Script; strings.Contains(said, password) || strings.Contains(said, "s3cr3t") {
			t.Errorf("the password shows: %s", said)
		}
		if f.Text == "" || f.Level != extract.Fine && f.Advice == "" {
			t.Errorf("a finding without advice: %+v", f)
		}
		found[f.Check] = append(found[f.Check], f)
	}
	return found
}

// level is the gravest of some findings, -1 where there are none.
func level(list []extract.Finding) extract.Level {
	worst := extract.Level(-1)
	for _, f := range list {
		worst = max(worst, f.Level)
	}
	return worst
}

// The script that an examination prints makes a login with which nothing is
// wrong any more.
func TestExamine(t *testing.T) {
	name, db := server.Create(t)
	login := user(t, server)
	postgrestest.Exec(t, db,
		"CREATE TABLE a (id integer PRIMARY KEY, v text)", "INSERT INTO a SELECT i, 'x' FROM generate_series(1, 3000) AS i",
		"CREATE TABLE keyless (v text, scan oid)", "CREATE SCHEMA secret", "CREATE TABLE secret.b (id integer PRIMARY KEY)",
		"CREATE TABLE guarded (id integer PRIMARY KEY, v text, hidden text)", "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
		"CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE FOREIGN TABLE elsewhere (id integer) SERVER s",
		"GRANT SELECT, DELETE ON a, keyless TO "+login, "GRANT SELECT (id, v) ON guarded TO "+login, "GRANT CREATE ON DATABASE "+name+" TO "+login)
	t.Cleanup(func() { dropOwned(name, login) })
	found := examine(t, postgres.Config{DSN: server.Login(name, login, password)})
	for check, want := range map[string]extract.Level{
		"kindest-way": extract.Notable, "reach": extract.Fine, "login": extract.Fine, "version": extract.Fine, "encryption": extract.Fine,
		"rights": extract.Notable, "row-security": extract.Faulty, "tables": extract.Notable, "view": extract.Fine, "keys": extract.Notable,
		"character-sets": extract.Fine, "limits": extract.Fine, "size": extract.Fine,
	} {
		if got := level(found[check]); got != want {
			t.Errorf("%s: got level %d, want %d: %+v", check, got, want, found[check])
		}
	}
	said := fmt.Sprint(found)
	for _, want := range []string{
		"more than read: DELETE, CREATE", "no right to them: secret.b", "to which the login has no right: public.guarded", "another server's tables are left out: public.elsewhere",
		"to be read by: public.keyless", "whose content is not read, by public.keyless", "and these are not read: public.guarded",
		"GRANT USAGE ON SCHEMA \"secret\" TO \"" + login,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not told in %s", want, said)
		}
	}
	// What the administrator would run.
	narrow := server.Name()
	wide := found["rights"][len(found["rights"])-1]
	postgrestest.Exec(t, db, strings.NewReplacer(" sihctl", " "+narrow, "choose-a-password", "p").Replace(wide.Script))
	t.Cleanup(func() { dropOwned(name, narrow, "DROP ROLE "+narrow) })
	found = examine(t, postgres.Config{DSN: server.Login(name, narrow, "p")})
	if level(found["rights"]) != extract.Fine || found["row-security"] != nil {
		t.Errorf("after the script: got %+v", found["rights"])
	}
	src := with(t, postgres.Config{DSN: server.Login(name, narrow, "p"), Connections: 2})
	for table, want := range map[string]int{"public.a": 3000, "secret.b": 0, "public.guarded": 0} {
		if got := len(read(t, src, table)); got != want {
			t.Errorf("after the script: %s: got %d rows, want %d", table, got, want)
		}
	}
	// The owner may do everything.
	if f := examine(t, postgres.Config{DSN: server.DSN(name)})["rights"]; level(f) != extract.Notable || !strings.Contains(f[0].Text, "superuser") {
		t.Errorf("the superuser: got %+v", f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, name).Examine(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// Notices tell the same of a reading as an examination does before it.
func TestNotices(t *testing.T) {
	name, db := server.Create(t)
	login := user(t, server)
	postgrestest.Exec(t, db,
		"CREATE TABLE parent (id integer PRIMARY KEY)", "CREATE TABLE child (v text) INHERITS (parent)", "INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (2, 'x'), (3, 'y')",
		"CREATE TABLE hidden (id integer)", "CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE FOREIGN TABLE elsewhere (id integer) SERVER s",
		"CREATE TEMPORARY TABLE fleeting (id integer)", "CREATE TABLE bare ()",
		"CREATE TABLE parts (id integer) PARTITION BY LIST (id)", "CREATE TABLE part1 PARTITION OF parts DEFAULT", "CREATE FOREIGN TABLE part2 PARTITION OF parts FOR VALUES IN (5) SERVER s",
		"GRANT SELECT ON parent, child, parts TO "+login)
	t.Cleanup(func() { dropOwned(name, login) })
	var notices []string
	src := with(t, postgres.Config{DSN: server.Login(name, login, password), Notice: func(s string) { notices = append(notices, s) }})
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, table := range tables {
		names = append(names, table.Name)
	}
	if got, want := strings.Join(names, " "), "public.child public.parent public.parts"; got != want {
		t.Errorf("got tables %s, want %s", got, want)
	}
	want := []string{
		"left out, being tables of another server, which is to be read itself: public.elsewhere",
		"left out, since the login has no right to read them: public.bare, public.hidden",
		"have parts on another server, which are outside the view: public.parts",
		"read without the tables that inherit from them, which are read as their own: public.parent",
	}
	if got := strings.Join(notices, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got notices:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if a, b := len(read(t, src, "public.parent")), len(read(t, src, "public.child")); a != 1 || b != 2 {
		t.Errorf("got %d rows of the parent, %d of the child; want 1 and 2", a, b)
	}
	view, err := src.View(t.Context())
	if err != nil || strings.Join(view.Unsteady, " ") != "public.parts" {
		t.Errorf("got %+v, error %v; want public.parts unsteady", view, err)
	}
}

// Survey goes by what the server knows; of a table that was never analysed, by
// its files.
func TestSurvey(t *testing.T) {
	name, db := server.Create(t)
	postgrestest.Exec(t, db,
		"CREATE TABLE analysed AS SELECT i, repeat('x', 100) FROM generate_series(1, 5000) AS i", "ANALYZE analysed",
		"CREATE TABLE fresh WITH (autovacuum_enabled = off) AS SELECT i, repeat('x', 100) AS v FROM generate_series(1, 5000) AS i", "CREATE TABLE nothing (id integer)",
		"CREATE TABLE parts (id integer, v text) PARTITION BY LIST (id)", "CREATE TABLE part1 PARTITION OF parts DEFAULT", "INSERT INTO parts SELECT * FROM fresh", "ANALYZE parts")
	src := open(t, name)
	sizes, err := src.Survey(t.Context())
	if err != nil || len(sizes) != 4 {
		t.Fatalf("got %v, error %v", sizes, err)
	}
	for i, want := range []struct {
		table    string
		from, to int64
	}{{"public.analysed", 5000, 5000}, {"public.fresh", 2000, 15000}, {"public.nothing", 0, 5000}, {"public.parts", 5000, 5000}} {
		if got := sizes[i]; got.Rows < want.from || got.Rows > want.to || want.from > 0 && (got.Bytes < 500_000 || got.Bytes > 2_000_000) {
			t.Errorf("%s: got %+v, want %d to %d rows", want.table, got, want.from, want.to)
		}
	}
}

// dropOwned takes a login's rights back, so that it can be dropped.
func dropOwned(database, login string, more ...string) {
	conn, err := pgconn.Connect(context.Background(), server.DSN(database))
	if err != nil {
		return
	}
	defer conn.Close(context.Background())
	for _, statement := range append([]string{"DROP OWNED BY " + login}, more...) {
		conn.Exec(context.Background(), statement).Close()
	}
}

// Encryption is asked for in the DSN, and had or refused, never given up.
func TestEncryption(t *testing.T) {
	private, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	name, db := private.Create(t)
	login := user(t, private)
	postgrestest.Exec(t, db, "CREATE TABLE t (id integer PRIMARY KEY)", "GRANT SELECT ON t TO "+login, "CHECKPOINT")
	port := linetest.Port(t)
	certificate, key := certify(t)
	for file, data := range map[string][]byte{"server.crt": certificate, "server.key": key} {
		if err := private.Write(file, data); err != nil {
			t.Fatal(err)
		}
	}
	root, other := filepath.Join(t.TempDir(), "root.crt"), filepath.Join(t.TempDir(), "other.crt")
	stranger, _ := certify(t)
	if err := errors.Join(os.WriteFile(root, certificate, 0o600), os.WriteFile(other, stranger, 0o600)); err != nil {
		t.Fatal(err)
	}
	at := func(options string) string {
		return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?%s", login, url.QueryEscape(password), port, name, options)
	}
	try := func(options string) error {
		_, err := with(t, postgres.Config{DSN: at(options)}).Tables(t.Context())
		return err
	}
	private.Kill()
	if err := private.Begin("listen_addresses=127.0.0.1", fmt.Sprint("port=", port)); err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]error{"": nil, "sslmode=disable": nil, "sslmode=require": postgres.ErrTLS} {
		if err := try(options); !errors.Is(err, want) {
			t.Errorf("a server without a certificate, %q: got %v, want %v", options, err, want)
		}
	}
	private.Kill()
	if err := private.Begin("ssl=on"); err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]error{
		"sslmode=require": nil, "sslmode=verify-full&sslrootcert=" + root: nil, "sslmode=verify-full": postgres.ErrTLS, "sslmode=verify-full&sslrootcert=" + other: postgres.ErrTLS,
	} {
		if err := try(options); !errors.Is(err, want) {
			t.Errorf("a server with a certificate, %q: got %v, want %v", options, err, want)
		}
	}
	if f := examine(t, postgres.Config{DSN: at("sslmode=verify-full&sslrootcert=" + root)})["encryption"]; level(f) != extract.Fine || !strings.Contains(f[0].Text, "proved") {
		t.Errorf("got %+v", f)
	}
	if f := examine(t, postgres.Config{DSN: at("sslmode=verify-full")})["encryption"]; level(f) != extract.Faulty {
		t.Errorf("with a certificate that nobody knows: got %+v", f)
	}
	// No line of the access rules for this machine.
	if err := private.Write("pg_hba.conf", []byte("local all all trust\n")); err != nil {
		t.Fatal(err)
	}
	private.Kill()
	if err := private.Begin(); err != nil {
		t.Fatal(err)
	}
	f := examine(t, postgres.Config{DSN: at("")})["login"]
	if level(f) != extract.Faulty || !strings.Contains(f[0].Advice, "127.0.0.1/32") {
		t.Errorf("without a line in pg_hba.conf: got %+v", f)
	}
}

// certify makes a certificate of this machine's, signed by itself.
func certify(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(pem.Encode(&a, &pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: secret})); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), b.Bytes()
}
