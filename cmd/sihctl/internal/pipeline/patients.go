package pipeline

import (
	"context"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
)

// Patients yields the patient records that match compared: each one's id, and
// its values under the model's columns, which are good until the next call.
func Patients(ctx context.Context, o Options, model *match.Model, fn func(id sih.ID, values []string) error) error {
	p, m, err := planMatched(o)
	if err != nil {
		return err
	}
	at := columnsOf(model)
	values := make([]string, len(model.Columns))
	flagger := linkage.NewFlagger()
	return eachPerson(ctx, p, m.Faults, func(e *stage.Entity) error {
		for i, c := range at {
			if values[i] = ""; c >= 0 {
				values[i] = e.Values[c].String()
			} else if model.Columns[i] == "flags" {
				values[i] = flagger.Flags(e.Get("family_name").String(), e.Get("given_name").String(), e.Get("family_name_ar").String(), e.Get("given_name_ar").String())
			}
		}
		return fn(e.Values[0].ID(), values)
	})
}

// RunPatients matches the patient records of a project again, as match does,
// to tell why.
func RunPatients(ctx context.Context, o Options, model *match.Model) (*match.Result, error) {
	table, err := match.NewTable(model, linkage.Cleaners())
	if err != nil {
		return nil, err
	}
	if err := Patients(ctx, o, model, table.Add); err != nil {
		return nil, err
	}
	return table.Run(ctx, match.Options{Workers: o.workers(), AsOf: today(o)})
}
