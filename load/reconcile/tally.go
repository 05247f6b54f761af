package reconcile

import (
	"cmp"

	"github.com/sihctl/sih"
)

// Tally counts. Its zero value is ready; it is not safe for use by several
// goroutines at once: give each worker its own and merge them.
//
// Its methods return the counters of a key, to be added to:
//
//	rows := tally.Rows(reconcile.RowsKey{Source: src, Table: "dbo.PACIENTES"})
//	rows.Extracted++
//	rows.Accepted++
//
// The pointer stays good as long as the tally does: ask once per chunk for what
// is counted once per row or field.
type Tally struct {
	rows     group[RowsKey, RowsCount]
	entities group[EntitiesKey, EntitiesCount]
	controls group[ControlKey, ControlCount]
	amounts  group[AmountKey, AmountCount]
	fields   group[FieldKey, FieldCount]
	persons  group[sih.SourceID, PersonsCount]
	overlaps group[OverlapKey, OverlapCount]
}

// Rows returns the counters of the first equation for k.
func (t *Tally) Rows(k RowsKey) *RowsCount { return t.rows.at(k) }

// Entities returns the counters of the second equation for k.
func (t *Tally) Entities(k EntitiesKey) *EntitiesCount { return t.entities.at(k) }

// Control returns the control total for k.
func (t *Tally) Control(k ControlKey) *ControlCount { return t.controls.at(k) }

// Amount returns the amounts for k, whose item is not [Remaining].
func (t *Tally) Amount(k AmountKey) *AmountCount { return t.amounts.at(k) }

// Field returns the counters of a column.
func (t *Tally) Field(k FieldKey) *FieldCount { return t.fields.at(k) }

// Merge adds what o counted to t and leaves o as it is.
func (t *Tally) Merge(o *Tally) {
	merge(&t.rows, o.rows)
	merge(&t.entities, o.entities)
	merge(&t.controls, o.controls)
	merge(&t.amounts, o.amounts)
	merge(&t.fields, o.fields)
	merge(&t.persons, o.persons)
	merge(&t.overlaps, o.overlaps)
}

// Add adds the lines of a report, such as one that was kept for a finished
// chunk, to t. Its tolerances and its remaining amounts, which are derived,
// are passed over.
func (t *Tally) Add(r *Report) {
	for _, l := range r.Rows {
		t.Rows(l.RowsKey).add(l.RowsCount)
	}
	for _, l := range r.Entities {
		t.Entities(l.EntitiesKey).add(l.EntitiesCount)
	}
	for _, l := range r.Controls {
		t.Control(l.ControlKey).add(l.ControlCount)
	}
	for _, l := range r.Amounts {
		if l.Item != Remaining {
			t.Amount(l.AmountKey).add(l.AmountCount)
		}
	}
	for _, l := range r.Completeness {
		t.Field(l.FieldKey).add(l.FieldCount)
	}
	for _, l := range r.Persons {
		t.persons.at(l.Source).add(l.PersonsCount)
	}
	for _, l := range r.Overlaps {
		t.overlaps.at(l.OverlapKey).add(l.OverlapCount)
	}
}

// Report returns what was counted, with the tolerances that limits states.
// Nil limits judge no table.
func (t *Tally) Report(limits Limits) *Report {
	r := &Report{
		Rows: lines(t.rows, func(k RowsKey, c RowsCount) RowsLine { return RowsLine{k, c} },
			func(a, b RowsKey) int {
				return order(string(a.Source), string(b.Source), a.Table, b.Table, a.Facility, b.Facility)
			}),
		Entities: lines(t.entities, func(k EntitiesKey, c EntitiesCount) EntitiesLine { return EntitiesLine{k, c} }, compareEntities),
		Controls: lines(t.controls, func(k ControlKey, c ControlCount) ControlLine { return ControlLine{k, c} },
			func(a, b ControlKey) int {
				return cmp.Or(order(string(a.Source), string(b.Source), a.Facility, b.Facility),
					cmp.Compare(a.Year, b.Year), cmp.Compare(a.Measure.rank(), b.Measure.rank()), cmp.Compare(a.Measure, b.Measure))
			}),
		Amounts: lines(t.withRemaining(), func(k AmountKey, c AmountCount) AmountLine { return AmountLine{k, c} },
			func(a, b AmountKey) int {
				return cmp.Or(order(string(a.Source), string(b.Source), a.Payer, b.Payer, a.Month, b.Month),
					cmp.Compare(a.Item.rank(), b.Item.rank()), cmp.Compare(a.Item, b.Item))
			}),
		Completeness: lines(t.fields, func(k FieldKey, c FieldCount) FieldLine { return FieldLine{k, c} }, compareFields),
		Persons:      lines(t.persons, func(k sih.SourceID, c PersonsCount) PersonsLine { return PersonsLine{k, c} }, cmp.Compare[sih.SourceID]),
		Overlaps: lines(t.overlaps, func(k OverlapKey, c OverlapCount) OverlapLine { return OverlapLine{k, c} },
			func(a, b OverlapKey) int {
				return order(string(a.A), string(b.A), string(a.B), string(b.B))
			}),
	}
	r.Tolerances = limits.judge(r.Entities)
	return r
}

// withRemaining returns the amounts and, for each source, payer and month,
// what remains; over all payers where a source's receipts do not tell who paid.
// Unreadable rows are not counted a second time.
func (t *Tally) withRemaining() group[AmountKey, AmountCount] {
	untold := map[sih.SourceID]bool{}
	for k := range t.amounts {
		if k.Item == Received && k.Payer == "" {
			untold[k.Source] = true
		}
	}
	all := make(group[AmountKey, AmountCount], len(t.amounts)*2)
	for k, c := range t.amounts {
		if k.Item == Remaining {
			continue
		}
		all[k] = c
		sign := int64(-1)
		switch k.Item {
		case Billed:
			sign = 1
		case Exempted, Received:
		default:
			continue
		}
		k.Item = Remaining
		if untold[k.Source] {
			k.Payer = ""
		}
		all.at(k).add(AmountCount{Expected: sign * c.Expected, Found: sign * c.Found, LeftOut: sign * c.LeftOut})
	}
	return all
}

func compareEntities(a, b EntitiesKey) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), compareTables(a.Table, b.Table),
		cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Year, b.Year))
}

func compareFields(a, b FieldKey) int {
	if c := cmp.Or(compareTables(a.Table, b.Table), cmp.Compare(a.Source, b.Source)); c != 0 {
		return c
	}
	// Columns in the order of the schema, not of the alphabet.
	if t := sih.TableByName(a.Table); t != nil {
		if c := cmp.Compare(t.Column(a.Column), t.Column(b.Column)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Column, b.Column)
}

// compareTables puts unified tables in dependency order, others last.
func compareTables(a, b string) int {
	return cmp.Or(cmp.Compare(tableRank(a), tableRank(b)), cmp.Compare(a, b))
}

func tableRank(name string) int {
	if t := sih.TableByName(name); t != nil {
		return t.Rank()
	}
	return len(sih.Tables)
}
