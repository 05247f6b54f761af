package postgres_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A server whose disk is full says so, keeps whole chunks, and goes on with the
// same chunk when there is room again.
func TestFull(t *testing.T) {
	info, err := os.Stat(server.Data())
	if err != nil {
		t.Skip("the server is none of ours")
	}
	disk, err := os.MkdirTemp("", "full")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(disk)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no disk of one's own can be had here, which takes root: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	owner := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(disk, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	_, db := server.Create(t)
	postgrestest.Exec(t, db, "CREATE TABLESPACE small LOCATION '"+disk+"'", "CREATE DATABASE small TABLESPACE small")
	defer postgrestest.Exec(t, db, "DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small")
	s, err := at(t, "small", "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const perChunk = 4096
	load := func(n int) error {
		_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: fmt.Sprint(n), Hash: "h"}, storetest.Results(n*perChunk, (n+1)*perChunk))
		return err
	}
	n := 0
	for err = load(0); err == nil && n < 100; err = load(n) {
		n++
	}
	storetest.Refused(t, "no room", err, store.ErrFull)
	held := func() int64 {
		counts, err := s.Count(t.Context(), sih.TableByName("observation"))
		if err != nil {
			t.Fatal(err)
		}
		return counts["khemisset-hosix"]
	}
	// Counting waits for the room too: PostgreSQL prunes what the refused chunk
	// left behind as it reads, and may write where it found space.
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	if got := held(); n == 0 || got != int64(n*perChunk) {
		t.Errorf("%d rows are not the %d chunks that went well", got, n)
	}
	if err := load(n); err != nil {
		t.Fatalf("with room: %v", err)
	}
	if got := held(); got != int64((n+1)*perChunk) {
		t.Errorf("with room there are %d rows, want %d chunks", got, n+1)
	}
}
