package project

import (
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/sihctl/sih/extract/snapshot"
	"go.yaml.in/yaml/v3"
)

// recipients reads age recipients, or one alone. What is not one is not shown:
// it may be a private key in the wrong place.
func (d *decoder) recipients(to *[]string) field {
	return func(n *yaml.Node) {
		n = resolve(n)
		nodes := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			nodes = n.Content
		}
		for _, one := range nodes {
			s, ok := d.scalar(one, "recipients")
			if !ok || s == "" {
				continue
			}
			if _, err := snapshot.ParseRecipient(s); err != nil {
				d.fail(one, "ask the one who is to read the snapshots for the line that sihctl keygen printed", "a recipient is %v", err)
				continue
			}
			*to = append(*to, s)
		}
		if snapshot.Mixed(*to) {
			d.fail(n, "take keys of one kind", "recipients mixes age1pq1… with other keys, which age does not encrypt to together")
		}
	}
}

// sender reads a minisign public key.
func (d *decoder) sender(to *string) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "sender")
		if !ok || s == "" {
			return
		}
		if _, err := snapshot.ParseSender(s); err != nil {
			d.fail(n, "write the line that sihctl keygen printed at the sender's", "sender is %v", err)
			return
		}
		*to = s
	}
}

// PublicHalves returns the recipients that identities stand for, as far as they
// tell it.
func PublicHalves(ids []age.Identity) (list []string) {
	for _, id := range ids {
		switch id := id.(type) {
		case *age.X25519Identity:
			list = append(list, id.Recipient().String())
		case *age.HybridIdentity:
			list = append(list, id.Recipient().String())
		}
	}
	return list
}

// Keyring returns what opens and checks a source's snapshot.
func (p *Project) Keyring(s *Source) (snapshot.Keyring, error) {
	var k snapshot.Keyring
	if p.Config.Identity != "" {
		var err error
		if k.Identities, err = snapshot.ReadIdentities(p.Path(p.Config.Identity)); err != nil {
			return k, err
		}
	}
	if s != nil && s.Sender != "" {
		sender, err := snapshot.ParseSender(s.Sender)
		if err != nil {
			return k, fmt.Errorf("source %s: sender is %w", s.ID, err)
		}
		k.Sender = &sender
	}
	return k, nil
}

// OpenSnapshot opens a source's snapshot with the project's keys.
func (p *Project) OpenSnapshot(s *Source) (*snapshot.Snapshot, error) {
	k, err := p.Keyring(s)
	if err != nil {
		return nil, err
	}
	return k.Open(p.SnapshotDir(s))
}

// PeekSnapshot opens a source's snapshot, also where the project's keys are not
// those of its rows: a hospital's own are not the centre's.
func (p *Project) PeekSnapshot(s *Source) (*snapshot.Snapshot, error) {
	k, err := p.Keyring(s)
	if err != nil {
		return nil, err
	}
	return k.Peek(p.SnapshotDir(s))
}

// Sealing returns how snapshots are encrypted and signed.
func (p *Project) Sealing() (snapshot.Sealing, error) {
	var s snapshot.Sealing
	for _, text := range p.Config.Recipients {
		r, err := snapshot.ParseRecipient(text)
		if err != nil {
			return s, fmt.Errorf("a recipient is %w", err)
		}
		s.Recipients = append(s.Recipients, r)
	}
	if p.Config.SigningKey != "" {
		var err error
		if s.Signer, err = snapshot.ReadSigningKey(p.Path(p.Config.SigningKey), SigningPassword); err != nil {
			return s, err
		}
	}
	return s, nil
}

// SigningPassword returns the password of the signing key from
// SIHCTL_SIGNING_PASSWORD, or from the first line of the file that
// SIHCTL_SIGNING_PASSWORD_FILE names; nothing where neither is set. A flag
// would show in the list of processes.
func SigningPassword() (string, error) {
	if v := os.Getenv("SIHCTL_SIGNING_PASSWORD"); v != "" {
		return v, nil
	}
	name := os.Getenv("SIHCTL_SIGNING_PASSWORD_FILE")
	if name == "" {
		return "", nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}
