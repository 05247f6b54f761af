package snapshot_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"aead.dev/minisign"
	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

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

// TestReadWithoutThisPackage reads a snapshot as docs/formats.md tells another
// program to, with age, zstd, JSON and minisign alone.
func TestReadWithoutThisPackage(t *testing.T) {
	const n = 66000
	h := newHospital(t)
	dir := t.TempDir()
	writeSealed(t, h.seal, dir, 0, n, true)

	var pkg struct {
		Resources []struct {
			Path   []string
			Schema struct{ Fields []struct{ Name string } }
		}
	}
	var manifest struct {
		Signer     string
		Recipients []string
	}
	for name, to := range map[string]any{"datapackage.json": &pkg, "manifest.json": &manifest} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, to); err != nil {
			t.Fatal(err)
		}
	}
	if len(pkg.Resources) != 1 || len(manifest.Recipients) != 1 {
		t.Fatalf("%+v, %+v", pkg, manifest)
	}
	rows := 0
	for _, name := range pkg.Resources[0].Path {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := age.Decrypt(f, h.ring.Identities...)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(unzstd(t, packed))); lines.Scan(); rows++ {
			var got []any
			if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			want := row(rows)
			if len(got) != len(pkg.Resources[0].Schema.Fields) || got[0] != want[0].Text {
				t.Fatalf("row %d is %v", rows, got)
			}
			if text, ok := got[1].(string); ok == want[1].Null || text != want[1].Text {
				t.Fatalf("row %d has %v, want %v", rows, got[1], want[1])
			}
		}
	}
	if rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}

	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := os.ReadFile(filepath.Join(dir, "manifest.json.minisig"))
	if err != nil {
		t.Fatal(err)
	}
	var public minisign.PublicKey
	if err := public.UnmarshalText([]byte(manifest.Signer)); err != nil {
		t.Fatal(err)
	}
	r := minisign.NewReader(bytes.NewReader(text))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	if !r.Verify(public, sig) {
		t.Error("minisign does not accept the signature")
	}
	if program, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.Command(program, "-c", "SHA256SUMS")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha256sum -c: %s", out)
		}
	}
}
