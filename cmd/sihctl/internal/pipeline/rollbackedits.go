package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// editedSince lists what somebody has done since to rows that the run has
// written, and that going back would undo: rows that do not say any more what
// the run has made of them, and rows that it has changed and that are not there.
// Nil is nothing.
func editedSince(ctx context.Context, o Options, s store.Store, run sih.ID) (*VerifyReport, error) {
	x := &edits{o: o, store: s, run: run, report: &VerifyReport{Against: "what the run has made of them", Tables: []VerifyTable{}, Differences: []store.Difference{}}}
	lists, err := openRowLists(o, run)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was interrupted
		err = x.byHash(ctx)
	case err == nil:
		err = x.byList(ctx, lists)
	}
	if err == nil {
		err = x.removed(ctx)
	}
	if err != nil || len(x.report.Tables) == 0 {
		return nil, err
	}
	return x.report, nil
}

// edits gathers what somebody has done to a run's rows.
type edits struct {
	o      Options
	store  store.Store
	run    sih.ID
	report *VerifyReport
}

// note adds a row.
func (x *edits) note(d store.Difference) {
	r := x.report
	i := slices.IndexFunc(r.Tables, func(t VerifyTable) bool { return t.Table == d.Table })
	if i < 0 {
		i = len(r.Tables)
		r.Tables = append(r.Tables, VerifyTable{Table: d.Table})
	}
	r.Tables[i].Expected++
	if d.Kind != store.Missing {
		r.Tables[i].Found++
	}
	if len(r.Differences) < mostListed {
		r.Differences = append(r.Differences, d)
	} else {
		r.More = true
	}
}

// changed notes a row that the run has written and that says something else.
func (x *edits) changed(e sih.Entity) {
	x.note(store.Difference{
		Table: e.Table.Name, ID: e.Values[0].String(), Kind: store.Changed,
		Source: sih.SourceID(e.Get("source_system").String()), SourceTable: e.Get("source_table").String(),
	})
}

// byHash looks at every row of the store that the run has written: its hash tells
// whether its content is as it was. Whose the row is, it does not tell.
func (x *edits) byHash(ctx context.Context) error {
	var h store.Hasher
	for _, t := range sih.Tables {
		if !t.Has("row_hash") {
			continue
		}
		hash, of := t.Column("row_hash"), t.Column("run_id")
		for e, err := range x.store.Scan(ctx, t, store.Span{}) {
			if err != nil {
				return err
			}
			if x.report.Rows++; x.report.Rows%65536 == 0 {
				x.o.progress(Progress{Stage: "rollback", Step: "looking for edits", Done: x.report.Rows, Unit: "rows"})
			}
			if e.Values[of].ID() == x.run && h.Row(e).String() != e.Values[hash].String() {
				x.changed(e)
			}
		}
	}
	return nil
}

// byList asks the store for the rows of the pieces of work that the run has
// listed itself, apart from those that the run before has listed alike, and
// holds those that it has written against the list.
func (x *edits) byList(ctx context.Context, lists *listedRun) error {
	before, err := x.before()
	if err != nil {
		return err
	}
	var list []deltaRow
	for _, u := range lists.index.Units {
		if u.Run != x.run.String() {
			continue
		}
		rows, err := lists.rows(u)
		if err != nil {
			return err
		}
		var old []listedRow
		if was, ok := before.unit(u.Name); ok {
			if old, err = before.rows(was); err != nil {
				return err
			}
		}
		for _, r := range rows {
			if at, ok := slices.BinarySearchFunc(old, r, listedRow.compare); !ok || old[at].sum != r.sum {
				list = append(list, deltaRow{id: r.id, is: r.sum, rank: r.rank})
			}
		}
	}
	carried, err := lists.carried()
	if err != nil {
		return err
	}
	for _, r := range carried { // marks, and what has followed another person
		list = append(list, deltaRow{id: r.id, is: r.sum, rank: r.rank})
	}
	slices.SortFunc(list, deltaRow.compare)
	var h store.Hasher
	for t, some := range byTable(list) {
		of := t.Column("run_id")
		if of < 0 {
			continue // the run's own row
		}
		for e, err := range x.store.Fetch(ctx, t, deltaIDs(some)) {
			if err != nil {
				return err
			}
			x.report.Rows++
			at, _ := slices.BinarySearchFunc(some, deltaRow{id: e.Values[0].ID(), rank: uint8(t.Rank())}, deltaRow.compare)
			if e.Values[of].ID() == x.run && h.Sum(e) != some[at].is {
				x.changed(e)
			}
		}
	}
	return nil
}

// before opens the lists of the run that the run stands upon; where there is
// none, or they are not there any more, they are empty.
func (x *edits) before() (*listedRun, error) {
	chain, err := readChain(x.o.Project)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(chain, func(l chainLink) bool { return l.Run == x.run })
	if i < 0 || chain[i].Base == "" {
		return &listedRun{}, nil
	}
	base, err := sih.ParseID(chain[i].Base)
	if err != nil {
		return nil, err
	}
	lists, err := openRowLists(x.o, base)
	if errors.Is(err, fs.ErrNotExist) {
		return &listedRun{}, nil
	}
	return lists, err
}

// removed notes rows that the run has changed and that somebody has removed
// since: they would be there again.
func (x *edits) removed(ctx context.Context) error {
	var list []deltaRow
	for e, err := range beforeRows(x.o, x.run) {
		if err != nil {
			return err
		}
		if e.Table.Has("row_hash") {
			list = append(list, deltaRow{id: e.Values[0].ID(), rank: uint8(e.Table.Rank())})
		}
	}
	slices.SortFunc(list, deltaRow.compare)
	for t, some := range byTable(list) {
		there := map[sih.ID]bool{}
		for e, err := range x.store.Fetch(ctx, t, deltaIDs(some)) {
			if err != nil {
				return err
			}
			there[e.Values[0].ID()] = true
		}
		for _, r := range some {
			if !there[r.id] {
				x.note(store.Difference{Table: t.Name, ID: r.id.String(), Kind: store.Missing})
			}
		}
	}
	return nil
}
