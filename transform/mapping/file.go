// Package mapping reads mapping files, checks them against a source's table,
// and runs them: a record goes in, entities or issues come out. docs/mapping.md
// describes the language.
//
// [Load] reads the files of a system, [Compile] makes a [Plan] of one for a
// table of a source, and [Plan.NewRunner] makes a [Runner] that maps its rows.
package mapping

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih"
)

// File is a mapping file: what becomes of one table of a system.
type File struct {
	Path     string
	System   string
	From     string   // the source's table
	Key      []string // the columns that make a record's key
	Where    string   // rows for which it is not true are excluded
	Excluded string   // why
	Facility string   // the column that holds the source's code of the facility
	Entities []Entity
	Ignored  map[string]string // columns that are not mapped, and why
	Controls []Control
	pos      yaml.Node
	at       map[string]yaml.Node // where key, where, facility and ignored stand
}

// Entity says how an entity of one unified table comes from a record.
type Entity struct {
	Table  *sih.Table
	Slot   string
	When   string   // an expression; the entity is made where it is true
	Needs  []string // columns that must hold something, or no entity is made
	AsOf   *Field   // when the record was made, for what depends on age
	Fields []Field
	pos    yaml.Node
}

// Field says how one column of an entity is filled. Just one of From, Value,
// Of, Self and Facility is set.
type Field struct {
	Name     string
	When     string   // an expression; the form is passed over where it is not true
	From     []string // source columns; several are joined by With
	With     string
	NullIf   []string // texts that stand for nothing
	Take     string   // a regular expression; only what its first group matches is taken
	Steps    []StepName
	Code     string  // file of the code list
	Unmapped string  // what an unknown code becomes; "" nothing, "reject" keeps the row out, "next" leaves it to the next form
	Default  *string // where nothing else is there
	Reject   bool    // a fault keeps the entity out, where it is a warning otherwise
	Value    *string // the same for every record
	Of       string  // reference to what the record of this table becomes …
	Key      []string
	ToSlot   string // … in this slot
	Self     string // reference to the entity of this table from the same record
	SelfSlot string
	Facility bool   // reference to the record's facility
	Or       *Field // fills the column where this form gives nothing
	pos      yaml.Node
}

// StepName is a rule of transform/rule with its argument.
type StepName struct{ Name, Arg string }

// Control says how a record counts for a measure that an auditor knows, in the
// source's own terms and without the rules above.
type Control struct {
	Measure  string
	Where    string
	Sum      string   // column of an amount; the record counts as 1 where it is empty
	Comma    bool     // the amount has a decimal comma
	Days     []string // entry and exit: the record counts as its days
	Date     string   // column whose year (and month) it counts in
	Layout   string   // how dates are written: dd/MM/yyyy, excel …
	Facility string   // column of the facility's code
	Payer    string   // column of the payer's code
	Code     string   // code list of the payers
	Monthly  bool     // count by month and payer
	pos      yaml.Node
}

// Error is a fault of a mapping file.
type Error struct {
	File         string
	Line, Column int
	Err          error
}

// Error says where and what.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap returns the fault itself.
func (e *Error) Unwrap() error { return e.Err }

func (f *File) fault(n yaml.Node, format string, args ...any) error {
	return &Error{f.Path, n.Line, n.Column, fmt.Errorf(format, args...)}
}

// Load reads all mapping files of a system: the *.yaml in the top folder of
// fsys, sorted by name.
func Load(fsys fs.FS) ([]*File, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var out []*File
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read mapping: %w", err)
		}
		f, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(out, func(o *File) bool { return o.From == f.From }); i >= 0 {
			return nil, f.fault(f.pos, "table %s is mapped by %s already", f.From, out[i].Path)
		}
		out = append(out, f)
	}
	return out, nil
}

// notYAML takes the line out of the parser's words, which tell no column.
func notYAML(name string, err error) *Error {
	e := &Error{File: name, Err: fmt.Errorf("not YAML: %w", err)}
	rest, found := strings.CutPrefix(err.Error(), "yaml: line ")
	line, what, ok := strings.Cut(rest, ": ")
	if n, bad := strconv.Atoi(line); found && ok && bad == nil {
		e.Line, e.Column, e.Err = n, 1, fmt.Errorf("not YAML: %s", what)
	}
	return e
}

// Parse reads one mapping file; name is used in errors.
func Parse(name string, data []byte) (*File, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, notYAML(name, err)
	}
	f := &File{Path: name, Ignored: map[string]string{}, at: map[string]yaml.Node{}}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Error{File: name, Err: fmt.Errorf("the file is empty")}
	}
	f.pos = *doc.Content[0]
	var common, to yaml.Node
	err := f.object(f.pos, map[string]func(yaml.Node) error{
		"system":   f.text(&f.System),
		"from":     f.text(&f.From),
		"key":      f.noting("key", f.texts(&f.Key)),
		"where":    f.noting("where", f.text(&f.Where)),
		"excluded": f.text(&f.Excluded),
		"facility": f.noting("facility", f.text(&f.Facility)),
		"common":   func(n yaml.Node) error { common = n; return nil },
		"to":       func(n yaml.Node) error { to = n; return nil },
		"ignored": func(n yaml.Node) error {
			return f.each(n, func(k, v yaml.Node) error {
				var reason string
				if err := f.text(&reason)(v); err != nil {
					return err
				}
				f.Ignored[k.Value] = reason
				return nil
			})
		},
		"controls": func(n yaml.Node) error { return f.each(n, f.control) },
	})
	if err != nil {
		return nil, err
	}
	var shared []Field
	if common.Kind != 0 {
		err = f.each(common, func(k, v yaml.Node) error {
			fd, err := f.field(k, v)
			shared = append(shared, fd)
			return err
		})
	}
	if err == nil && to.Kind != 0 {
		err = f.each(to, func(k, v yaml.Node) error { return f.entities(k, v, shared) })
	}
	if err != nil {
		return nil, err
	}
	switch {
	case f.From == "":
		return nil, f.fault(f.pos, "from is missing: name the source's table")
	case len(f.Entities) > 0 && len(f.Key) == 0:
		return nil, f.fault(f.pos, "key is missing: name the columns that tell records apart")
	case len(f.Entities) == 0 && f.Excluded == "":
		return nil, f.fault(f.pos, "nothing is mapped: add to, or excluded with the reason")
	case f.Where != "" && f.Excluded == "":
		return nil, f.fault(f.pos, "where needs excluded: say why the other rows are left out")
	}
	return f, nil
}

// noting remembers where a part of the file stands, for faults that show only
// when the file meets its table.
func (f *File) noting(name string, read func(yaml.Node) error) func(yaml.Node) error {
	return func(n yaml.Node) error {
		f.at[name] = n
		return read(n)
	}
}

// entities reads what stands under a unified table: one entity, or a list of
// them that differ by slot.
func (f *File) entities(k, v yaml.Node, shared []Field) error {
	t := sih.TableByName(k.Value)
	if t == nil || !t.Sourced() {
		var names []string
		for _, t := range sih.Tables {
			if t.Sourced() {
				names = append(names, t.Name)
			}
		}
		return f.fault(k, "no unified table is called %q%s", k.Value, suggest(k.Value, names))
	}
	list := []*yaml.Node{&v}
	if v.Kind == yaml.SequenceNode {
		list = v.Content
	}
	for _, n := range list {
		e := Entity{Table: t, pos: k}
		err := f.each(*n, func(k, v yaml.Node) error {
			switch k.Value {
			case "slot":
				return f.text(&e.Slot)(v)
			case "when":
				return f.text(&e.When)(v)
			case "needs":
				return f.texts(&e.Needs)(v)
			case "as_of":
				fd, err := f.field(k, v)
				e.AsOf = &fd
				return err
			}
			if c := t.Column(k.Value); c < 0 || filledByProgram(&t.Columns[c]) {
				return f.fault(k, "%s has no column %q that a mapping may fill%s", t.Name, k.Value, suggest(k.Value, mappable(t)))
			}
			fd, err := f.field(k, v)
			e.Fields = append(e.Fields, fd)
			return err
		})
		if err != nil {
			return err
		}
		for _, fd := range shared {
			own := func(o Field) bool { return o.Name == fd.Name }
			if t.Has(fd.Name) && !slices.ContainsFunc(e.Fields, own) {
				e.Fields = append(e.Fields, fd)
			}
		}
		for _, o := range f.Entities {
			if o.Table == t && o.Slot == e.Slot {
				return f.fault(*n, "%s has two entities in slot %q: give each a slot of its own", t.Name, e.Slot)
			}
		}
		f.Entities = append(f.Entities, e)
	}
	return nil
}

// filledByProgram tells whether a column is none of a mapping's business.
func filledByProgram(c *sih.Column) bool {
	switch c.Name {
	case "id", "person_id", "source_system", "source_table", "source_key", "slot", "run_id", "row_hash", "updated_at", "link_method", "link_weight":
		return true
	}
	return false
}

func mappable(t *sih.Table) (names []string) {
	for i := range t.Columns {
		if !filledByProgram(&t.Columns[i]) {
			names = append(names, t.Columns[i].Name)
		}
	}
	return names
}

// field reads how a column is filled: one form, or a list of them of which the
// first that gives something counts.
func (f *File) field(k, v yaml.Node) (fd Field, err error) {
	if v.Kind != yaml.SequenceNode {
		return f.form(k, v)
	}
	if len(v.Content) == 0 {
		return fd, f.fault(v, "%s: the list is empty", k.Value)
	}
	var next *Field
	for _, n := range slices.Backward(v.Content) {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		one, err := f.form(k, *n)
		if err != nil {
			return fd, err
		}
		one.Or = next
		next = &one
	}
	return *next, nil
}

func (f *File) form(k, v yaml.Node) (fd Field, err error) {
	fd = Field{Name: k.Value, With: " ", pos: v}
	switch v.Kind {
	case yaml.ScalarNode:
		err = f.texts(&fd.From)(v)
	case yaml.MappingNode:
		err = f.object(v, map[string]func(yaml.Node) error{
			"when":     f.text(&fd.When),
			"from":     f.texts(&fd.From),
			"take":     f.text(&fd.Take),
			"with":     f.text(&fd.With),
			"null_if":  f.texts(&fd.NullIf),
			"steps":    func(n yaml.Node) error { return f.steps(n, &fd) },
			"code":     f.text(&fd.Code),
			"unmapped": f.text(&fd.Unmapped),
			"default":  f.optional(&fd.Default),
			"reject":   f.flag(&fd.Reject),
			"value":    f.optional(&fd.Value),
			"of":       f.text(&fd.Of),
			"key":      f.texts(&fd.Key),
			"to_slot":  f.text(&fd.ToSlot),
			"self":     f.text(&fd.Self),
			"facility": f.flag(&fd.Facility),
		})
	default:
		err = f.fault(v, "%s: a column's name or an object is wanted", k.Value)
	}
	if err != nil {
		return fd, err
	}
	fd.Self, fd.SelfSlot, _ = strings.Cut(fd.Self, ":")
	set := 0
	for _, is := range []bool{len(fd.From) > 0, fd.Value != nil, fd.Of != "", fd.Self != "", fd.Facility} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return fd, f.fault(v, "%s: just one of from, value, of, self and facility is wanted", k.Value)
	case (fd.Of != "") != (len(fd.Key) > 0):
		return fd, f.fault(v, "%s: of and key go together", k.Value)
	case len(fd.From) == 0 && (len(fd.Steps) > 0 || fd.Code != "" || fd.Take != ""):
		return fd, f.fault(v, "%s: take, steps and code go with from", k.Value)
	}
	return fd, nil
}

func (f *File) steps(n yaml.Node, fd *Field) error {
	if n.Kind != yaml.SequenceNode {
		return f.fault(n, "steps: a list is wanted, such as [text, name]")
	}
	for _, s := range n.Content {
		switch {
		case s.Kind == yaml.ScalarNode:
			fd.Steps = append(fd.Steps, StepName{Name: s.Value})
		case s.Kind == yaml.MappingNode && len(s.Content) == 2 && s.Content[1].Kind == yaml.ScalarNode:
			fd.Steps = append(fd.Steps, StepName{s.Content[0].Value, s.Content[1].Value})
		case s.Kind == yaml.MappingNode && len(s.Content) == 2 && s.Content[1].Kind == yaml.SequenceNode:
			var args []string
			if err := f.texts(&args)(*s.Content[1]); err != nil {
				return err
			}
			fd.Steps = append(fd.Steps, StepName{s.Content[0].Value, strings.Join(args, ",")})
		default:
			return f.fault(*s, "steps: a rule's name, or {name: argument}, is wanted")
		}
	}
	return nil
}

func (f *File) control(k, v yaml.Node) error {
	c := Control{Measure: k.Value, pos: v}
	list := []*yaml.Node{&v}
	if v.Kind == yaml.SequenceNode { // several ways to count for one measure
		list = v.Content
	}
	for _, n := range list {
		c := c
		c.pos = *n
		var count string
		err := f.object(*n, map[string]func(yaml.Node) error{
			"count":    f.text(&count),
			"where":    f.text(&c.Where),
			"sum":      f.text(&c.Sum),
			"comma":    f.flag(&c.Comma),
			"days":     f.texts(&c.Days),
			"date":     f.text(&c.Date),
			"layout":   f.text(&c.Layout),
			"facility": f.text(&c.Facility),
			"payer":    f.text(&c.Payer),
			"code":     f.text(&c.Code),
			"monthly":  f.flag(&c.Monthly),
		})
		switch {
		case err != nil:
			return err
		case count != "" && count != "rows":
			return f.fault(*n, "%s: count: rows is the only way to count", c.Measure)
		case (count != "") == (c.Sum != "" || len(c.Days) > 0) || c.Sum != "" && len(c.Days) > 0:
			return f.fault(*n, "%s: just one of count, sum and days is wanted", c.Measure)
		case len(c.Days) != 0 && len(c.Days) != 2:
			return f.fault(*n, "%s: days wants two columns, entry and exit", c.Measure)
		}
		f.Controls = append(f.Controls, c)
	}
	return nil
}

// suggest names the nearest of the names, where one is near.
func suggest(name string, names []string) string {
	best, limit := "", len(name)/3+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d <= limit && n != name {
			best, limit = n, d-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is Levenshtein's, over bytes: good enough for a suggestion.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := last
			if a[i] != b[j] {
				next = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

// codePath is where a code list of f lies.
func (f *File) codePath(name string) string { return path.Join(path.Dir(f.Path), name) }
