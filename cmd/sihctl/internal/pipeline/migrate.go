package pipeline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// Migrate does it all, from extract to reconcile, and goes on where an earlier
// run was stopped. The report holds what was done, also beside an error.
func Migrate(ctx context.Context, o Options) (*MigrateReport, error) {
	r := &MigrateReport{}
	err := checkAgreed(o.Project)
	if err != nil {
		return r, err
	}
	if r.Extract, err = Extract(ctx, o, nil); err != nil {
		return r, err
	}
	p, err := plan(o)
	if err != nil {
		return r, err
	}
	if r.Transform, err = transform(ctx, o, p); err != nil {
		return r, err
	}
	m, err := matchAll(ctx, o, p)
	if err != nil {
		return r, err
	}
	r.Match = &m.Report
	l, err := loadAll(ctx, o, p, m)
	if err != nil {
		return r, err
	}
	r.Load = &l.Load
	r.Reconcile, err = reconcileAll(ctx, o, p, l)
	return r, err
}

// Status tells how far each stage has come.
func Status(ctx context.Context, o Options) ([]StageStatus, error) {
	if err := checkAgreed(o.Project); err != nil {
		return nil, err
	}
	var out []StageStatus
	whole := len(o.Project.Config.Sources) > 0
	for i := range o.Project.Config.Sources {
		s := &o.Project.Config.Sources[i]
		st := StageStatus{Stage: "extract", Step: string(s.ID), State: "pending"}
		snap, err := o.Project.PeekSnapshot(s)
		switch {
		case err == nil:
			st.State, st.Done, st.Total = "done", int64(len(snap.Tables)), int64(len(snap.Tables))
			st.Note = fmt.Sprintf("%d rows", reading.Summary(o.Reading(), s, snap).Rows)
		case errors.Is(err, snapshot.ErrIncomplete):
			if err := partial(o, s, &st); err != nil {
				return nil, err
			}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		whole = whole && st.State == "done" && snap.Readable() == nil
		out = append(out, st)
	}
	if o.Project.Mission() {
		return out, nil // the rest is the centre's
	}
	later := []StageStatus{{Stage: "transform", State: "pending"}, {Stage: "match", State: "pending"}, {Stage: "load", State: "pending"}, {Stage: "reconcile", State: "pending"}}
	if !whole {
		return append(out, later...), nil
	}
	p, err := plan(o)
	if err != nil {
		return nil, err
	}
	if err := p.status(ctx, o, later); err != nil {
		return nil, err
	}
	return append(out, later...), nil
}

// partial tells how far the snapshot of a source has come, of the tables that
// the ledger's plan has.
func partial(o Options, s *project.Source, st *StageStatus) error {
	st.State = "partial"
	come, err := snapshot.Begun(o.Project.SnapshotDir(s))
	if err != nil {
		return err
	}
	st.Done, st.Note = int64(come.Tables), fmt.Sprintf("%d rows", come.Rows)
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return err
	}
	defer ledger.Close()
	p, err := ledger.Extraction(s.ID)
	if p == nil || err != nil {
		return err
	}
	rows := int64(0)
	for _, t := range p.Tables {
		if !t.LeaveOut.All {
			st.Total++
			rows += t.Rows
		}
	}
	if rows > 0 {
		st.Note = fmt.Sprintf("%d rows of about %d", come.Rows, rows)
	}
	return nil
}

// status fills the states of the stages after extract.
func (p *runPlan) status(ctx context.Context, o Options, later []StageStatus) error {
	t := &later[0]
	t.Total = int64(len(p.chunks))
	for _, c := range p.chunks {
		if r, err := stage.Open(c.path); err == nil {
			if r.Meta.Input == c.input {
				t.Done++
			} else {
				t.State = "stale"
			}
			r.Close()
		}
	}
	switch {
	case t.Done == t.Total:
		t.State = "done"
	case t.Done > 0:
		t.State = "partial"
	}
	if t.State != "done" {
		return nil
	}
	input, err := stagedInput(p)
	if err != nil {
		return err
	}
	m, err := readMatched(o, input)
	if m == nil || err != nil {
		return err
	}
	later[1] = StageStatus{Stage: "match", State: "done", Done: m.Report.Persons, Total: m.Report.Persons,
		Note: fmt.Sprintf("%d records are %d persons, %d pairs are doubtful", m.Report.Records, m.Report.Persons, m.Report.Review)}
	l := readLoaded(o, p.id)
	if l == nil {
		engine, err := openTarget(o.Project)
		if err != nil {
			return err
		}
		defer engine.Close()
		there, err := engine.Exists(ctx, store.Building)
		if there {
			later[2].State = "partial"
		}
		return err
	}
	later[2] = StageStatus{Stage: "load", State: "done", Done: int64(l.Load.Chunks), Total: int64(l.Load.Chunks), Note: fmt.Sprintf("%d rows in %s", l.Load.Inserted, l.Load.Target)}
	if info, err := os.Stat(o.Project.Path(WorkbookName)); err == nil {
		if loadedAt, err := os.Stat(loadedFile(o)); err == nil && !info.ModTime().Before(loadedAt.ModTime()) {
			later[3] = StageStatus{Stage: "reconcile", State: "done", Done: 1, Total: 1, Note: WorkbookName}
		}
	}
	return nil
}

// StageCat prints a stage file as JSON, an entity, issue or left-out record a
// line. It holds patients' values: it is for the data engineer's own screen.
func StageCat(w io.Writer, path string) error {
	r, err := stage.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for e, err := range r.Entities() {
		if err != nil {
			return err
		}
		m := map[string]any{"table": e.Table.Name, "row": e.Row}
		for i, v := range e.Values {
			if !v.IsNull() {
				m[e.Table.Columns[i].Name] = jsonValue(v)
			}
		}
		if err := enc.Encode(m); err != nil {
			return err
		}
	}
	left, notes, err := r.Notes()
	if err != nil {
		return err
	}
	for _, n := range notes {
		if err := enc.Encode(map[string]any{"issue": n}); err != nil {
			return err
		}
	}
	for _, l := range left {
		if err := enc.Encode(map[string]any{"left_out": l}); err != nil {
			return err
		}
	}
	return out.Flush()
}

func jsonValue(v sih.Value) any {
	switch v.Kind() {
	case sih.KindInt, sih.KindMoney, sih.KindNum:
		return json.Number(v.String())
	case sih.KindBool:
		return v.Bool()
	}
	return v.String()
}
