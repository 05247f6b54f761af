package snapshot

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
)

// Sealing says for whom a snapshot is encrypted, and who signs it. The zero
// Sealing leaves it plain and unsigned.
type Sealing struct {
	Recipients []Recipient
	Signer     *SigningKey
}

// Keyring is what a reader has: the private keys that open what was encrypted
// to them, and the one sender whose signature is accepted. The zero Keyring
// opens what is plain, and accepts any sender and none.
type Keyring struct {
	Identities []age.Identity
	Sender     *Sender
}

// KeyError tells that a snapshot is intact and encrypted to other keys than
// those at hand.
type KeyError struct {
	Dir string
	// None is set where no key at all was given.
	None bool
	// Recipients are those who can open it.
	Recipients []string
}

// Error says so.
func (e *KeyError) Error() string {
	if e.None {
		return fmt.Sprintf("snapshot %s is encrypted, and no key is given", e.Dir)
	}
	return fmt.Sprintf("snapshot %s is not encrypted to the key that is given", e.Dir)
}

// Hint names those who can open it.
func (e *KeyError) Hint() string {
	return fmt.Sprintf("give the identity file of one of its recipients, with --identity or as identity: in sihctl.yaml; they are %v", e.Recipients)
}

// RecipientsError tells that a snapshot was begun for other recipients than
// it is to be gone on with.
type RecipientsError struct {
	Dir   string
	Begun []string // empty for a plain one
}

// Error says for whom it was begun.
func (e *RecipientsError) Error() string {
	if len(e.Begun) == 0 {
		return fmt.Sprintf("the unfinished snapshot in %s is plain, and is to be encrypted now", e.Dir)
	}
	return fmt.Sprintf("the unfinished snapshot in %s is encrypted to %v, and not to those named now", e.Dir, e.Begun)
}

// Hint says what to do.
func (e *RecipientsError) Hint() string {
	return "name the same recipients again to go on, or remove the folder to begin anew"
}

// names returns the recipients' texts, in a fixed order.
func (s Sealing) names() []string {
	var out []string
	for _, r := range s.Recipients {
		out = append(out, r.text)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// suffix is what the names of chunks end with.
func (s Sealing) suffix() string {
	if len(s.Recipients) > 0 {
		return ".json.zst.age"
	}
	return ".json.zst"
}

// volumeSuffix is what the names of volumes end with.
func (s Sealing) volumeSuffix() string {
	if len(s.Recipients) > 0 {
		return ".tar.age"
	}
	return ".tar"
}

// encrypt encrypts data to the recipients.
func (s Sealing) encrypt(data []byte) ([]byte, error) {
	var out bytes.Buffer
	// A header takes some 200 bytes for each key, and each 64 KiB 16 more.
	out.Grow(len(data) + len(data)/4096 + 256*(len(s.Recipients)+1))
	w, err := s.encryptTo(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return out.Bytes(), nil
}

// encryptTo returns what encrypts to the recipients all that is written to it,
// until it is closed.
func (s Sealing) encryptTo(out io.Writer) (io.WriteCloser, error) {
	var keys []age.Recipient
	for _, r := range s.Recipients {
		keys = append(keys, r.key)
	}
	w, err := age.Encrypt(out, keys...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return w, nil
}

// wrap returns a file's bytes as they go to the disk: as they are, or encrypted
// and with their hash in sealed.
func (s Sealing) wrap(data []byte, sealed *string) (out []byte, err error) {
	if len(s.Recipients) == 0 {
		return data, nil
	}
	if *sealed, err = s.seal(hash(data)); err != nil {
		return nil, err
	}
	return s.encrypt(data)
}

// seal returns a short text encrypted and in base64, for a line of the journal.
func (s Sealing) seal(text string) (string, error) {
	data, err := s.encrypt([]byte(text))
	return base64.StdEncoding.EncodeToString(data), err
}

// errForeignKey tells that data is encrypted to other keys.
var errForeignKey = errors.New("encrypted to other keys")

// decrypt opens what encrypt closed. Data that is no age file, or not what its
// sender closed, is another error than errForeignKey.
func (k Keyring) decrypt(data []byte) ([]byte, error) {
	r, err := k.decryptFrom(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, len(data)))
	if _, err := io.Copy(out, r); err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return out.Bytes(), nil
}

// decryptFrom opens what encryptTo closed, as it is read.
func (k Keyring) decryptFrom(in io.Reader) (io.Reader, error) {
	r, err := age.Decrypt(in, k.Identities...)
	var foreign *age.NoIdentityMatchError
	if errors.As(err, &foreign) {
		return nil, errForeignKey
	}
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return r, nil
}

// unseal opens what seal closed.
func (k Keyring) unseal(text string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("decrypt: %w", err)
	}
	data, err = k.decrypt(data)
	return string(data), err
}

// opened turns the errors of decryption into those of a reader.
func (s *Snapshot) opened(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errForeignKey):
		return s.keyError()
	}
	return s.damaged(name, "cannot be decrypted")
}

// Readable returns nil where the rows can be read, and a *KeyError where that
// takes a key that was not given.
func (s *Snapshot) Readable() error {
	if s.Encrypted && len(s.keys.Identities) == 0 {
		return s.keyError()
	}
	return nil
}

// keyError tells that the snapshot does not open with the keys at hand.
func (s *Snapshot) keyError() error {
	return &KeyError{s.dir, len(s.keys.Identities) == 0, s.Recipients}
}
