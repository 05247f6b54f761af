package pipeline

import (
	"context"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
)

// columnsOf finds the model's columns in source_person; -1 where it has none.
func columnsOf(m *match.Model) []int {
	t := sih.TableByName("source_person")
	alias := map[string]string{"system": "source_system", "facility": "facility_id"}
	var out []int
	for _, c := range m.Columns {
		if a, ok := alias[c]; ok {
			c = a
		}
		out = append(out, t.Column(c))
	}
	return out
}

// valuesUnder puts a source person's values under the model's columns, those
// that at leads to.
func valuesUnder(at []int, e *stage.Entity, values []string) {
	for i, c := range at {
		if values[i] = ""; c >= 0 {
			values[i] = e.Values[c].String()
		}
	}
}

// fillPatients makes a table of the source persons that source gives to add.
// Of those that are lent, the texts are gone with the next one.
func fillPatients(ctx context.Context, o Options, model *match.Model, source func(add func(e *stage.Entity, lent bool) error) error) (*match.Table, error) {
	table, err := match.NewTable(model, linkage.Cleaners())
	if err != nil {
		return nil, err
	}
	table.Complete = func() func([]string) { return linkage.FlagColumn(model) }
	at, values := columnsOf(model), make([]string, len(model.Columns))
	return table, table.Fill(ctx, o.workers(), func(add func(uint8, sih.ID, []string) error) error {
		return source(func(e *stage.Entity, lent bool) error {
			valuesUnder(at, e, values)
			for i := range values {
				if lent {
					values[i] = strings.Clone(values[i])
				}
			}
			return add(0, e.Values[0].ID(), values)
		})
	})
}

// Patients yields the patient records that match compared: each one's id, and
// its values under the model's columns, which are good until the next call.
func Patients(ctx context.Context, o Options, model *match.Model, fn func(id sih.ID, values []string) error) error {
	p, m, err := planMatched(o)
	if err != nil {
		return err
	}
	at, values := columnsOf(model), make([]string, len(model.Columns))
	flag := linkage.FlagColumn(model)
	return eachPerson(ctx, p, m.Faults, func(e *stage.Entity) error {
		valuesUnder(at, e, values)
		flag(values)
		return fn(e.Values[0].ID(), values)
	})
}

// RunPatients matches the patient records of a project again, as match does,
// to tell why.
func RunPatients(ctx context.Context, o Options, model *match.Model) (*match.Result, error) {
	p, m, err := planMatched(o)
	if err != nil {
		return nil, err
	}
	table, err := fillPatients(ctx, o, model, func(add func(*stage.Entity, bool) error) error {
		return eachPerson(ctx, p, m.Faults, func(e *stage.Entity) error { return add(e, false) })
	})
	if err != nil {
		return nil, err
	}
	return table.Run(ctx, match.Options{Workers: o.workers(), AsOf: today(o)})
}
