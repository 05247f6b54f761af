package mysql_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/storetest"
)

// loadParts loads into a database, and tells of each row before it is given.
func loadParts(ctx context.Context, dsn, database string, before func(chunk, row int)) error {
	e, err := mysql.At(dsn, database)
	if err != nil {
		return err
	}
	// The server may take a while to see that the program before was killed.
	s, err := e.Open(ctx, store.Live, store.Options{Now: now, Busy: time.Minute})
	if err != nil {
		return err
	}
	defer s.Close()
	return storetest.LoadParts(ctx, s, before)
}

// contents reads a finished store.
func contents(t *testing.T, dsn, database string) map[string][][]string {
	t.Helper()
	s, err := atServer(t, dsn, database).Open(t.Context(), store.Live, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return storetest.Contents(t, s)
}

// A server that dies amid a load: see storetest.Killed.
func TestServerKilled(t *testing.T) {
	// A commit that was told of has to outlive the server here.
	private, err := mariadbtest.Private("--innodb-flush-log-at-trx-commit=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	load := func(database string, before func(chunk, row int)) error {
		return loadParts(t.Context(), private.DSN(""), database, before)
	}
	holding := func(database string) map[string][][]string { return contents(t, private.DSN(""), database) }
	storetest.Killed(t, load, private.Kill, private.Restart, holding)

	// A server that takes no files gets statements, which come to the same; so
	// does loading all of it again under another run.
	if err := setInfile(t, private, "OFF"); err != nil {
		t.Fatal(err)
	}
	if err := load("statements", func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(holding("calm"), holding("statements")); diff != "" {
		t.Errorf("statements differ from files (-files +statements):\n%.2000s", diff)
	}
	s, err := atServer(t, private.DSN(""), "statements").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var again []sih.Entity
	for _, e := range storetest.Part(3) {
		if e.Table.Has("row_hash") {
			again = append(again, e)
		}
	}
	loaded, err := s.LoadChunk(t.Context(), store.Chunk{Run: sih.ID{1}, Name: "again", Hash: "h"}, storetest.Seq(again, nil))
	if got := loaded.Tables["observation"]; err != nil || got != (store.Counts{Unchanged: 40}) {
		t.Errorf("loaded again: got %+v, error %v", got, err)
	}
	texts, err := atServer(t, private.DSN(""), "texts").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer texts.Close()
	holdTexts(t, texts)
}

func setInfile(t *testing.T, server *mariadbtest.Server, to string) error {
	_, db := server.Create(t)
	_, err := db.Exec("SET GLOBAL local_infile = " + to)
	return err
}

// loader names, in the environment of a child of TestClientKilled, the database
// that it loads into.
const loader = "SIH_TEST_STORE_MYSQL_LOADER"

// loadSlowly is what such a child does.
func loadSlowly(where string) int {
	dsn, database, _ := strings.Cut(where, " ")
	err := loadParts(context.Background(), dsn, database, func(int, int) { time.Sleep(time.Millisecond) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A program that is killed at any moment leaves whole chunks; begun again as
// often as it takes, it comes to the same store.
func TestClientKilled(t *testing.T) {
	calm, killed := fresh(), fresh()
	at(t, killed) // drops it in the end
	at(t, calm)
	dsn := server.DSN("")
	if err := loadParts(t.Context(), dsn, calm, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	kills, limit := 0, 8
	if testing.Short() {
		limit = 3
	}
	for deadline := time.Now().Add(5 * time.Minute); ; {
		child := exec.Command(os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), loader+"="+dsn+" "+killed)
		var said strings.Builder
		child.Stderr = &said
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- child.Wait() }()
		if kills < limit {
			select {
			case err := <-done:
				if err != nil {
					t.Fatalf("%v: %s", err, said.String())
				}
				kills = limit // it was quicker
				continue
			case <-time.After(time.Duration(50+random.IntN(1500)) * time.Millisecond):
				child.Process.Kill()
				<-done
				if kills++; kills == 2 { // the first ones are killed while they make tables
					s, err := at(t, killed).Open(t.Context(), store.Live, store.Options{Now: now, Busy: time.Minute})
					if err != nil {
						t.Fatal(err)
					}
					s.Close()
				}
				continue
			}
		}
		if err := <-done; err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%v: %s", err, said.String())
		}
	}
	if diff := cmp.Diff(contents(t, dsn, calm), contents(t, dsn, killed)); diff != "" {
		t.Errorf("the killed load differs from the calm one (-calm +killed):\n%.2000s", diff)
	}
}
