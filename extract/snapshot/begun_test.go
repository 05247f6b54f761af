package snapshot_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// How far a snapshot has come can be told before it is finished, and also of
// one whose last line was torn off.
func TestBegun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	if _, err := snapshot.Begun(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of none: got %v", err)
	}
	w, err := snapshot.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Abandon)
	for _, name := range []string{"a", "b"} {
		tw, err := w.Table(extract.Table{Name: name, Columns: []extract.Column{{Name: "x"}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := tw.Append(extract.Row{sih.Text("1")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := tw.Reject(extract.Rejected{Where: "line 9"}); err != nil {
			t.Fatal(err)
		}
		if name == "b" {
			break
		}
		if err := tw.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := snapshot.Begun(dir)
	if want := (snapshot.Progress{Tables: 1, Rows: 4}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}
