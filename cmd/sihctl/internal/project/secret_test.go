package project_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project: p\nsources:\n  a-b: {system: s, driver: mysql, dsn_file: a.dsn}\n")
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &p.Config.Sources[0]
	var fault *project.SecretError
	if _, err := p.Secret(s); !errors.As(err, &fault) || !strings.Contains(fault.Hint(), "a.dsn") {
		t.Errorf("nowhere: got %v, want a *SecretError that names the file", err)
	}
	// Asked for once, and never shown.
	asked := 0
	p.Ask = func(*project.Source) (string, error) { asked++; return "typed", nil }
	for range 2 {
		got, err := p.Secret(s)
		if err != nil || got.Reveal() != "typed" || got.File != "" {
			t.Errorf("asked for: got %q of %q, %v", got.Reveal(), got.File, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "typed") {
			t.Errorf("it shows: %s", text)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	name := filepath.Join(dir, "a.dsn")
	if err := os.WriteFile(name, []byte("\uFEFFin a file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Secret(s); err != nil || got.Reveal() != "in a file" || got.File != name {
		t.Errorf("in a file: got %q of %q, %v", got.Reveal(), got.File, err)
	}
	t.Setenv("SIHCTL_DSN_A_B", "in the environment")
	if got, err := p.Secret(s); err != nil || got.Reveal() != "in the environment" || got.File != "" {
		t.Errorf("in the environment: got %q of %q, %v", got.Reveal(), got.File, err)
	}
}
