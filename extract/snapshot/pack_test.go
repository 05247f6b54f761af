package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sihctl/sih/extract/snapshot"
)

// pack returns the tar of the snapshot in dir.
func pack(t testing.TB, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	s := open(t, snapshot.Keyring{}, dir)
	if err := s.Pack(context.Background(), &b, nil); err != nil {
		t.Fatal(err)
	}
	if size, err := s.PackSize(); err != nil || size != int64(b.Len()) {
		t.Errorf("PackSize = %d, %v, want %d", size, err, b.Len())
	}
	return b.Bytes()
}

func TestPack(t *testing.T) {
	h := newHospital(t)
	dir := t.TempDir()
	writeSealed(t, h.seal, dir, 0, 70000, true)
	packed := pack(t, dir)
	copied := filepath.Join(t.TempDir(), "a", "b")
	s, err := h.ring.Unpack(context.Background(), bytes.NewReader(packed), copied)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := s.VerifyContent(context.Background(), nil); err != nil || rows != 70001 {
		t.Errorf("VerifyContent = %d, %v", rows, err)
	}
	if !bytes.Equal(pack(t, copied), packed) {
		t.Error("packed again it is another tar")
	}
	if _, err := h.ring.Unpack(context.Background(), bytes.NewReader(packed), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("unpacked over what is there: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	parent := t.TempDir()
	if _, err := h.ring.Unpack(ctx, bytes.NewReader(packed), filepath.Join(parent, "s")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("interrupted, it left %v", left)
	}
	// A file that changed since is not packed.
	if err := os.Truncate(chunks(t, copied)[0], 10); err != nil {
		t.Fatal(err)
	}
	var damaged *snapshot.DamagedError
	if err := s.Pack(context.Background(), io.Discard, nil); !errors.As(err, &damaged) {
		t.Errorf("packed what is damaged: %v", err)
	}
}

func TestParts(t *testing.T) {
	dir := t.TempDir()
	data := make([]byte, 100_000)
	rand.NewChaCha8([32]byte{}).Read(data)
	for _, size := range []int64{0, 100_000, 99_999, 9_000, 50_000} {
		name := filepath.Join(dir, "x.tar")
		p, err := snapshot.NewParts(name, int64(len(data)), size)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 777 {
			if _, err := p.Write(data[at:min(at+777, len(data))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(p.Names()) {
			t.Errorf("names do not sort: %v", p.Names())
		}
		for _, from := range []string{name, p.Names()[len(p.Names())-1]} {
			names, err := snapshot.FindParts(from)
			if err != nil {
				t.Fatal(err)
			}
			r := snapshot.JoinParts(names)
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("parts of %d: %d bytes came back, %v", size, len(got), err)
			}
			r.Close()
		}
		for _, one := range p.Names() {
			if info, err := os.Stat(one); err != nil || size > 0 && info.Size() > size {
				t.Errorf("part of %d: %v, %v", size, info, err)
			}
		}
		if _, err := snapshot.NewParts(name, int64(len(data)), size); !errors.Is(err, fs.ErrExist) {
			t.Errorf("parts written over: %v", err)
		}
		gone := p.Names()[len(p.Names())/2]
		os.Remove(gone)
		var missing *snapshot.PartError
		if _, err := snapshot.FindParts(p.Names()[0]); len(p.Names()) > 1 && (!errors.As(err, &missing) || !slices.Equal(missing.Missing, []string{gone})) {
			t.Errorf("without %s: %v", gone, err)
		}
		for _, one := range p.Names() {
			os.Remove(one)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A pack that was killed leaves nothing that a stick has no room for, one that
// fails leaves nothing at all, and one pack is not taken for another.
func TestPartsAfterTrouble(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.tar")
	begin := func(total, size int64) *snapshot.Parts {
		t.Helper()
		p, err := snapshot.NewParts(name, total, size)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(make([]byte, total)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	left := func(want ...string) {
		t.Helper()
		var got []string
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			got = append(got, e.Name())
		}
		if !slices.Equal(got, want) {
			t.Errorf("left are %v, want %v", got, want)
		}
	}
	begin(5000, 2000) // killed: neither closed nor abandoned
	p := begin(5000, 2000)
	if list, _ := os.ReadDir(dir); len(list) != 3 {
		t.Errorf("%d files, want the three of the second run", len(list))
	}
	// The last part cannot have its name: a folder has it.
	if err := os.MkdirAll(filepath.Join(dir, "x.tar.3of3", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err == nil {
		t.Error("a part took a folder's place")
	}
	left("x.tar.3of3")
	if _, err := snapshot.NewParts(name, 10, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("one file beside parts of its name: %v", err)
	}
	os.RemoveAll(filepath.Join(dir, "x.tar.3of3"))
	if err := begin(5000, 2000).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.tar.1of2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var packed *snapshot.PackError
	if _, err := snapshot.FindParts(name); !errors.As(err, &packed) {
		t.Errorf("parts of two packs: %v", err)
	}
	if names, err := snapshot.FindParts(name + ".2of3"); err != nil || len(names) != 3 {
		t.Errorf("one of them by a part's name: %v, %v", names, err)
	}
	var missing *snapshot.PartError
	if _, err := snapshot.FindParts(name + ".0001of9999"); !errors.As(err, &missing) || len(missing.Error()) > 1000 {
		t.Errorf("nearly all are missing: %v", err)
	}
	if _, err := snapshot.NewParts(filepath.Join(dir, "y"), 100_000, 10); err == nil {
		t.Error("made 10,000 parts, whose numbers cannot be read again")
	}
}

func FuzzSignature(f *testing.F) {
	h := newHospital(f)
	dir := f.TempDir()
	writeSealed(f, h.seal, dir, 0, 3, true)
	sig, err := os.ReadFile(filepath.Join(dir, "manifest.json.minisig"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sig)
	f.Add(bytes.ReplaceAll(sig, []byte("\n"), []byte("\r\n")))
	f.Add([]byte("untrusted comment: \n\ntrusted comment: \n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sig, err := snapshot.ParseSignature(text)
		if err != nil {
			return
		}
		if again, err := sig.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q is accepted and written as %q", text, again)
		}
	})
}
