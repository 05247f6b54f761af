package snapshot_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// stranger reads a snapshot as docs/formats.md tells another program to, with
// age, zstd, tar and JSON alone.
type stranger struct {
	t    *testing.T
	dir  string
	keys []age.Identity
}

// open returns a file of the snapshot without its encryption.
func (s stranger) open(name string) []byte {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".age") {
		return data
	}
	r, err := age.Decrypt(bytes.NewReader(data), s.keys...)
	if err != nil {
		s.t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		s.t.Fatal(err)
	}
	return data
}

// lines returns the values of a file of lines.
func lines[T any](s stranger, name string) (out []T) {
	s.t.Helper()
	for d := json.NewDecoder(bytes.NewReader(unzstd(s.t, s.open(name)))); d.More(); {
		var one T
		if err := d.Decode(&one); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// unzstd decompresses with the zstd program, or its library where there is
// none.
func unzstd(t *testing.T, data []byte) []byte {
	t.Helper()
	if program, err := exec.LookPath("zstd"); err == nil {
		cmd := exec.Command(program, "-dc")
		cmd.Stdin = bytes.NewReader(data)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := d.DecodeAll(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// writeEverything writes a snapshot with all that one can hold: chunks of rows
// and one that was read again, a rejected record, files that rows name.
func writeEverything(t *testing.T, seal snapshot.Sealing, dir, folder string, n int) {
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
	rows, err := w.Table(table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := rows.Append(row(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(rows.Reject(extract.Rejected{Where: "line 7", Offset: 99, Detail: "ragged", Raw: []byte("a;\xe9")}), rows.Close()); err != nil {
		t.Fatal(err)
	}
	// The first chunk is read again, and its last row has gone.
	chunks, _ := rows.Chunks()
	again := rows.Again(chunks[0])
	for i := range chunks[0].Rows - 1 {
		if err := again.Append(row(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(again.Replace(), rows.Reread()); err != nil {
		t.Fatal(err)
	}
	named, err := w.Table(letters)
	if err != nil {
		t.Fatal(err)
	}
	if err := named.Attach(t.Context(), snapshot.Attach{Column: "RUTA", Folder: f}); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"", "2019/03/ALAMI_3.tif", "2019/nobody.tif", "2019/04/ALAMI_4.tif", "2019/03/ALAMI_3.tif"} {
		if err := named.Append(extract.Row{sih.Text(fmt.Sprint(i)), sih.Text(name)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(named.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestReadWithoutThisPackage reads everything that a snapshot can hold with age,
// zstd, tar, JSON and minisign alone.
func TestReadWithoutThisPackage(t *testing.T) {
	const n = 66000
	h := newHospital(t)
	dir := t.TempDir()
	folder, scanned := scans(t, 5)
	writeEverything(t, h.seal, dir, folder, n)
	s := stranger{t, dir, h.ring.Identities}

	var pkg struct {
		Resources []struct {
			Table    string   `json:"sih:table"`
			Path     []string `json:"path"`
			Rejected []string `json:"sih:rejected"`
			Attached string   `json:"sih:attached"`
			Rows     int      `json:"sih:rows"`
			Schema   struct{ Fields []struct{ Name string } }
		}
	}
	var manifest struct {
		Signer     string
		Recipients []string
		Files      []struct {
			Path, SHA256 string
			Bytes        int
		}
	}
	for name, to := range map[string]any{"datapackage.json": &pkg, "manifest.json": &manifest} {
		if err := json.Unmarshal(s.open(name), to); err != nil {
			t.Fatal(err)
		}
	}
	if len(pkg.Resources) != 2 || len(manifest.Recipients) != 1 {
		t.Fatalf("%+v, %+v", pkg, manifest)
	}

	// The rows, in the order of the paths: the one that has gone is not there.
	at := 0
	rows := pkg.Resources[0]
	for i, name := range rows.Path {
		for _, got := range lines[[]any](s, name) {
			want := row(at)
			if len(got) != len(rows.Schema.Fields) || got[0] != want[0].Text {
				t.Fatalf("row %d is %v", at, got)
			}
			if text, ok := got[1].(string); ok == want[1].Null || text != want[1].Text {
				t.Fatalf("row %d has %v, want %v", at, got[1], want[1])
			}
			at++
		}
		if i == 0 {
			at++
		}
	}
	if at != n || rows.Rows != n-1 || len(rows.Path) != 2 {
		t.Errorf("%d rows in %v, want %d", at, rows.Path, n)
	}

	type rejected struct {
		Where  string
		Offset int64
		Detail string
		B64    []byte
	}
	var refused []rejected
	for _, name := range rows.Rejected {
		refused = append(refused, lines[rejected](s, name)...)
	}
	if diff := cmp.Diff([]rejected{{"line 7", 99, "ragged", []byte("a;\xe9")}}, refused); diff != "" {
		t.Error(diff)
	}

	named := pkg.Resources[1]
	if named.Attached != "RUTA" || named.Schema.Fields[1].Name != "RUTA" {
		t.Fatalf("%+v", named)
	}
	got := map[string]string{}
	for _, name := range named.Path {
		chunk := lines[[]any](s, name)
		index := "attached" + strings.TrimPrefix(name, "data")
		files := untarred(t, s.open(strings.Replace(index, ".json.zst", ".tar", 1)))
		for _, line := range lines[struct {
			Row                 int
			File, SHA256, Fault string
			Bytes               int
		}](s, index) {
			called := chunk[line.Row][1].(string)
			content := files[line.File]
			sum := sha256.Sum256([]byte(content))
			if line.Fault != "" {
				content = line.Fault
			} else if hex.EncodeToString(sum[:]) != line.SHA256 || len(content) != line.Bytes {
				t.Errorf("row %d: another file than its index says", line.Row)
			}
			got[fmt.Sprint(line.Row, " ", called)] = content
		}
	}
	three, four := "2019/03/ALAMI_3.tif", "2019/04/ALAMI_4.tif"
	want := map[string]string{"1 " + three: scanned[three], "2 2019/nobody.tif": "missing", "3 " + four: scanned[four], "4 " + three: scanned[three]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	for _, f := range manifest.Files {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if sum := sha256.Sum256(data); err != nil || len(data) != f.Bytes || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s is not as the manifest says: %v", f.Path, err)
		}
	}
	s.signature(manifest.Signer)
}

// untarred returns the files of a tar.
func untarred(t *testing.T, data []byte) map[string]string {
	t.Helper()
	files := map[string]string{}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = string(content)
	}
}

// signature checks the signature with minisign's own rules, and the sums with
// sha256sum where there is one.
func (s stranger) signature(signer string) {
	s.t.Helper()
	var public minisign.PublicKey
	if err := public.UnmarshalText([]byte(signer)); err != nil {
		s.t.Fatal(err)
	}
	r := minisign.NewReader(bytes.NewReader(s.open("manifest.json")))
	if _, err := io.Copy(io.Discard, r); err != nil {
		s.t.Fatal(err)
	}
	if !r.Verify(public, s.open("manifest.json.minisig")) {
		s.t.Error("minisign does not accept the signature")
	}
	if program, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.Command(program, "-c", "SHA256SUMS")
		cmd.Dir = s.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			s.t.Errorf("sha256sum -c: %s", out)
		}
	}
}
