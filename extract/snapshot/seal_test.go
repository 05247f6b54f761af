package snapshot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// hospital is a sender and the centre that it sends to.
type hospital struct {
	seal snapshot.Sealing
	ring snapshot.Keyring
}

func newHospital(t testing.TB) hospital {
	t.Helper()
	text, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := snapshot.GenerateSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	sender := signer.Sender()
	return hospital{
		snapshot.Sealing{Recipients: []snapshot.Recipient{recipient}, Signer: signer},
		snapshot.Keyring{Identities: identities, Sender: &sender},
	}
}

// writeSealed writes rows from … to as write does, sealed.
func writeSealed(t testing.TB, seal snapshot.Sealing, dir string, from, to int, finish bool) {
	t.Helper()
	w, err := seal.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	w.LeaveOut(snapshot.LeftOut{Table: table.Name, Columns: []string{"VIH"}})
	tw, err := w.Table(table)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, _ := tw.Done(); rows != from {
		t.Fatalf("resumed at row %d, want %d", rows, from)
	}
	for n := from; n < to; n++ {
		if err := tw.Append(row(n)); err != nil {
			t.Fatal(err)
		}
	}
	if !finish {
		w.Abandon()
		return
	}
	if err := tw.Reject(extract.Rejected{Where: "line 7", Offset: 99, Detail: "ragged", Raw: []byte("a;\xe9")}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tw.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, ring snapshot.Keyring, dir string) *snapshot.Snapshot {
	t.Helper()
	s, err := ring.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sameRows compares many rows, and shows what differs only where something does:
// to look for it takes seconds.
func sameRows(t testing.TB, name string, want, got []extract.Row) {
	t.Helper()
	if !slices.EqualFunc(want, got, func(a, b extract.Row) bool { return slices.Equal(a, b) }) {
		t.Errorf("%s: rows differ: %s", name, cmp.Diff(want, got))
	}
}

// rowsOf reads all rows of the one table.
func rowsOf(t testing.TB, s *snapshot.Snapshot) (rows []extract.Row) {
	t.Helper()
	for _, c := range s.Tables[0].Chunks {
		for r, err := range s.Rows(s.Tables[0], c) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, slices.Clone(r))
		}
	}
	return rows
}

func TestSealedHoldsWhatPlainHolds(t *testing.T) {
	const n = 70000
	h, other := newHospital(t), newHospital(t)
	plain, sealed, again, resumed := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	write(t, plain, 0, n, true)
	writeSealed(t, h.seal, sealed, 0, n, true)
	both := snapshot.Sealing{Recipients: slices.Concat(other.seal.Recipients, h.seal.Recipients)}
	writeSealed(t, both, again, 0, n, true)
	writeSealed(t, h.seal, resumed, 0, 69000, false)
	writeSealed(t, h.seal, resumed, firstChunk(t, resumed), n, true)

	want := open(t, snapshot.Keyring{}, plain)
	for name, dir := range map[string]string{"sealed": sealed, "to two": again, "resumed": resumed} {
		s := open(t, snapshot.Keyring{Identities: h.ring.Identities}, dir)
		if s.Content != want.Content {
			t.Errorf("%s: the content is another than that of the plain snapshot", name)
		}
		sameRows(t, name, rowsOf(t, want), rowsOf(t, s))
		if err := s.Verify(context.Background(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if rows, err := s.VerifyContent(context.Background(), nil); rows != n+1 || err != nil {
			t.Errorf("%s: VerifyContent = %d, %v, want %d", name, rows, err, n+1)
		}
	}
	if got := open(t, h.ring, sealed).LeftOut; len(got) != 1 || got[0].Columns[0] != "VIH" {
		t.Errorf("left out: %v", got)
	}
}

func TestKeys(t *testing.T) {
	h, other := newHospital(t), newHospital(t)
	dir, begun, plain := t.TempDir(), t.TempDir(), t.TempDir()
	writeSealed(t, h.seal, dir, 0, 100, true)

	// Without any key: all but the rows.
	s := open(t, snapshot.Keyring{}, dir)
	if s.Content != "" || !s.Encrypted || s.Tables[0].Rows != 100 || s.Signer != h.seal.Signer.Sender().String() {
		t.Errorf("without a key: %+v", s)
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Errorf("Verify without a key: %v", err)
	}
	var key *snapshot.KeyError
	for _, err := range s.Rows(s.Tables[0], s.Tables[0].Chunks[0]) {
		if !errors.As(err, &key) || !key.None {
			t.Errorf("Rows without a key: %v", err)
		}
	}
	if _, err := s.VerifyContent(context.Background(), nil); !errors.As(err, &key) {
		t.Errorf("VerifyContent without a key: %v", err)
	}
	// With another's.
	if _, err := (snapshot.Keyring{Identities: other.ring.Identities}).Open(dir); !errors.As(err, &key) || key.None {
		t.Errorf("Open with another's key: %v", err)
	}
	if s, err := (snapshot.Keyring{Identities: other.ring.Identities}).Peek(dir); err != nil || s.Content != "" || !errors.As(s.Readable(), &key) {
		t.Errorf("Peek with another's key: %+v, %v", s, err)
	}
	if s, err := h.ring.Peek(dir); err != nil || s.Content == "" || s.Readable() != nil {
		t.Errorf("Peek with the key: %+v, %v", s, err)
	}
	// Another sender, and none.
	var signature *snapshot.SignatureError
	if _, err := (snapshot.Keyring{Sender: other.ring.Sender}).Open(dir); !errors.As(err, &signature) {
		t.Errorf("Open with another sender: %v", err)
	}
	write(t, plain, 0, 10, true)
	if _, err := h.ring.Open(plain); !errors.As(err, &signature) {
		t.Errorf("Open of an unsigned snapshot: %v", err)
	}
	// Begun for one, gone on with for another.
	writeSealed(t, h.seal, begun, 0, 70000, false)
	var recipients *snapshot.RecipientsError
	if _, err := other.seal.Create(begun, info); !errors.As(err, &recipients) {
		t.Errorf("resumed for another: %v", err)
	}
	if _, err := snapshot.Create(begun, info); !errors.As(err, &recipients) {
		t.Errorf("resumed in plain: %v", err)
	}
}

// The files that anybody can read hold no value, and no hash of what few rows
// could be: not even when the rows are known does their hash occur.
func TestClearFilesTellNothing(t *testing.T) {
	h := newHospital(t)
	plain, sealed := t.TempDir(), t.TempDir()
	write(t, plain, 0, 5, true)
	writeSealed(t, h.seal, sealed, 0, 5, true)
	var secrets []string
	for _, name := range chunks(t, plain) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		secrets = append(secrets, hex.EncodeToString(sum[:]))
	}
	secrets = append(secrets, "محمد", "ragged", open(t, snapshot.Keyring{}, plain).Content)
	if len(secrets) != 5 {
		t.Fatalf("%d secrets", len(secrets))
	}
	for _, name := range []string{"datapackage.json", "journal", "manifest.json", "manifest.json.minisig", "SHA256SUMS"} {
		text, err := os.ReadFile(filepath.Join(sealed, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if bytes.Contains(text, []byte(s)) {
				t.Errorf("%s holds %s", name, s)
			}
		}
	}
}

// chunks lists the chunks' files.
func chunks(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(p), ".json.zst") {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
