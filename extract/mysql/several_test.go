package mysql_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// several opens a database on four connections, with the leave that takes.
func several(t testing.TB, database string, locks ...string) (*mysql.Source, *[]string) {
	t.Helper()
	notices := new([]string)
	src, err := mysql.New(mysql.Config{DSN: server.DSN(database), Connections: 4, AllowLock: locks, Notice: func(s string) { *notices = append(*notices, s) }})
	if err != nil {
		t.Fatal(err)
	}
	src.Hasty(5 * time.Second)
	t.Cleanup(func() { src.Close() })
	return src, notices
}

// All connections see one moment, while others write as fast as they can.
func TestSeveralConnectionsOneView(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE a (id INT PRIMARY KEY, n INT)", "INSERT INTO a VALUES (1,0)", "CREATE TABLE b LIKE a", "INSERT INTO b VALUES (1,0)")
	// Rows that several writers want would keep the older lock waiting: a writer
	// it holds has what another one, that it waits for, needs.
	for _, writers := range []int{3, 1} {
		if writers == 3 && lacks(t, db, "BACKUP UNLOCK") {
			continue
		}
		stop := make(chan struct{})
		var running sync.WaitGroup
		for range writers {
			running.Go(func() { move(t, db, stop) })
		}
		for range 10 {
			src, notices := several(t, name, "*")
			if writers == 1 {
				src.Flush()
			}
			sums, err := src.Asked(t.Context(), "SELECT SUM(n) FROM (SELECT n FROM a UNION ALL SELECT n FROM b) AS all_of_it")
			if err != nil {
				t.Fatal(err)
			}
			counts, err := src.Asked(t.Context(), "SELECT n FROM a")
			if err != nil {
				t.Fatal(err)
			}
			if want := []int64{0, 0, 0, 0}; !cmp.Equal(want, sums) || len(slices.Compact(counts)) != 1 || len(*notices) > 0 {
				t.Errorf("%d writers: got sums %v, counts %v, notices %q; want four of one view", writers, sums, counts, *notices)
			}
			src.Close()
		}
		close(stop)
		running.Wait()
	}
}

// move takes from one table what it gives to the other, again and again.
func move(t *testing.T, db *sql.DB, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		tx, err := db.Begin()
		if err != nil {
			t.Error(err)
			return
		}
		for _, statement := range []string{"UPDATE a SET n=n+1", "UPDATE b SET n=n-1"} {
			if _, err := tx.Exec(statement); err != nil {
				t.Error(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}
}

// One connection reads where no more is allowed or can be had.
func TestSeveralConnectionsRefused(t *testing.T) {
	database, run := big(t, "keyed", 10)
	one := func(src *mysql.Source, when string) {
		t.Helper()
		ids, err := src.Connections(t.Context())
		if err != nil || len(ids) != 1 {
			t.Errorf("%s: got connections %v, error %v; want one", when, ids, err)
		}
		if rows := read(t, src, "keyed"); len(rows) != 10 {
			t.Errorf("%s: got %d rows", when, len(rows))
		}
	}
	src, notices := several(t, database)
	if one(src, "not allowed"); len(*notices) > 0 {
		t.Errorf("not allowed: got notices %q", *notices)
	}
	user := "l_" + database[len(database)-12:]
	run("CREATE USER "+user, "GRANT SELECT ON "+database+".* TO "+user)
	t.Cleanup(func() { run("DROP USER " + user) })
	var told []string
	src, err := mysql.New(mysql.Config{DSN: user + "@" + server.Socket() + "/" + database, Connections: 4, AllowLock: []string{"*"}, Remark: func(s string) { told = append(told, s) }, Notice: func(s string) { t.Errorf("got notice %q", s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if one(src, "no right"); len(told) != 1 || !strings.Contains(told[0], "RELOAD") {
		t.Errorf("no right: got notices %q", told)
	}
	// Somebody keeps a table, for which the lock on all would have to wait.
	conn := server.Conn(t, database)
	defer conn.Close()
	mariadbtest.Run(t, conn, "CREATE TABLE other (id INT)", "LOCK TABLES other WRITE")
	src, notices = several(t, database, "*")
	src.Hasty(time.Second)
	if one(src, "busy"); len(*notices) != 1 || !strings.Contains((*notices)[0], "one connection reads") {
		t.Errorf("busy: got notices %q", *notices)
	}
}

// A connection that breaks is no loss while another one sees the same view.
func TestOneOfSeveralLost(t *testing.T) {
	const n = 30000
	database, run := big(t, "keyed", n)
	src, _ := several(t, database, "*")
	ids, err := src.Connections(t.Context())
	if err != nil || len(ids) != 4 {
		t.Fatalf("got connections %v, error %v", ids, err)
	}
	rows := 0
	for row, err := range src.Rows(t.Context(), "keyed", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if rows == 100 {
			for _, id := range ids[:3] {
				run(fmt.Sprintf("KILL CONNECTION %d", id))
			}
			run("DELETE FROM keyed")
		}
		if row[0].Text != fmt.Sprint(rows) {
			t.Fatalf("got row %s, want %d", row[0].Text, rows)
		}
		rows++
	}
	if left, err := src.Connections(t.Context()); rows != n || len(left) != 1 {
		t.Errorf("got %d rows, connections %v, error %v; want %d and one", rows, left, err, n)
	}
}

// A lock that somebody holds for a while is waited for; one that stays ends the
// reading with a reason.
func TestLockedByOthers(t *testing.T) {
	const n = 20000
	for stays, wait := range map[bool]time.Duration{false: 3 * time.Second, true: time.Second} {
		database, _ := big(t, "keyed", n)
		src := open(t, database)
		src.Hasty(wait)
		conn := server.Conn(t, database)
		defer conn.Close()
		rows := 0
		var last error
		for _, last = range src.Rows(t.Context(), "keyed", nil) {
			if rows++; rows == 10 {
				mariadbtest.Run(t, conn, "LOCK TABLES keyed WRITE")
				if !stays {
					time.AfterFunc(wait+wait/4, func() { mariadbtest.Run(t, conn, "UNLOCK TABLES") }) // the second time it is asked for
				}
			}
		}
		if !stays && (last != nil || rows != n) {
			t.Errorf("after a while: got %d rows, error %v", rows, last)
		}
		if stays && !errors.Is(last, mysql.ErrLocked) {
			t.Errorf("a lock that stays: got %d rows, error %v; want ErrLocked", rows, last)
		}
	}
}

// The victim of a deadlock is tried again, as long as its view stands.
func TestDeadlock(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)",
		"CREATE FUNCTION victim(often INT) RETURNS INT BEGIN SET @n=COALESCE(@n,0)+1; IF @n<=often THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO=1213; END IF; RETURN 1; END",
		"CREATE VIEW twice AS SELECT victim(2) AS v FROM t", "CREATE VIEW always AS SELECT victim(9) AS v FROM t")
	for view, want := range map[string]int{"twice": 1, "always": 0} {
		src, err := mysql.New(mysql.Config{DSN: server.DSN(name), Views: true})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		src.Hasty(time.Second)
		rows := 0
		var last error
		for _, last = range src.Rows(t.Context(), view, nil) {
			if last == nil {
				rows++
			}
		}
		if rows != want || (last == nil) != (want == 1) {
			t.Errorf("%s: got %d rows, error %v", view, rows, last)
		}
	}
}

// Rows that were read after the view had ended are not given away.
func TestViewEndedUnseen(t *testing.T) {
	database, run := big(t, "keyed", 10)
	src := open(t, database)
	if _, err := src.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := src.Disturb(t.Context()); err != nil {
		t.Fatal(err)
	}
	run("INSERT INTO keyed VALUES (11,'newer')")
	for row, err := range src.Rows(t.Context(), "keyed", nil) {
		if !errors.Is(err, mysql.ErrLost) {
			t.Errorf("got row %v, error %v; want ErrLost", row, err)
		}
	}
}

// A statement that an administrator stops ends the reading, and not the view.
func TestStopped(t *testing.T) {
	database, run := big(t, "keyed", 10)
	run("CREATE VIEW slow AS SELECT SLEEP(2) AS s FROM keyed")
	src, err := mysql.New(mysql.Config{DSN: server.DSN(database), Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ids, err := src.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watch := server.Conn(t, database)
	defer watch.Close()
	go func() {
		asleep := fmt.Sprintf("SELECT count(*) FROM information_schema.processlist WHERE id = %d AND state = 'User sleep'", ids[0])
		for n := 0; n == 0; time.Sleep(10 * time.Millisecond) {
			if err := watch.QueryRowContext(t.Context(), asleep).Scan(&n); err != nil {
				return // the test has ended
			}
		}
		run(fmt.Sprintf("KILL QUERY %d", ids[0]))
	}()
	var last error
	for _, last = range src.Rows(t.Context(), "slow", nil) {
	}
	if !errors.Is(last, mysql.ErrStopped) {
		t.Errorf("got %v, want ErrStopped", last)
	}
	if rows := read(t, src, "keyed"); len(rows) != 10 {
		t.Errorf("got %d rows afterwards", len(rows))
	}
}

// A table of MyISAM that may be locked by name is read as it stood at one
// moment; its writers wait, and only its.
func TestAllowedLock(t *testing.T) {
	for _, key := range []string{"INT PRIMARY KEY", "INT"} {
		name, db := server.Create(t)
		mariadbtest.Exec(t, db, "CREATE TABLE t (id "+key+", v VARCHAR(200)) ENGINE=MyISAM", "CREATE TABLE other (id INT) ENGINE=MyISAM")
		fill(t, db, "t", 30000, func(i int) string { return fmt.Sprintf("(%d,'%s')", i, strings.Repeat("x", 190)) })
		src, notices := several(t, name, "t")
		written := make(chan error, 1)
		rows := 0
		for _, err := range src.Rows(t.Context(), "t", nil) {
			if err != nil {
				t.Fatal(err)
			}
			if rows++; rows == 10 {
				mariadbtest.Exec(t, db, "INSERT INTO other VALUES (1)")
				go func() {
					_, err := db.Exec("DELETE FROM t")
					written <- err
				}()
				time.Sleep(50 * time.Millisecond)
			}
			if rows == 29999 && len(written) > 0 {
				t.Errorf("%s: a writer came in between", key)
			}
		}
		if err := <-written; err != nil || rows != 30000 {
			t.Errorf("%s: got %d rows; the writer: %v", key, rows, err)
		}
		if len(*notices) != 1 {
			t.Errorf("%s: got notices %q, want only that MyISAM is not consistent", key, *notices)
		}
	}
}
