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
