package reading

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// reading is the making of one source's snapshot.
type reading struct {
	o      Options
	s      *project.Source
	src    extract.Source
	dir    string
	ledger *project.Ledger
	notes  *notes
	pace   *pace
	hours  *hours

	// db is the source where it is a database, and view what it is read in now.
	db   extract.Database
	view extract.View

	w      *snapshot.Writer
	plan   *project.Plan
	known  map[string]project.ChunkNote // of the ledger, by file
	tables []*tableReading

	mu   sync.Mutex
	rows int64 // taken so far, for the progress
}

// read reads a source into a snapshot, or goes on with one.
func read(ctx context.Context, o Options, s *project.Source, src extract.Source, dir string, n *notes) (*Extracted, error) {
	x := &reading{o: o, s: s, src: src, dir: dir, notes: n, pace: newPace(s.MaxRate), hours: &hours{now: o.now, window: s.Window}}
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return nil, err
	}
	defer ledger.Close()
	x.ledger = ledger
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, x.sourceError(err)
	}
	if err := cmp.Or(checkLeaveOut(s, tables), checkAttachments(s, tables)); err != nil {
		return nil, err
	}
	taken := o.now()
	if db, ok := src.(extract.Database); ok {
		x.db = db
		if x.view, err = db.View(ctx); err != nil {
			return nil, x.sourceError(err)
		}
		taken = x.view.Opened
	}
	seal, err := o.Project.Sealing()
	if err != nil {
		return nil, err
	}
	if o.Plain {
		seal.Recipients = nil
	}
	if x.w, err = seal.Create(dir, snapshot.Info{Source: s.ID, System: s.System, Driver: string(s.Driver), Taken: taken, AuditHead: o.AuditHead}); err != nil {
		return nil, roomError(err)
	}
	if err := x.all(ctx, tables); err != nil {
		x.w.Abandon()
		return nil, roomError(err)
	}
	if err := x.w.Close(); err != nil {
		return nil, roomError(err)
	}
	if err := ledger.FinishExtraction(s.ID); err != nil {
		return nil, err
	}
	snap, err := o.Project.PeekSnapshot(s)
	if err != nil {
		return nil, err
	}
	noteAttached(o, s, snap)
	return Summary(o, s, snap), nil
}

// all does everything between the plan and the end.
func (x *reading) all(ctx context.Context, tables []extract.Table) error {
	known, err := x.freeze(ctx, tables)
	if err != nil {
		return err
	}
	for _, p := range x.plan.Tables {
		noteLeftOut(x.w, p.Table, p.LeaveOut)
		if p.LeaveOut.All {
			continue
		}
		t, err := x.open(p)
		if err != nil {
			return err
		}
		x.tables = append(x.tables, t)
	}
	if x.db != nil && (!x.view.Consistent || slices.ContainsFunc(x.tables, (*tableReading).unsteady)) {
		x.w.Moving()
	}
	if !known {
		if err := x.beginAgain(); err != nil {
			return err
		}
	}
	if err := x.each(ctx, x.tables, (*tableReading).read); err != nil {
		return err
	}
	if err := x.mend(ctx); err != nil {
		return err
	}
	return x.compare(ctx)
}

// each does something with each table, with as many at once as the source has
// connections, until the window closes.
func (x *reading) each(ctx context.Context, tables []*tableReading, do func(*tableReading, context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(x.lanes())
	for _, t := range tables {
		g.Go(func() error {
			if x.hours.over() {
				return ctx.Err()
			}
			if err := do(t, ctx); err != nil {
				return err
			}
			if err := x.unmoved(ctx); err != nil {
				return err
			}
			return x.notes.record(x.w)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if x.hours.over() {
		return x.hours.closed(true)
	}
	return nil
}

// lanes is how many tables are read at once.
func (x *reading) lanes() int {
	if x.db == nil {
		return 1
	}
	return max(1, x.s.Connections)
}

// beginAgain gives up what the snapshot holds of an earlier run, whose place in
// the source nothing tells any more.
func (x *reading) beginAgain() error {
	begun := false
	for _, t := range x.tables {
		rows, rejected, complete := t.tw.Done()
		if rows+rejected == 0 && !complete {
			continue
		}
		begun = true
		if err := t.tw.Restart(); err != nil {
			return err
		}
	}
	if begun {
		x.notes.tell("what was read before is read again: " + project.LedgerFile + " does not know where it ended")
	}
	return nil
}

// took counts rows that were read.
func (x *reading) took(table string, n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows += n
	total := int64(0)
	if x.db != nil {
		for _, t := range x.plan.Tables {
			if !t.LeaveOut.All {
				total += t.Rows
			}
		}
	}
	if total < x.rows {
		total = 0 // an estimate that was too low
	}
	x.o.progress(string(x.s.ID)+" "+table, x.rows, total, "rows")
}

// sourceError tells that the source failed.
func (x *reading) sourceError(err error) error {
	if x.db != nil || x.s.Driver.Database() {
		return &SourceError{err, "see that the server runs and can be reached; what was read so far is kept, the same command goes on from there"}
	}
	return &SourceError{err, "see the source's files; what was read so far is kept, the same command goes on from there"}
}

// RoomError tells that the disk is full.
type RoomError struct{ Err error }

// Error tells what could not be written.
func (e *RoomError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RoomError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *RoomError) Hint() string {
	return "make room on the disk, then run the same command again: it goes on where it stopped"
}

// roomError makes an error of a full disk known as one.
func roomError(err error) error {
	const windowsDiskFull, windowsHandleDiskFull = syscall.Errno(112), syscall.Errno(39)
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err
	}
	if number == syscall.ENOSPC || runtime.GOOS == "windows" && (number == windowsDiskFull || number == windowsHandleDiskFull) {
		return &RoomError{err}
	}
	return err
}

// notes gathers what a user should know of a reading. Any goroutine may use it.
type notes struct {
	show func(string)

	mu  sync.Mutex
	all []string // in their order
	// unsteady and remarks are those that the snapshot is to bear and does not
	// yet.
	unsteady, remarks []string
}

// add notes what takes from the snapshot's consistency.
func (n *notes) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unsteady = append(n.unsteady, text)
	n.say(text)
}

// remark notes what the snapshot is to bear and takes nothing from it.
func (n *notes) remark(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.remarks = append(n.remarks, text)
	n.say(text)
}

// tell notes what is good to know in this run.
func (n *notes) tell(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.say(text)
}

func (n *notes) say(text string) {
	n.all = append(n.all, text)
	n.show(text)
}

// record writes into the snapshot what it is to bear.
func (n *notes) record(w *snapshot.Writer) error {
	n.mu.Lock()
	unsteady, remarks := n.unsteady, n.remarks
	n.unsteady, n.remarks = nil, nil
	n.mu.Unlock()
	for _, text := range unsteady {
		if err := w.Note(text); err != nil {
			return err
		}
	}
	for _, text := range remarks {
		if err := w.Remark(text); err != nil {
			return err
		}
	}
	return nil
}

// upTo joins a few words, and counts those beyond.
func upTo(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

// checkLeaveOut refuses a config that leaves out what the source does not have:
// what was meant, under another name, would leave the hospital.
func checkLeaveOut(s *project.Source, tables []extract.Table) error {
	const advice = "sihctl doctor looks at all of leave_out; write each name as sihctl inspect lists it"
	for _, name := range slices.Sorted(maps.Keys(s.LeaveOut)) {
		i := slices.IndexFunc(tables, func(t extract.Table) bool { return t.Name == name })
		if i < 0 {
			return &ConfigError{fmt.Errorf("leave_out names the table %s, which the source does not have, or the login does not see", name), advice}
		}
		for _, column := range s.LeaveOut[name].Columns {
			if !slices.ContainsFunc(tables[i].Columns, func(c extract.Column) bool { return c.Name == column }) {
				return &ConfigError{fmt.Errorf("leave_out names the column %s of %s, which the source does not have, or the login does not see", column, name), advice}
			}
		}
	}
	return nil
}

// noteLeftOut notes in the snapshot what of a table is left out.
func noteLeftOut(w *snapshot.Writer, t extract.Table, out project.LeaveOut) {
	left := snapshot.LeftOut{Table: t.Name}
	for _, c := range t.Columns {
		if slices.Contains(out.Columns, c.Name) {
			left.Columns = append(left.Columns, c.Name)
		}
	}
	if out.All || left.Columns != nil {
		w.LeaveOut(left)
	}
}

// keptColumns returns the table without the columns that are left out, and
// where the others stand.
func keptColumns(t extract.Table, out project.LeaveOut) (keep []int, kept extract.Table) {
	kept = extract.Table{Name: t.Name, Key: t.Key}
	for i, c := range t.Columns {
		if !slices.Contains(out.Columns, c.Name) {
			keep = append(keep, i)
			kept.Columns = append(kept.Columns, c)
		}
	}
	return keep, kept
}
