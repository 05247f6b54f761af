package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
)

// keygenResult is what keygen prints as JSON.
type keygenResult struct {
	Identity    string `json:"identity"` // files
	SigningKey  string `json:"signing_key"`
	Recipient   string `json:"recipient"` // the public halves
	Fingerprint string `json:"fingerprint"`
	Sender      string `json:"sender"`
	SenderID    string `json:"sender_id"`
}

func newKeygenCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "keygen [DIR]",
		GroupID: groupMigrate,
		Short:   "Make keys to read and to sign snapshots",
		Long: `Keygen makes two pairs of keys and writes them into a folder, secrets where none
is named, in files that only their owner may read:

  identity.txt   opens what is encrypted to us (age)
  signing.key    signs what we extract (minisign)
  signing.pub    its public half

It prints the public halves: the recipient goes into recipients: of those who
send to us, the sender into sender: of those who receive from us. The files
themselves go to nobody. Whoever loses identity.txt cannot read the snapshots.
The signing key is kept under a password where SIHCTL_SIGNING_PASSWORD holds
one, or the file that SIHCTL_SIGNING_PASSWORD_FILE names. Nothing that exists is
overwritten.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "secrets"
			if len(args) > 0 {
				dir = args[0]
			}
			return runKeygen(g, dir)
		},
	}
}

func runKeygen(g *globals, dir string) error {
	r := keygenResult{Identity: filepath.Join(dir, "identity.txt"), SigningKey: filepath.Join(dir, "signing.key")}
	public := filepath.Join(dir, "signing.pub")
	for _, name := range []string{r.Identity, r.SigningKey, public} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return usagef("keygen overwrites nothing: name another folder", "%s exists", name)
		}
	}
	password, err := project.SigningPassword()
	if err != nil {
		return err
	}
	identity, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
		return err
	}
	signer, err := snapshot.GenerateSigningKey()
	if err != nil {
		return err
	}
	secret, err := signer.File(password)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := first(writeFresh(r.Identity, identity), writeFresh(r.SigningKey, secret), writeFresh(public, signer.Sender().File())); err != nil {
		return err
	}
	r.Recipient, r.Fingerprint = recipient.String(), recipient.Fingerprint()
	r.Sender, r.SenderID = signer.Sender().String(), signer.Sender().ID()
	err = g.show(r, func() error {
		return g.screen.Printf("recipient    %s\nfingerprint  %s\nsender       %s\nkey id       %s\n", r.Recipient, r.Fingerprint, r.Sender, r.SenderID)
	})
	if p, found := g.open(); found == nil && p.Mission() {
		g.screen.Notef("next: see that %s is named in signing_key: of the mission, and send %s to the centre by another way than the snapshots; nobody needs %s here", r.SigningKey, public, r.Identity)
		return err
	}
	g.screen.Notef("next: keep a copy of %s in a safe, and name the files in sihctl.yaml: identity: and signing_key:", r.Identity)
	return err
}
