package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
)

// holdLive sees to it that there is a store for a wave to join, with nothing
// begun and not finished in it.
func holdLive(name string, state map[sih.ID]bool, p *runPlan) error {
	if len(state) == 0 {
		return &ConfigError{Err: fmt.Errorf("%s holds nothing that this wave could join", name), Advice: "load it in mode final; further sources join it in mode wave"}
	}
	return holdFinished(name, state, p.id)
}

// holdSources sees to it that no source of the wave is in the store, unless the
// wave has begun.
func (d *delta) holdSources(ctx context.Context, name string, begun bool) error {
	if begun {
		return nil
	}
	there := ""
	err := d.store.Query(ctx, "SELECT id FROM source_system", nil, func(r store.Row) error {
		if id := sih.SourceID(r.Text(0)); d.o.Project.Config.Source(id) != nil {
			there = strings.Clone(r.Text(0))
		}
		return nil
	})
	if err == nil && there != "" {
		err = &ConfigError{Err: fmt.Errorf("source %s is in %s already", there, name), Advice: "use mode delta for sources that are there, and give new ones names of their own"}
	}
	return err
}

// wave puts all that the run has into the live store. What only its sources have
// is new, and goes in as in a first load; the facilities and the persons may be
// there, and are changed as by a delta, with their images kept.
func (d *delta) wave(ctx context.Context) error {
	d.a.causes = true
	if err := d.begun(ctx); err != nil {
		return err
	}
	if err := d.sources(ctx); err != nil {
		return err
	}
	for n := range 1 + len(d.m.Parts) {
		if err := d.join(ctx, n); err != nil {
			return err
		}
	}
	facilities := d.tally.Entities(reconcile.EntitiesKey{Source: facilitiesSource, Table: "organisation"})
	facilities.Created = int64(len(d.p.facilities.entities()))
	facilities.Inserted = facilities.Created
	line := d.tally.Entities(reconcile.EntitiesKey{Source: personSource, Table: "person"})
	line.Produced, line.Merged, line.Inserted = d.m.Report.Records, d.m.Report.Merged, d.m.Report.Persons
	if err := d.chunks(ctx); err != nil {
		return err
	}
	d.report.New, d.report.Changed = d.out.Load.Inserted, d.out.Load.Updated
	return d.end(ctx)
}

// join writes a piece of work of which some rows may be in the store.
func (d *delta) join(ctx context.Context, n int) error {
	name, entities := d.unit(n, nil)
	print, err := d.unitPrint(n)
	if err != nil {
		return err
	}
	var list []listedRow
	var rows []deltaRow
	for _, err := range listing(entities, &list) {
		if err != nil {
			return err
		}
	}
	for _, r := range list {
		rows = append(rows, deltaRow{id: r.id, is: r.sum, rank: r.rank})
	}
	slices.SortFunc(rows, deltaRow.compare)
	if err := d.lists.add(name, print, list, nil); err != nil {
		return err
	}
	_, entities = d.unit(n, nil)
	return d.chunk(ctx, name, rows, entities)
}
