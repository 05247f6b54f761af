package main

import (
	"testing"
	"time"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/postgres"
)

// TestTargetFaults holds, on real servers, that a store which another session
// has open and a server that dies in the midst of a load end the command with
// 5 and a sentence that says what to do, and that the same command then goes on
// to the store of an undisturbed one.
func TestTargetFaults(t *testing.T) {
	unraced(t)
	type target struct {
		driver, dsn string
		engine      func(dsn, schema string) (store.Engine, error)
		kill        func()
		restart     func() error
	}
	for name, begin := range map[string]func(t *testing.T) target{
		"PostgreSQL": func(t *testing.T) target {
			server, err := postgrestest.Private()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Stop)
			database, _ := server.Create(t)
			return target{"postgres", server.DSN(database), postgres.At, server.Kill, func() error { return server.Begin() }}
		},
		"MariaDB": func(t *testing.T) target {
			// A commit that was told of has to outlive the server here.
			server, err := mariadbtest.Private("--innodb-flush-log-at-trx-commit=1")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Stop)
			return target{"mysql", server.DSN(""), mysql.At, server.Kill, server.Restart}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := sharedRegion(t)
			file, s := r.whole(t), r.whole(t)
			to := begin(t)
			s.remove("unified.db", "reconciliation.xlsx", "load")
			s.edit("sihctl.yaml", "target: {driver: sqlite, path: unified.db}", "target: {driver: "+to.driver+", dsn_file: target.dsn}")
			s.write("target.dsn", to.dsn+"\n")
			engine, err := to.engine(to.dsn, "unified")
			s.check(err)
			other, err := engine.Open(t.Context(), store.Building, store.Options{})
			s.check(err)
			s.must(exitUnreachable, "load").oneSentence(t, "in use by another program", "hint: Wait until")
			s.check(other.Close())

			// Killed once some chunks are in.
			done := make(chan ended, 1)
			go func() { done <- s.run("load") }()
			s.chunksIn(engine, 2, done)
			to.kill()
			e := <-done
			if e.code != exitUnreachable {
				t.Errorf("the server was killed: got exit code %d\n%s", e.code, e.stderr)
			}
			e.oneSentence(t, "cannot be reached", "hint: ")
			s.must(exitUnreachable, "load").oneSentence(t, "cannot be reached", "hint: ")
			s.check(to.restart())
			s.must(exitDone, "load")
			s.verify(exitDone, "--against", file.dir)
		})
	}
}

// chunksIn waits until a load has brought some chunks into the store that is
// built.
func (s *site) chunksIn(engine store.Engine, want int64, done <-chan ended) {
	s.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		select {
		case e := <-done:
			s.t.Fatalf("the load was done before it could be disturbed: %d\n%s", e.code, e.stderr)
		default:
		}
		if time.Now().After(deadline) {
			s.t.Fatal("no chunk came in")
		}
		reader, err := engine.Open(s.t.Context(), store.Building, store.Options{ReadOnly: true})
		if err != nil {
			continue // it is not made yet
		}
		n := int64(0)
		err = reader.Query(s.t.Context(), "SELECT count(*) FROM load_chunk", nil, func(r store.Row) error { n = r.Int(0); return nil })
		reader.Close()
		if err == nil && n >= want {
			return
		}
	}
}
