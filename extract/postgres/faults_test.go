package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

const password = "s3cr3t-Pä55'@/"

// user makes a login without rights.
func user(t testing.TB, s *postgrestest.Server) string {
	t.Helper()
	name, db := s.Name(), s.Connect(t, "postgres")
	postgrestest.Exec(t, db, "CREATE ROLE "+name+" LOGIN PASSWORD '"+strings.ReplaceAll(password, "'", "''")+"'")
	t.Cleanup(func() {
		if conn, err := pgconn.Connect(context.Background(), s.DSN("postgres")); err == nil { // the server may be gone
			defer conn.Close(context.Background())
			conn.Exec(context.Background(), "DROP ROLE "+name).Close()
		}
	})
	return name
}

// Every way not to get in has its reason and its advice, and shows no password.
func TestCannotConnect(t *testing.T) {
	private, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	name, db := private.Create(t)
	login := user(t, private)
	postgrestest.Exec(t, db, "CREATE TABLE t (id integer)", "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
		"CREATE ROLE locked PASSWORD 'x'")
	secret := url.QueryEscape(password)
	tests := []struct {
		name string
		dsn  string
		want error
	}{
		{"empty", "", postgres.ErrDSN},
		{"a DSN of MySQL", "u:" + password + "@tcp(localhost:5432)/x", postgres.ErrDSN},
		{"no host", "postgres://u:" + secret + "@/x", postgres.ErrDSN},
		{"no user", "postgres://localhost/x", postgres.ErrDSN},
		{"no database", "postgres://u:" + secret + "@localhost", postgres.ErrDSN},
		{"two hosts", "postgres://u:" + secret + "@a,b/x", postgres.ErrDSN},
		{"unescaped", "postgres://u:" + password + "@localhost/x", postgres.ErrDSN},
		{"unknown TLS", "postgres://u:" + secret + "@localhost/x?sslmode=" + secret, postgres.ErrDSN},
		{"words without a database", "host=localhost user=u password=" + secret, postgres.ErrDSN},
		{"nobody listens", "postgres://u:" + secret + "@127.0.0.1:1/x", postgres.ErrUnreachable},
		{"no such socket", "host=/nowhere/at/all user=u dbname=x password=" + secret, postgres.ErrUnreachable},
		{"no such host", "postgres://u:" + secret + "@no-such-host.invalid/x?connect_timeout=2", postgres.ErrUnreachable},
		{"wrong password", private.Login(name, login, password+"x"), postgres.ErrRefused},
		{"no password", private.Login(name, login, ""), postgres.ErrRefused},
		{"no such user", private.Login(name, "nobody", password), postgres.ErrRefused},
		{"no login", private.Login(name, "locked", "x"), postgres.ErrAccess},
		{"no such database", private.Login("no_such_database", login, password), postgres.ErrNoDatabase},
		{"no right to the database", private.Login("postgres", login, password), postgres.ErrNoDatabase},
		{"no right to any table", private.Login(name, login, password), postgres.ErrRights},
	}
	for _, test := range tests {
		src, err := postgres.New(postgres.Config{DSN: test.dsn})
		if err == nil {
			_, err = src.Tables(t.Context())
			src.Close()
		}
		var fault *postgres.Error
		if !errors.Is(err, test.want) || !errors.As(err, &fault) || fault.Hint() == "" {
			t.Errorf("%s: got %v, want %v and advice", test.name, err, test.want)
			continue
		}
		if said := err.Error() + fault.Hint(); strings.Contains(said, password) || strings.Contains(said, "s3cr3t") {
			t.Errorf("%s: the password shows: %s", test.name, said)
		}
	}
}

// large makes a table of n rows, with or without a key.
func large(t testing.TB, s *postgrestest.Server, table string, n int) (database string, run func(...string)) {
	t.Helper()
	database, db := s.Create(t)
	key := "integer PRIMARY KEY"
	if table == "keyless" {
		key = "integer"
	}
	postgrestest.Exec(t, db, "CREATE TABLE "+table+" (id "+key+", v varchar(200))",
		fmt.Sprintf("INSERT INTO %s SELECT i, repeat('x', 190) FROM generate_series(1, %d) AS i", table, n))
	return database, func(statements ...string) { postgrestest.Exec(t, db, statements...) }
}

// A connection that ends in mid-read ends the reading with an error, and the
// source does not go on in another view.
func TestConnectionLost(t *testing.T) {
	for _, table := range []string{"keyed", "keyless"} {
		t.Run(table, func(t *testing.T) {
			const n = 30000
			database, run := large(t, server, table, n)
			src := open(t, database)
			rows := 0
			var last error
			for _, last = range src.Rows(t.Context(), "public."+table, nil) {
				if last != nil {
					break
				}
				if rows++; rows == 100 {
					run(fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", src.Sessions(t.Context())[0]))
				}
			}
			var fault *postgres.Error
			if !errors.Is(last, postgres.ErrLost) || !errors.As(last, &fault) || fault.Hint() == "" || rows >= n {
				t.Errorf("got %d rows of %d, error %v; want fewer, ErrLost", rows, n, last)
			}
			for _, err := range src.Rows(t.Context(), "public."+table, nil) {
				if !errors.Is(err, postgres.ErrLost) {
					t.Errorf("read again: got %v, want ErrLost", err)
				}
			}
		})
	}
}

// Where another connection exports the view, one that was lost joins it again:
// what is read then is still what was there at first.
func TestConnectionJoinsAgain(t *testing.T) {
	const n = 5000
	database, run := large(t, server, "keyed", n)
	src := with(t, postgres.Config{DSN: server.DSN(database), Connections: 2})
	if _, err := src.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	run("DELETE FROM keyed WHERE id > 100", fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", src.Sessions(t.Context())[1]))
	lost := 0
	for range 6 { // each connection has several turns
		rows := 0
		for _, err := range src.Rows(t.Context(), "public.keyed", nil) {
			switch {
			case errors.Is(err, postgres.ErrLost):
				lost++
			case err != nil:
				t.Fatal(err)
			}
			rows++
		}
		if lost == 0 && rows != n {
			t.Errorf("got %d rows, want %d", rows, n)
		}
	}
	if lost != 1 {
		t.Errorf("%d readings failed, want the one that found the connection lost", lost)
	}
	run(fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", src.Sessions(t.Context())[0]), fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", src.Sessions(t.Context())[1]))
	for range 4 {
		if _, err := src.Count(t.Context(), "public.keyed"); !errors.Is(err, postgres.ErrLost) {
			t.Errorf("after the view is gone: got %v, want ErrLost", err)
		}
	}
}

// The end of the server itself ends a reading; another source reads on once it
// runs again.
func TestServerRestarted(t *testing.T) {
	private, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	const n = 30000
	name, run := large(t, private, "keyed", n)
	run("CHECKPOINT")
	src := with(t, postgres.Config{DSN: private.DSN(name)})
	rows := 0
	var last error
	for _, last = range src.Rows(t.Context(), "public.keyed", nil) {
		if rows++; rows == 5000 {
			private.Kill()
		}
	}
	if !errors.Is(last, postgres.ErrLost) || rows >= n {
		t.Errorf("got %d rows, error %v; want fewer than %d, ErrLost", rows, last, n)
	}
	again := with(t, postgres.Config{DSN: private.DSN(name)})
	if _, err := again.Tables(t.Context()); !errors.Is(err, postgres.ErrUnreachable) {
		t.Errorf("connect to a dead server: got %v, want ErrUnreachable", err)
	}
	if err := private.Begin(); err != nil {
		t.Fatal(err)
	}
	if got := len(read(t, again, "public.keyed")); got != n {
		t.Errorf("after the restart: got %d rows, want %d", got, n)
	}
	if _, err := src.Count(t.Context(), "public.keyed"); !errors.Is(err, postgres.ErrLost) {
		t.Errorf("the old source after the restart: got %v, want ErrLost", err)
	}
}

// Cancelling interrupts a statement that the server is busy with, and the view
// goes on.
func TestCancelInterrupts(t *testing.T) {
	database, run := large(t, server, "keyed", 10)
	run("CREATE VIEW slow AS SELECT pg_sleep(30)::text AS s FROM keyed")
	src := with(t, postgres.Config{DSN: server.DSN(database), Views: true})
	if _, err := src.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var last error
	for _, last = range src.Rows(ctx, "public.slow", nil) {
	}
	if !errors.Is(last, context.DeadlineExceeded) || time.Since(begin) > 20*time.Second {
		t.Errorf("got %v after %v, want context.DeadlineExceeded", last, time.Since(begin))
	}
	run("DELETE FROM keyed")
	if got := len(read(t, src, "public.keyed")); got != 10 {
		t.Errorf("after the interruption: got %d rows, want those of the view, 10", got)
	}
	left := server.Connect(t, database).ExecParams(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%FETCH%' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()", nil, nil, nil, nil).Read()
	if left.Err != nil || string(left.Rows[0][0]) != "0" {
		t.Errorf("statements that the server still runs: %s, error %v", left.Rows, left.Err)
	}
}

// Long rows among short ones, with a key and without: an answer that grows too
// long is cut, and no row is lost at the cut. Memory does not follow the rows.
func TestLongRows(t *testing.T) {
	const n, from = 4000, 2500 // 60 MB among them
	database, db := server.Create(t)
	postgrestest.Exec(t, db, "CREATE TABLE keyed (id integer PRIMARY KEY, v text)", "ALTER TABLE keyed ALTER v SET STORAGE EXTERNAL",
		fmt.Sprintf("INSERT INTO keyed SELECT i, repeat(chr(97 + i %% 26), CASE WHEN i %% 3 = 0 AND i BETWEEN %d AND %d THEN 1048576 ELSE i %% 50 END) FROM generate_series(1, %d) AS i", from, from+180, n),
		"CREATE TABLE keyless AS SELECT * FROM keyed ORDER BY id")
	size := func(i int) int {
		if i%3 == 0 && i >= from && i <= from+180 {
			return 1 << 20
		}
		return i % 50
	}
	for _, table := range []string{"public.keyed", "public.keyless"} {
		src := open(t, database)
		before, most, i := heap(), uint64(0), 0
		for row, err := range src.Rows(t.Context(), table, nil) {
			if err != nil {
				t.Fatalf("%s, after %d rows: %v", table, i, err)
			}
			i++
			if v := row[1].Text; row[0].Text != fmt.Sprint(i) || len(v) != size(i) || strings.Trim(v, string(rune('a'+i%26))) != "" {
				t.Fatalf("%s: row %d is %s, of %d bytes", table, i, row[0].Text, len(v))
			}
			if i%40 == 0 && i >= from {
				most = max(most, heap())
			}
		}
		if i != n || most > before+64<<20 {
			t.Errorf("%s: got %d rows, want %d; %d MiB held", table, i, n, (most-before)>>20)
		}
		// A consumer that wants no more amid them does not wait for them all,
		// and the view goes on.
		i = 0
		for range src.Rows(t.Context(), table, nil) {
			if i++; i > from+10 {
				break
			}
		}
		if count, err := src.Count(t.Context(), table); err != nil || count != n {
			t.Errorf("%s: after the consumer stopped: %d rows, %v", table, count, err)
		}
	}
}

// A range that is none of the table's is refused.
func TestUnfitRange(t *testing.T) {
	database, run := large(t, server, "keyed", 10)
	run("CREATE TABLE keyless AS SELECT * FROM keyed")
	src := open(t, database)
	for _, test := range []struct {
		table string
		in    extract.Range
	}{
		{"public.keyless", extract.Range{}},
		{"public.none", extract.Range{}},
		{"public.keyed", extract.Range{After: extract.Row{text("1"), text("2")}}},
		{"public.keyed", extract.Range{UpTo: extract.Row{{Null: true}}}},
		{"public.keyed", extract.Range{After: extract.Row{text("1' OR '1'='1")}}},
	} {
		n := 0
		var last error
		for _, last = range src.RowsIn(t.Context(), test.table, test.in) {
			n++
		}
		if n != 1 || last == nil || strings.Contains(last.Error(), "OR") {
			t.Errorf("%s, %v: got %d values, error %v; want one error without the key", test.table, test.in, n, last)
		}
	}
}
