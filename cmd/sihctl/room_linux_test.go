package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A disk that fills up amid an extraction from a server ends it with exit code
// 1 and a sentence, and once there is room the same command goes on.
func TestExtractFullDisk(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "size=64m")
	server := sharedMaria(t)
	w := newWard(t, server)
	w.sealed()
	want := w.whole()
	dir := filepath.Join(disk, "p")
	if err := os.CopyFS(dir, os.DirFS(w.project(server.DSN(w.name)))); err != nil {
		t.Fatal(err)
	}
	full := 0
	for kb := int64(16); ; kb += 24 + kb/4 {
		empty := leave(t, disk, kb<<10)
		said, _, code := runExtraction(dir)
		empty()
		if code == exitDone {
			break
		}
		if code != exitFailed {
			t.Fatalf("%d KiB free: got exit code %d, want %d:\n%s", kb, code, exitFailed, said)
		}
		w.sentence(said, "no space")
		if journal(dir, `"chunk"`, 1)() {
			full++
		}
	}
	if full == 0 {
		t.Error("the disk never was full amid the rows")
	}
	w.goesOn(dir, want)
}
