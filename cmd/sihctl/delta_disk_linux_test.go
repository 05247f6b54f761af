package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDeltaFullDisk fills the disk in the midst of a delta, and of taking it
// back, and holds that each ends with 1 and says so, and that the same command
// goes on once there is room.
func TestDeltaFullDisk(t *testing.T) {
	unraced(t)
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "size=96m")
	r := sharedRegion(t)
	s := &site{t: t, region: r, dir: filepath.Join(disk, "p")}
	s.check(os.CopyFS(s.dir, os.DirFS(r.dir)))
	s.into(embedded)
	s.must(exitDone, "load")
	before := s.contents(embedded)
	s.daysLater()
	s.edit("sihctl.yaml", "mode: final", "mode: delta")
	s.must(exitDone, "extract", "dedalus", "--again")
	s.stages()
	after := s.contents(embedded)
	s.must(exitDone, "rollback")

	crowded := func(want map[string][][]string, command string) {
		t.Helper()
		full := 0
		for kb := int64(0); ; kb += 16 + kb/2 {
			if kb > 64<<10 {
				t.Fatalf("%s never had room enough", command)
			}
			empty := leave(t, disk, kb<<10)
			e := s.run(command, "--lang", "en")
			empty()
			if e.code == exitDone {
				break
			}
			if full++; e.code != exitFailed {
				t.Fatalf("%s, %d KiB free: got exit code %d, want %d; stderr:\n%s", command, kb, e.code, exitFailed, e.stderr)
			}
			e.oneSentence(t, "no space")
		}
		if full < 3 {
			t.Errorf("the disk was full %d times in the midst of %s", full, command)
		}
		if diff := cmp.Diff(want, s.contents(embedded)); diff != "" {
			t.Errorf("after %s on a full disk (-undisturbed +got):\n%.2000s", command, diff)
		}
	}
	crowded(after, "load")
	s.must(exitDone, "verify")
	crowded(before, "rollback")
}
