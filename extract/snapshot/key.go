package snapshot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"aead.dev/minisign"
	"filippo.io/age"
)

// Recipient is the public half of an age key: whoever holds the other half
// reads what is encrypted to it.
type Recipient struct {
	key  age.Recipient
	text string
}

// ParseRecipient reads an age recipient, age1….
func ParseRecipient(text string) (Recipient, error) {
	if list, err := age.ParseRecipients(strings.NewReader(text)); err == nil && len(list) == 1 && !strings.ContainsAny(text, "\n\r") {
		return Recipient{list[0], text}, nil
	}
	// The text is not shown: it may be a private key in the wrong place.
	return Recipient{}, errors.New("not an age recipient, which begins with age1")
}

// String returns the key as it is written in a config.
func (r Recipient) String() string { return r.text }

// Fingerprint returns 128 bits of the SHA-256 of the key's text, in groups
// that two people can compare aloud.
func (r Recipient) Fingerprint() string {
	sum := sha256.Sum256([]byte(r.text))
	var groups []string
	for i := 0; i < 16; i += 2 {
		groups = append(groups, fmt.Sprintf("%04x", sum[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// Sender is the public half of a signing key, as minisign has it.
type Sender struct{ key minisign.PublicKey }

// Mixed tells whether some of the recipients are post-quantum keys and others
// are not. What is encrypted to both would be no safer than to the weaker, so
// age refuses it.
func Mixed(recipients []string) bool {
	strong := 0
	for _, r := range recipients {
		if strings.HasPrefix(r, "age1pq1") {
			strong++
		}
	}
	return strong > 0 && strong < len(recipients)
}

// ParseSender reads a sender's public key: RWQ…, or the text of a minisign
// public key file.
func ParseSender(text string) (Sender, error) {
	var s Sender
	if err := s.key.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
		return Sender{}, errors.New("not a minisign public key, which begins with RW")
	}
	return s, nil
}

// String returns the key as minisign's -P takes it.
func (s Sender) String() string { return s.key.String() }

// ID returns the key's number, which minisign shows as well.
func (s Sender) ID() string { return fmt.Sprintf("%016X", s.key.ID()) }

// File returns the text of a minisign public key file.
func (s Sender) File() []byte {
	text, _ := s.key.MarshalText() // documented never to fail
	return append(text, '\n')
}

// SigningKey signs snapshots. Its zero value does not exist: see
// [GenerateSigningKey] and [ReadSigningKey].
type SigningKey struct{ key minisign.PrivateKey }

// GenerateSigningKey makes a signing key.
func GenerateSigningKey() (*SigningKey, error) {
	_, key, err := minisign.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	return &SigningKey{key}, nil
}

// Sender returns the public half.
func (k *SigningKey) Sender() Sender {
	public, _ := k.key.Public().(minisign.PublicKey)
	return Sender{public}
}

// File returns the text of a minisign secret key file, encrypted under the
// password where there is one. That takes a gigabyte of memory for a second or
// two, as minisign has it.
func (k *SigningKey) File(password string) ([]byte, error) {
	var text []byte
	var err error
	if password == "" {
		text, err = k.key.MarshalText()
	} else {
		text, err = minisign.EncryptKey(password, k.key)
	}
	if err != nil {
		return nil, fmt.Errorf("write signing key: %w", err)
	}
	return append(text, '\n'), nil
}

// KeyFileError tells that a file of a private key cannot be used. It never
// holds anything of the file.
type KeyFileError struct {
	File   string
	What   string
	Advice string
}

// Error names the file and what is wrong with it.
func (e *KeyFileError) Error() string { return fmt.Sprintf("key file %s %s", e.File, e.What) }

// Hint says what to do.
func (e *KeyFileError) Hint() string { return e.Advice }

// ReadSigningKey reads a minisign secret key file. The password is asked for
// only where the key is encrypted.
func ReadSigningKey(file string, password func() (string, error)) (*SigningKey, error) {
	text, err := readPrivate(file)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	k := &SigningKey{}
	if !minisign.IsEncrypted(text) {
		if k.key.UnmarshalText(text) != nil {
			return nil, &KeyFileError{file, "holds no minisign secret key", "sihctl keygen makes one"}
		}
		return k, nil
	}
	secret, err := password()
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return nil, &KeyFileError{file, "is encrypted under a password that was not given", ""}
	}
	if k.key, err = minisign.DecryptKey(secret, text); err != nil {
		return nil, &KeyFileError{file, "does not open with this password", ""}
	}
	return k, nil
}

// GenerateIdentity makes an age key and returns the text of its file, which is
// private, and its public half.
func GenerateIdentity() (file []byte, public Recipient, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, Recipient{}, fmt.Errorf("make identity: %w", err)
	}
	public = Recipient{id.Recipient(), id.Recipient().String()}
	return fmt.Appendf(nil, "# public key: %s\n%s\n", public, id), public, nil
}

// ReadIdentities reads an age identity file: one private key a line.
func ReadIdentities(file string) ([]age.Identity, error) {
	text, err := readPrivate(file)
	if err != nil {
		return nil, err
	}
	list, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, &KeyFileError{file, "holds no age identity, a line that begins with AGE-SECRET-KEY-", "sihctl keygen makes one"}
	}
	return list, nil
}

// readPrivate reads a file that only its owner may read. Windows keeps that in
// lists of which Go shows nothing.
func readPrivate(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &KeyFileError{file, "does not exist", "mend its name, or make it: sihctl keygen"}
	case err != nil:
		return nil, fmt.Errorf("read key: %w", err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, &KeyFileError{file, "can be read by others than its owner", "chmod 600 " + file}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return text, nil
}
