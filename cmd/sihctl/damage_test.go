package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
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

// writeTables writes a few small tables.
func writeTables(t *testing.T, seal snapshot.Sealing, dir string) {
	t.Helper()
	w, err := seal.Create(dir, snapshot.Info{Source: "a", System: "hosix", Driver: "csv", Taken: time.Date(2026, 1, 31, 2, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"A", "B", "C", "D", "E"} {
		tw, err := w.Table(extract.Table{Name: name, Columns: []extract.Column{{Name: "N"}, {Name: "T"}}})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 100 * (i + 1) {
			if err := tw.Append(extract.Row{sih.Text(strconv.Itoa(n)), sih.Text("text")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(tw.Reject(extract.Rejected{Where: "line 7", Detail: "ragged"}), tw.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestEveryDamageIsFound damages a received snapshot, encrypted and signed, in
// every way a thousand times. Verify ends with 6 each time: without any key, but
// for what only the sender's public key tells.
func TestEveryDamageIsFound(t *testing.T) {
	_, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
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
	dir, foreign := t.TempDir(), t.TempDir()
	writeTables(t, seal, dir)
	// The same by another sender, who has all of it right but the key.
	writeTables(t, snapshot.Sealing{Recipients: seal.Recipients, Signer: signers[1]}, foreign)

	var names, parts []string
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, p)
			if strings.HasSuffix(p, ".age") {
				parts = append(parts, p)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, name := range names {
		if content[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string, data []byte) {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	r := rand.New(rand.NewPCG(2, 2))
	kinds := []struct {
		name string
		keys []string // without which it cannot be found
		do   func(name string)
	}{
		{"bit", nil, func(name string) {
			data := slices.Clone(content[name])
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
			put(name, data)
		}},
		{"cut", nil, func(name string) { put(name, content[name][:r.IntN(len(content[name]))]) }},
		{"removed", nil, func(name string) { os.Remove(name) }},
		{"added", nil, func(name string) { put(name+"x", content[name]) }},
		{"swapped", nil, func(string) {
			i := r.IntN(len(parts))
			j := (i + 1 + r.IntN(len(parts)-1)) % len(parts)
			put(parts[i], content[parts[j]])
			put(parts[j], content[parts[i]])
		}},
		{"longer", nil, func(name string) { put(name, append(slices.Clone(content[name]), byte(r.IntN(256)))) }},
		// Whoever edits the manifest mends the sums, but cannot sign.
		{"manifest", nil, func(string) {
			text := slices.Clone(content[file("manifest.json")])
			for at := r.IntN(len(text)); ; at = (at + 1) % len(text) {
				if text[at] >= '0' && text[at] <= '9' {
					text[at] = '0' + (text[at]-'0'+1)%10
					break
				}
			}
			put(file("manifest.json"), text)
			put(file("SHA256SUMS"), sumsOf(text, content[file("manifest.json.minisig")]))
		}},
		{"signature removed", sender, func(string) {
			text := bytes.Replace(content[file("manifest.json")], []byte(`"signed": true`), []byte(`"signed": false`), 1)
			os.Remove(file("manifest.json.minisig"))
			put(file("manifest.json"), text)
			put(file("SHA256SUMS"), sumsOf(text, nil))
		}},
		{"foreign signature", nil, func(string) {
			sig, err := os.ReadFile(filepath.Join(foreign, "manifest.json.minisig"))
			if err != nil {
				t.Fatal(err)
			}
			put(file("manifest.json.minisig"), sig)
			put(file("SHA256SUMS"), sumsOf(content[file("manifest.json")], sig))
		}},
		// A whole and right snapshot, by somebody else.
		{"foreign sender", sender, func(string) {
			for _, name := range names {
				os.Remove(name)
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
	found := map[string]int{}
	for i := range 1200 {
		kind := kinds[i%len(kinds)]
		kind.do(names[r.IntN(len(names))])
		if got, text := verify(kind.keys...); got != exitDamaged {
			t.Fatalf("damage %d, %s: got exit code %d, want %d: %s", i, kind.name, got, exitDamaged, text)
		}
		found[kind.name]++
		for _, name := range names {
			os.Remove(name + "x")
			if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, content[name]) {
				put(name, content[name])
			}
		}
	}
	if got, text := verify(sender...); got != exitDone || len(found) != len(kinds) {
		t.Errorf("afterwards: got exit code %d: %s; found %v", got, text, found)
	}
}

// sumsOf writes SHA256SUMS as sha256sum does.
func sumsOf(manifest, signature []byte) []byte {
	sum := sha256.Sum256(manifest)
	text := hex.EncodeToString(sum[:]) + "  manifest.json\n"
	if signature != nil {
		sum = sha256.Sum256(signature)
		text += hex.EncodeToString(sum[:]) + "  manifest.json.minisig\n"
	}
	return []byte(text)
}
