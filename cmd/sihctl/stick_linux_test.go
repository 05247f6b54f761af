package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFullStick packs onto a stick that is too small, and unpacks onto a disk
// that is: both end with 1, say so, leave nothing of it, and go on once there
// is room.
func TestFullStick(t *testing.T) {
	s := sharedRegion(t).whole(t)
	stick := filepath.Join(t.TempDir(), "stick")
	mount(t, stick, "size=4m")
	packed := filepath.Join(t.TempDir(), "hosix.tar")
	if e := s.run("snapshot", "pack", "hosix", "--out", packed); e.code != exitDone {
		t.Fatalf("got exit code %d; stderr:\n%s", e.code, e.stderr)
	}
	out, dir := filepath.Join(stick, "x.tar"), filepath.Join(stick, "hosix")
	for name, args := range map[string][]string{
		"pack": {"snapshot", "pack", "hosix", "--out", out}, "parts": {"snapshot", "pack", "hosix", "--out", out, "--split", "20K"}, "unpack": {"snapshot", "unpack", packed, dir},
	} {
		t.Run(name, func(t *testing.T) {
			empty := leave(t, stick, 64<<10)
			e := s.run(append(args, "--lang", "en")...)
			if e.code != exitFailed {
				t.Errorf("got exit code %d, want %d; stderr:\n%s", e.code, exitFailed, e.stderr)
			}
			e.oneSentence(t, "no space")
			left, err := os.ReadDir(stick)
			s.check(err)
			if len(left) != 1 {
				t.Errorf("left are %v, want the filler alone", left)
			}
			empty()
			if e := s.run(args...); e.code != exitDone {
				t.Errorf("with room again: got exit code %d; stderr:\n%s", e.code, e.stderr)
			}
			list, err := os.ReadDir(stick)
			s.check(err)
			for _, one := range list {
				s.check(os.RemoveAll(filepath.Join(stick, one.Name())))
			}
		})
	}
}
