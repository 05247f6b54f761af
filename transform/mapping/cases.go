package mapping

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// Case is an example of a mapping: a row that goes in, and what must come out.
type Case struct {
	Name  string
	Table string
	row   values
	// others are rows of other tables, for joins.
	others []tableRows
	want   []wantedEntity
	none   []string
	issues []string
	state  string
	file   *File // for its faults: it names the file of cases
	pos    yaml.Node
}

// values are a row's: what is not named is NULL, or empty in a file's table.
type values struct {
	set   map[string]sih.Raw
	empty bool
}

type tableRows struct {
	table string
	rows  []values
}

type wantedEntity struct {
	table  *sih.Table
	slot   string
	fields []wantedField
}

type wantedField struct {
	column *sih.Column
	text   string
	pos    yaml.Node
	// For references: the table and key of the record that is pointed at.
	of, slot string
	key      []string
	facility string
}

// LoadCases reads the cases of a system: the *.yaml in the folder cases of
// fsys, sorted by name.
func LoadCases(fsys fs.FS) ([]*Case, error) {
	names, err := fs.Glob(fsys, "cases/*.yaml")
	if err != nil {
		return nil, err
	}
	var out []*Case
	var faults Faults
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read cases: %w", err)
		}
		list, err := ParseCases(name, data)
		faults.add(&File{Path: name}, err)
		out = append(out, list...)
	}
	return out, faults.err()
}

// ParseCases reads a file of cases; name is used in errors.
func ParseCases(name string, data []byte) ([]*Case, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, notYAML(name, err)
	}
	f := &File{Path: name}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Error{File: name, Err: fmt.Errorf("the file is empty")}
	}
	var table string
	var empty bool
	var list yaml.Node
	err := f.object(*doc.Content[0], map[string]func(yaml.Node) error{
		"table": f.text(&table),
		"empty": f.flag(&empty),
		"cases": func(n yaml.Node) error { list = n; return nil },
	})
	if err != nil {
		return nil, err
	}
	if table == "" || list.Kind != yaml.SequenceNode {
		return nil, f.fault(*doc.Content[0], "table and cases are wanted, cases as a list")
	}
	var out []*Case
	var faults Faults
	for _, n := range list.Content {
		c := &Case{Table: table, file: f, pos: *n, row: values{empty: empty}}
		faults.add(f, c.parse(*n))
		out = append(out, c)
	}
	return out, faults.err()
}

func (c *Case) parse(n yaml.Node) error {
	f := c.file
	return f.object(n, map[string]func(yaml.Node) error{
		"name":   f.text(&c.Name),
		"row":    func(n yaml.Node) error { return f.values(n, &c.row) },
		"none":   f.texts(&c.none),
		"issues": f.texts(&c.issues),
		"state":  f.text(&c.state),
		"others": func(n yaml.Node) error {
			return f.each(n, func(k, v yaml.Node) error {
				t := tableRows{table: k.Value}
				if v.Kind != yaml.SequenceNode {
					return f.fault(v, "a list of rows is wanted")
				}
				var faults Faults
				for _, n := range v.Content {
					row := values{empty: c.row.empty}
					faults.add(f, f.values(*n, &row))
					t.rows = append(t.rows, row)
				}
				c.others = append(c.others, t)
				return faults.err()
			})
		},
		"want": func(n yaml.Node) error { return f.each(n, c.entity) },
	})
}

// values reads a row. A null is NULL.
func (f *File) values(n yaml.Node, to *values) error {
	to.set = map[string]sih.Raw{}
	return f.each(n, func(k, v yaml.Node) error {
		raw := sih.Null
		if v.Tag != "!!null" {
			raw = sih.Raw{}
			if err := f.text(&raw.Text)(v); err != nil {
				return err
			}
		}
		to.set[k.Value] = raw
		return nil
	})
}

func (c *Case) entity(k, v yaml.Node) error {
	f := c.file
	name, slot, _ := strings.Cut(k.Value, ":")
	w := wantedEntity{table: sih.TableByName(name), slot: slot}
	if w.table == nil {
		return f.fault(k, "no unified table is called %q", name)
	}
	err := f.each(v, func(k, v yaml.Node) error {
		at := w.table.Column(k.Value)
		if at < 0 {
			return f.fault(k, "%s has no column %q%s", name, k.Value, Suggest(k.Value, mappable(w.table)))
		}
		fd := wantedField{column: &w.table.Columns[at], pos: v}
		var err error
		switch {
		case v.Kind == yaml.MappingNode:
			err = f.object(v, map[string]func(yaml.Node) error{
				"of": f.text(&fd.of), "key": f.texts(&fd.key), "slot": f.text(&fd.slot), "facility": f.text(&fd.facility),
			})
		case v.Tag != "!!null":
			err = f.text(&fd.text)(v)
		}
		w.fields = append(w.fields, fd)
		return err
	})
	c.want = append(c.want, w)
	return err
}

// RunCases runs cases against the mapping files of their system. Setting needs
// no catalogue. Each case's faults are told to result, nil for one that holds.
func RunCases(files []*File, cases []*Case, s Setting, zone *time.Location, result func(*Case, Faults)) error {
	for _, c := range cases {
		faults, err := c.run(files, s, zone)
		if err != nil {
			return err
		}
		result(c, faults)
	}
	return nil
}

func (c *Case) fault(n yaml.Node, format string, args ...any) error {
	return c.file.fault(n, "%s: %w", c.Name, fmt.Errorf(format, args...))
}

func (c *Case) run(files []*File, s Setting, zone *time.Location) (Faults, error) {
	var faults Faults
	tables := TablesOf(files)
	f := ForTable(files, c.Table)
	if f == nil {
		faults.add(f, c.fault(c.pos, "no mapping for table %s", c.Table))
		return faults, nil
	}
	known := tables[c.Table]
	for name := range c.row.set {
		if !slices.Contains(known.Columns, name) {
			faults.add(f, c.fault(c.pos, "the mapping of %s knows no column %q%s", c.Table, name, Suggest(name, known.Columns)))
		}
	}
	if len(faults) > 0 {
		return faults, nil
	}
	s.Tables = tables
	rows := rowsIndex{c.Table: {c.row.raw(known.Columns)}}
	for _, o := range c.others {
		for _, row := range o.rows {
			rows[o.table] = append(rows[o.table], row.raw(tables[o.table].Columns))
		}
	}
	s.Index = rows.index
	p, err := Compile(f, known, s)
	if err != nil {
		return nil, err
	}
	linkAlone(p)
	var t Trial
	r := p.NewTrial(&t, zone)
	own := rows[c.Table][:1]
	err = r.Begin(0, func() iter.Seq2[[]sih.Raw, error] {
		return func(yield func([]sih.Raw, error) bool) { yield(own[0], nil) }
	})
	if err != nil {
		return nil, err
	}
	r.Row(0, own[0])
	r.Flush()
	return c.check(&t, string(s.Source), s.Facilities), nil
}

// linkAlone prepares the joins of a plan that runs by itself.
func linkAlone(p *Plan) {
	specs := map[string]*IndexSpec{}
	for i := range p.joins {
		if j := &p.joins[i]; !j.absent {
			j.need = j.needs()
			j.index = shared(specs, j.other.Name, j.theirs, j.need, false)
		}
	}
}

// Row is the row that goes in, in the order of the given columns.
func (c *Case) Row(columns []string) []sih.Raw { return c.row.raw(columns) }

func (v values) raw(columns []string) []sih.Raw {
	out := make([]sih.Raw, len(columns))
	for i, c := range columns {
		raw, ok := v.set[c]
		if !ok && !v.empty {
			raw = sih.Null
		}
		out[i] = raw
	}
	return out
}

// check holds what came of the row against what the case wants.
func (c *Case) check(t *Trial, source string, facilities func(string) (string, sih.ID, bool)) Faults {
	var faults Faults
	fail := func(n yaml.Node, format string, args ...any) { faults.add(c.file, c.fault(n, format, args...)) }
	made := map[string]*stage.Entity{}
	for i := range t.Entities {
		e := &t.Entities[i]
		made[entityName(e.Table.Name, e.Get("slot").String())] = e
	}
	for _, w := range c.want {
		name := entityName(w.table.Name, w.slot)
		e := made[name]
		if e == nil {
			fail(c.pos, "no %s came of it, but %s", name, strings.Join(slices.Sorted(maps.Keys(made)), ", "))
			continue
		}
		for _, fd := range w.fields {
			want := fd.text
			switch {
			case fd.facility != "":
				_, id, _ := facilities(fd.facility)
				want = id.String()
			case fd.of != "":
				want = sih.NewID(source, fd.of, sih.JoinKey(fd.key...), fd.column.Ref, fd.slot).String()
			}
			if got := e.Get(fd.column.Name).String(); got != want {
				fail(fd.pos, "%s.%s is %q, not %q", name, fd.column.Name, got, want)
			}
		}
	}
	for _, name := range c.none {
		if made[name] != nil {
			fail(c.pos, "a %s came of it", name)
		}
	}
	if state := t.state(); c.state != "" && c.state != state {
		fail(c.pos, "the row is %s, not %s", state, c.state)
	}
	var got []string
	for _, n := range t.Notes {
		got = append(got, strings.TrimSpace(string(n.Reason)+" "+n.Field))
	}
	for _, want := range c.issues {
		if !slices.Contains(got, want) {
			fail(c.pos, "no issue %s, but %q", want, got)
		}
	}
	return faults
}

func entityName(table, slot string) string {
	if slot == "" {
		return table
	}
	return table + ":" + slot
}

// state is what became of the only row.
func (t *Trial) state() string {
	switch m := &t.Meta; {
	case m.Accepted > 0:
		return "accepted"
	case m.Excluded > 0:
		return "excluded"
	case m.Joined > 0:
		return "joined"
	}
	for _, l := range t.Lefts {
		return "rejected " + l.Reason
	}
	return "rejected"
}

// rowsIndex finds rows that are in memory, by table.
type rowsIndex map[string][][]sih.Raw

func (x rowsIndex) index(spec *IndexSpec) (Index, error) {
	return foundRows{spec, x[spec.Table]}, nil
}

type foundRows struct {
	spec *IndexSpec
	rows [][]sih.Raw
}

// Find implements [Index] by looking at every row for every key.
func (x foundRows) Find(keys []string, found func(key, chunk, row int, fields []sih.Raw) error) error {
	for n, key := range keys {
		for i, row := range x.rows {
			own, ok := x.spec.AppendKey(nil, row)
			if !ok || string(own) != key {
				continue
			}
			fields := []sih.Raw{sih.Text("accepted")}
			if !x.spec.Fates {
				fields = fields[:0]
				for _, at := range x.spec.Columns {
					fields = append(fields, row[at])
				}
			}
			if err := found(n, 0, i, fields); err != nil {
				return err
			}
		}
	}
	return nil
}
