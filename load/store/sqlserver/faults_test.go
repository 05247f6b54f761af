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
// done again comes to the same as one that was not disturbed.
func TestFaults(t *testing.T) {
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
	rows := storetest.Rows(1, 6)
	run := storetest.ID("migration_run", 0)
	server, dsn := held(t)
	put(t, at(t, dsn, "calm"), store.Live, "1", rows)
	calm, err := at(t, dsn, "calm").Open(t.Context(), store.Live, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer calm.Close()
	want := storetest.Contents(t, calm)
	for i, test := range tests {
		for skip := range 2 { // what the driver asks before INSERT BULK, and that
			t.Run(fmt.Sprint(test.name, " ", skip), func(t *testing.T) {
				schema := fmt.Sprintf("s%d_%d", i, skip)
				e := at(t, dsn, schema)
				s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
				if err != nil {
					t.Fatal(err)
				}
				load := func() error {
					_, err := s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil))
					return err
				}
				fault := test.fault
				fault.Table, fault.Skip = schema+".observation", skip
				if skip == 0 && fault.Kind == tdstest.Fail { // which the driver does not tell the number of
					fault.Again = 1
				}
				server.Arm(fault)
				err = load()
				server.Arm(tdstest.Fault{Table: "none"})
				refused(t, "load", err, test.want)
				if test.lost {
					_, err := s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil))
					refused(t, "load over the lost connection", err, store.ErrUnreachable)
					s.Close()
					if s, err = e.Open(t.Context(), store.Live, store.Options{Now: now, Busy: 10 * time.Second}); err != nil {
						t.Fatal(err)
					}
				}
				defer s.Close()
				if got := storetest.Contents(t, s); len(got) != 0 {
					t.Errorf("the failed chunk left rows in %d tables", len(got))
				}
				if err := load(); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, storetest.Contents(t, s)); diff != "" {
					t.Errorf("(-calm +disturbed):\n%.2000s", diff)
				}
			})
		}
	}
}

// What another session holds is waited for, then told of; once it lets go the
// same chunk is loaded. Where there is no room, whole chunks are kept.
func TestLockedAndFull(t *testing.T) {
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
	refused(t, "load", load(0), store.ErrLocked)
	letGo()
	if err := load(0); err != nil {
		t.Fatal(err)
	}
	server.LimitPages(1500)
	for n := 1; err == nil && n < 100; n++ {
		err = load(n)
	}
	refused(t, "no room", err, store.ErrFull)
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
