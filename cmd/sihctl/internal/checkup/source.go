package checkup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract"
)

// lookAt looks at one source.
func (c *check) lookAt(s *project.Source) {
	if !c.Project.Mission() {
		if err := pipeline.CheckMapping(c.Project, s); err != nil {
			c.failed(Config, "mapping", err, "")
		} else {
			c.fine("mapping", "that of %s is read", s.System)
		}
	}
	if s.Driver == project.Snapshot {
		c.received(s)
		return
	}
	if c.interrupted(s) {
		return
	}
	if s.Driver.Database() {
		c.database(s)
	} else {
		c.files(s)
	}
	c.attachments(s)
}

// attachments looks at the folders of files that rows name.
func (c *check) attachments(s *project.Source) {
	folders, err := reading.AttachedFolders(c.ctx, c.Project, s)
	if err != nil {
		return // that of ctx, which ends the examination
	}
	for _, f := range folders {
		c.need += f.Bytes
		switch {
		case f.Err != nil:
			c.failed(Unreachable, "attachments", f.Err, "")
		case f.More:
			c.fine("attachments", "the folder of %s opens: more than %d files, %s", f.Table, f.Files, disk.Amount(f.Bytes))
		case f.Files == 0:
			c.notable("attachments", "see whether it is the right one, and whether the share is connected", "the folder of %s is empty", f.Table)
		default:
			c.fine("attachments", "the folder of %s opens: %d files, %s", f.Table, f.Files, disk.Amount(f.Bytes))
		}
	}
}

// received looks at a snapshot that was extracted elsewhere.
func (c *check) received(s *project.Source) {
	snap, err := c.Project.OpenSnapshot(s)
	if err == nil {
		err = snap.Readable()
	}
	if err != nil {
		c.failed(Unreachable, "snapshot", err, "put the snapshot that the hospital sent there, or mend path in sihctl.yaml")
		return
	}
	c.fine("snapshot", "that of %s opens: %d tables, read %s", snap.Source, len(snap.Tables), snap.Taken.Local().Format("2006-01-02 15:04"))
	if s.Sender == "" {
		c.notable("sender", "name the hospital's key in sender: of the source", "whether the snapshot comes from the right hospital is not checked")
	}
}

// files looks at a source of files: whether they are there, can be read, and
// are tables.
func (c *check) files(s *project.Source) {
	dir := c.Project.Path(s.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		c.faulty(Unreachable, "files", "mend path of the source in "+c.Project.File+", or put its files there", "the folder %s cannot be read: %v", dir, reason(err))
		return
	}
	bytes, unread := int64(0), 0
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		name := e.Name()
		if program := openIn(name); program != "" {
			c.notable("files", "close it there, and see that it was saved", "%s stands beside a workbook that is open in %s", name, program)
			continue
		}
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			c.faulty(Unreachable, "files", "close the program that has it open, or give this user the right to read it", "%s cannot be opened: %v", name, reason(err))
			unread++
			continue
		}
		if info, err := f.Stat(); err == nil {
			if info.Size() == 0 {
				c.notable("files", "ask for the file again, or put it away", "%s is empty", name)
			}
			bytes += info.Size()
		}
		f.Close()
	}
	if unread > 0 {
		return
	}
	c.need += bytes
	c.tables(s)
	c.window(s, reading.SourceSize{}, false)
}

// openIn tells by a file's name which program left it beside an open workbook.
func openIn(name string) string {
	switch {
	case strings.HasPrefix(name, "~$"):
		return "Excel"
	case strings.HasPrefix(name, ".~lock.") && strings.HasSuffix(name, "#"):
		return "LibreOffice"
	}
	return ""
}

// tables opens a source of files and asks for its tables, which reads the head
// of each file.
func (c *check) tables(s *project.Source) {
	ctx, cancel := context.WithTimeout(c.ctx, Patience)
	defer cancel()
	src, err := c.Open(c.Project, s)
	if err != nil {
		c.failed(Unreachable, "tables", err, "")
		return
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		c.failed(Unreachable, "tables", err, "")
		return
	}
	c.counted(s, tables)
}

// counted tells how many tables will be read, and of what is to be left out
// and is not there.
func (c *check) counted(s *project.Source, tables []extract.Table) {
	left, taken := 0, map[string]bool{}
	columns := map[string]map[string]bool{}
	for _, t := range tables {
		taken[t.Name] = true
		columns[t.Name] = map[string]bool{}
		for _, col := range t.Columns {
			columns[t.Name][col.Name] = true
		}
		if s.LeaveOut[t.Name].All {
			left++
		}
	}
	for name, out := range s.LeaveOut {
		if !taken[name] {
			c.faulty(Config, "leave-out", "sihctl inspect lists the tables; write its name as it stands there", "leave_out names the table %s, which the source does not have: nothing of it is left out", name)
			continue
		}
		for _, col := range out.Columns {
			if !columns[name][col] {
				c.faulty(Config, "leave-out", "sihctl inspect lists the columns; write its name as it stands there", "leave_out names the column %s of %s, which the source does not have: nothing is left out", col, name)
			}
		}
	}
	switch {
	case len(tables) == left:
		c.faulty(Config, "tables", "see leave_out of the source", "there is no table to read")
	case len(tables) == 1:
		c.fine("tables", "one table will be read")
	case left > 0:
		c.fine("tables", "%d tables will be read, and %d left out", len(tables)-left, left)
	default:
		c.fine("tables", "%d tables will be read", len(tables))
	}
}

// database looks at a server: first what is kindest to it, then what its
// adapter finds, then how long a reading takes.
func (c *check) database(s *project.Source) {
	begin := len(c.found)
	defer func() { c.kindestFirst(s, begin) }()
	if !c.hasAddress(s) {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, Patience)
	defer cancel()
	src, err := c.Open(c.Project, s)
	if err != nil {
		c.failed(Unreachable, "address", err, "")
		return
	}
	defer src.Close()
	db, ok := src.(extract.Database)
	if !ok {
		c.tablesOf(ctx, s, src)
		return
	}
	found, err := db.Examine(ctx)
	for _, f := range found {
		stop := None
		if f.Level == extract.Faulty {
			stop = Unreachable
		}
		c.note(f, stop)
	}
	if errors.Is(err, context.DeadlineExceeded) && c.ctx.Err() == nil {
		c.faulty(Unreachable, "reach", "see what holds the server up, or ask from nearer to it", "the server did not answer everything within %s", Patience)
	}
	if err != nil || Ends(c.of(s)) == Unreachable {
		return
	}
	size, ok := c.tablesOf(ctx, s, db)
	if ok {
		c.need += size.Bytes
	}
	c.window(s, size, ok)
}

// kindest names the finding that stands first of a live database.
const kindest = "kindest-way"

// kindestFirst puts first, of what was found of a database from there on, what
// would be kindest to the hospital: as its adapter has it, who may know that
// the server is a replica, or as it always is.
func (c *check) kindestFirst(s *project.Source, begin int) {
	at := slices.IndexFunc(c.found[begin:], func(f Finding) bool { return f.Check == kindest })
	if at < 0 {
		c.note(extract.Finding{Level: extract.Notable, Check: kindest,
			Text:   "kindest to the hospital is another instance on which last night's backup was restored: nothing that is read there slows anybody down",
			Advice: "ask the administrator for one and name it in " + s.DSNFile + "; otherwise keep to a window in which few work",
		}, None)
		at = len(c.found) - 1 - begin
	}
	first := c.found[begin+at]
	copy(c.found[begin+1:begin+at+1], c.found[begin:begin+at])
	c.found[begin] = first
}

// of returns the findings of one source.
func (c *check) of(s *project.Source) (list []Finding) {
	for _, f := range c.found {
		if f.Source == s.ID {
			list = append(list, f)
		}
	}
	return list
}

// hasAddress looks at the file of a database's address.
func (c *check) hasAddress(s *project.Source) bool {
	secret, err := c.Project.Secret(s)
	if err != nil {
		c.failed(Unreachable, "address", err, "")
		return false
	}
	if secret.File != "" {
		c.private("address", s.DSNFile)
	}
	return true
}

// tablesOf asks a database for its tables and about how large those are that
// will be read.
func (c *check) tablesOf(ctx context.Context, s *project.Source, src extract.Source) (size reading.SourceSize, ok bool) {
	tables, err := src.Tables(ctx)
	if err != nil {
		c.failed(Unreachable, "tables", err, "")
		return size, false
	}
	c.counted(s, tables)
	if _, ok := src.(extract.Database); !ok {
		return size, false
	}
	if size, err = reading.Measure(ctx, s, src, tables); err != nil {
		c.failed(Unreachable, "size", err, "")
		return size, false
	}
	return size, true
}

// window holds the time that a reading takes against the source's window.
func (c *check) window(s *project.Source, size reading.SourceSize, sized bool) {
	takes := size.Takes(s)
	if sized {
		c.fine("size", "about %d rows in %s; at %d rows a second that takes %s", size.Rows, disk.Amount(size.Bytes), reading.Rate(s), duration(takes))
	}
	now, w := c.Now(), s.Window
	switch {
	case w.Always() && s.Driver.Database():
		c.notable("window", "agree on one with the hospital and write window: 22:00-06:00", "the source may be read at any time of day")
	case w.Always():
	case sized && takes > w.Length():
		c.notable("window", "start sihctl extract every night until it is done, or agree on a longer window", "%s is open for %s at a time: the reading will take about %d nights", w, duration(w.Length()), reading.Nights(s, takes))
	case !w.Open(now):
		c.notable("window", "start then, or have it started: sihctl extract --schedule prints how", "%s is closed now; it opens at %s", w, w.Opens(now).Format("2006-01-02 15:04"))
	default:
		c.fine("window", "%s is open now and closes at %s", w, w.Closes(now).Format("2006-01-02 15:04"))
	}
}
