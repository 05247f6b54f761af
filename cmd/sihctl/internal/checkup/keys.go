package checkup

import (
	"os"
	"runtime"
	"slices"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// keys looks at whom the snapshots are encrypted to and who signs them.
func (c *check) keys() {
	cfg := &c.Project.Config
	var own []string // our own recipients
	if cfg.Identity != "" {
		ids, err := snapshot.ReadIdentities(c.Project.Path(cfg.Identity))
		if err != nil {
			c.failed(Config, "identity", err, "")
		} else {
			c.fine("identity", "%s is read, and private to its user", cfg.Identity)
		}
		own = project.PublicHalves(ids)
	}
	switch {
	case len(cfg.Recipients) == 0:
		c.notable("recipients", "name the one who is to read them below recipients:, by the key that sihctl keygen printed there", "snapshots will not be encrypted: who has the files can read them")
	case slices.ContainsFunc(cfg.Recipients, func(r string) bool { return slices.Contains(own, r) }):
		c.notable("recipients", "see that this is meant: at a hospital the key that opens the snapshots should be at the centre alone", "this machine can read the snapshots that it makes: one recipient is its own identity")
	default:
		for _, text := range cfg.Recipients {
			// The config has been checked: what is no recipient was refused.
			if r, err := snapshot.ParseRecipient(text); err == nil {
				c.fine("recipients", "snapshots are encrypted to the key with the fingerprint %s; compare it with the centre's by telephone", r.Fingerprint())
			}
		}
	}
	c.signing()
}

func (c *check) signing() {
	name := c.Project.Config.SigningKey
	if name == "" {
		c.notable("signature", "sihctl keygen makes a key; name its file in signing_key:, and send signing.pub to the centre", "snapshots will not be signed: whoever receives one cannot tell where it comes from")
		return
	}
	seal, err := c.Project.Sealing()
	if err != nil {
		c.failed(Config, "signature", err, "")
		return
	}
	c.fine("signature", "snapshots are signed by %s, key %s", name, seal.Signer.Sender().ID())
}

// private tells of a file with a secret that others may read. Windows keeps
// that in lists of which Go shows nothing.
func (c *check) private(what, name string) {
	info, err := os.Stat(c.Project.Path(name))
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return
	}
	c.notable(what, "chmod 600 "+name, "%s holds a password, and others than its owner may read it", name)
}
