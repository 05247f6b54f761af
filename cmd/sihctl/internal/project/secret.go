package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sihctl/sih"
)

// Secret is a database's address and login. It shows nowhere.
type Secret struct {
	text string
	// File is where it was read, or empty.
	File string
	// From names where it comes from, for errors: a file or a variable.
	From string
}

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.text }

// String does not.
func (s Secret) String() string { return "(not shown)" }

// GoString does not either.
func (s Secret) GoString() string { return s.String() }

// SecretError tells that a database's address and login cannot be had.
type SecretError struct {
	Err    error
	Advice string
}

// Error tells where they were looked for.
func (e *SecretError) Error() string { return e.Err.Error() }

// Unwrap returns the file system's error.
func (e *SecretError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *SecretError) Hint() string { return e.Advice }

// SecretVariable returns the environment variable that holds a source's
// address and login in place of its dsn_file.
func SecretVariable(s *Source) string {
	return "SIHCTL_DSN_" + strings.ToUpper(strings.ReplaceAll(string(s.ID), "-", "_"))
}

// Secret returns a database's address and login: from the environment, from
// the source's dsn_file, or from Ask where neither has it. Its errors are
// *SecretError.
func (p *Project) Secret(s *Source) (Secret, error) {
	name := SecretVariable(s)
	if v := os.Getenv(name); v != "" {
		return Secret{text: v, From: name}, nil
	}
	advice := fmt.Sprintf("write the database's address and login into %s, or mend dsn_file of the source in %s", s.DSNFile, p.fileName())
	data, err := os.ReadFile(p.Path(s.DSNFile))
	if errors.Is(err, fs.ErrNotExist) && p.Ask != nil {
		if v, asked := p.asked[s.ID]; asked {
			return v, nil
		}
		v, err := p.Ask(s)
		if err != nil {
			return Secret{}, &SecretError{err, advice}
		}
		if p.asked == nil {
			p.asked = map[sih.SourceID]Secret{}
		}
		secret := Secret{text: v, From: "what was typed"}
		p.asked[s.ID] = secret
		return secret, nil
	}
	if err != nil {
		return Secret{}, &SecretError{err, advice}
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\uFEFF"))
	return Secret{text: text, File: p.Path(s.DSNFile), From: s.DSNFile}, nil
}

// TargetVariable names the environment variable that holds the target's address
// and login in place of its dsn_file.
const TargetVariable = "SIHCTL_TARGET_DSN"

// TargetSecret returns the address and login of a target that is a server. Its
// errors are *SecretError.
func (p *Project) TargetSecret() (Secret, error) {
	if v := os.Getenv(TargetVariable); v != "" {
		return Secret{text: v, From: TargetVariable}, nil
	}
	file := p.Config.Target.DSNFile
	data, err := os.ReadFile(p.Path(file))
	if err != nil {
		return Secret{}, &SecretError{err, fmt.Sprintf("write the target's address and login into %s, or mend dsn_file of the target in %s", file, p.fileName())}
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\uFEFF"))
	return Secret{text: text, File: p.Path(file), From: file}, nil
}

// fileName is the config's name.
func (p *Project) fileName() string {
	if p.File == "" {
		return File
	}
	return p.File
}
