package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// moved is a record of the store that is another person's than before.
type moved struct {
	Record, Was, Is sih.ID
}

// moved lists, in the order of their ids, the records of the store that are
// another person's now. One that has vanished goes where its person has gone.
func (who persons) moved() (list []moved) {
	if who.before == nil {
		return nil
	}
	for _, was := range who.before.links {
		is := was.Person
		if l, ok := who.person(was.Record); ok {
			is = l.Person
		} else if p, ok := who.replaced[was.Person]; ok {
			is = p
		}
		if is != was.Person {
			list = append(list, moved{was.Record, was.Person, is})
		}
	}
	return list
}

// mostPersons is how many persons one query names.
const mostPersons = 400

// follow gives rows that have vanished to the person whom their record is of
// now. No snapshot brings them, so that nothing else would. Which they are
// follows from what was matched and from the lists, however far a run came
// before it was killed.
func (d *delta) follow(ctx context.Context) error {
	if len(d.m.Moved) == 0 {
		return nil
	}
	to, asked := map[sih.ID]sih.ID{}, map[sih.ID]bool{}
	for _, m := range d.m.Moved {
		to[m.Record], asked[m.Was], asked[m.Is] = m.Is, true, true
	}
	people := make([]any, 0, len(asked))
	for id := range asked {
		people = append(people, id)
	}
	stay := map[listedRow]int{} // the place among the rows that are carried on
	for i, r := range d.carried {
		stay[listedRow{id: r.id, rank: r.rank}] = i
	}
	n := 0
	for _, t := range sih.Tables {
		if !t.OfPatient() && t.Name != "source_person" || !t.Has("person_id") || !remembered(t) {
			continue
		}
		rows, err := d.ofPersons(ctx, t, people, to, stay)
		if err != nil {
			return err
		}
		slices.SortFunc(rows, listedRow.compare)
		for some := range slices.Chunk(rows, blockRows) {
			if err := d.give(ctx, fmt.Sprintf("followed %06d", n), some, to, stay); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// ofPersons asks for the rows of a table that are carried on and whose record
// has moved. Those that have followed already are among them.
func (d *delta) ofPersons(ctx context.Context, t *sih.Table, people []any, to map[sih.ID]sih.ID, stay map[listedRow]int) (rows []listedRow, err error) {
	sql := "SELECT id, " + recordColumn(t) + " FROM " + t.Name + " WHERE person_id IN (?"
	for some := range slices.Chunk(people, mostPersons) {
		err := d.store.Query(ctx, sql+strings.Repeat(", ?", len(some)-1)+")", some, func(r store.Row) error {
			id, err1 := sih.ParseID(r.Text(0))
			record, err2 := sih.ParseID(r.Text(1))
			row := listedRow{id: id, rank: uint8(t.Rank())}
			if _, carried := stay[row]; carried && !to[record].IsZero() {
				rows = append(rows, row)
			}
			return errors.Join(err1, err2)
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// recordColumn names the column that tells whose record a row is of.
func recordColumn(t *sih.Table) string {
	if t.OfPatient() {
		return "source_person_id"
	}
	return "id"
}

// give writes rows of a table with the person whom they are of now, and has them
// carried on as such.
func (d *delta) give(ctx context.Context, name string, rows []listedRow, to map[sih.ID]sih.ID, stay map[listedRow]int) error {
	var h store.Hasher
	var list []deltaRow
	var entities []sih.Entity
	err := d.fetch(ctx, rows, func(e sih.Entity) {
		e.Values = slices.Clone(e.Values)
		record := e.Get(recordColumn(e.Table)).ID()
		e.Values[e.Table.Column("person_id")] = sih.IDValue(to[record])
		at := &d.carried[stay[listedRow{id: e.Values[0].ID(), rank: uint8(e.Table.Rank())}]]
		r := deltaRow{id: at.id, rank: at.rank, was: at.sum, is: h.Sum(e)}
		at.sum = r.is
		list, entities = append(list, r), append(entities, e)
	})
	if err != nil {
		return err
	}
	slices.SortFunc(list, deltaRow.compare)
	return d.chunk(ctx, name, list, entitySeq(entities))
}
