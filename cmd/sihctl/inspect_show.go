package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract/profile"
)

// showInspected writes what is known of a source, table by table.
func (g *globals) showInspected(s inspectedSource) error {
	where := "the source itself"
	if s.Snapshot != "" {
		where = s.Snapshot
	}
	if err := g.screen.Printf("%s, from %s\n", s.Source, where); err != nil {
		return err
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		err := first(
			g.screen.Printf("\n%s: %d rows, %d unreadable; %s\n", t.Table, t.Rows, t.Rejected, keyWords(t.Key)),
			g.screen.Table(columnTable(t)),
		)
		if err == nil && len(t.Findings) > 0 {
			err = first(g.screen.Printf("\n"), g.screen.Table(findingTable(t)))
		}
		if err == nil && hasValues(t) {
			err = first(g.screen.Printf("\n"), g.screen.Table(valueTable(t)))
		}
		if err != nil {
			return err
		}
	}
	return g.screen.Printf("\n")
}

// keyWords says what is known of a table's key.
func keyWords(k *profile.Key) string {
	switch {
	case k == nil:
		return "no key declared"
	case k.Repeated > 0:
		return "key " + strings.Join(k.Columns, ", ") + ", which repeats"
	case !k.Exact:
		return "key " + strings.Join(k.Columns, ", ") + ", unique as far as could be seen"
	}
	return "key " + strings.Join(k.Columns, ", ") + ", unique"
}

func columnTable(t *profile.Table) *term.Table {
	out := &term.Table{Titles: []string{"column", "type", "filled", "distinct", "length", "patterns", "range", "signs"}}
	for i := range t.Columns {
		c := &t.Columns[i]
		filled := any("")
		if t.Rows > 0 {
			filled = term.Percent(float64(c.Valued) / float64(t.Rows))
		}
		out.Row(c.Column, c.Type, filled, distinct(c), lengths(c), patterns(c, 2), ranges(c), signs(c))
	}
	return out
}

// distinct writes how many distinct values there are, an estimate after ~.
func distinct(c *profile.Column) any {
	if c.DistinctExact {
		return c.Distinct
	}
	return "~" + term.Group(c.Distinct)
}

func lengths(c *profile.Column) string {
	switch {
	case c.Valued == 0:
		return ""
	case c.MinLength == c.MaxLength:
		return strconv.Itoa(c.MaxLength)
	}
	return fmt.Sprintf("%d–%d", c.MinLength, c.MaxLength)
}

// patterns writes the most frequent patterns, and their share where there are
// others.
func patterns(c *profile.Column, most int) string {
	var out []string
	for _, p := range c.Patterns[:min(most, len(c.Patterns))] {
		if p.Count == c.Valued {
			return p.Pattern
		}
		out = append(out, fmt.Sprintf("%s %.0f %%", p.Pattern, 100*float64(p.Count)/float64(c.Valued)))
	}
	return strings.Join(out, ", ")
}

// ranges writes the range of the dates where most values are dates, or else of
// the numbers.
func ranges(c *profile.Column) string {
	if len(c.Dates) > 0 && 2*c.Dates[0].Count >= c.Valued {
		d := c.Dates[0]
		if d.First == "" {
			return d.Layout
		}
		return d.Layout + ": " + d.First + " to " + d.Last
	}
	if n := c.Numbers; n != nil && 2*n.Count >= c.Valued {
		return "about " + number(n.Min) + " to " + number(n.Max)
	}
	return ""
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// signs lists what the texts of a column show.
func signs(c *profile.Column) string {
	var out []string
	for _, s := range textSigns(c) {
		if s.count > 0 {
			out = append(out, fmt.Sprintf("%s %d", s.name, s.count))
		}
	}
	if c.Grades != nil {
		out = append(out, "cards: "+grades(c))
	}
	return strings.Join(out, ", ")
}

type textSign struct {
	name  string
	count int64
}

func textSigns(c *profile.Column) []textSign {
	t := c.Text
	return []textSign{
		{"no text", t.NotText}, {"Arabic", t.Arabic}, {"accents", t.Accented}, {"mojibake", t.Mojibake},
		{"lost", t.Lost}, {"controls", t.Controls}, {"padded", t.Padded}, {"leading zeros", t.Zeros},
	}
}

func grades(c *profile.Column) string {
	var out []string
	for _, grade := range cardGrades {
		if n := c.Grades[grade]; n > 0 {
			out = append(out, fmt.Sprintf("%s %d", grade, n))
		}
	}
	return strings.Join(out, ", ")
}

func findingTable(t *profile.Table) *term.Table {
	out := &term.Table{Titles: []string{"look at", "rows", "because"}}
	for _, f := range t.Findings {
		column := f.Column
		if column == "" {
			column = "the table"
		}
		out.Row(column, f.Count, f.Text)
	}
	return out
}

func hasValues(t *profile.Table) bool {
	for _, c := range t.Columns {
		if len(c.Values) > 0 {
			return true
		}
	}
	return false
}

func valueTable(t *profile.Table) *term.Table {
	out := &term.Table{Titles: []string{"column", "value", "rows"}}
	for _, c := range t.Columns {
		for _, v := range c.Values {
			out.Row(c.Column, strconv.Quote(v.Value), v.Count)
		}
	}
	return out
}
