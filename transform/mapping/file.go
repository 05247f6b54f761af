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
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih"
)

// File is a mapping file: what becomes of one table of a system. One without
// From names tables of which nothing is mapped.
type File struct {
	Path     string
	System   string
	From     string      // the source's table
	Key      []string    // the columns that make a record's key
	Where    string      // rows for which it is not true are excluded
	Excluded string      // why
	Unwanted []Exclusion // further rows that are excluded, and why
	Facility string      // the column that holds the source's code of the facility
	Joins    []Join
	Joined   bool // rows of which nothing is made are looked for in other tables' joins
	// Otherwise is why those are excluded that no join takes in either; they
	// are rejected where it is empty.
	Otherwise string
	Entities  []Entity
	Ignored   map[string]string // columns that are not mapped, and why
	Controls  []Control
	Unmapped  []Unmapped // where there is no From
	pos       yaml.Node
	at        map[string]yaml.Node // where key, where, facility and ignored stand
}

// Exclusion leaves out the rows for which an expression is true.
type Exclusion struct {
	When, Reason string
	pos          yaml.Node
}

// Unmapped names tables of which nothing is mapped, by a pattern in which *
// and ? stand for any letters and for one.
type Unmapped struct {
	Tables, Reason string
	pos            yaml.Node
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

// Field says how one column of an entity is filled. Just one of From, Expr,
// Value, Of, Self and Facility is set.
type Field struct {
	Name     string
	When     string   // an expression; the form is passed over where it is not true
	From     []string // source columns; several are joined by With
	With     string
	Expr     string   // an expression that gives the text
	NullIf   []string // texts that stand for nothing
	Take     string   // a regular expression; only what its first group matches is taken
	Steps    []StepName
	Code     string  // file of the code list
	Gives    string  // what of the list is taken: the target, the system or the label
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

// Line is where the form stands in its file.
func (fd *Field) Line() int { return fd.pos.Line }

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

// Load reads all mapping files of a system: the *.yaml in the top folder of
// fsys, sorted by name. Where some have faults the error holds them all, and
// the other files are returned beside it.
func Load(fsys fs.FS) ([]*File, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var out []*File
	var faults Faults
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read mapping: %w", err)
		}
		f, err := Parse(name, data)
		if err != nil {
			faults.add(&File{Path: name}, err)
			continue
		}
		if i := slices.IndexFunc(out, func(o *File) bool { return o.From == f.From && f.From != "" }); i >= 0 {
			faults.add(f, f.fault(f.pos, "table %s is mapped by %s already", f.From, out[i].Path))
		}
		out = append(out, f)
	}
	return out, faults.err()
}

// ForTable returns the file that says what becomes of a table: its own, or one
// that says that nothing of it is mapped. It is nil where none does.
func ForTable(files []*File, table string) *File {
	var found *File
	for _, f := range files {
		if f.From == table {
			return f
		}
		for _, u := range f.Unmapped {
			if ok, err := path.Match(u.Tables, table); found == nil && ok && err == nil {
				found = &File{Path: f.Path, System: f.System, From: table, Excluded: u.Reason, pos: u.pos}
			}
		}
	}
	return found
}

// Parse reads one mapping file; name is used in errors. The error holds every
// fault that was found, see [Faults].
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
	var faults Faults
	faults.add(f, f.object(f.pos, map[string]func(yaml.Node) error{
		"system":   f.text(&f.System),
		"from":     f.text(&f.From),
		"key":      f.noting("key", f.texts(&f.Key)),
		"where":    f.noting("where", f.text(&f.Where)),
		"excluded": f.noting("excluded", f.exclusions),
		"facility": f.noting("facility", f.text(&f.Facility)),
		"join":     func(n yaml.Node) error { return f.each(n, f.join) },
		"joined":   f.noting("joined", f.joined),
		"common":   func(n yaml.Node) error { common = n; return nil },
		"to":       func(n yaml.Node) error { to = n; return nil },
		"ignored":  f.noting("ignored", f.reasons(func(k yaml.Node, reason string) { f.Ignored[k.Value] = reason })),
		"controls": func(n yaml.Node) error { return f.each(n, f.control) },
	}))
	var shared []Field
	if common.Kind != 0 {
		faults.add(f, f.each(common, func(k, v yaml.Node) error {
			fd, err := f.field(k, v)
			shared = append(shared, fd)
			return err
		}))
	}
	if to.Kind != 0 {
		faults.add(f, f.each(to, func(k, v yaml.Node) error { return f.entities(k, v, shared) }))
	}
	if len(faults) == 0 {
		faults.add(f, f.whole())
	}
	if len(faults) > 0 {
		return nil, faults.sorted()
	}
	return f, nil
}

// whole checks what concerns several parts of the file.
func (f *File) whole() error {
	switch {
	case f.From == "" && len(f.Unmapped) == 0:
		return f.fault(f.pos, "from is missing: name the source's table")
	case f.From != "" && len(f.Unmapped) > 0:
		return f.fault(f.at["excluded"], "excluded: a text or a list is wanted; tables are named in a file without from")
	case f.From == "" && (len(f.Entities) > 0 || len(f.Controls) > 0 || len(f.Joins) > 0 || len(f.Key) > 0 || f.Where != "" || f.Joined):
		return f.fault(f.pos, "from is missing: a file without it only names tables under excluded")
	case len(f.Entities) > 0 && len(f.Key) == 0:
		return f.fault(f.pos, "key is missing: name the columns that tell records apart")
	case f.From != "" && len(f.Entities) == 0 && f.Excluded == "" && !f.Joined:
		return f.fault(f.pos, "nothing is mapped: add to, or excluded with the reason, or joined where other tables take it in")
	case f.Where != "" && f.Excluded == "":
		return f.fault(f.pos, "where needs excluded: say why the other rows are left out")
	}
	return nil
}

// exclusions reads why rows are left out: the reason that belongs to where, or
// a list of conditions and reasons, or tables and reasons.
func (f *File) exclusions(n yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return f.reasons(func(k yaml.Node, reason string) {
			f.Unmapped = append(f.Unmapped, Unmapped{Tables: k.Value, Reason: reason, pos: k})
		})(n)
	case yaml.SequenceNode:
	default:
		return f.text(&f.Excluded)(n)
	}
	var faults Faults
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode {
			faults.add(f, f.text(&f.Excluded)(*c))
			continue
		}
		x := Exclusion{pos: *c}
		err := f.object(*c, map[string]func(yaml.Node) error{"when": f.text(&x.When), "reason": f.text(&x.Reason)})
		if err == nil && (x.When == "" || x.Reason == "") {
			err = f.fault(*c, "excluded: when and reason go together")
		}
		faults.add(f, err)
		f.Unwanted = append(f.Unwanted, x)
	}
	return faults.err()
}

// joined reads true, or {otherwise: why}.
func (f *File) joined(n yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return f.flag(&f.Joined)(n)
	}
	f.Joined = true
	return f.object(n, map[string]func(yaml.Node) error{"otherwise": f.text(&f.Otherwise)})
}

// reasons reads an object of names and reasons.
func (f *File) reasons(add func(k yaml.Node, reason string)) func(yaml.Node) error {
	return func(n yaml.Node) error {
		return f.each(n, func(k, v yaml.Node) error {
			var reason string
			if err := f.text(&reason)(v); err != nil {
				return err
			}
			if strings.TrimSpace(reason) == "" {
				return f.fault(k, "%s: the reason is missing", k.Value)
			}
			add(k, reason)
			return nil
		})
	}
}

// KeyPlace is where the key stands in the file.
func (f *File) KeyPlace() (line, column int) { return f.at["key"].Line, f.at["key"].Column }

// noting remembers where a part of the file stands, for faults that show only
// when the file meets its table.
func (f *File) noting(name string, read func(yaml.Node) error) func(yaml.Node) error {
	return func(n yaml.Node) error {
		f.at[name] = n
		return read(n)
	}
}

// codePath is where a code list of f lies.
func (f *File) codePath(name string) string { return path.Join(path.Dir(f.Path), name) }
