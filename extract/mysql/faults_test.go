package mysql_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

const password = "s3cr3t-Pä55"

// Every way not to get in has its reason and its advice, and shows no password.
func TestCannotConnect(t *testing.T) {
	name, db := server.Create(t)
	user := fmt.Sprintf("u_%s", name[len(name)-10:])
	mariadbtest.Exec(t, db, "CREATE USER "+user+" IDENTIFIED BY '"+password+"'", "CREATE TABLE t (id INT)")
	t.Cleanup(func() { db.Exec("DROP USER " + user) })
	at := server.Socket()
	tests := []struct {
		name string
		dsn  string
		want error
	}{
		{"empty", "", mysql.ErrDSN},
		{"a URL", "mysql://u:" + password + "@localhost:3306/x", mysql.ErrDSN},
		{"no at", "u:" + password + "(localhost:3306)/x", mysql.ErrDSN},
		{"no slash", "u:" + password + "@tcp(localhost:3306)", mysql.ErrDSN},
		{"password amid", "u@tcp(localhost:3306)/" + password + "?timeout=" + password, mysql.ErrDSN},
		{"unknown network", "u:" + password + "@ipx(localhost)/x", mysql.ErrDSN},
		{"nobody listens", "u:" + password + "@tcp(127.0.0.1:1)/x", mysql.ErrUnreachable},
		{"no such socket", "u:" + password + "@unix(/nowhere/at/all)/x", mysql.ErrUnreachable},
		{"no such host", "u:" + password + "@tcp(no-such-host.invalid:3306)/x?timeout=2s", mysql.ErrUnreachable},
		{"wrong password", user + ":" + password + "x@" + at + "/" + name, mysql.ErrRefused},
		{"no such user", "nobody:" + password + "@" + at + "/" + name, mysql.ErrRefused},
		{"no right to the database", user + ":" + password + "@" + at + "/" + name, mysql.ErrNoDatabase},
		{"no such database", strings.TrimSuffix(server.DSN(""), "/") + "/no_such_database", mysql.ErrNoDatabase},
		{"no right to any table", user + ":" + password + "@" + at + "/", mysql.ErrRights},
	}
	for _, test := range tests {
		src, err := mysql.New(mysql.Config{DSN: test.dsn})
		if err == nil {
			_, err = src.Tables(t.Context())
			src.Close()
		}
		var fault *mysql.Error
		if !errors.Is(err, test.want) || !errors.As(err, &fault) || fault.Hint() == "" {
			t.Errorf("%s: got %v, want %v and advice", test.name, err, test.want)
			continue
		}
		if said := err.Error() + fault.Hint(); strings.Contains(said, password) || strings.Contains(said, "s3cr3t") {
			t.Errorf("%s: the password shows: %s", test.name, said)
		}
	}
}

// big makes a table of many rows, with or without a key.
func big(t testing.TB, name string, n int) (database string, run func(...string)) {
	t.Helper()
	database, db := server.Create(t)
	key := "INT PRIMARY KEY"
	if name == "keyless" {
		key = "INT"
	}
	mariadbtest.Exec(t, db, "CREATE TABLE "+name+" (id "+key+", v VARCHAR(200))")
	fill(t, db, name, n, func(i int) string { return fmt.Sprintf("(%d,'%s')", i, strings.Repeat("x", 190)) })
	return database, func(statements ...string) { mariadbtest.Exec(t, db, statements...) }
}

// The view holds what was there when it was opened, whatever is written and
// wherever the reading stands.
func TestOneView(t *testing.T) {
	const n = 5000
	for _, table := range []string{"keyed", "keyless"} {
		database, run := big(t, table, n)
		src := open(t, database)
		if _, err := src.Tables(t.Context()); err != nil {
			t.Fatal(err)
		}
		run("DELETE FROM "+table+" WHERE id%2=0", "UPDATE "+table+" SET v='new'", "INSERT INTO "+table+" VALUES (1000000,'new')")
		rows := 0
		for row, err := range src.Rows(t.Context(), table, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if rows++; rows == 10 {
				run("DELETE FROM " + table)
			}
			if row[1].Text == "new" {
				t.Fatalf("%s: a row is newer than the view", table)
			}
		}
		if rows != n {
			t.Errorf("%s: got %d rows, want %d", table, rows, n)
		}
	}
}

// Nothing that the hospital does waits for a reader that pauses, not even a
// change of the table that is being read; the reading then fails.
func TestReaderHoldsNothing(t *testing.T) {
	database, run := big(t, "keyed", 5000)
	src := open(t, database)
	rows := 0
	var last error
	for _, last = range src.Rows(t.Context(), "keyed", nil) {
		if rows++; rows == 10 {
			run("SET SESSION lock_wait_timeout=20", "UPDATE keyed SET v='new'", "ALTER TABLE keyed ADD COLUMN w INT FIRST, ENGINE=InnoDB")
		}
	}
	// MySQL 5.5 shows a table that was made anew within the same second as empty.
	if !errors.Is(last, mysql.ErrChanged) && !errors.Is(last, mysql.ErrCount) {
		t.Errorf("after ALTER TABLE: got %d rows, error %v; want ErrChanged", rows, last)
	}
}

// A table that was made anew before its reading began is never taken for an
// empty one.
func TestChangedBeforeItsReading(t *testing.T) {
	for _, change := range []string{"ALTER TABLE keyed ADD COLUMN w INT FIRST, ENGINE=InnoDB", "DROP TABLE keyed", "RENAME TABLE keyed TO other"} {
		database, run := big(t, "keyed", 10)
		src := open(t, database)
		if _, err := src.Tables(t.Context()); err != nil {
			t.Fatal(err)
		}
		if os.Getenv(mariadbtest.Env) != "" {
			time.Sleep(1100 * time.Millisecond) // for MySQL 5.5, see above
		}
		run(change)
		for row, err := range src.Rows(t.Context(), "keyed", nil) {
			if !errors.Is(err, mysql.ErrChanged) {
				t.Errorf("%s: got row %v, error %v; want ErrChanged", change, row, err)
			}
		}
		if n, err := src.Count(t.Context(), "keyed"); !errors.Is(err, mysql.ErrChanged) {
			t.Errorf("%s: counted %d, error %v; want ErrChanged", change, n, err)
		}
	}
}

// What MyISAM cannot hold still is told.
func TestMyISAMIsToldOf(t *testing.T) {
	for _, key := range []string{"INT PRIMARY KEY", "INT"} {
		name, db := server.Create(t)
		mariadbtest.Exec(t, db, "CREATE TABLE t (id "+key+", v VARCHAR(1000)) ENGINE=MyISAM")
		fill(t, db, "t", 3000, func(i int) string { return fmt.Sprintf("(%d,'%s')", i, strings.Repeat("x", 1000)) })
		var notices []string
		src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Notice: func(s string) { notices = append(notices, s) }})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		rows := 0
		for _, err := range src.Rows(t.Context(), "t", nil) {
			if err != nil {
				t.Fatal(err)
			}
			if rows++; rows == 10 {
				mariadbtest.Exec(t, db, "DELETE FROM t WHERE id<100")
			}
		}
		want := []string{
			"tables of the engine MyISAM are never consistent with others, being without transactions: t",
			fmt.Sprintf("t was written to while it was read: 3000 rows before, %d read, 2900 after", rows),
		}
		if strings.Contains(key, "PRIMARY") {
			want[1] = strings.Replace(want[1], "3000 rows before", "2900 rows before", 1)
		}
		if diff := cmp.Diff(want, notices); diff != "" {
			t.Errorf("%s: notices (-want +got):\n%s", key, diff)
		}
	}
}

// Without a database in the DSN all are read but the server's own.
func TestAllDatabases(t *testing.T) {
	a, db := server.Create(t)
	b, _ := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE "+a+".t (id INT PRIMARY KEY)", "INSERT INTO "+a+".t VALUES (1)", "CREATE TABLE "+b+".`t.?``x` (`a``?` INT PRIMARY KEY)", "INSERT INTO "+b+".`t.?``x` VALUES (2)")
	src := open(t, "")
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]extract.Row{}
	for _, table := range tables {
		for _, own := range []string{"mysql.", "sys.", "information_schema.", "performance_schema."} {
			if strings.HasPrefix(table.Name, own) {
				t.Errorf("%s is listed", table.Name)
			}
		}
		if strings.HasPrefix(table.Name, a) || strings.HasPrefix(table.Name, b) {
			found[strings.NewReplacer(a, "a", b, "b").Replace(table.Name)] = read(t, src, table.Name)
		}
	}
	want := map[string][]extract.Row{"a.t": {{text("1")}}, "b.t.?`x": {{text("2")}}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

// Long rows among short ones: an answer that grows too long is cut, and no row
// is lost at the cut.
func TestLongRows(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)")
	size := func(i int) int {
		if i >= 1500 && i%3 == 0 && i < 1600 {
			return 1 << 20
		}
		return i % 50
	}
	want := sha256.New()
	for i := range 2000 {
		v := strings.Repeat(string(rune('a'+i%26)), size(i))
		mariadbtest.Exec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d,'%s')", i, v))
		fmt.Fprintf(want, "%d %s\n", i, v)
	}
	got := sha256.New()
	for row, err := range open(t, name).Rows(t.Context(), "t", nil) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(got, "%s %s\n", row[0].Text, row[1].Text)
	}
	if a, b := hex.EncodeToString(want.Sum(nil)), hex.EncodeToString(got.Sum(nil)); a != b {
		t.Errorf("got rows of hash %s, want %s", b, a)
	}
}
