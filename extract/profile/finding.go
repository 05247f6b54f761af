package profile

import (
	"fmt"
	"strings"
)

// Finding is something that the author of a mapping should look at.
type Finding struct {
	// Finding names what it is: no-key, key-repeated, key-null, rejected,
	// empty-column, not-text, mojibake, lost, control, zeros, commas, layouts,
	// numbers-among-dates, partial-dates, impossible-dates, cards, orphans.
	Finding string `json:"finding"`
	Column  string `json:"column,omitempty"` // empty where it is the table's
	Count   int64  `json:"count"`            // rows concerned
	Text    string `json:"text"`             // in words
}

// findings tells what of a table is worth a look.
func findings(t *Table) []Finding {
	out := []Finding{}
	note := func(name, column string, count int64, text string) {
		if count > 0 {
			out = append(out, Finding{name, column, count, text})
		}
	}
	if t.Key == nil {
		note("no-key", "", t.Rows, "no key is declared"+candidates(t))
	} else {
		least := ""
		if !t.Key.Exact {
			least = ", or more: not all keys could be compared"
		}
		note("key-repeated", "", t.Key.Repeated, "the declared key stands there before"+least)
		note("key-null", "", t.Key.Nulls, "a column of the declared key is NULL")
	}
	note("rejected", "", t.Rejected, "records could not be read as rows")
	for i := range t.Columns {
		c := &t.Columns[i]
		name := c.Column
		if c.Valued == 0 {
			note("empty-column", name, t.Rows, "holds no value at all")
			continue
		}
		if !ofBytes(c.Type) {
			note("not-text", name, c.Text.NotText, "bytes that are no text")
		}
		note("mojibake", name, c.Text.Mojibake, "seems to have been read in a wrong code page")
		note("lost", name, c.Text.Lost, "characters were lost: ? or U+FFFD in their place")
		note("control", name, c.Text.Controls, "control characters")
		note("zeros", name, c.Text.Zeros, "begins with a zero: a name, no number")
		if c.Numbers != nil && c.Numbers.Commas > 0 {
			note("commas", name, c.Numbers.Commas, "a decimal comma")
		}
		dates(c, note)
		if c.Grades != nil {
			note("cards", name, c.Valued, fmt.Sprintf("looks like numbers of identity cards: %d valid", c.Grades["valid"]))
		}
	}
	return out
}

// ofBytes tells whether a type, as SQL Server and MySQL name it, is one of bytes.
func ofBytes(typ string) bool {
	typ = strings.ToLower(typ)
	for _, name := range []string{"binary", "blob", "image", "rowversion", "timestamp", "geometry", "geography", "hierarchyid"} {
		if strings.Contains(typ, name) {
			return true
		}
	}
	return false
}

// lastSerial is a day of the year 2119 as spreadsheets count from 1900.
const lastSerial = 80_000

// dates notes what is worth a look of a column where most values are dates, or
// numbers that stand among dates and may be such: a year, or a day as
// spreadsheets count them.
func dates(c *Column, note func(name, column string, count int64, text string)) {
	all, partial, impossible := int64(0), int64(0), int64(0)
	var layouts []string
	for _, d := range c.Dates {
		all += d.Count
		partial += d.Partial
		impossible += d.Impossible
		layouts = append(layouts, d.Layout)
	}
	serials := int64(0)
	if n := c.Numbers; n != nil && n.Min > 0 && n.Max <= lastSerial {
		serials = n.Count
	}
	if 10*all < c.Valued || 2*(all+serials) < c.Valued {
		return
	}
	note("numbers-among-dates", c.Column, serials, "numbers among dates: years, or days as spreadsheets count them")
	if len(layouts) > 1 {
		note("layouts", c.Column, all, "dates in several layouts: "+strings.Join(layouts, ", "))
	}
	note("partial-dates", c.Column, partial, "dates without a year, month or day")
	note("impossible-dates", c.Column, impossible, "dates that no calendar has")
}

// candidates names what could be a key.
func candidates(t *Table) string {
	if len(t.Candidates) == 0 {
		return ""
	}
	var names []string
	for _, c := range t.Candidates[:min(3, len(t.Candidates))] {
		names = append(names, strings.Join(c.Columns, " and "))
	}
	perhaps := ""
	if !t.Candidates[0].Exact {
		perhaps = "perhaps "
	}
	return "; " + perhaps + "no two rows have the same " + strings.Join(names, ", nor the same ")
}
