package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// writeTables writes a few small tables with all that a snapshot can hold:
// rejected records, files that rows name, and a chunk that was read again. Seed
// makes it another reading of the same source.
func writeTables(t *testing.T, seal snapshot.Sealing, dir, seed string) {
	t.Helper()
	scans := t.TempDir()
	for i := range 3 {
		if err := os.WriteFile(filepath.Join(scans, strconv.Itoa(i)), []byte(strings.Repeat(seed, 100*i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := snapshot.OpenFolder(scans)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	w, err := seal.Create(dir, snapshot.Info{Source: "a", System: "hosix", Driver: "csv", Taken: time.Date(2026, 1, 31, 2, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"A", "B", "C", "D", "E"} {
		tw, err := w.Table(extract.Table{Name: name, Columns: []extract.Column{{Name: "N"}, {Name: "T"}}})
		if err != nil {
			t.Fatal(err)
		}
		if name > "C" {
			if err := tw.Attach(t.Context(), snapshot.Attach{Column: "N", Folder: folder}); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 10 * (i + 1) {
			if err := tw.Append(extract.Row{sih.Text(strconv.Itoa(n)), sih.Text("text" + seed)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(tw.Reject(extract.Rejected{Where: "line 7", Detail: "ragged"}), tw.Close()); err != nil {
			t.Fatal(err)
		}
		if name == "E" {
			chunks, _ := tw.Chunks()
			again := tw.Again(chunks[0])
			if err := errors.Join(again.Append(extract.Row{sih.Text("1"), sih.Text("changed")}), again.Replace(), tw.Reread()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestEveryDamageIsFound damages a received snapshot, encrypted and signed, in
// every way more than a thousand times. Verify ends with 6 each time: without any
// key, but for what only the sender's public key tells, and with all keys.
func TestEveryDamageIsFound(t *testing.T) {
	unraced(t)
	identity, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "identity.txt")
	if err := os.WriteFile(keyFile, identity, 0o600); err != nil {
		t.Fatal(err)
	}
	var signers [2]*snapshot.SigningKey
	for i := range signers {
		if signers[i], err = snapshot.GenerateSigningKey(); err != nil {
			t.Fatal(err)
		}
	}
	seal := snapshot.Sealing{Recipients: []snapshot.Recipient{recipient}, Signer: signers[0]}
	sender := []string{"--sender", signers[0].Sender().String()}
	every := append([]string{"--identity", keyFile}, sender...)
	dir, foreign, older := t.TempDir(), t.TempDir(), t.TempDir()
	writeTables(t, seal, dir, "new")
	// The same by another sender, who has all of it right but the key.
	writeTables(t, snapshot.Sealing{Recipients: seal.Recipients, Signer: signers[1]}, foreign, "new")
	// The same source by the same sender, another night.
	writeTables(t, seal, older, "old")

	content := contentOf(t, dir)
	before := contentOf(t, older)
	names := slices.Sorted(maps.Keys(content))
	var parts []string // what holds rows and files
	for _, name := range names {
		if strings.HasSuffix(name, ".age") {
			parts = append(parts, name)
		}
	}
	if len(parts) != 5+5+2+2 || !slices.Equal(names, slices.Sorted(maps.Keys(before))) {
		t.Fatalf("the test's own snapshots: %v", names)
	}
	r := rand.New(rand.NewPCG(2, 2))
	file := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	put := func(name string, data []byte) {
		path := file(name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	other := func(list []string, than string) string {
		i := slices.Index(list, than)
		return list[(i+1+r.IntN(len(list)-1))%len(list)]
	}
	// mend writes a manifest that agrees with a changed file, and its sums.
	mend := func(name string, data []byte) {
		var m struct {
			Files []struct{ Path, SHA256 string }
		}
		if err := json.Unmarshal(content["manifest.json"], &m); err != nil {
			t.Fatal(err)
		}
		text := content["manifest.json"]
		for _, f := range m.Files {
			if f.Path == name {
				text = bytes.Replace(text, []byte(f.SHA256), []byte(hexHash(data)), 1)
				text = bytes.Replace(text, fmt.Appendf(nil, `"bytes": %d`, len(content[name])), fmt.Appendf(nil, `"bytes": %d`, len(data)), 1)
			}
		}
		put(name, data)
		put("manifest.json", text)
		put("SHA256SUMS", sumsOf(text, content["manifest.json.minisig"]))
	}
	flip := func(data []byte) []byte {
		data = slices.Clone(data)
		data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		return data
	}
	const signature = "manifest.json.minisig"
	kinds := []struct {
		name string
		keys []string // without which it cannot be found
		do   func(name, part string)
	}{
		{"bit", nil, func(name, _ string) { put(name, flip(content[name])) }},
		{"bit of a head", nil, func(string, string) {
			name := []string{"manifest.json", signature, "SHA256SUMS", "journal", "datapackage.json"}[r.IntN(5)]
			put(name, flip(content[name]))
		}},
		{"cut", nil, func(name, _ string) { put(name, content[name][:r.IntN(len(content[name]))]) }},
		{"emptied", nil, func(name, _ string) { put(name, nil) }},
		{"removed", nil, func(name, _ string) { os.Remove(file(name)) }},
		{"added", nil, func(name, _ string) { put(name+"x", content[name]) }},
		{"hidden", nil, func(name, _ string) { put(path.Join(path.Dir(name), ".x"), content[name]) }},
		{"renamed", nil, func(_, part string) { os.Rename(file(part), file(part+"x")) }},
		{"capitals", nil, func(_, part string) {
			os.Rename(file(part), file(path.Join(path.Dir(part), strings.ToUpper(path.Base(part)))))
		}},
		{"moved", nil, func(_, part string) { os.Rename(file(part), file(path.Base(part))) }},
		{"swapped", nil, func(_, part string) {
			with := other(parts, part)
			put(part, content[with])
			put(with, content[part])
		}},
		{"another's", nil, func(_, part string) { put(part, content[other(parts, part)]) }},
		{"twice", nil, func(_, part string) { put(strings.Replace(part, "000000.", "000001.", 1), content[part]) }},
		{"older", nil, func(_, part string) { put(part, before[part]) }},
		{"older heads", nil, func(string, string) {
			for _, name := range []string{"manifest.json", signature, "SHA256SUMS"} {
				put(name, before[name])
			}
		}},
		{"longer", nil, func(name, _ string) { put(name, append(slices.Clone(content[name]), byte(r.IntN(256)))) }},
		{"folder", nil, func(name, _ string) {
			os.Remove(file(name))
			os.Mkdir(file(name), 0o700)
		}},
		{"link", nil, func(name, _ string) {
			away := filepath.Join(t.TempDir(), "away")
			os.Rename(file(name), away)
			if err := os.Symlink(away, file(name)); err != nil {
				os.Remove(away) // not allowed here: it is missing instead
			}
		}},
		// Whoever edits the manifest mends the sums, but cannot sign.
		{"manifest", nil, func(string, string) {
			text := slices.Clone(content["manifest.json"])
			for at := r.IntN(len(text)); ; at = (at + 1) % len(text) {
				if text[at] >= '0' && text[at] <= '9' {
					text[at] = '0' + (text[at]-'0'+1)%10
					break
				}
			}
			put("manifest.json", text)
			put("SHA256SUMS", sumsOf(text, content[signature]))
		}},
		{"mended", nil, func(_, part string) { mend(part, before[part]) }},
		{"mended journal", nil, func(string, string) {
			lines := bytes.SplitAfter(content["journal"], []byte("\n"))
			at := r.IntN(len(lines) - 1)
			mend("journal", bytes.Join(slices.Delete(lines, at, at+1), nil))
		}},
		{"signature removed", sender, func(string, string) {
			text := bytes.Replace(content["manifest.json"], []byte(`"signed": true`), []byte(`"signed": false`), 1)
			os.Remove(file(signature))
			put("manifest.json", text)
			put("SHA256SUMS", sumsOf(text, nil))
		}},
		{"foreign signature", nil, func(string, string) {
			sig, err := os.ReadFile(filepath.Join(foreign, signature))
			if err != nil {
				t.Fatal(err)
			}
			put(signature, sig)
			put("SHA256SUMS", sumsOf(content["manifest.json"], sig))
		}},
		// A whole and right snapshot, by somebody else.
		{"foreign sender", sender, func(string, string) {
			for _, name := range names {
				os.Remove(file(name))
			}
			if err := os.CopyFS(dir, os.DirFS(foreign)); err != nil {
				t.Fatal(err)
			}
		}},
	}
	verify := func(keys ...string) (int, string) {
		var text bytes.Buffer
		got := run(append([]string{"snapshot", "verify", dir, "--quiet"}, keys...), io.Discard, &text)
		return got, text.String()
	}
	if got, text := verify(every...); got != exitDone {
		t.Fatalf("before: got exit code %d: %s", got, text)
	}
	found := map[string]int{}
	const rounds = 42
	for i := range rounds * len(kinds) {
		kind := kinds[i%len(kinds)]
		name, part := names[r.IntN(len(names))], parts[r.IntN(len(parts))]
		kind.do(name, part)
		for _, keys := range [][]string{kind.keys, every} {
			if got, text := verify(keys...); got != exitDamaged {
				t.Fatalf("damage %d, %s of %s or %s, %d keys: got exit code %d, want %d: %s", i, kind.name, name, part, len(keys)/2, got, exitDamaged, text)
			}
		}
		found[kind.name]++
		restore(t, dir, content)
	}
	if got, text := verify(every...); got != exitDone || len(found) != len(kinds) || rounds*len(kinds) < 1000 {
		t.Errorf("afterwards: got exit code %d: %s; found %v", got, text, found)
	}
}

// contentOf reads the files below a folder, by their names in it.
func contentOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	content := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err == nil {
			content[filepath.ToSlash(rel)], err = os.ReadFile(p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// restore makes a folder hold these files again, and no others.
func restore(t *testing.T, dir string, content map[string][]byte) {
	t.Helper()
	right := map[string]bool{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		want, listed := content[rel]
		switch {
		case d.IsDir() && listed:
			if err := os.RemoveAll(p); err != nil {
				return err
			}
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case listed && d.Type().IsRegular():
			if now, err := os.ReadFile(p); err == nil && bytes.Equal(now, want) {
				right[rel] = true
				return nil
			}
		}
		return os.Remove(p)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range content {
		if !right[name] {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// sumsOf writes SHA256SUMS as sha256sum does.
func sumsOf(manifest, signature []byte) []byte {
	text := hexHash(manifest) + "  manifest.json\n"
	if signature != nil {
		text += hexHash(signature) + "  manifest.json.minisig\n"
	}
	return []byte(text)
}

func hexHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
