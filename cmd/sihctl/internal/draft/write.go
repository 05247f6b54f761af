package draft

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/mapping"
)

// File is a file of a draft, its name below the system's folder.
type File struct {
	Name string
	Text []byte
}

// Files writes the draft: a mapping for each table with a likely target, one
// file for all others where there are any, and the code lists with their targets
// still empty.
func (d *Draft) Files() []File {
	var out []File
	var others strings.Builder
	before := fmt.Sprintf("# Tables of which nothing is mapped. Read this list: what matters is not to be\n# excluded, and gets a file of its own.\nsystem: %s\nexcluded:\n", d.System)
	lists := map[string]bool{}
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Target == nil {
			reason := mapping.Undecided + d.leads(t)
			if t.Rows == 0 {
				reason = "empty"
			}
			fmt.Fprintf(&others, "  %s: %s\n", quoted(t.Name), quoted(reason))
			continue
		}
		out = append(out, File{fileName(t.Name) + ".yaml", []byte(d.table(t))})
		for _, f := range t.Fields {
			if f.Codes != nil && !lists[f.Codes.Name] {
				lists[f.Codes.Name] = true
				out = append(out, File{f.Codes.Name, codes(f.Codes)})
			}
		}
	}
	if others.Len() > 0 {
		out = append(out, File{"others.yaml", []byte(before + others.String())})
	}
	return out
}

// leads says which tables a table's columns lead to: it may be a part of them,
// to be joined, or have a row for each thing that was said of them.
func (d *Draft) leads(t *Table) string {
	var out []string
	for i := range d.Tables {
		to := &d.Tables[i]
		if to.Target == nil || len(to.Key) != 1 {
			continue
		}
		if column := t.pointer(to); column != "" {
			out = append(out, column+" leads to "+to.Name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.Join(out, ", ")
}

func (d *Draft) table(t *Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A first draft, by the names and the contents of %d rows. Everything in it is a\n# guess: sihctl mapping lint tells what is missing, mapping explain shows a row.\n", t.Rows)
	keys := make([]string, len(t.Key))
	for i, k := range t.Key {
		keys[i] = quoted(k)
	}
	fmt.Fprintf(&b, "system: %s\nfrom: %s\nkey: [%s]\nto:\n  %s:\n", d.System, quoted(t.Name), strings.Join(keys, ", "), t.Target.Name)
	for _, name := range t.Open {
		c := t.Target.Columns[t.Target.Column(name)]
		fmt.Fprintf(&b, "    # %s is required: %s", name, c.Doc)
		if len(c.Codes) > 0 {
			fmt.Fprintf(&b, " One of %s.", strings.Join(c.Codes, ", "))
		}
		b.WriteByte('\n')
	}
	for _, f := range t.Fields {
		fmt.Fprintf(&b, "    %s: %s\n", f.Name, f.Text)
	}
	var ignored strings.Builder
	for i := range t.seen.Columns {
		c := &t.seen.Columns[i]
		if t.column[c.Column] || strings.HasPrefix(c.Column, "_") || contains(t.Key, c.Column) {
			continue
		}
		fmt.Fprintf(&ignored, "  %s: %s\n", quoted(c.Column), quoted(open(t.seen, c)))
	}
	if ignored.Len() > 0 {
		b.WriteString("ignored:\n" + ignored.String())
	}
	return b.String()
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// open says of a column that is still to be decided on what it holds.
func open(t *profile.Table, c *profile.Column) string {
	if c.Valued == 0 {
		return "empty in this source"
	}
	text := fmt.Sprintf("%s (%s, %.0f %% filled, %d distinct", mapping.Undecided, c.Type, 100*float64(c.Valued)/float64(max(t.Rows, 1)), c.Distinct)
	if len(c.Dates) > 0 && 2*c.Dates[0].Count >= c.Valued {
		text += ", dates as " + c.Dates[0].Layout
	}
	return text + ")"
}

// codes writes a code list whose targets are still to be filled in.
func codes(c *Codes) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"code", "label", "target", "status", "approver"}) // a Builder takes all
	for _, v := range c.Values {
		_ = w.Write([]string{strings.TrimSpace(v.Value), "", "", "draft", ""})
	}
	w.Flush()
	return []byte(b.String())
}

// fileName makes of a name one that every file system takes.
func fileName(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(plainName(s), "dbo "), " ", "_")
}

// quoted writes a text as YAML: as it is where that is one word.
func quoted(s string) string {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.' {
			return strconv.Quote(s)
		}
	}
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return strconv.Quote(s)
	}
	if s[0] >= '0' && s[0] <= '9' || s[0] == '.' {
		return strconv.Quote(s)
	}
	return s
}
