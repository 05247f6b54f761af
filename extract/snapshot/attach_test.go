package snapshot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// letters is a table whose rows name files.
var letters = extract.Table{Name: "dbo.DOCUMENTOS", Key: []string{"ID"}, Columns: []extract.Column{{Name: "ID"}, {Name: "RUTA", Nullable: true}}}

// scans makes a folder of files named by their patients, with what is in them.
func scans(t testing.TB, n int) (dir string, content map[string]string) {
	t.Helper()
	dir, content = filepath.Join(t.TempDir(), "scans"), map[string]string{}
	for i := range n {
		name := fmt.Sprintf("2019/%02d/ALAMI_%d.tif", i%12, i)
		content[name] = strings.Repeat(fmt.Sprintf("scan of %d;", i), i*i)
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content[name]), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, content
}

// writeLetters writes rows that name files, up to stop where it is one, and goes
// on where an earlier run stopped. It returns what it was told of faults.
func writeLetters(t testing.TB, seal snapshot.Sealing, dir, folder string, names []sih.Raw, stop int) (missed []string) {
	t.Helper()
	f, err := snapshot.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := seal.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	tw, err := w.Table(letters)
	if err != nil {
		t.Fatal(err)
	}
	err = tw.Attach(context.Background(), snapshot.Attach{Column: "RUTA", Folder: f, VolumeBytes: 256 << 10, Missed: func(r sih.Ref, fault snapshot.Fault) {
		missed = append(missed, fmt.Sprintf("%s %d %d %s", r.Key, r.Chunk, r.Row, fault))
	}})
	if err != nil {
		t.Fatal(err)
	}
	done, _, _ := tw.Done()
	for i, name := range names {
		if i == stop {
			w.Abandon()
			return missed
		}
		if i < done {
			continue
		}
		if err := tw.Append(extract.Row{sih.Text(fmt.Sprint(i)), name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return missed
}

// filesOf reads what is attached to each row.
func filesOf(t testing.TB, s *snapshot.Snapshot) map[int]string {
	t.Helper()
	out, byHash, base := map[int]string{}, map[string]string{}, 0
	for _, c := range s.Tables[0].Chunks {
		for a, err := range s.Attached(context.Background(), c) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Content != nil {
				data, err := io.ReadAll(a.Content)
				if err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(data)
				if hex.EncodeToString(sum[:]) != a.SHA256 || int64(len(data)) != a.Bytes {
					t.Fatalf("row %d: its hash is another", a.Row)
				}
				byHash[a.SHA256] = string(data)
			}
			if a.Fault != "" {
				out[base+a.Row] = "FAULT " + string(a.Fault)
			} else {
				out[base+a.Row] = byHash[a.SHA256]
			}
		}
		base += c.Rows
	}
	return out
}

func TestAttach(t *testing.T) {
	h := newHospital(t)
	folder, content := scans(t, 40)
	outside := filepath.Join(filepath.Dir(folder), "outside.tif")
	if err := os.WriteFile(outside, []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	var names []sih.Raw
	want := map[int]string{}
	add := func(name, content string) {
		if content != "" {
			want[len(names)] = content
		}
		names = append(names, sih.Text(name))
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range content {
			if !yield(n) {
				return
			}
		}
	}) {
		text := content[name]
		if text == "" {
			want[len(names)] = "" // an empty file is a file
		}
		add(name, text)
	}
	one := "2019/05/ALAMI_5.tif"
	add("", "")
	add("  ", "")
	add(one, content[one])
	add(`2019\05\ALAMI_5.tif`, content[one])
	add("./2019//05/ALAMI_5.tif", content[one])
	add(filepath.Join(folder, one), content[one])
	add(strings.ToUpper(folder)+`\`+one, content[one])
	for name, fault := range map[string]snapshot.Fault{
		"2019/nobody.tif":                      snapshot.Missing,
		"2019":                                 snapshot.NoFile,
		"../outside.tif":                       snapshot.Outside,
		"2019/../../outside.tif":               snapshot.Outside,
		outside:                                snapshot.Outside,
		folder + "2/x.tif":                     snapshot.Outside,
		`\\other\share\x.tif`:                  snapshot.Outside,
		`C:\Windows\win.ini`:                   snapshot.Outside,
		"C:win.ini":                            snapshot.Outside,
		"/etc/passwd":                          snapshot.Outside,
		".":                                    snapshot.BadName,
		folder:                                 snapshot.Outside,
		"2019/05/ALAMI_5.tif:stream":           snapshot.BadName,
		"2019/\x00":                            snapshot.BadName,
		strings.Repeat("x", 256):               snapshot.BadName,
		strings.Repeat("x/", 2500) + "ALAMI":   snapshot.BadName,
		"2019/05/ALAMI_5.tif/x":                snapshot.Missing,
		strings.Repeat("2019/", 300) + "x.tif": snapshot.Missing,
	} {
		add(name, "FAULT "+string(fault))
	}
	if runtime.GOOS != "windows" {
		if err := errors.Join(os.Symlink(outside, filepath.Join(folder, "link.tif")), os.Symlink("..", filepath.Join(folder, "up"))); err != nil {
			t.Fatal(err)
		}
		add("link.tif", "FAULT outside")
		add("up/outside.tif", "FAULT outside")
	}
	var faults []string
	for i := range names {
		if fault, ok := strings.CutPrefix(want[i], "FAULT "); ok {
			faults = append(faults, fmt.Sprintf("%d 0 %d %s", i, i, fault))
		}
	}

	sealed, plain := t.TempDir(), t.TempDir()
	missed := writeLetters(t, h.seal, sealed, folder, names, -1)
	writeLetters(t, snapshot.Sealing{}, plain, folder, names, -1)
	if diff := cmp.Diff(faults, missed); diff != "" {
		t.Errorf("told of: %s", diff)
	}
	for name, dir := range map[string]string{"sealed": sealed, "plain": plain} {
		s := open(t, snapshot.Keyring{Identities: h.ring.Identities}, dir)
		if diff := cmp.Diff(want, filesOf(t, s)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := s.Verify(context.Background(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n, err := s.VerifyContent(context.Background(), nil); err != nil || int(n) != len(names) {
			t.Errorf("%s: VerifyContent = %d, %v", name, n, err)
		}
		got := s.Tables[0]
		if got.FileColumn != "RUTA" || got.Attached.Named != len(want) || got.Attached.Copied != len(want)-len(faults) || got.Attached.Files != 40 {
			t.Errorf("%s: counted %+v for %d names, %d faults", name, got.Attached, len(want), len(faults))
		}
	}
	if a, b := open(t, h.ring, sealed), open(t, snapshot.Keyring{}, plain); a.Content != b.Content {
		t.Error("encrypted it has other content than in plain")
	}
	// Nothing in sight tells of a patient, and no file is called after one.
	err := filepath.WalkDir(sealed, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if bytes.Contains(data, []byte("ALAMI")) || strings.Contains(p, "ALAMI") || bytes.Contains(data, []byte("scan of")) {
			t.Errorf("%s tells of a patient", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Packed and unpacked it is the same.
	copied := filepath.Join(t.TempDir(), "copy")
	s, err := h.ring.Unpack(context.Background(), bytes.NewReader(pack(t, sealed)), copied)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, filesOf(t, s)); diff != "" {
		t.Errorf("unpacked: %s", diff)
	}
}

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
