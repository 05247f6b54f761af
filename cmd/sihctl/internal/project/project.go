// Package project is a migration's folder: its config, the lock that one run
// at a time holds, and the ledger of what has been done.
//
// A command begins with [Find], which looks for sihctl.yaml from a folder
// upward, or with [Open]. What writes takes [Project.Lock] first. Commands note
// their runs in the ledger ([Project.OpenLedger]).
//
// At a hospital a [mission.yaml] takes the place of sihctl.yaml.
//
// [mission.yaml]: MissionFile
package project

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sihctl/sih"
)

// File is the config's name. The folder that holds it is the project.
const File = "sihctl.yaml"

// Project is an open project.
type Project struct {
	// Dir is the project's folder, absolute.
	Dir string
	// File is the name of its config in that folder: sihctl.yaml or a mission.
	File string
	// Config is what the file says, the environment's word included.
	Config Config
	// ConfigHash is the SHA-256 of the file in hexadecimal, as sha256sum
	// prints it.
	ConfigHash string
	// Ask asks the user for a database's address and login where neither a file
	// nor the environment has it; nil where nobody can be asked.
	Ask func(*Source) (string, error)

	asked map[sih.SourceID]Secret
}

// NotFoundError tells that there is no project where one was looked for.
type NotFoundError struct {
	Dir    string
	Upward bool // also in the folders above
	// File is the mission that was asked for, or empty.
	File string
}

// Error names the folder.
func (e *NotFoundError) Error() string {
	if e.File != "" {
		return fmt.Sprintf("there is no mission %s in %s", e.File, e.Dir)
	}
	if e.Upward {
		return fmt.Sprintf("no %s in %s or above it", File, e.Dir)
	}
	return fmt.Sprintf("no %s in %s", File, e.Dir)
}

// Hint says how to get to a project.
func (e *NotFoundError) Hint() string {
	if e.File != "" {
		return "name the file that the centre has sent, with its folder where it lies elsewhere"
	}
	return "go to a project's folder, name it with --project DIR, or make one: sihctl init"
}

// Find opens the project that from, or the nearest folder above it, holds.
// Where a folder has both, sihctl.yaml goes before mission.yaml. Its errors are
// *NotFoundError, ConfigErrors, or the file system's.
func Find(from string) (*Project, error) {
	start, err := filepath.Abs(from)
	if err != nil {
		return nil, fmt.Errorf("find project: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		for _, name := range []string{File, MissionFile} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return openFile(dir, name)
			}
		}
		if dir == filepath.Dir(dir) {
			return nil, &NotFoundError{Dir: start, Upward: true}
		}
	}
}

// Open opens the project in the folder name, or that of the mission of that
// name. Its errors are those of [Find].
func Open(name string) (*Project, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("open project: %w", err)
	}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return openFile(filepath.Split(name))
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && IsMission(name) {
		return nil, &NotFoundError{Dir: filepath.Dir(name), File: filepath.Base(name)}
	}
	if _, err := os.Stat(filepath.Join(name, File)); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(name, MissionFile)); err == nil {
			return openFile(name, MissionFile)
		}
	}
	return openFile(name, File)
}

// openFile opens the project whose config is that file of dir.
func openFile(dir, file string) (*Project, error) {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NotFoundError{Dir: filepath.Clean(dir)}
	}
	if err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	read := ParseMission
	if file == File {
		read = ParseConfig
	}
	config, err := read(file, text)
	if err != nil {
		return nil, err
	}
	if err := config.override(os.LookupEnv); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return &Project{Dir: filepath.Clean(dir), File: file, Config: *config, ConfigHash: hex.EncodeToString(sum[:])}, nil
}

// Mission tells whether the project is a mission.
func (p *Project) Mission() bool { return p.File != "" && p.File != File }

// Path returns where a file that the config names lies. Relative names, with
// "/" on every system, are below the project's folder.
func (p *Project) Path(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.Dir, name)
}

// SnapshotDir returns the folder of a source's snapshot: where a source of the
// snapshot driver has it, and below the project's snapshots for any other.
func (p *Project) SnapshotDir(s *Source) string {
	if s.Driver == Snapshot {
		return p.Path(s.Path)
	}
	return filepath.Join(p.Path(p.Config.Snapshots), string(s.ID))
}

// MappingDir returns the project's own folder of a system's mapping, and false
// where the project has none and the embedded mapping holds.
func (p *Project) MappingDir(system string) (string, bool) {
	dir := filepath.Join(p.Path(p.Config.Mappings), system)
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}
