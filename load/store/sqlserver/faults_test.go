package sqlserver_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlserver"
	"github.com/sihctl/sih/load/store/storetest"
)

// What goes wrong in a statement, or in the midst of a bulk copy, is told with
// its reason and what may help; it leaves nothing of the chunk, and the chunk
// done again comes to the same whatever had disturbed it.
func TestFaults(t *testing.T) {
	unraced(t)
	tests := []struct {
		name  string
		fault tdstest.Fault
		want  error
		lost  bool // and so has to be opened again
	}{
		{"deadlock", tdstest.Fault{Kind: tdstest.Fail}, store.ErrLocked, false},
		{"lock held", tdstest.Fault{Kind: tdstest.Fail, Number: 1222}, store.ErrLocked, false},
		{"log full", tdstest.Fault{Kind: tdstest.Fail, Number: 9002}, store.ErrFull, false},
		{"no right", tdstest.Fault{Kind: tdstest.Fail, Number: 229}, store.ErrReadOnly, false},
		{"page damaged", tdstest.Fault{Kind: tdstest.Fail, Number: 824}, store.ErrDamaged, false},
		{"connection lost", tdstest.Fault{Kind: tdstest.Drop}, store.ErrUnreachable, true},
	}
	run := storetest.ID("migration_run", 0)
	var rows []sih.Entity // which can all be taken out again
	for _, e := range storetest.Rows(1, 4) {
		if e.Table.Has("run_id") || e.Get("id").ID() == run {
			rows = append(rows, e)
		}
	}
	server, dsn := held(t)
	e := at(t, dsn, "unified")
	open := func() store.Store {
		s, err := e.Open(t.Context(), store.Live, store.Options{Now: now, Busy: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	defer func() { s.Close() }()
	var want map[string][][]string
	for _, test := range tests {
		for skip := range 2 { // what the driver asks before INSERT BULK, and that
			t.Run(fmt.Sprint(test.name, " ", skip), func(t *testing.T) {
				load := func() error {
					_, err := s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil))
					return err
				}
				fault := test.fault
				fault.Table, fault.Skip = "unified.observation", skip
				if skip == 0 && fault.Kind == tdstest.Fail { // which the driver does not tell the number of
					fault.Again = 1
				}
				server.Arm(fault)
				err := load()
				server.Arm(tdstest.Fault{Table: "none"})
				storetest.Refused(t, "load", err, test.want, "s3cr3t")
				if test.lost {
					_, err := s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil))
					storetest.Refused(t, "load over the lost connection", err, store.ErrUnreachable, "s3cr3t")
					s.Close()
					s = open()
				}
				if got := storetest.Contents(t, s); len(got) != 0 {
					t.Errorf("the failed chunk left rows in %d tables", len(got))
				}
				if err := load(); err != nil {
					t.Fatal(err)
				}
				got := storetest.Contents(t, s)
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-before +now):\n%.2000s", diff)
				}
				if err := s.Undo(t.Context(), run, storetest.Seq(nil, nil)); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// What another session holds is waited for, then told of; once it lets go the
// same chunk is loaded. Where there is no room, whole chunks are kept.
func TestLockedAndFull(t *testing.T) {
	unraced(t)
	sqlserver.SetLockTime(200 * time.Millisecond)
	defer sqlserver.SetLockTime(30 * time.Second)
	server, dsn := held(t)
	s, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	load := func(n int) error {
		var rows []sih.Entity
		for i := n * 500; i < (n+1)*500; i++ {
			rows = append(rows, storetest.Row(sih.TableByName("observation"), 1, i+10, 10))
		}
		_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: fmt.Sprint(n), Hash: "h"}, storetest.Seq(rows, nil))
		return err
	}
	letGo, err := server.Occupy()
	if err != nil {
		t.Fatal(err)
	}
	storetest.Refused(t, "load", load(0), store.ErrLocked, "s3cr3t")
	letGo()
	if err := load(0); err != nil {
		t.Fatal(err)
	}
	server.LimitPages(1500)
	for n := 1; err == nil && n < 100; n++ {
		err = load(n)
	}
	storetest.Refused(t, "no room", err, store.ErrFull, "s3cr3t")
	counts, err := s.Count(t.Context(), sih.TableByName("observation"))
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	if total == 0 || total%500 != 0 {
		t.Errorf("%d rows are no whole number of chunks", total)
	}
}

// A load that is given up leaves the store usable.
func TestCancelled(t *testing.T) {
	_, dsn := held(t)
	s, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.LoadChunk(ctx, store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 2), nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 2), nil)); err != nil {
		t.Error(err)
	}
}
