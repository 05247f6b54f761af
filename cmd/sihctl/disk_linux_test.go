package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// mount mounts a file system of its own, or skips the test: only root may.
func mount(t *testing.T, dir, options string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no disk of one's own can be had here, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

// leave fills the disk that dir is on up to some bytes.
func leave(t *testing.T, dir string, free int64) (empty func()) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	if size := int64(st.Bavail)*st.Bsize - free; size > 0 {
		if err := syscall.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDisk fills the disk of the project at each stage and holds that the
// stage ends with 1 and says so, that the store stays as it was, and that the
// same command goes on once there is room.
func TestFullDisk(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "size=96m")
	for _, test := range []struct {
		stage string
		undo  []string
		says  string // words of the stage itself: the disk was not full before it
	}{
		{"extract", []string{"snapshots/dedalus", "snapshots/essp"}, "extract "},
		{"transform", []string{"stage"}, "stage"},
		{"match", []string{"match"}, "match"},
		{"load", []string{"load", "unified.db"}, "unified.db.partial"},
		{"reconcile", []string{"reconciliation.xlsx"}, "workbook"},
	} {
		t.Run(test.stage, func(t *testing.T) {
			s := &site{t: t, region: r, dir: filepath.Join(disk, test.stage)}
			s.check(os.CopyFS(s.dir, os.DirFS(r.dir)))
			defer os.RemoveAll(s.dir)
			s.remove(test.undo...)
			before := s.content("unified.db")
			inStage := 0
			for kb := int64(0); ; kb += 48 + kb/2 {
				empty := leave(t, disk, kb<<10)
				e := s.run(test.stage, "--lang", "en")
				empty()
				if e.code == exitDone {
					break
				}
				if e.code != exitFailed {
					t.Fatalf("%d KiB free: got exit code %d, want %d; stderr:\n%s", kb, e.code, exitFailed, e.stderr)
				}
				e.oneSentence(t, "no space")
				if bytes.Contains([]byte(e.stderr), []byte(test.says)) {
					inStage++
				}
				if test.stage != "reconcile" && s.content("unified.db") != before {
					t.Fatalf("%d KiB free: the store has changed", kb)
				}
				if kb > 64<<10 {
					t.Fatal("it never had room enough")
				}
			}
			if inStage == 0 {
				t.Errorf("the disk never was full in the midst of %s", test.stage)
			}
			t.Logf("full in its midst %d times", inStage)
			s.demo()
			tables, err := readTables(s.path("unified.db"))
			s.check(err)
			if test.stage != "extract" { // its snapshots are of another day
				compare(t, "table", withoutClocks(r.tables), withoutClocks(tables))
			}
		})
	}
}

// TestReadOnly holds that a target or a project that may not be written ends
// with 5 and stays as it was.
func TestReadOnly(t *testing.T) {
	r := sharedRegion(t)
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "size=64m")
	s := &site{t: t, region: r, dir: filepath.Join(disk, "p")}
	s.check(os.CopyFS(s.dir, os.DirFS(r.dir)))
	outside := r.whole(t)
	s.check(syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))

	for _, args := range [][]string{{"migrate"}, {"extract"}, {"load"}, {"reconcile"}, {"migrate", "--replace"}} {
		s.must(exitUnreachable, args...).oneSentence(t, "read-only")
	}
	for _, target := range []string{filepath.Join(disk, "new.db"), filepath.Join(disk, "p", "unified.db")} {
		t.Setenv("SIHCTL_TARGET", target)
		outside.must(exitUnreachable, "migrate").oneSentence(t, target)
	}
	t.Setenv("SIHCTL_TARGET", "")
	s.t = t
	s.equal("what could not be written")
	outside.demo()
	outside.equal("elsewhere")
}

// TestNotAllowed is TestReadOnly for permissions, which do not bind root: the
// program runs as another user.
func TestNotAllowed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	r := sharedRegion(t)
	// A folder that the other user can reach, unlike t.TempDir.
	dir, err := os.MkdirTemp("", "sihctl-acceptance-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := &site{t: t, region: r, dir: filepath.Join(dir, "p")}
	s.check(os.CopyFS(s.dir, os.DirFS(r.dir)))
	s.check(os.Chmod(dir, 0o755))
	s.check(os.Chmod(s.dir, 0o755))
	program := filepath.Join(dir, "sihctl")
	self, err := os.Executable()
	s.check(err)
	data, err := os.ReadFile(self)
	s.check(err)
	s.check(os.WriteFile(program, data, 0o755))
	for _, name := range []string{"", "sihctl.yaml"} {
		s.check(os.Chmod(s.path(name), map[bool]os.FileMode{true: 0o755, false: 0o644}[name == ""]))
	}
	for _, command := range []string{"migrate", "extract", "status"} {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(program, command, "--project", s.dir)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		err := cmd.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("%s: got %v, want a failure", command, err)
		}
		e := ended{exit.ExitCode(), stdout.String(), stderr.String()}
		s.private(e)
		if e.code != exitUnreachable {
			t.Errorf("%s: got exit code %d, want %d", command, e.code, exitUnreachable)
		}
		e.oneSentence(t, "permission denied", fmt.Sprintf("%s/", s.dir))
	}
}
