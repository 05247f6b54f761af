package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
)

// wave tells whether the run brings a project's sources into a store that other
// projects have filled.
func (p *runPlan) wave() bool { return p.project.Config.Mode == project.Wave }

// readOthers notes which records of the store are not of the project's sources,
// and what runs have brought them.
func (f *former) readOthers(ctx context.Context, s store.Store, p *runPlan) error {
	err := s.Query(ctx, "SELECT id FROM source_system", nil, func(r store.Row) error {
		if id := sih.SourceID(strings.Clone(r.Text(0))); p.project.Config.Source(id) == nil {
			f.others = append(f.others, id)
		}
		return nil
	})
	if err != nil || len(f.others) == 0 {
		return err
	}
	f.gone = map[sih.ID]bool{}
	err = s.Query(ctx, "SELECT g.id FROM source_record g JOIN source_person p ON p.id = g.id WHERE g.state = 'gone'", nil, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(0))
		f.gone[id] = true
		return err
	})
	return err
}

// eachOther calls fn for every living record of another project's sources.
func (f *former) eachOther(ctx context.Context, o Options, fn func(*stage.Entity) error) error {
	if f == nil || len(f.others) == 0 {
		return nil
	}
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return err
	}
	defer done()
	e := &stage.Entity{}
	for row, err := range s.Scan(ctx, sih.TableByName("source_person"), store.Span{}) {
		if err != nil {
			return err
		}
		if !slices.Contains(f.others, sih.SourceID(row.Get("source_system").String())) || f.gone[row.Values[0].ID()] {
			continue
		}
		e.Entity = row
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// alone tells whether no other project has records in the store.
func (f *former) alone() bool { return f == nil || len(f.others) == 0 }

// touched are the persons that records of the project's sources are of, or were:
// those whose golden records are made again.
func (f *former) touched(r *match.Result, links []link, own int) map[sih.ID]bool {
	out := map[sih.ID]bool{}
	for i, l := range links {
		if int(r.Input(uint32(i))) >= own {
			continue
		}
		out[l.Person] = true
		if was, ok := f.find(l.Record); ok {
			out[was.Person] = true
		}
	}
	return out
}

// heldAlready stands for a store that holds the run itself: what was matched for
// it is what it was loaded from, whatever others have loaded since.
const heldAlready = "the run"

// heldBy names the runs of the store that a match is made against. It is empty
// where no other project has records there: the project's own runs name those
// before them.
func heldBy(ctx context.Context, o Options, p *runPlan) (string, error) {
	if !p.delta() {
		return "", nil
	}
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return "", err
	}
	defer done()
	var f former
	if err := f.readOthers(ctx, s, p); err != nil || f.alone() {
		return "", err
	}
	var runs []string
	held := false
	err = s.Query(ctx, "SELECT id FROM migration_run WHERE finished_at IS NOT NULL ORDER BY id", nil, func(r store.Row) error {
		runs = append(runs, strings.Clone(r.Text(0)))
		held = held || r.Text(0) == p.id.String()
		return nil
	})
	if held {
		return heldAlready, err
	}
	return strings.Join(runs, " "), err
}

// holdMatch sees to it that no other project has changed the store since the
// records were matched against those there.
func holdMatch(ctx context.Context, o Options, p *runPlan, m *matched) error {
	held, err := heldBy(ctx, o, p)
	if err == nil && held != m.Held && held != heldAlready {
		err = &ConfigError{Err: errors.New("another project has loaded into the store since the records were matched"), Advice: "run `sihctl match` again"}
	}
	return err
}
