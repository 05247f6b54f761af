package mysql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// What is told of a view and of sizes comes without reading a table.
func TestViewAndSizes(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(100))", "CREATE TABLE b (id INT PRIMARY KEY) ENGINE=MyISAM", "CREATE TABLE c (id INT PRIMARY KEY)", "CREATE VIEW d AS SELECT id FROM a")
	fill(t, db, "a", 5000, func(i int) string { return fmt.Sprintf("(%d,'%s')", i, strings.Repeat("x", 100)) })
	mariadbtest.Exec(t, db, "INSERT INTO b VALUES (1),(2),(3)", "ANALYZE TABLE a")
	src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	view, err := src.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"b", "d"}; view.Opened.IsZero() || !view.Consistent || !cmp.Equal(want, view.Unsteady) {
		t.Errorf("got view %+v, want %v unsteady", view, want)
	}
	if again, err := src.View(t.Context()); err != nil || !again.Opened.Equal(view.Opened) {
		t.Errorf("got another view, %+v, error %v", again, err)
	}
	sizes, err := src.Survey(t.Context())
	if err != nil || len(sizes) != 4 {
		t.Fatalf("got sizes %v, error %v", sizes, err)
	}
	if a := sizes[0]; a.Rows < 4000 || a.Rows > 6000 || a.Bytes < 500000 {
		t.Errorf("got size %+v of 5000 rows of 100 bytes", a)
	}
	if b := sizes[1]; b.Rows != 3 || b.Bytes == 0 {
		t.Errorf("got size %+v of 3 rows", b)
	}
	mariadbtest.Exec(t, db, "DELETE FROM a WHERE id<1000")
	for i, want := range []int64{5000, 3, 0, 4000} {
		table := string("abcd"[i])
		n, err := src.Count(t.Context(), table)
		if table == "d" { // a view of the database is as the view of ours
			want = 5000
		}
		if err != nil || n != want {
			t.Errorf("%s: got %d rows, error %v; want %d", table, n, err, want)
		}
	}
	if _, err := src.Count(t.Context(), "e"); err == nil {
		t.Error("a table that is not there was counted")
	}
}

// A lost view stays lost until another is asked for, which holds what there is
// by then.
func TestAnotherView(t *testing.T) {
	database, run := big(t, "keyed", 10)
	src := open(t, database)
	first, err := src.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids, err := src.Connections(t.Context())
	if err != nil || len(ids) != 1 {
		t.Fatalf("got connections %v, error %v", ids, err)
	}
	run(fmt.Sprintf("KILL CONNECTION %d", ids[0]), "DELETE FROM keyed WHERE id<5", "ALTER TABLE keyed ADD COLUMN w INT")
	for range 2 {
		if _, err := src.Count(t.Context(), "keyed"); !errors.Is(err, mysql.ErrLost) {
			t.Errorf("got %v, want ErrLost", err)
		}
	}
	second, err := src.View(t.Context())
	if err != nil || !second.Opened.After(first.Opened) {
		t.Fatalf("got view %+v after %+v, error %v", second, first, err)
	}
	if rows := read(t, src, "keyed"); len(rows) != 5 {
		t.Errorf("got %d rows in the second view, want 5", len(rows))
	}
	tables, err := src.Tables(t.Context())
	if err != nil || len(tables[0].Columns) != 3 {
		t.Errorf("got tables %v, error %v; want the column that was added", tables, err)
	}
}
