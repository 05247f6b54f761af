package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/storetest"
)

// What another session holds is waited for, then told of; once it lets go the
// same chunk is loaded.
func TestLocked(t *testing.T) {
	mysql.SetLockSeconds(1)
	defer mysql.SetLockSeconds(30)
	db, name := root(t), fresh()
	e := at(t, name)
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 3))
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e2 := storetest.Row(sih.TableByName("observation"), 7, 1, 3) // there already, with other content
	load := func() (store.Loaded, error) {
		return s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "2", Hash: "h"}, storetest.Seq([]sih.Entity{e2}, nil))
	}
	for _, lock := range [][2]string{
		{"BEGIN", "SELECT id FROM " + name + ".observation FOR UPDATE"},
		{"LOCK TABLES " + name + ".observation WRITE", "DO 0"},
	} {
		mariadbtest.Run(t, other, lock[0], lock[1])
		_, err := load()
		storetest.Refused(t, lock[0], err, store.ErrLocked)
		mariadbtest.Run(t, other, "ROLLBACK", "UNLOCK TABLES")
	}
	if loaded, err := load(); err != nil || loaded.Tables["observation"] != (store.Counts{Updated: 1}) {
		t.Errorf("let go: got %+v, error %v", loaded, err)
	}
}

// A server without room says so, keeps whole chunks, and goes on when it has
// some again.
func TestFull(t *testing.T) {
	private, err := mariadbtest.Private("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M;ibdata2:16M")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	e := atServer(t, private.DSN(""), "unified")
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := sih.TableByName("observation")
	for i := 0; err == nil && i < 100; i++ {
		_, err = s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: fmt.Sprint(i), Hash: "h"}, storetest.Results(i*4096, (i+1)*4096))
	}
	storetest.Refused(t, "no room", err, store.ErrFull)
	counts, err := s.Count(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if n := counts["khemisset-hosix"]; n == 0 || n%4096 != 0 {
		t.Errorf("%d rows are no whole number of chunks", n)
	}
}

// A statement that is given up ends on the server, and the store can be used.
func TestCancelled(t *testing.T) {
	s, err := at(t, fresh()).Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = s.Query(ctx, "SELECT SLEEP(60)", nil, func(store.Row) error { return nil })
	if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 30*time.Second {
		t.Errorf("got %v after %v", err, took)
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 2), nil)); err != nil {
		t.Error(err)
	}
	counted := func() (n int64) {
		if err := s.Query(t.Context(), "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'", nil, func(r store.Row) error { n = r.Int(0); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for deadline := time.Now().Add(30 * time.Second); counted() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the statement still runs")
		}
	}
}
