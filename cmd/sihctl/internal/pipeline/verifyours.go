package pipeline

import (
	"context"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// ours tells which rows of a store are a project's to verify, where other
// projects have filled it too: those that its own runs have written last. Of a
// person whom both know, and of a facility, that may be either. A nil ours takes
// all for its own.
type ours struct {
	runs map[sih.ID]bool
	// theirs are the persons and organisations that another project's run has
	// written last.
	theirs map[sih.ID]bool
}

// oursIn asks the store whether other projects have filled it.
func oursIn(ctx context.Context, s store.Store, p *runPlan) (*ours, error) {
	chain, err := readChain(p.project)
	if err != nil {
		return nil, err
	}
	w := &ours{runs: map[sih.ID]bool{p.id: true}, theirs: map[sih.ID]bool{}}
	for _, l := range chain {
		w.runs[l.Run] = true
	}
	shared := false
	err = s.Query(ctx, "SELECT id FROM migration_run", nil, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(0))
		shared = shared || !w.runs[id]
		return err
	})
	if err != nil || !shared {
		return nil, err
	}
	for _, table := range []string{"person", "organisation"} {
		err := s.Query(ctx, "SELECT id, run_id FROM "+table, nil, func(r store.Row) error {
			id, err := sih.ParseID(r.Text(0))
			if err != nil {
				return err
			}
			run, err := sih.ParseID(r.Text(1))
			if !w.runs[run] {
				w.theirs[id] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

// has tells whether a row is the project's to verify, one that the stage holds
// or one that the store does.
func (w *ours) has(p *runPlan, e sih.Entity) bool {
	if w == nil {
		return true
	}
	switch e.Table.Name {
	case "migration_run":
		return w.runs[e.Values[0].ID()]
	case "source_system":
		return p.project.Config.Source(sih.SourceID(e.Values[0].String())) != nil
	case "person", "organisation":
		return !w.theirs[e.Values[0].ID()]
	case "field_provenance":
		if w.theirs[e.Get("entity_id").ID()] {
			return false
		}
	}
	run := e.Get("run_id")
	return run.IsNull() || w.runs[run.ID()]
}

// without leaves out the rows of a list that are not the project's to verify.
func (w *ours) without(list []listedRow) []listedRow {
	if w == nil {
		return list
	}
	return slices.DeleteFunc(list, func(r listedRow) bool { return w.theirs[r.id] && sih.Tables[r.rank].Name == "person" })
}
