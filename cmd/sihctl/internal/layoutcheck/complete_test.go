package layoutcheck_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
)

// readerColumns are what the readers of files add to a table.
var readerColumns = map[string][]string{
	"csv":  {"_file", "_line"},
	"xlsx": {"_file", "_sheet", "_row", "_date1904", "_beside"},
}

func setting(t testing.TB, system string) mapping.Setting {
	t.Helper()
	files, ok := mappings.System(system)
	if !ok {
		t.Fatalf("system %s has no mapping", system)
	}
	today, _ := sih.DateOf(2026, 1, 31)
	return mapping.Setting{
		Source: sih.SourceID(system), Rules: rule.New(rule.Profile{Today: today}), Files: files,
		Facilities: func(local string) (string, sih.ID, bool) {
			return "F-" + local, sih.NewID("master", "facilities", local, "organisation", ""), local != ""
		},
		// What it fills is not looked at here, only that it may.
		Complete: map[string]func(*mapping.Completion){"source_person": func(c *mapping.Completion) {
			if i := c.Entity.Table.Column("sex"); c.Entity.Values[i].IsNull() {
				c.Entity.Values[i] = sih.CodeValue("unknown")
			}
		}},
	}
}

func table(l simulate.Layout, t *simulate.Table) mapping.Table {
	out := mapping.Table{Name: t.Name}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	out.Columns = append(out.Columns, readerColumns[l.Driver]...)
	return out
}

// TestComplete compiles every mapping for its layout's table, and demands of
// every column that it is mapped, used, or ignored with a reason.
func TestComplete(t *testing.T) {
	for _, l := range simulate.Layouts() {
		t.Run(string(l.Source), func(t *testing.T) {
			s := setting(t, string(l.Source))
			files, err := mapping.Load(s.Files)
			if err != nil {
				t.Fatal(err)
			}
			byTable := map[string]*mapping.File{}
			for _, f := range files {
				byTable[f.From] = f
			}
			for _, tab := range l.Tables {
				f := byTable[tab.Name]
				if f == nil {
					t.Errorf("table %s is not mapped", tab.Name)
					continue
				}
				delete(byTable, tab.Name)
				plan, err := mapping.Compile(f, table(l, tab), s)
				if err != nil {
					t.Error(err)
					continue
				}
				points(t, plan, f, l)
				if len(tab.Key) > 0 && len(f.Entities) > 0 && !slices.Equal(f.Key, tab.Key) {
					t.Errorf("%s: key %q, the table's own is %q", f.Path, f.Key, tab.Key)
				}
				if len(f.Entities) > 0 {
					columns(t, f, tab)
				}
			}
			for name, f := range byTable {
				t.Errorf("%s: the layout has no table %s", f.Path, name)
			}
		})
	}
}

// columns demands that each column is either used or ignored, and not both.
func columns(t *testing.T, f *mapping.File, tab *simulate.Table) {
	used := usedColumns(f)
	for _, c := range tab.Columns {
		reason, ignored := f.Ignored[c.Name]
		switch {
		case used(c.Name) && ignored:
			t.Errorf("%s: column %s is used and ignored", f.Path, c.Name)
		case !used(c.Name) && !ignored:
			t.Errorf("%s: column %s is neither used nor ignored", f.Path, c.Name)
		case ignored && len(strings.Fields(reason)) < 2:
			t.Errorf("%s: column %s is ignored without a reason: %q", f.Path, c.Name, reason)
		}
	}
}

var word = regexp.MustCompile(`"[^"]*"|[\pL_][\pL\pN_]*`)

// usedColumns tells which columns a mapping reads.
func usedColumns(f *mapping.File) func(string) bool {
	used := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			used[n] = true
		}
	}
	condition := func(src string) {
		for _, w := range word.FindAllString(src, -1) {
			add(strings.Trim(w, `"`))
		}
	}
	add(f.Key...)
	add(f.Facility)
	condition(f.Where)
	for _, e := range f.Entities {
		condition(e.When)
		add(e.Needs...)
		fields := e.Fields
		if e.AsOf != nil {
			fields = append(slices.Clone(fields), *e.AsOf)
		}
		for i := range fields {
			for fd := &fields[i]; fd != nil; fd = fd.Or {
				add(fd.From...)
				add(fd.Key...)
				condition(fd.When)
			}
		}
	}
	for _, c := range f.Controls {
		condition(c.Where)
		add(c.Sum, c.Date, c.Facility, c.Payer)
		add(c.Days...)
	}
	return func(name string) bool { return used[name] }
}

// points demands that references lead to tables of the layout, with as many
// parts as their keys have.
func points(t *testing.T, plan *mapping.Plan, f *mapping.File, l simulate.Layout) {
	for _, e := range f.Entities {
		for i := range e.Fields {
			for fd := &e.Fields[i]; fd != nil; fd = fd.Or {
				if fd.Of == "" {
					continue
				}
				at := slices.IndexFunc(l.Tables, func(t *simulate.Table) bool { return t.Name == fd.Of })
				if at < 0 {
					t.Errorf("%s: %s.%s points at table %s, which the layout has not", f.Path, e.Table.Name, fd.Name, fd.Of)
				} else if len(fd.Key) != len(l.Tables[at].Key) {
					t.Errorf("%s: %s.%s has a key of %d parts, %s has %q", f.Path, e.Table.Name, fd.Name, len(fd.Key), fd.Of, l.Tables[at].Key)
				}
			}
		}
	}
	if plan.File != f {
		t.Errorf("%s: the plan is of another file", f.Path)
	}
}

// TestCodesUsed finds code lists that no mapping reads.
func TestCodesUsed(t *testing.T) {
	for _, system := range mappings.Systems() {
		s := setting(t, system)
		files, err := mapping.Load(s.Files)
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]bool{}
		for _, f := range files {
			for _, e := range f.Entities {
				for i := range e.Fields {
					for fd := &e.Fields[i]; fd != nil; fd = fd.Or {
						read[path.Clean(fd.Code)] = true
					}
				}
			}
			for _, c := range f.Controls {
				read[path.Clean(c.Code)] = true
			}
		}
		lists, err := fs.Glob(s.Files, "codes/*.csv")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range lists {
			if !read[name] {
				t.Errorf("%s: no mapping reads %s", system, name)
			}
		}
	}
}
