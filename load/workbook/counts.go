package workbook

import (
	"fmt"
	"strconv"

	"github.com/sihctl/sih/load/reconcile"
)

// The columns that several sheets share.
var (
	columnSource     = column{key: "source", width: 24}
	columnTable      = column{key: "table", width: 22}
	columnFacility   = column{key: "facility", width: 22}
	columnDifference = []column{
		{key: "difference", kind: whole, width: 13},
		{key: "difference_program", kind: whole, width: 13},
		{key: "status", kind: status, width: 15},
	}
)

func columns(first []column, more ...[]column) []column {
	out := append([]column(nil), first...)
	for _, m := range more {
		out = append(out, m...)
	}
	return out
}

// counted declares columns of counts.
func counted(keys ...string) []column {
	out := make([]column, len(keys))
	for i, k := range keys {
		out[i] = column{key: k, kind: whole, width: 13, summed: true}
	}
	return out
}

// state is the word for a line's difference, by the sheet's own formula and
// by the program.
func (b *book) state(difference int64) live {
	ok, bad := b.words["status.ok"], b.words["status.bad"]
	l := live{formula: "IF(AND({difference}=0,{difference_program}=0)," + strconv.Quote(ok) + "," + strconv.Quote(bad) + ")", value: ok}
	if difference != 0 {
		l.value = bad
	}
	return l
}

// rows writes the first equation, and what the store says of the rows that were
// left out.
func (b *book) rows() error {
	lines := b.Report.Rows
	amount := func(key string) column { return column{key: key, kind: money, width: 16, summed: true} }
	s, err := b.open(tabRows, len(lines), columns([]column{{key: "source", width: 15}, {key: "source_table", width: 24}, {key: "facility", width: 12}},
		counted("extracted", "accepted", "rejected", "excluded", "joined"), []column{{key: "listed", kind: whole, width: 15, summed: true}, amount("row_amount"), amount("noted")}, columnDifference[:1],
		[]column{{key: "difference_listed", kind: whole, width: 10}, {key: "difference_amount", kind: money, width: 10}}, columnDifference[1:])...)
	if err != nil {
		return err
	}
	sum := sumRows(lines)
	if err := s.totals(map[string]any{
		"extracted": sum.Extracted, "accepted": sum.Accepted, "rejected": sum.Rejected, "excluded": sum.Excluded, "joined": sum.Joined,
		"listed": sum.Listed, "row_amount": centimes(sum.LeftOut), "noted": centimes(sum.Noted),
	}); err != nil {
		return err
	}
	ok, bad := b.words["status.ok"], b.words["status.bad"]
	word := fmt.Sprintf("IF(AND({difference}=0,{difference_program}=0,{difference_listed}=0,{difference_amount}=0),%q,%q)", ok, bad)
	for _, l := range lines {
		d, state := l.Difference(), ok
		if d != 0 || l.Unlisted() != 0 || l.Unnoted() != 0 {
			state = bad
		}
		if err := s.add(string(l.Source), l.Table, l.Facility, l.Extracted, l.Accepted, l.Rejected, l.Excluded, l.Joined, l.Listed, owed(l.LeftOut), owed(l.Noted),
			live{"{extracted}-{accepted}-{rejected}-{excluded}-{joined}", d}, live{"{rejected}+{excluded}-{listed}", l.Unlisted()},
			live{"ROUND({row_amount}-{noted},2)", centimes(l.Unnoted())}, d, live{word, state}); err != nil {
			return err
		}
	}
	return s.close()
}

func sumRows(lines []reconcile.RowsLine) (c reconcile.RowsCount) {
	for _, l := range lines {
		c.Extracted += l.Extracted
		c.Accepted += l.Accepted
		c.Rejected += l.Rejected
		c.Excluded += l.Excluded
		c.Joined += l.Joined
		c.Listed += l.Listed
		c.LeftOut += l.LeftOut
		c.Noted += l.Noted
	}
	return c
}

// entities writes the second equation.
func (b *book) entities() error {
	lines := b.Report.Entities
	s, err := b.open(tabEntities, len(lines), columns([]column{columnSource, columnTable, columnFacility, {key: "year", kind: plain, width: 8}},
		counted("produced", "created", "inserted", "updated", "unchanged", "merged", "rejected"), columnDifference)...)
	if err != nil {
		return err
	}
	sum := sumEntities(lines)
	if err := s.totals(map[string]any{
		"produced": sum.Produced, "created": sum.Created, "inserted": sum.Inserted, "updated": sum.Updated,
		"unchanged": sum.Unchanged, "merged": sum.Merged, "rejected": sum.Rejected,
	}); err != nil {
		return err
	}
	for _, l := range lines {
		d := l.Difference()
		if err := s.add(string(l.Source), l.Table, l.Facility, year(l.Year),
			l.Produced, l.Created, l.Inserted, l.Updated, l.Unchanged, l.Merged, l.Rejected,
			live{"{produced}+{created}-{inserted}-{updated}-{unchanged}-{merged}-{rejected}", d}, d, b.state(d)); err != nil {
			return err
		}
	}
	return s.close()
}

func sumEntities(lines []reconcile.EntitiesLine) (c reconcile.EntitiesCount) {
	for _, l := range lines {
		c.Produced += l.Produced
		c.Created += l.Created
		c.Inserted += l.Inserted
		c.Updated += l.Updated
		c.Unchanged += l.Unchanged
		c.Merged += l.Merged
		c.Rejected += l.Rejected
	}
	return c
}

// year is empty where there is none.
func year(y int) any {
	if y == 0 {
		return nil
	}
	return y
}

// tolerances writes each unified table's rejections against what was agreed.
// What was made and rejected is asked of the sheet of entities.
func (b *book) tolerances() error {
	lines := b.Report.Tolerances
	s, err := b.open(tabTolerances, len(lines), columnTable,
		column{key: "made", kind: whole, width: 16, summed: true}, column{key: "rejected", kind: whole, width: 13, summed: true},
		column{key: "share", kind: limit, width: 13}, column{key: "limit", kind: limit, width: 13},
		column{key: "status", kind: status, width: 14})
	if err != nil {
		return err
	}
	var made, rejected int64
	for _, l := range lines {
		made += l.Made
		rejected += l.Rejected
	}
	if err := s.totals(map[string]any{"made": made, "rejected": rejected}); err != nil {
		return err
	}
	e := b.grids[tabEntities]
	table := e.span("table")
	ok, over, none := b.words["status.ok"], b.words["status.over"], b.words["status.none"]
	word := "IF({limit}=\"\"," + strconv.Quote(none) + ",IF({rejected}<=ROUND({limit}*{made},6)," + strconv.Quote(ok) + "," + strconv.Quote(over) + "))"
	for _, l := range lines {
		var part float64
		if l.Made > 0 {
			part = float64(l.Rejected) / float64(l.Made)
		}
		var limit any
		state := none
		if l.Limit != nil {
			limit, state = *l.Limit, ok
		}
		if !l.Kept() {
			state = over
		}
		if err := s.add(l.Table,
			live{"SUMIFS(" + e.span("produced") + "," + table + ",{table})+SUMIFS(" + e.span("created") + "," + table + ",{table})", l.Made},
			live{"SUMIFS(" + e.span("rejected") + "," + table + ",{table})", l.Rejected},
			live{"IF({made}=0,0,{rejected}/{made})", part}, limit, live{word, state}); err != nil {
			return err
		}
	}
	return s.close()
}
