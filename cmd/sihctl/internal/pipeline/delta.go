package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// DeltaReport tells what a delta found and what it left.
type DeltaReport struct {
	Base      string `json:"base"` // the run that the store held; empty for a wave
	New       int64  `json:"new"`
	Changed   int64  `json:"changed"`
	Unchanged int64  `json:"unchanged"`
	Vanished  int64  `json:"vanished"` // marked in source_record
	// Kept are rows that somebody has changed in the store since they were
	// loaded, and that the delta would change: they are as they were found.
	Kept []store.Difference `json:"kept"`
}

var errNothingBefore = &ConfigError{Err: errors.New("there is nothing that this delta could be one upon: the project has loaded no run"), Advice: "load in mode final first, then set mode: delta; where the store holds other sources, set mode: wave"}

// deltaRow is a row that a delta has to write.
type deltaRow struct {
	id, was, is sih.ID // was is zero where the row is new
	rank        uint8
}

func (a deltaRow) compare(b deltaRow) int {
	return listedRow{id: a.id, rank: a.rank}.compare(listedRow{id: b.id, rank: b.rank})
}

// A delta changes a live store in place. What there is to do follows from two
// lists of rows alone, that of the run before and its own; so a run that was
// killed finds the same again, and goes on with the chunk that is not in yet.
//
// Its pieces of work are numbered: the facilities, the parts of the persons,
// the sources' chunks.
type delta struct {
	*loader
	base *listedRun
	// was are rows of the run before, and is rows of now, that were not found
	// alike in pieces of work of one name; same counts those that were.
	was, is *dealt
	same    atomic.Int64
	// units are the rows to write by piece of work, sorted by table and id. All
	// are in memory: 56 bytes for each row that is new or changed.
	units   [][]deltaRow
	gone    []listedRow // rows that no snapshot has any more, to be marked
	removed []listedRow // the migration's own rows that do not hold any more
	loaded  map[string]bool
	report  *DeltaReport
}

func loadDelta(ctx context.Context, o Options, p *runPlan, m *matched, engine store.Engine) (*loaded, error) {
	begin := time.Now()
	if p.base.IsZero() && !p.wave() {
		return nil, errNothingBefore
	}
	state, err := runStates(ctx, engine)
	if err != nil {
		return nil, err
	}
	if finished, there := state[p.id]; there && finished {
		if l := readLoaded(o, p.id); l != nil {
			l.Load.Skipped = l.Load.Chunks
			return l, nil
		}
	}
	d := &delta{
		loader: &loader{o: o, p: p, m: m, a: newApplier(p, m), out: newLoaded(p), codes: map[codeKey]*stage.CodeUse{}},
		base:   &listedRun{}, report: &DeltaReport{Kept: []store.Difference{}},
	}
	if p.wave() {
		err = holdLive(engine.Name(), state, p)
	} else {
		err = d.stand(engine, state)
	}
	if err == nil {
		err = holdMatch(ctx, o, p, m)
	}
	if err != nil {
		return nil, err
	}
	d.out.Load.Delta = d.report
	if d.store, err = engine.Open(ctx, store.Live, store.Options{Now: o.now}); err != nil {
		return nil, err
	}
	defer d.store.Close()
	steps := []func(context.Context) error{d.survey, d.compare, d.begun, d.apply}
	if p.wave() {
		_, begun := state[p.id]
		if err := d.holdSources(ctx, engine.Name(), begun); err != nil {
			return nil, err
		}
		steps = []func(context.Context) error{d.wave}
	}
	if d.lists, err = newRowLists(o, p.id); err != nil {
		return nil, err
	}
	defer d.lists.abandon()
	if err := d.deal(); err != nil {
		return nil, err
	}
	defer d.sweep()
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	o.progress(Progress{Stage: "load", Step: "checking references"})
	if err := errors.Join(d.store.Finish(ctx), d.store.Close(), d.sweep()); err != nil {
		return nil, err
	}
	d.out.Load.Target = engine.Name()
	d.out.Load.Seconds = time.Since(begin).Seconds()
	return d.out, d.keep()
}

// stand opens the lists of the run that the delta is one upon, and sees to it
// that the store holds that run.
func (d *delta) stand(engine store.Engine, state map[sih.ID]bool) (err error) {
	if err := holdBase(engine, state, d.p); err != nil {
		return err
	}
	d.report.Base = d.p.base.String()
	d.base, err = openRowLists(d.o, d.p.base)
	if errors.Is(err, fs.ErrNotExist) {
		err = &ConfigError{Err: err, Advice: "restore the project's folder runs, or load anew in mode final"}
	}
	return err
}

// deal begins to deal out the rows that differ.
func (d *delta) deal() (err error) {
	if err := os.MkdirAll(d.scratch(), 0o700); err != nil {
		return fmt.Errorf("compare rows: %w", err)
	}
	if d.was, err = newDealt(d.scratch(), "was", d.base.total()); err == nil {
		d.is, err = newDealt(d.scratch(), "is", d.base.total())
	}
	return err
}

// sweep removes what the delta needed only for itself.
func (d *delta) sweep() error {
	var list []error
	for _, x := range []*dealt{d.was, d.is} {
		if x != nil {
			list = append(list, x.close())
		}
	}
	d.was, d.is = nil, nil
	return errors.Join(append(list, os.RemoveAll(d.scratch()))...)
}

// runStates tells of each run in the live store whether it came to its end.
func runStates(ctx context.Context, engine store.Engine) (map[sih.ID]bool, error) {
	out := map[sih.ID]bool{}
	if there, err := engine.Exists(ctx, store.Live); err != nil || !there {
		return out, err
	}
	s, err := engine.Open(ctx, store.Live, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.Query(ctx, "SELECT id, finished_at FROM migration_run", nil, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(0))
		out[id] = !r.Null(1)
		return err
	})
	return out, err
}

// holdBase sees to it that the store is as the run before has left it.
func holdBase(engine store.Engine, state map[sih.ID]bool, p *runPlan) error {
	if finished, there := state[p.base]; !there || !finished {
		return &ConfigError{Err: fmt.Errorf("%s does not hold run %s, which this delta is one upon", engine.Name(), p.base), Advice: "see the target in sihctl.yaml, or load anew in mode final"}
	}
	return holdFinished(engine.Name(), state, p.id)
}

// holdFinished sees to it that no run but the given one was begun in the store
// and not finished.
func holdFinished(name string, state map[sih.ID]bool, run sih.ID) error {
	for id, finished := range state {
		if !finished && id != run {
			return &ConfigError{Err: fmt.Errorf("%s holds run %s, which was begun and not finished", name, id), Advice: "take it back with `sihctl rollback " + id.String() + "`, or finish it with the snapshots that it was begun with"}
		}
	}
	return nil
}

// derived tells whether rows of a table say what holds now, and go when it does
// not: a reject whose row was repaired, a value's provenance. All others stay.
func derived(t *sih.Table) bool {
	switch t.Name {
	case "reject", "source_record", "field_provenance":
		return true
	}
	return false
}

// compare finds among the rows that differ those that are new, have changed, or
// are no longer there; the rest has only moved between pieces of work.
func (d *delta) compare(ctx context.Context) error {
	d.report.Unchanged = d.same.Load()
	d.units = make([][]deltaRow, d.unitCount())
	for part := range d.was.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		was, err := d.was.part(part)
		if err != nil {
			return err
		}
		is, err := d.is.part(part)
		if err != nil {
			return err
		}
		d.carried = append(d.carried, d.pair(was, is)...)
	}
	for _, rows := range d.units {
		slices.SortFunc(rows, deltaRow.compare)
	}
	slices.SortFunc(d.gone, listedRow.compare)
	slices.SortFunc(d.removed, listedRow.compare)
	d.report.Vanished = int64(len(d.gone))
	return nil
}

// pair compares a part of the rows that differ of before with the same part of
// those of now, both sorted. It returns what is carried on.
func (d *delta) pair(was, is []listedRow) (carried []listedRow) {
	away := map[sih.ID]bool{} // vanished before, and still
	var marks []listedRow
	mark := uint8(sih.TableByName("source_record").Rank())
	carry := func(r listedRow) {
		r.carried = true
		carried = append(carried, r)
	}
	for len(was) > 0 || len(is) > 0 {
		order := 0
		switch {
		case len(was) == 0:
			order = 1
		case len(is) == 0:
			order = -1
		default:
			order = was[0].compare(is[0])
		}
		switch {
		case order > 0:
			d.write(is[0], sih.ID{})
			d.report.New++
			is = is[1:]
			continue
		case order == 0:
			// A row that had vanished may be the same again: its mark goes.
			if was[0].sum != is[0].sum {
				d.write(is[0], was[0].sum)
				d.report.Changed++
			} else {
				d.report.Unchanged++
			}
			was, is = was[1:], is[1:]
			continue
		}
		old := was[0]
		was = was[1:]
		t := sih.Tables[old.rank]
		switch {
		case old.carried && old.rank == mark:
			marks = append(marks, old)
		case old.carried:
			away[old.id] = true
			carry(old)
		case derived(t):
			d.removed = append(d.removed, old)
		case t.Group == sih.Ledger, t.Name == "person":
			// The history stays. A person has the id of a record, and so can have no
			// mark of its own: it has vanished with the last of its records.
			carry(old)
		default:
			d.gone = append(d.gone, old)
			carry(old)
		}
	}
	for _, m := range marks {
		if away[m.id] {
			carry(m)
		} else {
			d.removed = append(d.removed, m)
		}
	}
	return carried
}

// write notes a row that is to be written.
func (d *delta) write(r listedRow, was sih.ID) {
	d.units[r.unit] = append(d.units[r.unit], deltaRow{id: r.id, was: was, is: r.sum, rank: r.rank})
}
