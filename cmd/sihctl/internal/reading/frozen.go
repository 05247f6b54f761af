package reading

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

// countedRows is the size up to which a table is counted for the plan, by the
// server's estimate: an index of a million rows is counted in about a second.
// Of larger tables the estimate stands in the plan, and the reading itself is
// held to the server's count all the same.
const countedRows = 1_000_000

// stamped is a source that is read from files.
type stamped interface {
	Stamp(context.Context) ([]extract.File, error)
}

// freeze makes the plan of a new snapshot, or holds the source to that of the
// snapshot which is gone on with. Known tells whether there was one.
func (x *reading) freeze(ctx context.Context, tables []extract.Table) (known bool, err error) {
	now := &project.Plan{Begun: x.w.Begun(), Schema: extract.Fingerprint(tables)}
	if files, ok := x.src.(stamped); ok {
		if now.Files, err = files.Stamp(ctx); err != nil {
			return false, x.sourceError(err)
		}
	}
	for _, t := range tables {
		now.Tables = append(now.Tables, project.PlannedTable{Table: t, LeaveOut: x.s.LeaveOut[t.Name]})
	}
	if x.w.View() > 1 {
		was, err := x.ledger.Extraction(x.s.ID)
		if err != nil {
			return false, err
		}
		if was != nil && was.Begun == now.Begun {
			x.plan = was
			if x.known, err = x.ledger.ChunkNotes(x.s.ID); err != nil {
				return true, err
			}
			return true, x.hold(was, now)
		}
	}
	if err := x.size(ctx, now); err != nil {
		return false, err
	}
	x.plan = now
	return false, x.ledger.StartExtraction(x.s.ID, now)
}

// size asks a database how many rows there are to be read.
func (x *reading) size(ctx context.Context, p *project.Plan) error {
	if x.db == nil {
		return nil
	}
	sizes, err := x.db.Survey(ctx)
	if err != nil {
		return x.sourceError(err)
	}
	for i := range p.Tables {
		t := &p.Tables[i]
		if i < len(sizes) {
			t.Rows = sizes[i].Rows
		}
		if t.LeaveOut.All || t.Rows > countedRows {
			continue
		}
		if t.Rows, err = x.db.Count(ctx, t.Name); err != nil {
			return x.sourceError(err)
		}
		t.Counted = true
	}
	return nil
}

// hold refuses to go on where the source, or what is left out of it, is not
// what the plan says.
func (x *reading) hold(was, now *project.Plan) error {
	advice := "to read it as it is now, move " + x.dir + " away and run the same command again"
	changes := extract.FileDifferences(was.Files, now.Files)
	if was.Schema != now.Schema {
		changes = append(changes, extract.Differences(was.Schemas(), now.Schemas())...)
	}
	if len(changes) > 0 {
		return &SourceError{fmt.Errorf("the source is not what it was when its snapshot was begun: %s", upTo(changes, 5)), advice}
	}
	for i, t := range was.Tables {
		if !reflect.DeepEqual(t.LeaveOut, now.Tables[i].LeaveOut) {
			return &ConfigError{
				fmt.Errorf("leave_out says something else of %s than when the snapshot was begun", t.Name),
				"write it as it was, or " + advice,
			}
		}
	}
	return nil
}

// unmoved tells that a view of a database is lost, and another in its place:
// what is read from then on would be taken for rows of the first.
func (x *reading) unmoved(ctx context.Context) error {
	if x.db == nil || !x.view.Consistent {
		return nil
	}
	now, err := x.db.View(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return x.sourceError(err)
	case !now.Opened.Equal(x.view.Opened):
		return x.sourceError(errors.New("the connection was lost, and the view with it"))
	}
	return nil
}

// compare holds what was read to the plan: its files, and its counts.
func (x *reading) compare(ctx context.Context) error {
	if files, ok := x.src.(stamped); ok {
		now, err := files.Stamp(ctx)
		if err != nil {
			return x.sourceError(err)
		}
		for _, change := range extract.FileDifferences(x.plan.Files, now) {
			x.notes.add(change + " while the source was read")
		}
	}
	for _, t := range x.tables {
		rows, _, _ := t.tw.Done()
		if !t.planned.Counted || int64(rows) == t.planned.Rows {
			continue
		}
		text := fmt.Sprintf("%s: %d rows when the plan was made, %d read", t.planned.Name, t.planned.Rows, rows)
		if x.w.View() == 1 && x.view.Consistent && !t.unsteady() {
			return x.sourceError(fmt.Errorf("%s, in one view", text))
		}
		x.notes.tell(text)
		if err := x.w.Remark(text); err != nil {
			return err
		}
	}
	return x.notes.record(x.w)
}
