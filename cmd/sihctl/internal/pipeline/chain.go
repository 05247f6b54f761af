package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// chainLink is a run that the project has loaded to its end.
type chainLink struct {
	Run sih.ID `json:"-"`
	ID  string `json:"run"`
	// Input hashes all that the run was made from.
	Input string `json:"input"`
	// Base is the run before, for a delta, or empty.
	Base string `json:"base,omitempty"`
	// Snapshots are the manifests' hashes by source.
	Snapshots map[sih.SourceID]string `json:"snapshots"`
}

func chainFile(p *project.Project) string { return filepath.Join(p.Dir, "runs", "chain") }

// readChain lists the runs that were loaded, the last one last: a full load,
// and the deltas upon it.
func readChain(p *project.Project) ([]chainLink, error) {
	data, err := os.ReadFile(chainFile(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	var list []chainLink
	err = json.Unmarshal(data, &list)
	for i := range list {
		if err == nil {
			list[i].Run, err = sih.ParseID(list[i].ID)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read runs: %s: %w", chainFile(p), err)
	}
	return list, nil
}

func writeChain(p *project.Project, list []chainLink) error {
	data, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return err
	}
	return writeFile(chainFile(p), data)
}

// extendChain notes that a run is loaded, and drops what is kept of runs that
// cannot be gone back to any more.
func extendChain(o Options, p *runPlan) error {
	list, err := readChain(o.Project)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(l chainLink) bool { return l.Run == p.id })
	if o.Project.Config.Mode == project.Rehearsal {
		list = nil
	}
	l := chainLink{ID: p.id.String(), Input: p.inputHash, Snapshots: map[sih.SourceID]string{}}
	if !p.base.IsZero() {
		l.Base = p.base.String()
	}
	for _, s := range p.sources {
		l.Snapshots[s.config.ID] = s.snap.Hash
	}
	list = append(list, l)
	if err := writeChain(o.Project, list); err != nil {
		return err
	}
	return pruneRuns(o, list)
}

// shortenChain notes that a run was taken back.
func shortenChain(o Options, run sih.ID) error {
	list, err := readChain(o.Project)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(l chainLink) bool { return l.Run == run })
	return errors.Join(writeChain(o.Project, list), pruneRuns(o, list))
}

// pruneRuns removes the rows and the images of runs that are not in the chain.
func pruneRuns(o Options, chain []chainLink) error {
	for _, pattern := range []string{"*.rows", "*.rows.partial", "*.before"} {
		dirs, err := filepath.Glob(filepath.Join(runsDir(o), pattern))
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			run, _, _ := strings.Cut(filepath.Base(dir), ".")
			if slices.ContainsFunc(chain, func(l chainLink) bool { return l.ID == run }) {
				continue
			}
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("remove what is left of run %s: %w", run, err)
			}
		}
	}
	return nil
}

// delta tells whether the run changes a live store.
func (p *runPlan) delta() bool { return p.project.Config.Mode == project.Delta || p.wave() }

// identify gives the run its id. A delta's hangs also on what it is a delta
// upon; one whose input is that of the run loaded last is that run.
func (p *runPlan) identify() error {
	p.id = sih.NewID("run", p.inputHash, "1", "migration_run", "")
	if !p.delta() || p.wave() {
		return nil
	}
	chain, err := readChain(p.project)
	if err != nil || len(chain) == 0 {
		return err
	}
	last := chain[len(chain)-1]
	p.base = last.Run
	if last.Input == p.inputHash && last.Base != "" {
		if p.base, err = sih.ParseID(last.Base); err != nil {
			return fmt.Errorf("read runs: %w", err)
		}
	}
	p.id = sih.NewID("run", p.inputHash, p.base.String(), "migration_run", "")
	return nil
}

// renew puts aside the snapshots of the named sources, of all where none is
// named, that were loaded already, so that extract makes new ones. One that
// was not loaded yet stays: asked again after an interruption, nothing is read
// twice. A snapshot that was sent to the project is replaced by hand.
func renew(o Options, sources []string) error {
	chain, err := readChain(o.Project)
	if err != nil || len(chain) == 0 {
		return err
	}
	last := chain[len(chain)-1]
	for i := range o.Project.Config.Sources {
		s := &o.Project.Config.Sources[i]
		if s.Driver == project.Snapshot || len(sources) > 0 && !slices.Contains(sources, string(s.ID)) {
			continue
		}
		snap, err := o.Project.PeekSnapshot(s)
		if err != nil || snap.Hash != last.Snapshots[s.ID] {
			continue // it is not there, not whole or not loaded: extract says so
		}
		dir := o.Project.SnapshotDir(s)
		if err := os.RemoveAll(dir + ".previous"); err != nil {
			return fmt.Errorf("extract %s: %w", s.ID, err)
		}
		if err := os.Rename(dir, dir+".previous"); err != nil {
			return fmt.Errorf("extract %s: %w", s.ID, err)
		}
	}
	return nil
}
