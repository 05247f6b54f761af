package mysql_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// What nobody wants does not cross the wire, but for the key.
func TestLeaveOut(t *testing.T) {
	const photo = 4 << 20
	database, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, photo LONGBLOB, f FLOAT, nom VARCHAR(9) CHARACTER SET big5)",
		"INSERT INTO t VALUES (1,REPEAT('x',4194304),1.5,'a')")
	row := func(values ...sih.Raw) extract.Row { return values }
	octets := sih.Raw{Text: strings.Repeat("x", photo), Bytes: true}
	for _, test := range []struct {
		out  []string
		want extract.Row
	}{
		{nil, row(text("1"), octets, text("1.5"), text("a"))},
		{[]string{"photo", "nom", "id"}, row(text("1"), sih.Null, text("1.5"), sih.Null)},
		{[]string{"*"}, row(text("1"), sih.Null, sih.Null, sih.Null)},
	} {
		src, err := mysql.New(mysql.Config{DSN: server.DSN(database), LeaveOut: map[string][]string{"t": test.out}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { src.Close() })
		before := sent(t, db)
		var got []extract.Row
		for row, err := range src.Rows(t.Context(), "t", nil) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, slices.Clone(row))
		}
		if diff := cmp.Diff([]extract.Row{test.want}, got); diff != "" {
			t.Errorf("%v left out (-want +got):\n%.2000s", test.out, diff)
		}
		if n := sent(t, db) - before; (n > photo) != (test.out == nil) {
			t.Errorf("%v left out: the server sent %d bytes", test.out, n)
		}
	}
}

// Of a table that nobody wants, nobody is told that no view holds it.
func TestLeaveOutTable(t *testing.T) {
	database, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)", "CREATE TABLE old (x VARCHAR(9) CHARACTER SET latin1) ENGINE=MyISAM", "INSERT INTO old VALUES ('a')")
	for _, out := range []string{"", "*"} {
		var told []string
		src, err := mysql.New(mysql.Config{DSN: server.DSN(database), LeaveOut: map[string][]string{"old": {out}}, Notice: func(s string) { told = append(told, s) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { src.Close() })
		if _, err := src.Tables(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := src.Examine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if strings.Contains(f.Text, ": old") || f.Check == "character-sets" {
				told = append(told, f.Text)
			}
		}
		if wanted := out == ""; (len(told) > 0) != wanted {
			t.Errorf("old is wanted: %t; told: %q", wanted, told)
		}
		for row, err := range src.Rows(t.Context(), "old", nil) {
			if err != nil || row[0].Null != (out == "*") {
				t.Errorf("old is wanted: %t; got NULL: %t, error %v", out == "", err == nil && row[0].Null, err)
			}
		}
	}
}

// sent is how many bytes the server has sent to everybody.
func sent(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	var name string
	if err := db.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Bytes_sent'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
