package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// cause is what keeps one entity, or one row, out. A run's lists hold it.
type cause struct {
	Source         sih.SourceID
	From           string // the source's table
	Table, Field   string // unified
	Reason         sih.Reason
	Detail, Value  string
	Facility       string
	Warning        bool
	Amount         int64
	Entity, Root   sih.ID
	RootIsSomebody bool // it names the entity that it hangs on
}

// RejectsBy are the words that rejects may be grouped by.
var RejectsBy = []string{"reason", "source", "from", "table", "field", "detail", "value", "facility"}

// RejectGroup is a root cause: what was kept out for it, and what hangs on that.
type RejectGroup struct {
	By       map[string]string `json:"by"`
	Meaning  string            `json:"meaning,omitempty"`
	Rejected int64             `json:"rejected"` // entities, or rows of which it is not known what they would be
	Hanging  int64             `json:"hanging"`  // entities that hang on these
	// HangingBy counts those by unified table.
	HangingBy map[string]int64 `json:"hanging_by,omitempty"`
	Amount    int64            `json:"amount"` // kept out, with what hangs on it, in centimes
}

// RejectsReport is what was kept out, by root cause, the greatest first.
type RejectsReport struct {
	By       []string      `json:"by"`
	Warnings bool          `json:"warnings"` // what was only noted, instead
	Groups   []RejectGroup `json:"groups"`
	Rejected int64         `json:"rejected"` // over all groups
	Hanging  int64         `json:"hanging"`
}

// Rejects groups what was left out by its root cause. It reads what transform
// and match have left; without a match what hangs on others is not known yet.
func Rejects(ctx context.Context, o Options, by []string, warnings bool) (*RejectsReport, error) {
	for _, b := range by {
		if !slices.Contains(RejectsBy, b) {
			return nil, &ConfigError{Err: fmt.Errorf("rejects cannot be grouped by %q", b), Advice: "use any of " + strings.Join(RejectsBy, ", ")}
		}
	}
	p, m, err := planMatched(o)
	if err != nil {
		return nil, err
	}
	a := newApplier(p, m)
	a.causes, a.values = true, slices.Contains(by, "value")
	a.warnings = warnings
	var all []cause
	for i, c := range p.chunks {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		o.progress(Progress{Stage: "rejects", Step: string(c.source.config.ID) + " " + c.table.Name, Done: int64(i), Total: int64(len(p.chunks)), Unit: "chunks"})
		var out applied
		for _, err := range a.rows(i, &out) {
			if err != nil {
				return nil, err
			}
		}
		all = append(all, out.causes...)
	}
	r := groupCauses(all, by, warnings)
	return r, nil
}

// groupCauses puts causes into groups. What hangs on a rejected entity counts
// for that entity's group.
func groupCauses(all []cause, by []string, warnings bool) *RejectsReport {
	r := &RejectsReport{By: by, Warnings: warnings, Groups: []RejectGroup{}}
	groups := map[string]*RejectGroup{}
	of := map[sih.ID]*RejectGroup{}
	add := func(c *cause) *RejectGroup {
		words := c.words(by)
		name := strings.Join(words, "\x00")
		g := groups[name]
		if g == nil {
			g = &RejectGroup{By: map[string]string{}, HangingBy: map[string]int64{}}
			for i, b := range by {
				g.By[b] = words[i]
				if b == "reason" {
					g.Meaning = c.Reason.Meaning()
				}
			}
			groups[name] = g
		}
		return g
	}
	hangs := func(c *cause) bool { return c.Reason == sih.R16 && c.RootIsSomebody }
	for i := range all {
		c := &all[i]
		if c.Warning != warnings || hangs(c) && !warnings {
			continue
		}
		g := add(c)
		g.Rejected++
		g.Amount += c.Amount
		r.Rejected++
		if c.Entity != (sih.ID{}) {
			of[c.Entity] = g
		}
	}
	for i := range all {
		c := &all[i]
		if warnings || c.Warning || !hangs(c) {
			continue
		}
		g := of[c.Root]
		if g == nil { // its root was never an entity, such as a row that could not be read
			g = add(c)
			g.Rejected++
			r.Rejected++
		} else {
			g.Hanging++
			g.HangingBy[c.Table]++
			r.Hanging++
		}
		g.Amount += c.Amount
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		r.Groups = append(r.Groups, *groups[name])
	}
	slices.SortStableFunc(r.Groups, func(a, b RejectGroup) int {
		return cmp.Compare(b.Rejected+b.Hanging, a.Rejected+a.Hanging)
	})
	return r
}

// words are what a cause is grouped by.
func (c *cause) words(by []string) []string {
	out := make([]string, len(by))
	for i, b := range by {
		switch b {
		case "reason":
			out[i] = string(c.Reason)
		case "source":
			out[i] = string(c.Source)
		case "from":
			out[i] = c.From
		case "table":
			out[i] = c.Table
		case "field":
			out[i] = c.Field
		case "detail":
			out[i] = c.Detail
		case "value":
			out[i] = c.Value
		case "facility":
			out[i] = c.Facility
		}
	}
	return out
}

// cause keeps a note for those who ask for causes.
func (s *chunkState) cause(n stage.Note, root sih.ID) {
	a := s.a
	if !a.causes || n.Severity == sih.Warning && !a.warnings {
		return
	}
	c := cause{
		Source: s.meta.Source, From: s.meta.Table, Table: n.Table, Field: n.Field, Reason: n.Reason, Detail: n.Detail,
		Facility: n.Facility, Warning: n.Severity == sih.Warning, Amount: n.Amount, Root: root, RootIsSomebody: root != sih.ID{},
	}
	if a.values {
		c.Value = n.Value
	}
	if id, err := sih.ParseID(n.Entity); err == nil {
		c.Entity = id
	}
	s.out.causes = append(s.out.causes, c)
}

// errNoRun tells that a run was not kept.
var errNoRun = errors.New("no such run is kept")
