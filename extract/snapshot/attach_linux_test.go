package snapshot_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/snapshot"
)

// TestAttachChanged copies files that hold more, and less, than they say. What
// was read is kept, the snapshot is whole, and the fault is told.
func TestAttachChanged(t *testing.T) {
	for name, c := range map[string]struct {
		folder, file string
		size         int64
	}{
		"longer":  {"/proc/self", "status", 0},
		"shorter": {"/sys/kernel", "uevent_seqnum", 4096},
	} {
		info, err := os.Stat(filepath.Join(c.folder, c.file))
		if err != nil || info.Size() != c.size {
			t.Logf("%s: this system has no such file", name)
			continue
		}
		dir := t.TempDir()
		missed := writeLetters(t, snapshot.Sealing{}, dir, c.folder, []sih.Raw{sih.Text(c.file)}, -1)
		if len(missed) != 1 || missed[0] != "0 0 0 changed" {
			t.Errorf("%s: told of %v", name, missed)
		}
		s := open(t, snapshot.Keyring{}, dir)
		if a := s.Tables[0].Attached; a.Files != 1 || a.Bytes != c.size || a.Copied != 0 || a.Faults[snapshot.Changed] != 1 {
			t.Errorf("%s: counted %+v", name, a)
		}
		if _, err := s.VerifyContent(context.Background(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAttachPipe does not wait for the writer of a pipe, nor read what its
// owner alone may.
func TestAttachPipe(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	names := []sih.Raw{sih.Text("pipe")}
	want := []string{"0 0 0 no-file"}
	if os.Getuid() != 0 { // root reads everything
		if err := os.WriteFile(filepath.Join(folder, "closed"), nil, 0); err != nil {
			t.Fatal(err)
		}
		names, want = append(names, sih.Text("closed")), append(want, "1 0 1 unreadable")
	}
	missed := writeLetters(t, snapshot.Sealing{}, t.TempDir(), folder, names, -1)
	for i := range want {
		if len(missed) != len(want) || missed[i] != want[i] {
			t.Errorf("told of %v, want %v", missed, want)
		}
	}
}
