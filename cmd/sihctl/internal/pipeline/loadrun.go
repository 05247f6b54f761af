package pipeline

import (
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/stage"
)

func (l *loader) countCodes(source sih.SourceID, uses []stage.CodeUse) {
	for _, u := range uses {
		k := codeKey{source, u.List, u.Code}
		if have := l.codes[k]; have != nil {
			have.Uses += u.Uses
		} else {
			l.codes[k] = &u
		}
	}
}

func (l *loader) codeRows() []sih.Entity {
	t := sih.TableByName("code_map")
	var out []sih.Entity
	for k, u := range l.codes {
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
		set("source_system", sih.CodeValue(string(k.source)))
		set("list_name", sih.StrValue(short(k.list, 80)))
		set("source_code", sih.StrValue(short(k.code, 120)))
		set("label", sih.StrValue(short(u.Label, 200)))
		set("target_code", sih.CodeValue(u.Target))
		set("status", sih.CodeValue(u.Status))
		set("approved_by", sih.StrValue(short(u.By, 80)))
		set("uses", sih.IntValue(u.Uses))
		set("run_id", sih.IDValue(l.p.id))
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b sih.Entity) int {
		for i := range 3 {
			if c := strings.Compare(a.Values[i].String(), b.Values[i].String()); c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

// runRows are the rows about the run and its sources.
func runRows(o Options, p *runPlan) []sih.Entity {
	t := sih.TableByName("source_system")
	out := []sih.Entity{runRow(o, p)}
	for _, s := range p.sources {
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
		set("id", sih.CodeValue(string(s.config.ID)))
		set("vendor_system", sih.CodeValue(s.config.System))
		set("driver", sih.CodeValue(string(s.config.Driver)))
		set("facility_code", sih.StrValue(s.config.Facility.Code))
		set("snapshot_hash", sih.StrValue(s.snap.Content))
		out = append(out, e)
	}
	return out
}

func runRow(o Options, p *runPlan) sih.Entity {
	t := sih.TableByName("migration_run")
	e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
	set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
	set("id", sih.IDValue(p.id))
	mode := o.Project.Config.Mode
	if p.delta() {
		mode = project.Delta // a wave too: it changes a live store, and is undone like one
	}
	set("mode", sih.CodeValue(string(mode)))
	set("wave", sih.StrValue(o.Project.Config.Wave))
	set("sequence", sih.IntValue(1))
	set("tool_version", sih.CodeValue(o.Version))
	set("config_hash", sih.StrValue(p.configHash))
	set("mapping_hash", sih.StrValue(p.mappingHash))
	set("snapshot_hash", sih.StrValue(p.snapHash))
	set("started_at", sih.TSValue(sih.TimestampOf(o.now())))
	return e
}

// finishedRun is the run's row once all is in.
func finishedRun(o Options, p *runPlan) []sih.Entity {
	e := runRow(o, p)
	e.Values[e.Table.Column("finished_at")] = sih.TSValue(sih.TimestampOf(o.now()))
	return []sih.Entity{e}
}
