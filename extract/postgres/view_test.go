package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// The view holds what was there when it was opened, over all connections,
// whatever is written and wherever the reading stands.
func TestOneView(t *testing.T) {
	const n = 20000
	database, run := large(t, server, "keyed", n)
	run("CREATE TABLE keyless AS SELECT * FROM keyed")
	src := with(t, postgres.Config{DSN: server.DSN(database), Connections: 3})
	view, err := src.View(t.Context())
	if err != nil || !view.Consistent || view.Unsteady != nil || time.Since(view.Opened) > time.Minute || view.Opened.Location() != time.UTC {
		t.Fatalf("got %+v, error %v", view, err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			for _, table := range []string{"keyed", "keyless"} {
				run(fmt.Sprintf("DELETE FROM %s WHERE id %% 20 = %d", table, i%20), "UPDATE "+table+" SET v = 'new' WHERE id % 10 = 1",
					fmt.Sprintf("INSERT INTO %s VALUES (%d, 'new')", table, 1000000+i))
			}
		}
	}()
	done := make(chan error)
	tables := []string{"keyed", "keyless", "keyed", "keyless", "keyed"}
	for _, table := range tables {
		go func() {
			rows := 0
			for row, err := range src.Rows(context.Background(), "public."+table, nil) {
				if err != nil {
					done <- err
					return
				}
				if row[1].Text == "new" {
					done <- fmt.Errorf("%s: a row is newer than the view", table)
					return
				}
				rows++
			}
			if count, err := src.Count(context.Background(), "public."+table); err != nil || rows != n || count != n {
				done <- fmt.Errorf("%s: got %d rows, counted %d, want %d; error %v", table, rows, count, n, err)
				return
			}
			done <- nil
		}()
	}
	for range tables {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-stopped
}

// Nothing that the hospital does waits for a reader that pauses. What makes a
// table anew, and so shows older views an empty one, fails the reading.
func TestTableMadeAnew(t *testing.T) {
	tests := []struct {
		name, table, statement string
		want                   error
	}{
		{"another column's type", "keyed", "ALTER TABLE keyed ALTER id TYPE bigint", postgres.ErrChanged},
		{"emptied", "keyed", "TRUNCATE keyed", postgres.ErrChanged},
		{"emptied, without a key", "keyless", "TRUNCATE keyless", postgres.ErrChanged},
		{"dropped", "keyed", "DROP TABLE keyed", postgres.ErrChanged},
		{"another in its place", "keyed", "ALTER TABLE keyed RENAME TO old; CREATE TABLE keyed (LIKE old INCLUDING ALL)", postgres.ErrChanged},
		{"a column dropped", "keyed", "ALTER TABLE keyed DROP v", postgres.ErrChanged},
		{"a part detached", "parts", "ALTER TABLE parts DETACH PARTITION part2", postgres.ErrChanged},
		{"a part emptied", "parts", "TRUNCATE part2", postgres.ErrChanged},
		{"a part dropped", "parts", "DROP TABLE part2", postgres.ErrChanged},
		{"a part attached", "parts", "CREATE TABLE part3 PARTITION OF parts FOR VALUES FROM (90000) TO (99999); INSERT INTO parts VALUES (95000, 'new')", nil},
		{"a column added", "keyed", "ALTER TABLE keyed ADD w integer; UPDATE keyed SET w = 5", nil},
		{"rows deleted", "keyed", "DELETE FROM keyed", nil},
	}
	database, db := server.Create(t)
	run := func(statements ...string) { t.Helper(); postgrestest.Exec(t, db, statements...) }
	for _, test := range tests {
		for _, at := range []int{0, 10} { // before the first row, or while rows are given
			if at > 0 && test.table == "keyless" {
				continue // there, the reader does hold the table
			}
			t.Run(fmt.Sprint(test.name, " at ", at), func(t *testing.T) {
				const n = 12000 // three statements, of which one is asked ahead
				run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "CREATE TABLE keyed (id integer PRIMARY KEY, v text)",
					fmt.Sprintf("INSERT INTO keyed SELECT i, 'x' FROM generate_series(1, %d) AS i", n),
					"CREATE TABLE keyless AS SELECT * FROM keyed", "CREATE TABLE parts (id integer PRIMARY KEY, v text) PARTITION BY RANGE (id)",
					"CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (3000)", "CREATE TABLE part2 PARTITION OF parts FOR VALUES FROM (3000) TO (90000)",
					"INSERT INTO parts SELECT * FROM keyed", "SET lock_timeout = '20s'")
				src := open(t, database)
				if _, err := src.Tables(t.Context()); err != nil {
					t.Fatal(err)
				}
				if at == 0 {
					run(test.statement)
				}
				rows := 0
				var last error
				for _, last = range src.Rows(t.Context(), "public."+test.table, nil) {
					if rows++; rows == at {
						run(test.statement)
					}
				}
				if !errors.Is(last, test.want) || test.want == nil && (last != nil || rows != n) {
					t.Errorf("got %d rows, error %v; want %v", rows, last, test.want)
				}
			})
		}
	}
}

// Policies that would hide rows are an error, and the view survives it.
func TestRowSecurity(t *testing.T) {
	database, db := server.Create(t)
	login := user(t, server)
	postgrestest.Exec(t, db, "CREATE TABLE open AS SELECT 1 AS id", "CREATE TABLE guarded AS SELECT i FROM generate_series(1, 10) AS i",
		"ALTER TABLE guarded ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON guarded USING (i < 5)",
		"GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+login)
	src := with(t, postgres.Config{DSN: server.Login(database, login, password)})
	var last error
	for _, last = range src.Rows(t.Context(), "public.guarded", nil) {
	}
	if !errors.Is(last, postgres.ErrPolicy) {
		t.Errorf("got %v, want ErrPolicy", last)
	}
	if got := len(read(t, src, "public.open")); got != 1 {
		t.Errorf("the other table: got %d rows, want 1", got)
	}
	if got := len(read(t, open(t, database), "public.guarded")); got != 10 {
		t.Errorf("as a login that no policy binds: got %d rows, want 10", got)
	}
	postgrestest.Exec(t, db, "DROP OWNED BY "+login)
}

// A locked table is not waited for without end, and a cancelled wait leaves
// nothing behind.
func TestLockedTable(t *testing.T) {
	database, run := large(t, server, "keyed", 10)
	src := open(t, database)
	if _, err := src.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	run("BEGIN", "LOCK TABLE keyed")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var last error
	for _, last = range src.RowsIn(ctx, "public.keyed", extract.Range{}) {
	}
	if !errors.Is(last, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", last)
	}
	run("COMMIT")
	if got := len(read(t, src, "public.keyed")); got != 10 {
		t.Errorf("got %d rows, want 10", got)
	}
}
