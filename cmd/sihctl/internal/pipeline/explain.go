package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// Explanation is how one record is mapped. It holds a patient's data.
type Explanation struct {
	Source   sih.SourceID       `json:"source"`
	Table    string             `json:"table"`
	Place    string             `json:"place"` // chunk and row
	Mapping  string             `json:"mapping"`
	Record   []ExplainedField   `json:"record"`
	State    string             `json:"state"`
	Reason   string             `json:"reason,omitempty"`
	Fields   []ExplainedStep    `json:"fields"`
	Entities []ExplainedEntity  `json:"entities"`
	Issues   []ExplainedIssue   `json:"issues"`
	Controls []ExplainedControl `json:"controls,omitempty"`
}

// ExplainedField is a column as the source has it.
type ExplainedField struct {
	Column string  `json:"column"`
	Value  *string `json:"value"` // nil for NULL
}

// ExplainedStep is a field of an entity, and how it came about.
type ExplainedStep struct {
	Entity string   `json:"entity"`
	Field  string   `json:"field"`
	From   []string `json:"from"` // column = value
	Steps  []string `json:"steps"`
	Result string   `json:"result"`
}

// ExplainedEntity is what came of it: the columns that hold something.
type ExplainedEntity struct {
	Entity string            `json:"entity"`
	Values map[string]string `json:"values"`
}

// ExplainedIssue is a fault that was found.
type ExplainedIssue struct {
	Entity   string `json:"entity"`
	Field    string `json:"field"`
	Reason   string `json:"reason"`
	Meaning  string `json:"meaning"`
	Severity string `json:"severity"`
	Detail   string `json:"detail,omitempty"`
}

// ExplainedControl is what the record counts for.
type ExplainedControl struct {
	Measure string `json:"measure"`
	Year    int    `json:"year,omitempty"`
	Amount  int64  `json:"amount"`
}

// Explain maps the record with the given key of a source's table on trial. The
// key is written as in the store: parts are joined by |; #12 is the table's
// twelfth row, whatever its key.
func Explain(ctx context.Context, o Options, c *project.Source, table, key string) (*Explanation, error) {
	p, err := emptyPlan(o)
	if err != nil {
		return nil, err
	}
	s, err := p.source(o, c)
	if err != nil {
		return nil, err
	}
	t, ok := s.snap.Table(table)
	if !ok {
		var names []string
		for _, t := range s.snap.Tables {
			names = append(names, t.Name)
		}
		return nil, &ConfigError{Err: fmt.Errorf("source %s has no table %q%s", c.ID, table, mapping.Suggest(table, names)), Advice: "sihctl inspect lists the tables"}
	}
	if err := s.openIndexes(o.Project.Dir, p.chunks); err != nil {
		return nil, err
	}
	x, err := p.explain(ctx, s, t, key)
	return x, errors.Join(err, s.closeIndexes())
}

func (p *runPlan) explain(ctx context.Context, s *sourcePlan, t snapshot.TableInfo, key string) (*Explanation, error) {
	plan := s.plans[t.Name]
	wanted := 0
	if rest, ok := strings.CutPrefix(key, "#"); ok {
		wanted, _ = strconv.Atoi(rest)
	}
	if wanted == 0 && len(plan.File.Key) == 0 {
		return nil, &ConfigError{Err: fmt.Errorf("the mapping of table %s names no key", t.Name), Advice: "name the row by its number: #1"}
	}
	seen := 0
	for number, c := range t.Chunks {
		rows := func() iter.Seq2[[]sih.Raw, error] { return s.snap.Rows(t, c) }
		n := 0
		for row, err := range rows() {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, err
			}
			seen++
			if wanted == seen || wanted == 0 && plan.Key(row) == key {
				return p.explainRow(s, t, number, c, n, slices.Clone(row))
			}
			n++
		}
	}
	return nil, &ConfigError{Err: fmt.Errorf("table %s of source %s has no record of this key", t.Name, s.config.ID), Advice: "the key is made of " + fmt.Sprint(plan.File.Key) + ", in this order, parted by |"}
}

func (p *runPlan) explainRow(s *sourcePlan, t snapshot.TableInfo, number int, c snapshot.Chunk, n int, row extract.Row) (*Explanation, error) {
	plan := s.plans[t.Name]
	trial := &mapping.Trial{Traced: true}
	runner := plan.NewTrial(trial, p.zone)
	if err := runner.Begin(number, func() iter.Seq2[[]sih.Raw, error] { return s.snap.Rows(t, c) }); err != nil {
		return nil, err
	}
	runner.Row(n, row)
	runner.Flush()
	x := &Explanation{Source: s.config.ID, Table: t.Name, Place: fmt.Sprintf("%s row %d", c.Name(), n+1), Mapping: plan.File.Path, State: "accepted",
		Fields: []ExplainedStep{}, Entities: []ExplainedEntity{}, Issues: []ExplainedIssue{}}
	for i, col := range t.Columns {
		x.Record = append(x.Record, ExplainedField{col.Name, rawText(row[i])})
	}
	for _, f := range trial.Fields {
		x.Fields = append(x.Fields, explained(f))
	}
	for i := range trial.Entities {
		x.Entities = append(x.Entities, explainedEntity(&trial.Entities[i]))
	}
	for _, note := range trial.Notes {
		x.Issues = append(x.Issues, ExplainedIssue{slotted(note.Table, note.Slot), note.Field, string(note.Reason), note.Reason.Meaning(), note.Severity.String(), note.Detail})
	}
	for _, l := range trial.Lefts {
		x.State, x.Reason = l.State, l.Reason
	}
	for _, c := range trial.Controls {
		x.Controls = append(x.Controls, ExplainedControl{c.Measure, c.Year, c.Amount})
	}
	return x, nil
}

func rawText(r sih.Raw) *string {
	switch {
	case r.Null:
		return nil
	case r.Bytes:
		s := fmt.Sprintf("% x", r.Text)
		return &s
	}
	return &r.Text
}

func slotted(table, slot string) string {
	if slot == "" {
		return table
	}
	return table + ":" + slot
}

func explained(f mapping.Trace) ExplainedStep {
	out := ExplainedStep{Entity: slotted(f.Table, f.Slot), Field: f.Field, Result: f.Value.String(), From: []string{}, Steps: []string{}}
	for i, name := range f.From {
		text := "NULL"
		if v := rawText(f.Raw[i]); v != nil {
			text = fmt.Sprintf("%q", *v)
		}
		out.From = append(out.From, name+" = "+text)
	}
	if f.Skipped {
		out.Steps = append(out.Steps, "passed over: its condition is not true")
	}
	for _, s := range f.Steps {
		text := s.Name
		if s.Name != "" {
			text += fmt.Sprintf(" → %q", s.Out)
		}
		if s.Reason != "" {
			text += fmt.Sprintf(" %s %s", s.Reason, s.Detail)
		}
		out.Steps = append(out.Steps, text)
	}
	return out
}

// ofRun are the columns that every entity has and that say nothing here.
var ofRun = []string{"source_system", "source_table", "source_key", "slot"}

func explainedEntity(e *stage.Entity) ExplainedEntity {
	out := ExplainedEntity{slotted(e.Table.Name, e.Get("slot").String()), map[string]string{}}
	for i, v := range e.Values {
		if name := e.Table.Columns[i].Name; !v.IsNull() && !slices.Contains(ofRun, name) {
			out.Values[name] = v.String()
		}
	}
	return out
}
