// Package mappingdoc writes a mapping down for those who read no YAML: what
// becomes of each table and column of a system, as a page and as a workbook.
package mappingdoc

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih/transform/mapping"
	"github.com/xuri/excelize/v2"
)

// Doc is a system's mapping in tables of words.
type Doc struct {
	System string
	sheets []sheet
}

// sheet is a table of the document.
type sheet struct {
	name   string
	titles []string
	widths []float64
	rows   [][]string
}

// New describes the mapping files and code lists of a system.
func New(system string, files []*mapping.File, lists map[string]*mapping.CodeList) *Doc {
	d := &Doc{System: system}
	tables := sheet{"Tables", []string{"table", "file", "key", "becomes", "left out", "taken in"}, []float64{28, 24, 24, 34, 60, 40}, nil}
	fields := sheet{"Fields", []string{"table", "unified table", "slot", "unified column", "from", "how", "only where", "file", "line"}, []float64{26, 20, 12, 20, 34, 60, 40, 24, 6}, nil}
	joins := sheet{"Joins", []string{"table", "name", "other table", "what agrees", "which record"}, []float64{26, 14, 26, 40, 70}, nil}
	ignored := sheet{"Not migrated", []string{"table", "column", "why"}, []float64{28, 28, 80}, nil}
	controls := sheet{"Controls", []string{"table", "measure", "how it counts", "only where", "by year of", "facility"}, []float64{26, 26, 30, 60, 20, 20}, nil}
	for _, f := range files {
		for _, u := range f.Unmapped {
			tables.rows = append(tables.rows, []string{u.Tables, f.Path, "", "nothing", "all: " + u.Reason, ""})
		}
		if f.From == "" {
			continue
		}
		tables.rows = append(tables.rows, []string{f.From, f.Path, strings.Join(f.Key, ", "), becomes(f), leftOut(f), taken(f)})
		for _, j := range f.Joins {
			joins.rows = append(joins.rows, []string{f.From, j.Name, j.From, agrees(&j), which(&j)})
		}
		for i := range f.Entities {
			e := &f.Entities[i]
			for k := range e.Fields {
				n := 0
				for fd := &e.Fields[k]; fd != nil; fd, n = fd.Or, n+1 {
					name := fd.Name
					if n > 0 {
						name += fmt.Sprintf(" (else, %d)", n+1)
					}
					fields.rows = append(fields.rows, []string{f.From, e.Table.Name, e.Slot, name, from(fd), how(fd), both(condition(e), fd.When), f.Path, fmt.Sprint(fd.Line())})
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.Ignored)) {
			ignored.rows = append(ignored.rows, []string{f.From, name, f.Ignored[name]})
		}
		for _, c := range f.Controls {
			controls.rows = append(controls.rows, []string{f.From, c.Measure, counts(&c), c.Where, c.Date, c.Facility})
		}
	}
	codes := sheet{"Codes", []string{"list", "code", "label", "target", "system", "status", "approver"}, []float64{30, 18, 34, 24, 14, 12, 24}, nil}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		for _, c := range lists[name].Codes() {
			codes.rows = append(codes.rows, []string{name, c.Code, c.Label, c.Target, c.System, c.Status, c.By})
		}
	}
	d.sheets = []sheet{tables, fields, joins, ignored, codes, controls}
	return d
}

func becomes(f *mapping.File) string {
	var out []string
	for _, e := range f.Entities {
		if name := e.Table.Name; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	switch {
	case len(out) == 0 && f.Joined:
		return "part of other tables' records"
	case len(out) == 0:
		return "nothing"
	}
	return strings.Join(out, ", ")
}

func leftOut(f *mapping.File) string {
	var out []string
	switch {
	case f.Where != "":
		out = append(out, "where not "+f.Where+": "+f.Excluded)
	case f.Excluded != "":
		out = append(out, "all: "+f.Excluded)
	}
	for _, x := range f.Unwanted {
		out = append(out, "where "+x.When+": "+x.Reason)
	}
	return strings.Join(out, "; ")
}

func taken(f *mapping.File) string {
	switch {
	case !f.Joined:
		return ""
	case f.Otherwise != "":
		return "by joins; else left out: " + f.Otherwise
	}
	return "by joins; else rejected"
}

func agrees(j *mapping.Join) string {
	var out []string
	for _, on := range j.On {
		out = append(out, on.Theirs+" = "+on.Ours)
	}
	return strings.Join(out, ", ")
}

func which(j *mapping.Join) string {
	var out []string
	if j.Where != "" {
		out = append(out, "where "+j.Where)
	}
	switch {
	case j.All != nil:
		out = append(out, fmt.Sprintf("all, parted by %q", *j.All))
	case j.By != "":
		out = append(out, "one of each "+j.By+", its "+j.Value)
		for _, a := range j.Attributes {
			out = append(out, a.Name+" = "+strings.Join(a.Values, " or "))
		}
	default:
		out = append(out, "the first")
	}
	for _, o := range j.Order {
		way := "by "
		if o.Down {
			way = "by falling "
		}
		out = append(out, way+o.Column)
	}
	return strings.Join(out, "; ")
}

func condition(e *mapping.Entity) string {
	out := e.When
	for _, n := range e.Needs {
		out = both(out, n+" is not empty")
	}
	return out
}

func both(a, b string) string {
	if a != "" && b != "" {
		return a + " and " + b
	}
	return a + b
}

func from(fd *mapping.Field) string {
	switch {
	case fd.Value != nil:
		return fmt.Sprintf("always %q", *fd.Value)
	case fd.Of != "":
		return strings.Join(fd.Key, ", ")
	case fd.Expr != "":
		return fd.Expr
	}
	return strings.Join(fd.From, ", ")
}

// how says in words what is done.
func how(fd *mapping.Field) string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case fd.Of != "":
		say("the record of %s with this key", fd.Of)
	case fd.Self != "":
		say("the %s of the same record", strings.TrimSuffix(fd.Self+":"+fd.SelfSlot, ":"))
	case fd.Facility:
		say("the record's facility")
	}
	if len(fd.NullIf) > 0 {
		say("%q stand for nothing", fd.NullIf)
	}
	if len(fd.From) > 1 {
		say("joined by %q", fd.With)
	}
	if fd.Take != "" {
		say("of it %s", fd.Take)
	}
	for _, s := range fd.Steps {
		say("%s", strings.TrimSpace(s.Name+" "+s.Arg))
	}
	if fd.Code != "" {
		what := fd.Code
		if fd.Gives != "" {
			what = "the " + fd.Gives + " of " + what
		}
		switch fd.Unmapped {
		case "":
			say("%s, else nothing", what)
		case "keep":
			say("%s, else as it is", what)
		case "reject":
			say("%s, else rejected", what)
		case "next":
			say("%s, else the next form", what)
		default:
			say("%s, else %s", what, fd.Unmapped)
		}
	}
	if fd.Default != nil {
		say("%s where nothing is there", *fd.Default)
	}
	if fd.Reject {
		say("a fault rejects")
	}
	return strings.Join(out, "; ")
}

func counts(c *mapping.Control) string {
	switch {
	case c.Sum != "":
		return "sum of " + c.Sum
	case len(c.Days) == 2:
		return "days from " + c.Days[0] + " to " + c.Days[1]
	}
	return "rows"
}

// Markdown writes the document as a page.
func (d *Doc) Markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The mapping of %s\n\nWhat becomes of each table and column. Columns that stand nowhere below are neither mapped nor known.\n", d.System)
	for _, s := range d.sheets {
		if len(s.rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", s.name, strings.Join(s.titles, " | "), strings.Repeat("---|", len(s.titles)))
		for _, r := range s.rows {
			b.WriteString("|")
			for _, c := range r {
				b.WriteString(" " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(c) + " |")
			}
			b.WriteString("\n")
		}
	}
	return b.Bytes()
}

// Workbook writes the document as a workbook: a sheet for each table, with
// filters and the titles frozen.
func (d *Doc) Workbook() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "1F3A5F"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE5EF"}}})
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	for i, s := range d.sheets {
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err == nil {
			err = s.write(f, head, wrap)
		}
		if err != nil {
			return nil, fmt.Errorf("write workbook: %w", err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return b.Bytes(), nil
}

func (s *sheet) write(f *excelize.File, head, wrap int) error {
	last, err := excelize.CoordinatesToCellName(len(s.titles), len(s.rows)+1)
	if err != nil {
		return err
	}
	landscape, paper, wide, high := "landscape", 9, 1, 0
	err = f.SetPageLayout(s.name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &paper, FitToWidth: &wide, FitToHeight: &high})
	if err == nil {
		err = f.AutoFilter(s.name, "A1:"+last, nil)
	}
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	for i, width := range s.widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	put := func(row, style int, cells []string) error {
		at, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			return err
		}
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = excelize.Cell{StyleID: style, Value: c}
		}
		return w.SetRow(at, values)
	}
	if err := put(1, head, s.titles); err != nil {
		return err
	}
	for i, r := range s.rows {
		if err := put(i+2, wrap, r); err != nil {
			return err
		}
	}
	return w.Flush()
}
