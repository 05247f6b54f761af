package snapshot_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/snapshot"
)

// Parts in another order, or one of another pack, are not what was packed.
func TestUnpackOtherParts(t *testing.T) {
	h := newHospital(t)
	one, two := t.TempDir(), t.TempDir()
	writeSealed(t, h.seal, one, 0, 3000, true)
	writeSealed(t, h.seal, two, 0, 3000, true)
	a, b := pack(t, one), pack(t, two)
	const cut = 10_000
	for name, parts := range map[string][][]byte{
		"order": {a[cut:], a[:cut]}, "twice": {a[:cut], a[:cut], a[cut:]}, "another's first": {b[:cut], a[cut:]}, "another's last": {a[:cut], b[cut:]},
	} {
		parent := t.TempDir()
		// What a run that was killed left does not stay.
		if err := os.MkdirAll(filepath.Join(parent, ".unpack-s-1", "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := h.ring.Unpack(context.Background(), bytes.NewReader(bytes.Join(parts, nil)), filepath.Join(parent, "s"))
		var packed *snapshot.PackError
		var damaged *snapshot.DamagedError
		var signature *snapshot.SignatureError
		if !errors.As(err, &packed) && !errors.As(err, &damaged) && !errors.As(err, &signature) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
}

// What is not just what Pack writes is refused, and nothing of it is kept.
func TestUnpackRefuses(t *testing.T) {
	h := newHospital(t)
	dir := t.TempDir()
	writeSealed(t, h.seal, dir, 0, 10, true)
	packed := pack(t, dir)
	type member struct {
		header *tar.Header
		data   []byte
	}
	var members []member
	for r := tar.NewReader(bytes.NewReader(packed)); ; {
		header, err := r.Next()
		if err != nil {
			break
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{header, data})
	}
	// again packs the members after a change.
	again := func(change func([]member) []member) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		var list []member
		for _, m := range members {
			header := *m.header
			list = append(list, member{&header, m.data})
		}
		for _, m := range change(list) {
			if m.header.Typeflag == tar.TypeReg {
				m.header.Size = int64(len(m.data))
			}
			if err := w.WriteHeader(m.header); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(m.data); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		return b.Bytes()
	}
	same := func(m []member) []member { return m }
	if !bytes.Equal(again(same), packed) {
		t.Fatal("the test's own repack differs")
	}
	add := func(header tar.Header, data string) []byte {
		return again(func(m []member) []member { return append(m, member{&header, []byte(data)}) })
	}
	for name, data := range map[string][]byte{
		"upward":       add(tar.Header{Typeflag: tar.TypeReg, Name: "s/../../x", Mode: 0o600}, "x"),
		"absolute":     add(tar.Header{Typeflag: tar.TypeReg, Name: "/x", Mode: 0o600}, "x"),
		"other folder": add(tar.Header{Typeflag: tar.TypeReg, Name: "t/x", Mode: 0o600}, "x"),
		"hidden":       add(tar.Header{Typeflag: tar.TypeReg, Name: "s/.x", Mode: 0o600}, "x"),
		"unlisted":     add(tar.Header{Typeflag: tar.TypeReg, Name: "s/x", Mode: 0o600}, "x"),
		"twice":        add(tar.Header{Typeflag: tar.TypeReg, Name: "s/journal", Mode: 0o600}, "x"),
		"stream":       add(tar.Header{Typeflag: tar.TypeReg, Name: "s/journal:x", Mode: 0o600}, "x"),
		"link":         add(tar.Header{Typeflag: tar.TypeSymlink, Name: "s/x", Linkname: "/etc/passwd", Mode: 0o600}, ""),
		"hard link":    add(tar.Header{Typeflag: tar.TypeLink, Name: "s/x", Linkname: "s/journal", Mode: 0o600}, ""),
		"folder":       add(tar.Header{Typeflag: tar.TypeDir, Name: "s/x/", Mode: 0o700}, ""),
		"sparse":       sparse(t),
		"other order":  again(func(m []member) []member { slices.Reverse(m); return m }),
		"less":         again(func(m []member) []member { return m[:len(m)-1] }),
		"mode":         again(func(m []member) []member { m[0].header.Mode = 0o644; return m }),
		"owner":        again(func(m []member) []member { m[0].header.Uname = "root"; return m }),
		"time":         again(func(m []member) []member { m[0].header.ModTime = info.Taken; return m }),
		"renamed": again(func(m []member) []member {
			for i := range m {
				m[i].header.Name = "t" + strings.TrimPrefix(m[i].header.Name, "s")
			}
			return m
		}),
		"more after the end": append(slices.Clone(packed), make([]byte, 512)...),
		"cut":                packed[:len(packed)-700],
		"cut at the end":     packed[:len(packed)-512],
		"empty":              {},
		"no tar":             []byte(strings.Repeat("no tar", 1000)),
	} {
		parent := t.TempDir()
		_, err := h.ring.Unpack(context.Background(), bytes.NewReader(data), filepath.Join(parent, "s"))
		var refused *snapshot.PackError
		var damaged *snapshot.DamagedError
		if !errors.As(err, &refused) && !errors.As(err, &damaged) {
			t.Errorf("%s: got %v", name, err)
		}
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
	r := rand.New(rand.NewPCG(3, 3))
	for range 100 {
		data := slices.Clone(packed)
		at := r.IntN(len(data))
		data[at] ^= 1 << r.IntN(8)
		if s, err := h.ring.Unpack(context.Background(), bytes.NewReader(data), filepath.Join(t.TempDir(), "s")); err == nil {
			t.Fatalf("a changed bit at %d was not found: %v", at, s)
		}
	}
}

// sparse is a tar of a few blocks whose one file reads as a terabyte of zeros.
func sparse(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	records := "GNU.sparse.major=1|GNU.sparse.minor=0|GNU.sparse.name=s/manifest.json|GNU.sparse.realsize=1099511627776"
	var pax string
	for _, r := range strings.Split(records, "|") {
		n := len(r) + 3
		for len(strconv.Itoa(n))+len(r)+2 != n {
			n++
		}
		pax += strconv.Itoa(n) + " " + r + "\n"
	}
	// The map of the file: no stretch of data, and zeros up to its end.
	body := make([]byte, 512)
	copy(body, "0\n")
	for _, m := range []struct {
		kind byte
		name string
		data []byte
	}{{'x', "s/PaxHeaders/manifest.json", []byte(pax)}, {tar.TypeReg, "s/manifest.json", body}} {
		h := tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.data)), Mode: 0o600}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if m.kind == 'x' {
			block := b.Bytes()[b.Len()-512:]
			block[156] = 'x'
			// The checksum counts its own field as blanks.
			sum := 0
			for i, c := range block {
				if i >= 148 && i < 156 {
					c = ' '
				}
				sum += int(c)
			}
			copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
		}
		if _, err := w.Write(m.data); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := tar.NewReader(bytes.NewReader(b.Bytes())).Next()
	if err != nil || h.Size != 1<<40 {
		t.Fatalf("the test's own tar: %+v, %v", h, err)
	}
	return b.Bytes()
}

func FuzzUntar(f *testing.F) {
	dir := f.TempDir()
	writeSealed(f, snapshot.Sealing{}, dir, 0, 3, true)
	f.Add(pack(f, dir))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		type file struct {
			name string
			data []byte
		}
		var files []file
		folder, names, err := snapshot.Untar(bytes.NewReader(data), func(name string, r io.Reader) error {
			content, err := io.ReadAll(r)
			files = append(files, file{name, content})
			return err
		})
		for _, one := range files {
			if !filepath.IsLocal(one.name) || strings.HasPrefix(one.name, ".") {
				t.Fatalf("handed out %q", one.name)
			}
		}
		if err != nil {
			return
		}
		if len(names) != len(files) || len(files) > 0 && folder == "" {
			t.Fatalf("%q, %q for %d files", folder, names, len(files))
		}
		// What is accepted is its own repack.
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, one := range files {
			w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + one.name, Size: int64(len(one.data)), Mode: 0o600})
			w.Write(one.data)
		}
		w.Close()
		if !bytes.Equal(b.Bytes(), data) {
			t.Fatal("accepted a tar that is not its repack")
		}
	})
}
