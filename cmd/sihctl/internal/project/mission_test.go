package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// mission returns a mission whose recipient is new.
func mission(t *testing.T) string {
	t.Helper()
	_, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return "project: rabat-wave-1\nrecipients: [" + recipient.String() + "]\nsources:\n  khemisset: {system: hosix, driver: sqlserver, dsn_file: khemisset.dsn, window: 22:00-06:00}\n"
}

func TestOpenMission(t *testing.T) {
	dir, both := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(dir, "mission.yaml"):  mission(t),
		filepath.Join(both, "other.yml"):    mission(t),
		filepath.Join(both, "mission.yaml"): mission(t),
		filepath.Join(both, "sihctl.yaml"):  "project: centre\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	below := filepath.Join(dir, "below")
	if err := os.Mkdir(below, 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		open           func(string) (*project.Project, error)
		arg, dir, file string
	}{
		{"the file", project.Open, filepath.Join(dir, "mission.yaml"), dir, "mission.yaml"},
		{"the file by another name", project.Open, filepath.Join(both, "other.yml"), both, "other.yml"},
		{"its folder", project.Open, dir, dir, "mission.yaml"},
		{"a folder with both", project.Open, both, both, "sihctl.yaml"},
		{"the config by its name", project.Open, filepath.Join(both, "sihctl.yaml"), both, "sihctl.yaml"},
		{"found from below", project.Find, below, dir, "mission.yaml"},
		{"found with both", project.Find, both, both, "sihctl.yaml"},
	}
	for _, test := range tests {
		p, err := test.open(test.arg)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if p.Dir != test.dir || p.File != test.file || p.Mission() != (test.file != "sihctl.yaml") {
			t.Errorf("%s: got %s in %s, a mission %t; want %s in %s", test.name, p.File, p.Dir, p.Mission(), test.file, test.dir)
		}
		if p.Mission() && (len(p.Config.Sources) != 1 || p.Config.Sources[0].Window.From != 22*60) {
			t.Errorf("%s: got sources %v", test.name, p.Config.Sources)
		}
	}
}

func TestParseMissionFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "m.yaml: holds nothing; ask the centre for it again; sihctl mission writes one"},
		{"a field of projects", "project: p\ntarget: {path: x}\n", `m.yaml:2:1: unknown field "target" in the mission; known are country, identity, project, recipients, signing_key, snapshots, sources`},
		{"a snapshot", "project: p\nsources: {a: {system: s, driver: snapshot, path: x}}\n",
			"m.yaml:1:1: source a is a snapshot, and a mission extracts; name what it was extracted from\nm.yaml:1:1: the mission does not say whom the snapshots are encrypted to; write recipients: with the key that sihctl keygen printed at the centre"},
		{"nothing to do", "country: ma\n",
			"m.yaml:1:1: the mission has no name; write project: and the centre's name for it\nm.yaml:1:1: the mission has no sources; name one below sources:\nm.yaml:1:1: the mission does not say whom the snapshots are encrypted to; write recipients: with the key that sihctl keygen printed at the centre"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := project.ParseMission("m.yaml", []byte(test.text))
			if err == nil {
				t.Fatalf("got %v and no error", c)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func FuzzParseMission(f *testing.F) {
	f.Add([]byte("project: p\nrecipients: [age1]\nsources:\n  a: {system: hosix, driver: sqlserver, dsn_file: a.dsn, window: 22:00-06:00, max_rate: 5}\n"))
	f.Add([]byte("sources: {a: {attachments: {t: {column: c, folder: d}}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := project.ParseMission("mission.yaml", text)
		if (c == nil) == (err == nil) {
			t.Errorf("got config %v and error %v", c, err)
		}
	})
}
