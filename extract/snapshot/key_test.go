package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/snapshot"
)

// lockedKey is a signing key made for this test, under the password "correct
// horse". It is locked with little work, of which the file says how much.
const (
	lockedKey = "untrusted comment: minisign encrypted secret key\n" +
		"RWRTY0IyAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AgAAAAAAAAAAAEAAAAAAAZ30vllv86EuCes6JOJNIrp7a+3zuvtsEomdrzmZr2gFa7Iac" +
		"NtFyhyambQoEv4Xez407OZvyiVt37MPAQHXWkHqi/fm+EP4iS28O/UL6GAWLU4UAv+WYoaDL0i/7ywsAmPtYrVMAh98=\n"
	lockedSender = "RWR43BseD31i1UnR8EBeSWGZWdcPBwXltzG4+PYHjmTgXua/s8sSyr0J"
)

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, text []byte, mode os.FileMode) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	k, err := snapshot.GenerateSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := k.File("")
	if err != nil {
		t.Fatal(err)
	}
	none := func() (string, error) { return "", nil }
	read, err := snapshot.ReadSigningKey(file("plain", plain, 0o600), none)
	if err != nil || read.Sender().String() != k.Sender().String() {
		t.Errorf("a key without a password came back as %v, %v", read, err)
	}
	if s, err := snapshot.ParseSender(string(k.Sender().File())); err != nil || s.String() != k.Sender().String() {
		t.Errorf("its public file came back as %v, %v", s, err)
	}
	var fault *snapshot.KeyFileError
	for name, of := range map[string]string{
		"open":    file("open", plain, 0o644),
		"no key":  file("none", []byte("secret words"), 0o600),
		"missing": filepath.Join(dir, "missing"),
	} {
		if _, err := snapshot.ReadSigningKey(of, none); !errors.As(err, &fault) || strings.Contains(err.Error(), "secret words") {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := snapshot.ReadIdentities(of); !errors.As(err, &fault) || strings.Contains(err.Error(), "secret words") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// Under a password.
	name := file("locked", []byte(lockedKey), 0o600)
	with := func(password string) error {
		k, err := snapshot.ReadSigningKey(name, func() (string, error) { return password, nil })
		if err == nil && k.Sender().String() != lockedSender {
			t.Errorf("the locked key came back as another, %s", k.Sender())
		}
		return err
	}
	if err := with("correct horse"); err != nil {
		t.Errorf("with its password: %v", err)
	}
	for _, wrong := range []string{"", "battery staple"} {
		if err := with(wrong); !errors.As(err, &fault) || wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("with the password %q: %v", wrong, err)
		}
	}
	if testing.Short() {
		return // locking takes a gigabyte of memory and seconds
	}
	locked, err := k.File("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	name = file("locked too", locked, 0o600)
	if err := with(""); !errors.As(err, &fault) {
		t.Errorf("what was locked opens without the password: %v", err)
	}
}
