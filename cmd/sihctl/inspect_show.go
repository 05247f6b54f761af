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
			g.screen.Printf("\n%s: %d rows, %d unreadable; %s\n", t.Table, t.Rows, t.Rejected, keyWords(t)),
			g.screen.Table(columnTable(t)),
		)
		if holds := holdsTable(t); err == nil && holds != nil {
			err = first(g.screen.Printf("\n"), g.screen.Table(holds))
		}
		if err == nil && len(t.Findings) > 0 {
			err = first(g.screen.Printf("\n"), g.screen.Table(findingTable(t)))
		}
		if err == nil && len(t.References) > 0 {
			err = first(g.screen.Printf("\n"), g.screen.Table(referenceTable(t)))
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
func keyWords(t *profile.Table) string {
	k := t.Key
	switch {
	case k == nil && len(t.Candidates) > 0:
		sure := "it could be "
		if !t.Candidates[0].Exact {
			sure = "as far as could be seen it could be "
		}
		return "no key declared; " + sure + strings.Join(t.Candidates[0].Columns, ", ")
	case k == nil:
		return "no key declared"
	case k.Repeated > 0:
		return "key " + strings.Join(k.Columns, ", ") + ", which repeats"
	case !k.Exact:
		return "key " + strings.Join(k.Columns, ", ") + ", unique as far as could be seen"
	}
	return "key " + strings.Join(k.Columns, ", ") + ", unique"
}

// columnTable has a line for each column, narrow enough for most terminals;
// holdsTable has what is to be said beyond it.
func columnTable(t *profile.Table) *term.Table {
	out := &term.Table{Titles: []string{"column", "type", "filled", "distinct", "length", "most often"}}
	for i := range t.Columns {
		c := &t.Columns[i]
		filled := any("")
		if t.Rows > 0 {
			filled = term.Percent(float64(c.Valued) / float64(t.Rows))
		}
		out.Row(c.Column, short(c.Type, 13), filled, distinct(c), lengths(c), mostOften(c))
	}
	return out
}

// short cuts a text to so many characters.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-2]) + ".."
	}
	return s
}

// holdsTable has the ranges of columns and what their texts show; nil where
// there is nothing to say.
func holdsTable(t *profile.Table) (out *term.Table) {
	for i := range t.Columns {
		c := &t.Columns[i]
		for _, text := range []string{ranges(c), signs(c), cards(c)} {
			if text == "" {
				continue
			}
			if out == nil {
				out = &term.Table{Titles: []string{"column", "holds"}}
			}
			out.Row(c.Column, text)
		}
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

// mostOften writes the most frequent pattern, and its share where there are
// others.
func mostOften(c *profile.Column) string {
	if len(c.Patterns) == 0 {
		return ""
	}
	p := c.Patterns[0]
	if p.Count == c.Valued {
		return short(p.Pattern, 19)
	}
	// Never 100 % that are not all.
	return fmt.Sprintf("%s %.0f %%", short(p.Pattern, 14), min(99, 100*float64(p.Count)/float64(c.Valued)))
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

// cards lists how the numbers of identity cards look, if there are any.
func cards(c *profile.Column) string {
	if c.Grades == nil {
		return ""
	}
	var out []string
	for _, grade := range cardGrades {
		if n := c.Grades[grade]; n > 0 {
			out = append(out, fmt.Sprintf("%s %d", grade, n))
		}
	}
	return "cards: " + strings.Join(out, ", ")
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

func referenceTable(t *profile.Table) *term.Table {
	out := &term.Table{Titles: []string{"seems to lead", "to", "by its", "rows", "orphans", "share"}}
	for _, r := range t.References {
		orphans := any(r.Orphans)
		if !r.Exact {
			orphans = "~" + term.Group(r.Orphans)
		}
		out.Row(r.Column, r.Table+" "+r.Key, r.Evidence, r.Rows, orphans, term.Percent(r.Share()))
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
