package snapshot_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// TestAttachResumes holds that a run cut at any row goes on to the same
// content, and that no volume of a chunk that was never written down stays.
func TestAttachResumes(t *testing.T) {
	h := newHospital(t)
	folder := t.TempDir()
	big := strings.Repeat("x", 100<<10)
	var names []sih.Raw
	for i := range 7 {
		name := fmt.Sprintf("%d.tif", i)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(big[i:]), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, sih.Text(name))
	}
	whole := t.TempDir()
	writeLetters(t, h.seal, whole, folder, names, -1)
	want := open(t, h.ring, whole)
	if got := len(want.Tables[0].Chunks); got != 3 {
		t.Fatalf("%d chunks, want one for each 256 KiB of files begun", got)
	}
	dir := t.TempDir()
	for _, stop := range []int{1, 3, 5} {
		writeLetters(t, h.seal, dir, folder, names, stop)
	}
	// What was killed in the midst of a file is gone as soon as it is gone on with.
	if err := os.WriteFile(filepath.Join(dir, "attached", ".tmp-1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	writeLetters(t, h.seal, dir, folder, names, 0)
	if left, err := filepath.Glob(filepath.Join(dir, "attached", ".*")); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	// A volume that was finished, and its chunk never written down.
	stray := filepath.Join(dir, "attached", "dbo.DOCUMENTOS", "000000.09.tar.age")
	if err := os.WriteFile(stray, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	writeLetters(t, h.seal, dir, folder, names, -1)
	got := open(t, h.ring, dir)
	if got.Content != want.Content {
		t.Error("the content is another than that of an undisturbed run")
	}
	if err := got.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	if _, err := got.VerifyContent(context.Background(), nil); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(stray); err == nil {
		t.Error("a volume of no chunk stayed")
	}
}

// TestAttachAsBegun holds that a table is gone on with just as it was begun.
func TestAttachAsBegun(t *testing.T) {
	folder, _ := scans(t, 3)
	f, err := snapshot.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begin := func(dir, column string) error {
		w, err := snapshot.Create(dir, info)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abandon()
		tw, err := w.Table(letters)
		if err != nil {
			t.Fatal(err)
		}
		if column != "" {
			if err := tw.Attach(context.Background(), snapshot.Attach{Column: column, Folder: f}); err != nil {
				return err
			}
		}
		for range extract.MaxChunkRows {
			if err := tw.Append(extract.Row{sih.Text("2019/01/ALAMI_1.tif"), sih.Null}); err != nil {
				return err
			}
		}
		return tw.Close()
	}
	for _, c := range []struct{ first, then string }{{"RUTA", ""}, {"", "RUTA"}, {"RUTA", "ID"}} {
		dir := t.TempDir()
		if err := begin(dir, c.first); err != nil {
			t.Fatal(err)
		}
		// The table was not finished: its last line is lost.
		journal := filepath.Join(dir, "journal")
		text, err := os.ReadFile(journal)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		if err := os.WriteFile(journal, []byte(strings.Join(lines[:len(lines)-2], "")), 0o600); err != nil {
			t.Fatal(err)
		}
		var begun *snapshot.AttachError
		if err := begin(dir, c.then); !errors.As(err, &begun) || begun.Begun != c.first || begun.Now != c.then {
			t.Errorf("begun with %q, gone on with %q: %v", c.first, c.then, err)
		}
	}
	if err := begin(t.TempDir(), "NADA"); err == nil {
		t.Error("took a column that the table has not")
	}
}

// TestAttachStops holds that a lost folder and an interruption end a run, and
// are no fault of a file.
func TestAttachStops(t *testing.T) {
	folder, _ := scans(t, 3)
	f, err := snapshot.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	w, err := snapshot.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	tw, err := w.Table(letters)
	if err != nil {
		t.Fatal(err)
	}
	if err := tw.Attach(ctx, snapshot.Attach{Column: "RUTA", Folder: f}); err != nil {
		t.Fatal(err)
	}
	file := extract.Row{sih.Text("1"), sih.Text("2019/01/ALAMI_1.tif")}
	if err := tw.Append(file); err != nil {
		t.Fatal(err)
	}
	// A folder that is gone is no fault of a file: the run stops.
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	var gone *snapshot.FolderError
	if err := tw.Append(extract.Row{sih.Text("2"), sih.Text("2019/nobody.tif")}); !errors.As(err, &gone) {
		t.Errorf("the folder went away: %v", err)
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	cancel()
	file[1] = sih.Text("2019/02/ALAMI_2.tif")
	if err := tw.Append(file); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	w.Abandon()
	left, err := os.ReadDir(filepath.Join(dir, "attached"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestAttachReplaced holds that rows which are read again have their files
// copied again where they changed, and keep them where they did not; and that a
// table which is begun again has them too.
func TestAttachReplaced(t *testing.T) {
	h := newHospital(t)
	folder, content := scans(t, 12)
	one, other := "2019/10/ALAMI_10.tif", "2019/11/ALAMI_11.tif"
	f, err := snapshot.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	w, err := h.seal.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	tw, err := w.Table(letters)
	if err != nil {
		t.Fatal(err)
	}
	// Chunks of one row: each file ends one.
	if err := tw.Attach(context.Background(), snapshot.Attach{Column: "RUTA", Folder: f, VolumeBytes: 1}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := tw.Append(extract.Row{sih.Text(fmt.Sprint(i)), sih.Text(one)}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := tw.Restart(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	w.Abandon()

	// Another run reads both chunks again: the second has changed.
	if w, err = h.seal.Create(dir, info); err != nil {
		t.Fatal(err)
	}
	if tw, err = w.Table(letters); err != nil {
		t.Fatal(err)
	}
	chunks, _ := tw.Chunks()
	if len(chunks) != 2 {
		t.Fatalf("%d chunks", len(chunks))
	}
	row := extract.Row{sih.Text("2"), sih.Text(other)}
	again := tw.Again(chunks[1])
	if err := again.Append(row); err != nil {
		t.Fatal(err)
	}
	var begun *snapshot.AttachError
	if err := again.Replace(); !errors.As(err, &begun) {
		t.Errorf("without its files: %v", err)
	}
	if err := tw.Attach(context.Background(), snapshot.Attach{Column: "RUTA", Folder: f}); err != nil {
		t.Fatal(err)
	}
	again, kept := tw.Again(chunks[1]), tw.Again(chunks[0])
	if err := errors.Join(kept.Append(extract.Row{sih.Text("1"), sih.Text(one)}), kept.Keep(), again.Append(row), again.Replace(), tw.Reread(), w.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, h.ring, dir)
	if diff := cmp.Diff(map[int]string{0: content[one], 1: content[other]}, filesOf(t, s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	if n, err := s.VerifyContent(context.Background(), nil); err != nil || n != 2 {
		t.Errorf("VerifyContent = %d, %v", n, err)
	}
	volumes, err := filepath.Glob(filepath.Join(dir, "attached", "*", "*.tar.age"))
	if err != nil || len(volumes) != 2 {
		t.Errorf("volumes: %v, %v", volumes, err)
	}
}
