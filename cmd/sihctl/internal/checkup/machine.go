package checkup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// config tells what has been read, and reads what a run of a project reads
// beside it. A mission has neither mappings nor facilities.
func (c *check) config() {
	p := c.Project
	if len(p.Config.Sources) == 1 {
		c.fine("config", "%s is read: %s, one source", p.File, p.Config.Project)
	} else {
		c.fine("config", "%s is read: %s, %d sources", p.File, p.Config.Project, len(p.Config.Sources))
	}
	if p.Mission() || p.Config.Facilities == "" {
		return
	}
	if err := pipeline.CheckFacilities(p); err != nil {
		c.failed(Config, "facilities", err, "")
		return
	}
	c.fine("facilities", "%s is read", p.Config.Facilities)
}

// folder sees whether the project's folder can be written to, and whether it
// is free.
func (c *check) folder() {
	dir := c.Project.Dir
	f, err := os.CreateTemp(dir, ".sihctl-doctor-*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		c.faulty(Unreachable, "folder", "give this user the right to write there, or work in another folder", "%s cannot be written to: %v", dir, reason(err))
		return
	}
	lock, err := c.Project.Lock("doctor")
	var held *project.HeldError
	switch {
	case errors.As(err, &held):
		c.faulty(Held, "folder", held.Hint(), "%v", held)
		return
	case err != nil:
		c.failed(Unreachable, "folder", err, "")
		return
	}
	if err := lock.Release(); err != nil {
		c.failed(Unreachable, "folder", err, "")
		return
	}
	c.fine("folder", "%s can be written to, and no other run holds it", dir)
	// The path of a chunk below the snapshot's folder: data, the table's name
	// and 35 characters for the chunk.
	longest := len(dir) + len(c.Project.Config.Snapshots) + 40 + len("/data/") + 64 + 35
	if runtime.GOOS == "windows" && longest > 259 {
		c.notable("folder", "move it nearer to the root of the disk, such as C:\\sihctl", "the names of files in %s may become longer than the 259 characters that Windows Explorer can copy", dir)
	}
}

// reason is the system's own word for an error of a file, without the name.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// clock sees whether the clock can be right: not before the config was
// written.
func (c *check) clock() {
	now := c.Now()
	const stamp = "2006-01-02 15:04 -07:00"
	info, err := os.Stat(filepath.Join(c.Project.Dir, c.Project.File))
	if err == nil && now.Before(info.ModTime().Add(-24*time.Hour)) {
		c.notable("clock", "set it: the snapshot tells when it was taken, and a server's certificate is held against it",
			"this machine's clock shows %s, which is before %s was written", now.Format(stamp), c.Project.File)
		return
	}
	c.fine("clock", "this machine's clock shows %s", now.Format(stamp))
}

// target opens the unified store, which a mission does not have.
func (c *check) target() {
	if c.Project.Mission() {
		return
	}
	name, there, err := pipeline.CheckTarget(c.ctx, c.Project)
	switch {
	case err != nil:
		c.failed(Unreachable, "target", err, "")
	case there:
		c.fine("target", "%s holds a unified store", name)
	default:
		c.fine("target", "%s is still to be made", name)
	}
}

// room holds what the snapshots will take against the disk.
func (c *check) room() {
	dir := c.Project.Path(c.Project.Config.Snapshots)
	free, err := c.Free(dir)
	if err != nil {
		c.failed(Unreachable, "disk", err, "")
		return
	}
	const advice = "make room, put the project on another disk, or name another folder with snapshots:"
	switch {
	case free < least:
		c.faulty(Unreachable, "disk", advice, "%s are free where the snapshots go, which is next to nothing", disk.Amount(free))
	case free < c.need/4:
		c.faulty(Unreachable, "disk", advice, "%s are free where the snapshots go; the sources hold %s, of which a quarter at least is to be expected", disk.Amount(free), disk.Amount(c.need))
	case free < c.need:
		c.notable("disk", advice, "%s are free where the snapshots go; the sources hold %s, of which a third is usual once it is compressed", disk.Amount(free), disk.Amount(c.need))
	case c.need == 0:
		c.fine("disk", "%s are free where the snapshots go", disk.Amount(free))
	default:
		c.fine("disk", "%s are free where the snapshots go; the sources hold %s", disk.Amount(free), disk.Amount(c.need))
	}
}

// least is the room below which no extraction should begin: the ledger, the
// journal and a few chunks.
const least = 256 << 20

// interrupted tells of a snapshot that was begun, and says whether there is a
// whole one.
func (c *check) interrupted(s *project.Source) (whole bool) {
	snap, err := snapshot.Open(c.Project.SnapshotDir(s)) // without any key
	switch {
	case errors.Is(err, snapshot.ErrIncomplete):
		c.notable("snapshot", "sihctl extract goes on with it; to begin again, move the folder away", "an extraction was interrupted: %s is not finished", c.Project.SnapshotDir(s))
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		c.failed(Unreachable, "snapshot", err, "")
	default:
		c.fine("snapshot", "there is one already, read %s; extract leaves it as it is, and so the source itself is not looked at", snap.Taken.Local().Format("2006-01-02 15:04"))
		return true
	}
	return false
}
