package reconcile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

// What stands in count_check's table_name for control totals and for amounts,
// which are not those of one table.
const (
	ControlTable = "control_totals"
	AmountTable  = "amounts"
)

// The measures of count_check that are no control totals.
const (
	measureRows     = "rows"
	measureEntities = "entities"
	measureListed   = "listed"
	measureLeftOut  = "left_out" // centimes
)

// CountChecks returns the lines of both equations, of the rows left out and what
// they would have brought, of the control totals and of the amounts as rows of
// count_check, in the order of the report. An amount's payer stands where a
// control total has its facility, and its month behind its name: "billed
// 2024-03".
func (r *Report) CountChecks(run sih.ID) []sih.Entity {
	table := sih.TableByName("count_check")
	out := make([]sih.Entity, 0, len(r.Rows)+len(r.Entities)+len(r.Controls)+len(r.Amounts))
	add := func(source sih.SourceID, name, facility string, year int, measure string, difference int64, terms map[string]int64) {
		e := sih.Entity{Table: table, Values: make([]sih.Value, len(table.Columns))}
		set := func(column string, v sih.Value) {
			if i := table.Column(column); i >= 0 {
				e.Values[i] = v
			}
		}
		set("run_id", sih.IDValue(run))
		set("source_system", sih.CodeValue(string(source)))
		set("table_name", sih.StrValue(name))
		set("facility_code", sih.StrValue(facility))
		set("report_year", sih.IntValue(int64(year)))
		set("measure", sih.StrValue(measure))
		for column, n := range terms {
			set(column, sih.IntValue(n))
		}
		set("difference", sih.IntValue(difference))
		out = append(out, e)
	}
	for _, l := range r.Rows {
		add(l.Source, l.Table, l.Facility, 0, measureRows, l.Difference(), map[string]int64{
			"extracted": l.Extracted, "accepted": l.Accepted, "rejected": l.Rejected, "excluded": l.Excluded, "joined": l.Joined,
		})
		add(l.Source, l.Table, l.Facility, 0, measureListed, l.Unlisted(), map[string]int64{"left_out": l.Rejected + l.Excluded, "found": l.Listed})
		add(l.Source, l.Table, l.Facility, 0, measureLeftOut, l.Unnoted(), map[string]int64{"left_out": l.LeftOut, "found": l.Noted})
	}
	for _, l := range r.Entities {
		add(l.Source, l.Table, l.Facility, l.Year, measureEntities, l.Difference(), map[string]int64{
			"produced": l.Produced, "created": l.Created, "inserted": l.Inserted, "updated": l.Updated,
			"unchanged": l.Unchanged, "merged": l.Merged, "rejected": l.Rejected,
		})
	}
	for _, l := range r.Controls {
		add(l.Source, ControlTable, l.Facility, l.Year, string(l.Measure), l.Difference(), map[string]int64{
			"expected": l.Expected, "found": l.Found, "left_out": l.LeftOut,
		})
	}
	for _, l := range r.Amounts {
		if l.Item == Remaining {
			continue // derived
		}
		year, _ := strconv.Atoi(l.Month[:min(4, len(l.Month))]) // 0 where there is no month
		add(l.Source, AmountTable, l.Payer, year, strings.TrimSpace(string(l.Item)+" "+l.Month), l.Difference(), map[string]int64{
			"expected": l.Expected, "found": l.Found, "left_out": l.LeftOut,
		})
	}
	return out
}

// FromCountChecks returns a tally of the lines that the rows of count_check
// hold. It refuses a row whose stored difference is not that of its terms.
func FromCountChecks(rows []sih.Entity) (*Tally, error) {
	t := new(Tally)
	for i, e := range rows {
		if e.Table == nil || e.Table.Name != "count_check" {
			return nil, fmt.Errorf("read count_check row %d: of another table", i+1)
		}
		n := func(column string) int64 { return e.Get(column).Int() }
		source := sih.SourceID(e.Get("source_system").String())
		name, facility := e.Get("table_name").String(), e.Get("facility_code").String()
		var difference int64
		switch measure := e.Get("measure").String(); measure {
		case measureRows:
			c := RowsCount{Extracted: n("extracted"), Accepted: n("accepted"), Rejected: n("rejected"), Excluded: n("excluded"), Joined: n("joined")}
			t.Rows(RowsKey{source, name, facility}).add(c)
			difference = c.Difference()
		case measureLeftOut:
			c := RowsCount{LeftOut: n("left_out"), Noted: n("found")}
			t.Rows(RowsKey{source, name, facility}).add(c)
			difference = c.Unnoted()
		case measureListed: // of the rows that the line of rows tells
			t.Rows(RowsKey{source, name, facility}).add(RowsCount{Listed: n("found")})
			difference = n("left_out") - n("found")
		case measureEntities:
			c := EntitiesCount{
				Produced: n("produced"), Created: n("created"), Inserted: n("inserted"), Updated: n("updated"),
				Unchanged: n("unchanged"), Merged: n("merged"), Rejected: n("rejected"),
			}
			t.Entities(EntitiesKey{source, name, facility, int(n("report_year"))}).add(c)
			difference = c.Difference()
		default:
			if name == AmountTable {
				c := AmountCount{Expected: n("expected"), Found: n("found"), LeftOut: n("left_out")}
				item, month, _ := strings.Cut(measure, " ")
				t.Amount(AmountKey{source, facility, month, Item(item)}).add(c)
				difference = c.Difference()
				break
			}
			c := ControlCount{Expected: n("expected"), Found: n("found"), LeftOut: n("left_out")}
			t.Control(ControlKey{source, facility, int(n("report_year")), Measure(measure)}).add(c)
			difference = c.Difference()
		}
		if difference != n("difference") {
			return nil, fmt.Errorf("read count_check row %d: its difference is %d and its terms leave %d", i+1, n("difference"), difference)
		}
	}
	return t, nil
}
