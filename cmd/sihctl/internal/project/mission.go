package project

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// MissionFile is the usual name of a mission: what the centre sends to a
// hospital in place of a project. It says what to extract, when, how fast, for
// whom and what to leave out, in the words of sihctl.yaml, and holds no
// secret. The folder it lies in is the project.
const MissionFile = "mission.yaml"

// ParseMission reads a mission; file names it in errors. Its error is
// ConfigErrors and holds every fault found.
func ParseMission(file string, text []byte) (*Config, error) {
	return parse(file, text, "ask the centre for it again; sihctl mission writes one", (*decoder).mission)
}

// mission reads those fields of a config that extraction needs.
func (d *decoder) mission(c *Config, n *yaml.Node) {
	before := len(d.errors)
	d.fields(n, "the mission", map[string]field{
		"project":     d.text(&c.Project, "project"),
		"country":     choice(d, &c.Country, "country", countries),
		"sources":     d.sources(&c.Sources),
		"recipients":  d.recipients(&c.Recipients),
		"identity":    d.path(&c.Identity, "identity"),
		"signing_key": d.path(&c.SigningKey, "signing_key"),
		"snapshots":   d.path(&c.Snapshots, "snapshots"),
	})
	if len(d.errors) > before {
		return
	}
	for _, s := range c.Sources {
		if s.Driver == Snapshot {
			d.fail(n, "name what it was extracted from", "source %s is a snapshot, and a mission extracts", s.ID)
		}
	}
	if c.Project == "" {
		d.fail(n, "write project: and the centre's name for it", "the mission has no name")
	}
	if len(c.Sources) == 0 {
		d.fail(n, "name one below sources:", "the mission has no sources")
	}
	if len(c.Recipients) == 0 {
		d.fail(n, "write recipients: with the key that sihctl keygen printed at the centre", "the mission does not say whom the snapshots are encrypted to")
	}
}

// IsMission tells whether an argument is meant as the name of a mission's
// file and not of a source, whose name has no full stop.
func IsMission(arg string) bool {
	lower := strings.ToLower(arg)
	return strings.HasSuffix(lower, ".yaml") || strings.HasSuffix(lower, ".yml")
}
