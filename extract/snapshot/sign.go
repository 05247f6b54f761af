package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"aead.dev/minisign"
)

// SignatureError tells that a snapshot is not signed as it must be.
type SignatureError struct{ Dir, What string }

// Error says what is wrong.
func (e *SignatureError) Error() string { return fmt.Sprintf("snapshot %s %s", e.Dir, e.What) }

// Hint says what to do.
func (e *SignatureError) Hint() string {
	return "do not use it: ask the sender, by another way, for the public key and for the snapshot as it left"
}

// The comments of a signature are fixed, so that a signature has one encoding
// and none of its bits can change unseen. Only the trusted one is signed.
func trustedComment(m *manifest) string {
	return fmt.Sprintf("%s source:%s taken:%s", m.Format, m.Source, m.Taken)
}

func untrustedComment(s Sender) string { return "signed with sihctl by key " + s.ID() }

// sign returns the signature file of a manifest's text.
func (k *SigningKey) sign(m *manifest, text []byte) ([]byte, error) {
	trusted := trustedComment(m)
	if strings.ContainsAny(trusted, "\r\n") {
		return nil, errors.New("sign: the source's name has a line break")
	}
	// A reader signs the text's hash, as minisign has done since 2020.
	r := minisign.NewReader(bytes.NewReader(text))
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return r.SignWithComments(k.key, trusted, untrustedComment(k.Sender())), nil
}

// checkSignature accepts the signature of a manifest by the sender that the
// manifest names, in the one encoding that sign gives it.
func checkSignature(m *manifest, text, signature []byte) error {
	sender, err := ParseSender(m.Signer)
	if err != nil || sender.String() != m.Signer {
		return errors.New("names no sender that can be read")
	}
	sig, err := parseSignature(signature)
	switch {
	case err != nil:
		return err
	case sig.UntrustedComment != untrustedComment(sender), sig.TrustedComment != trustedComment(m):
		return errors.New("has a signature with other comments than its manifest")
	}
	if !minisign.Verify(sender.key, text, signature) {
		return errors.New("has a signature that is not of this manifest and its sender")
	}
	return nil
}

// parseSignature reads a minisign signature file, pre-hashed and written just
// as minisign writes it: base64 leaves bits free, and a reader may pass over
// blanks, in which two files could differ and hold one signature.
func parseSignature(text []byte) (minisign.Signature, error) {
	var sig minisign.Signature
	if len(text) > 4096 || sig.UnmarshalText(text) != nil || sig.Algorithm != minisign.HashEdDSA {
		return sig, errors.New("has a signature that cannot be read")
	}
	if again, err := sig.MarshalText(); err != nil || !bytes.Equal(again, text) {
		return sig, errors.New("has a signature in another encoding than the one there is")
	}
	return sig, nil
}

// readSignature finds the signature of a manifest, which must be there just
// when the manifest says so, and checks it.
func (s *Snapshot) readSignature(m *manifest, text []byte) ([]byte, error) {
	sig, err := s.head(signatureFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !m.Signed:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.damaged(signatureFile, "is missing")
	case err != nil:
		return nil, err
	case !m.Signed:
		return nil, s.damaged(signatureFile, "is there, and the manifest says that there is none")
	}
	if err := checkSignature(m, text, sig); err != nil {
		return nil, &SignatureError{s.dir, err.Error()}
	}
	return sig, nil
}

// checkSender holds a snapshot to the sender that is expected.
func (s *Snapshot) checkSender(m *manifest) error {
	switch want := s.keys.Sender; {
	case want == nil:
		return nil
	case !m.Signed:
		return &SignatureError{s.dir, "is not signed, and a sender is expected"}
	case m.Signer != want.String():
		return &SignatureError{s.dir, "is signed by another sender than the one expected, whose key is " + want.ID()}
	}
	return nil
}

// sums returns the text of SHA256SUMS: the hashes of the manifest and of its
// signature, as sha256sum writes them.
func sums(manifest, signature []byte) string {
	text := hash(manifest) + "  " + manifestFile + "\n"
	if signature != nil {
		text += hash(signature) + "  " + signatureFile + "\n"
	}
	return text
}

// when writes a moment as the files have it.
func when(t time.Time) string { return t.UTC().Format(time.RFC3339) }
