package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract/linetest"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// A connection that ends in mid-read ends the reading with an error, and the
// source does not go on in another view.
func TestConnectionLost(t *testing.T) {
	for _, table := range []string{"keyed", "keyless"} {
		t.Run(table, func(t *testing.T) {
			const n = 30000
			database, run := big(t, table, n)
			src := open(t, database)
			if _, err := src.Tables(t.Context()); err != nil {
				t.Fatal(err)
			}
			ids, err := src.Connections(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			var last error
			for _, last = range src.Rows(t.Context(), table, nil) {
				if last != nil {
					break
				}
				if rows++; rows == 100 {
					run(fmt.Sprintf("KILL CONNECTION %d", ids[0]))
				}
			}
			var fault *mysql.Error
			if !errors.Is(last, mysql.ErrLost) || !errors.As(last, &fault) || fault.Hint() == "" || rows >= n {
				t.Errorf("got %d rows of %d, error %v; want fewer, ErrLost", rows, n, last)
			}
			for _, err := range src.Rows(t.Context(), table, nil) {
				if !errors.Is(err, mysql.ErrLost) {
					t.Errorf("read again: got %v, want ErrLost", err)
				}
			}
		})
	}
}

// So does the end of the server itself.
func TestServerKilled(t *testing.T) {
	private, err := mariadbtest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	name, db := private.Create(t)
	mariadbtest.Exec(t, db, "SET GLOBAL innodb_flush_log_at_trx_commit=1", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))")
	fill(t, db, "t", 30000, func(i int) string { return fmt.Sprintf("(%d,'%s')", i, strings.Repeat("x", 190)) })
	src, err := mysql.New(mysql.Config{DSN: private.DSN(name)})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	rows := 0
	var last error
	for _, last = range src.Rows(t.Context(), "t", nil) {
		if rows++; rows == 5000 {
			private.Kill()
		}
	}
	if !errors.Is(last, mysql.ErrLost) || rows >= 30000 {
		t.Errorf("got %d rows, error %v; want fewer than 30000, ErrLost", rows, last)
	}
	if _, err := src.View(t.Context()); !errors.Is(err, mysql.ErrUnreachable) {
		t.Errorf("connect to a dead server: got %v, want ErrUnreachable", err)
	}
	if err := private.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, err := src.View(t.Context()); err != nil {
		t.Errorf("connect to the server that was started again: %v", err)
	}
	if again := read(t, src, "t"); len(again) < rows {
		t.Errorf("got %d rows afterwards, of %d before", len(again), rows)
	}
}

// Cancelling interrupts a statement that the server is busy with.
func TestCancelInterrupts(t *testing.T) {
	database, run := big(t, "keyed", 10)
	run("CREATE VIEW slow AS SELECT SLEEP(30) AS s FROM keyed")
	src, err := mysql.New(mysql.Config{DSN: server.DSN(database), Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := src.Tables(ctx); err != nil {
		t.Fatal(err)
	}
	go cancel()
	var last error
	for _, last = range src.Rows(ctx, "slow", nil) {
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", last)
	}
}

// A network that falls silent holds nobody who gives up.
func TestSilentNetwork(t *testing.T) {
	for _, table := range []string{"keyed", "keyless"} {
		database, _ := big(t, table, 30000)
		login, err := driver.ParseDSN(server.DSN(database))
		if err != nil {
			t.Fatal(err)
		}
		line := linetest.New(t, login.Net, login.Addr)
		login.Net, login.Addr = "unix", line.Address
		src, err := mysql.New(mysql.Config{DSN: login.FormatDSN()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		rows := 0
		var last error
		var given time.Time
		for _, last = range src.Rows(ctx, table, nil) {
			if rows++; rows == 100 {
				line.Hush()
				time.AfterFunc(200*time.Millisecond, func() { given = time.Now(); cancel() })
			}
		}
		if took := time.Since(given); !errors.Is(last, context.Canceled) || rows >= 30000 || took > 30*time.Second {
			t.Errorf("%s: got %d rows, error %v, %v after giving up", table, rows, last, took)
		}
		src.Close()
	}
}
