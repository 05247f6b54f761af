package snapshot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// wide writes the rows of two tables of large rows, a few to a chunk, up to a
// row of the second, and goes on where an earlier run stopped.
func wide(t *testing.T, seal snapshot.Sealing, dir string, stop int) {
	t.Helper()
	w, err := seal.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, name := range []string{"A", "B"} {
		tw, err := w.Table(extract.Table{Name: name, Columns: []extract.Column{{Name: "N"}, {Name: "T"}}})
		if err != nil {
			t.Fatal(err)
		}
		done, _, complete := tw.Done()
		for n := range 30 {
			if count++; count > stop {
				w.Abandon()
				return
			}
			if n < done || complete {
				continue
			}
			if err := tw.Append(extract.Row{sih.Text(fmt.Sprint(n)), sih.Text(strings.Repeat(fmt.Sprint(n, name), 200_000))}); err != nil {
				t.Fatal(err)
			}
		}
		if err := tw.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A run that ends anywhere, its last line of the journal torn anywhere, is gone
// on with to the same content.
func TestResumeSealedAnywhere(t *testing.T) {
	h := newHospital(t)
	whole := t.TempDir()
	wide(t, h.seal, whole, 1<<30)
	want := open(t, h.ring, whole)
	r := rand.New(rand.NewPCG(4, 4))
	for i := range 15 {
		dir := t.TempDir()
		for range 1 + r.IntN(3) {
			wide(t, h.seal, dir, r.IntN(61))
			name := filepath.Join(dir, "journal")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
				break
			}
			if err := os.WriteFile(name, text[:len(text)-r.IntN(min(len(text), 600))], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
			wide(t, h.seal, dir, 1<<30)
		}
		got := open(t, h.ring, dir)
		if got.Content != want.Content {
			t.Errorf("run %d: the content is another than that of an undisturbed run", i)
		}
		if err := got.Verify(context.Background(), nil); err != nil {
			t.Errorf("run %d: %v", i, err)
		}
		if rows, err := got.VerifyContent(context.Background(), nil); err != nil || rows != 60 {
			t.Errorf("run %d: %d rows, %v", i, rows, err)
		}
	}
}

// A signature of a finish that was cut short does not outlive it.
func TestFinishAgain(t *testing.T) {
	h := newHospital(t)
	dir := t.TempDir()
	wide(t, h.seal, dir, 1<<30)
	if err := os.Remove(filepath.Join(dir, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	wide(t, snapshot.Sealing{Recipients: h.seal.Recipients}, dir, 1<<30)
	s := open(t, snapshot.Keyring{Identities: h.ring.Identities}, dir)
	if err := s.Verify(context.Background(), nil); err != nil || s.Signer != "" {
		t.Errorf("signer %q, %v", s.Signer, err)
	}
}

func TestPostQuantumRecipients(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	strong, err := snapshot.ParseRecipient(id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeSealed(t, snapshot.Sealing{Recipients: []snapshot.Recipient{strong}}, dir, 0, 10, true)
	s := open(t, snapshot.Keyring{Identities: []age.Identity{id}}, dir)
	if rows, err := s.VerifyContent(context.Background(), nil); err != nil || rows != 11 {
		t.Errorf("%d rows, %v", rows, err)
	}
	// With others it would be no stronger than they are.
	mixed := append(newHospital(t).seal.Recipients, strong)
	if !snapshot.Mixed([]string{mixed[0].String(), mixed[1].String()}) {
		t.Error("keys of two kinds are not seen")
	}
	other := filepath.Join(t.TempDir(), "other")
	if _, err := (snapshot.Sealing{Recipients: mixed}).Create(other, info); err == nil {
		t.Error("encrypted to keys of two kinds")
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("begun all the same")
	}
}
