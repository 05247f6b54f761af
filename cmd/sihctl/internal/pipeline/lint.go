package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/identity"
	"github.com/sihctl/sih/transform/mapping"
)

// MappingFinding is what is wrong, or may be, with a source's mapping.
type MappingFinding struct {
	Source  sih.SourceID `json:"source"`
	Level   string       `json:"level"` // error, warning or note
	File    string       `json:"file"`
	Line    int          `json:"line,omitempty"`
	Column  int          `json:"column,omitempty"`
	Message string       `json:"message"`
}

// LintReport is what was looked at and found.
type LintReport struct {
	Sources  int              `json:"sources"`
	Files    int              `json:"files"`
	Rows     int64            `json:"rows"` // that were mapped on trial
	Errors   int              `json:"errors"`
	Warnings int              `json:"warnings"`
	Findings []MappingFinding `json:"findings"`
}

// linter gathers what is found about one source.
type linter struct {
	o      Options
	p      *runPlan
	s      *sourcePlan
	report *LintReport
}

func (l *linter) say(level, file string, line, column int, format string, args ...any) {
	switch level {
	case "error":
		l.report.Errors++
	case "warning":
		l.report.Warnings++
	}
	l.report.Findings = append(l.report.Findings, MappingFinding{l.s.config.ID, level, file, line, column, fmt.Sprintf(format, args...)})
}

func (l *linter) faults(level string, err error) {
	for _, f := range mapping.AllFaults(err) {
		l.say(level, f.File, f.Line, f.Column, "%v", f.Err)
	}
}

// LintMappings checks the mappings of the sources, of all where none is named:
// the files, against the snapshots' catalogues, and, of at most sample rows of
// each table, against what is in them; of all rows where sample is 0.
func LintMappings(ctx context.Context, o Options, sources []*project.Source, sample int) (*LintReport, error) {
	report := &LintReport{Findings: []MappingFinding{}}
	p, err := emptyPlan(o)
	if err != nil {
		return nil, err
	}
	for _, c := range sources {
		l := &linter{o, p, &sourcePlan{config: c, plans: map[string]*mapping.Plan{}}, report}
		report.Sources++
		if err := l.source(ctx, sample); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// emptyPlan is a plan of a project without its sources.
func emptyPlan(o Options) (p *runPlan, err error) {
	p = &runPlan{project: o.Project, targets: make([]bool, len(sih.Tables))}
	if p.facilities, err = readFacilities(o.Project); err != nil {
		return nil, err
	}
	if p.corrections, err = readCorrections(o.Project); err != nil {
		return nil, err
	}
	p.zone, err = zone(o.Project.Config.Country)
	return p, err
}

func (l *linter) source(ctx context.Context, sample int) error {
	c := l.s.config
	files, where, err := mappingFiles(l.o.Project, c.System)
	if err != nil {
		return err
	}
	list, err := mapping.Load(files)
	l.faults("error", err)
	broken := err != nil
	_, err = mapping.LoadCases(files)
	l.faults("error", err)
	l.report.Files += len(list)
	for _, f := range list {
		if f.System != c.System {
			l.say("error", f.Path, 1, 1, "system is %q, and the folder is %s", f.System, where)
		}
	}
	l.s.snap, err = l.o.Project.OpenSnapshot(c)
	if err == nil {
		err = l.s.snap.Readable()
	}
	if err != nil {
		l.o.note(fmt.Sprintf("%s has no snapshot that can be read: its columns are not checked", c.ID))
		l.s.snap = nil
	}
	setting, err := l.setting(files, list)
	if err != nil {
		return err
	}
	if !l.compile(list, setting) || broken || l.s.snap == nil {
		return nil
	}
	drafts := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(l.s.plans)) {
		t, _ := l.s.snap.Table(name)
		types := map[string]string{}
		for _, col := range t.Columns {
			types[col.Name] = col.Type
		}
		l.faults("warning", l.s.plans[name].Doubts(types))
		maps.Copy(drafts, l.s.plans[name].Drafts())
	}
	if n := 0; len(drafts) > 0 {
		for _, of := range drafts {
			n += of
		}
		l.say("note", "", 0, 0, "%d codes of %d code lists are drafts, which nobody has approved", n, len(drafts))
	}
	return l.data(ctx, sample)
}

// setting is what the mappings of a source compile with: the catalogue is its
// snapshot's, or what the files say themselves.
func (l *linter) setting(files fs.FS, list []*mapping.File) (mapping.Setting, error) {
	c := l.s.config
	rules, err := l.s.rules(l.o.Project.Config.Country)
	s := mapping.Setting{
		Source: c.ID, Files: files, Facility: c.Facility.Code, Rules: rules, Facilities: l.p.facilities.lookup(c),
		Complete: map[string]func(*mapping.Completion){"source_person": identity.For(l.o.Project.Config.Country)},
		Tables:   map[string]mapping.Table{}, LeftOut: map[string]bool{}, Index: l.s.index, Today: l.s.day(),
		Corrections: l.p.corrections.lists[c.ID],
	}
	for name, out := range c.LeaveOut {
		s.LeftOut[name] = out.All
	}
	if l.s.snap == nil {
		s.Tables = mapping.TablesOf(list)
		return s, err
	}
	for _, t := range l.s.snap.Tables {
		s.Tables[t.Name] = mappingTable(t)
	}
	return s, err
}

// compile compiles every table and tells whether all can run.
func (l *linter) compile(list []*mapping.File, setting mapping.Setting) bool {
	before := l.report.Errors
	for _, name := range slices.Sorted(maps.Keys(setting.Tables)) {
		f := mapping.ForTable(list, name)
		if f == nil {
			if l.s.snap != nil {
				l.say("error", "", 0, 0, "no mapping for table %s: write one, or name it under excluded in a file without from", name)
			}
			continue
		}
		plan, err := mapping.Compile(f, setting.Tables[name], setting)
		l.faults("error", err)
		if err == nil {
			l.s.plans[name] = plan
		}
	}
	known := maps.Clone(l.s.plans)
	for _, f := range list {
		if _, held := setting.Tables[f.From]; held || f.From == "" {
			continue
		}
		if known[f.From] = nil; !setting.LeftOut[f.From] {
			l.say("error", f.Path, 0, 0, "the source has no table %s%s", f.From, mapping.Suggest(f.From, slices.Sorted(maps.Keys(setting.Tables))))
		}
	}
	if l.report.Errors == before {
		l.faults("error", mapping.Link(known))
	}
	return l.report.Errors == before
}

// data maps rows on trial and tells of codes that no list has, and of what
// would be rejected.
func (l *linter) data(ctx context.Context, sample int) error {
	for _, t := range l.s.snap.Tables {
		l.p.add(l.o, l.s, t)
	}
	if err := l.s.openIndexes(l.o.Project.Dir, l.p.chunks); err != nil {
		return err
	}
	err := l.rows(ctx, sample)
	return errors.Join(err, l.s.closeIndexes())
}

func (l *linter) rows(ctx context.Context, sample int) error {
	for _, t := range l.s.snap.Tables {
		plan := l.s.plans[t.Name]
		if plan.Round() > 0 || len(plan.File.Entities) == 0 {
			continue // what is taken in by others is known when these are mapped
		}
		trial := &mapping.Trial{Lean: true}
		runner := plan.NewTrial(trial, l.p.zone)
		causes := map[string]int64{}
		keys, repeated := map[uint64]struct{}{}, 0
		for n, c := range t.Chunks {
			if sample > 0 && trial.Meta.Rows >= int64(sample) {
				break
			}
			rows := func() iter.Seq2[[]sih.Raw, error] { return l.s.snap.Rows(t, c) }
			if err := runner.Begin(n, rows); err != nil {
				return err
			}
			i := 0
			for row, err := range rows() {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					return err
				}
				if sample > 0 && trial.Meta.Rows >= int64(sample) {
					break
				}
				runner.Row(i, row)
				i++
				key := maphash.String(seed, plan.Key(row))
				if _, twice := keys[key]; twice {
					repeated++
				}
				keys[key] = struct{}{}
			}
			for _, note := range trial.Notes {
				if note.Severity == sih.Reject {
					causes[fmt.Sprintf("%s.%s: %s %s", note.Table, cmp.Or(note.Field, "the whole row"), note.Reason, cmp.Or(note.Detail, note.Reason.Meaning()))]++
				}
			}
			trial.Notes = trial.Notes[:0]
		}
		runner.Flush()
		l.report.Rows += trial.Meta.Rows
		l.unmapped(plan.File.Path, trial)
		if line, column := plan.File.KeyPlace(); repeated > 0 {
			l.say(graver(int64(repeated), trial.Meta.Rows), plan.File.Path, line, column, "the key of %d of %d rows is another row's too: of these only the first is kept", repeated, trial.Meta.Rows)
		}
		for _, cause := range slices.Sorted(maps.Keys(causes)) {
			l.say(graver(causes[cause], trial.Meta.Rows), plan.File.Path, 0, 0, "%d of %d rows are rejected for %s", causes[cause], trial.Meta.Rows, cause)
		}
	}
	return nil
}

// graver is the level of what concerns so many of the rows: below one in a
// hundred it is a fault of the data rather than of the mapping.
func graver(n, rows int64) string {
	if n*100 < rows {
		return "note"
	}
	return "warning"
}

// seed is for telling keys apart within one command.
var seed = maphash.MakeSeed()

// rarest is how often a code must stand there to be shown: what stands there
// less may be somebody's words.
const rarest = 3

func (l *linter) unmapped(file string, t *mapping.Trial) {
	lists := map[string][]string{}
	rare := map[string]int{}
	for _, u := range t.Meta.Codes {
		switch {
		case u.Status != "unmapped":
		case u.Uses >= rarest:
			lists[u.List] = append(lists[u.List], fmt.Sprintf("%q (%d)", u.Code, u.Uses))
		default:
			rare[u.List]++
			lists[u.List] = append(lists[u.List], "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		codes := slices.DeleteFunc(lists[name], func(s string) bool { return s == "" })
		if n := rare[name]; n > 0 {
			codes = append(codes, fmt.Sprintf("%d that stand there once or twice", n))
		}
		more := ""
		if len(codes) > 12 {
			codes, more = codes[:12], ", …"
		}
		l.say("warning", file, 0, 0, "codes that %s has not: %s%s", name, strings.Join(codes, ", "), more)
	}
}
