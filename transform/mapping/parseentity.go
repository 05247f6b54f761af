package mapping

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih"
)

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
		return f.fault(k, "no unified table is called %q%s", k.Value, Suggest(k.Value, names))
	}
	list := []*yaml.Node{&v}
	if v.Kind == yaml.SequenceNode {
		list = v.Content
	}
	var faults Faults
	for _, n := range list {
		e := Entity{Table: t, pos: k}
		if n != &v {
			e.pos = *n
		}
		err := f.each(*n, func(k, v yaml.Node) error {
			switch k.Value {
			case "slot":
				return f.text(&e.Slot)(v)
			case "when":
				return f.text(&e.When)(v)
			case "needs":
				return f.texts(&e.Needs)(v)
			case "as_of":
				if t.Has("as_of") {
					break // what was counted when is a column of its own
				}
				fd, err := f.field(k, v)
				e.AsOf = &fd
				return err
			}
			if c := t.Column(k.Value); c < 0 || filledByProgram(&t.Columns[c]) {
				return f.fault(k, "%s has no column %q that a mapping may fill%s", t.Name, k.Value, Suggest(k.Value, mappable(t)))
			}
			fd, err := f.field(k, v)
			e.Fields = append(e.Fields, fd)
			return err
		})
		faults.add(f, err)
		for _, fd := range shared {
			own := func(o Field) bool { return o.Name == fd.Name }
			if t.Has(fd.Name) && !slices.ContainsFunc(e.Fields, own) {
				e.Fields = append(e.Fields, fd)
			}
		}
		for _, o := range f.Entities {
			if o.Table == t && o.Slot == e.Slot {
				faults.add(f, f.fault(*n, "%s has two entities in slot %q: give each a slot of its own", t.Name, e.Slot))
			}
		}
		f.Entities = append(f.Entities, e)
	}
	return faults.err()
}

// filledByProgram tells whether a column is none of a mapping's business.
func filledByProgram(c *sih.Column) bool {
	switch c.Name {
	case "id", "person_id", "source_system", "source_table", "source_key", "slot", "run_id", "row_hash", "updated_at", "link_method", "link_weight":
		return true
	}
	return false
}

// Mappable tells whether a mapping may fill a column.
func Mappable(c *sih.Column) bool { return !filledByProgram(c) }

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
			"expr":     f.text(&fd.Expr),
			"null_if":  f.texts(&fd.NullIf),
			"steps":    func(n yaml.Node) error { return f.steps(n, &fd) },
			"code":     f.text(&fd.Code),
			"gives":    f.text(&fd.Gives),
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
	for _, is := range []bool{len(fd.From) > 0, fd.Expr != "", fd.Value != nil, fd.Of != "", fd.Self != "", fd.Facility} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return fd, f.fault(v, "%s: just one of from, expr, value, of, self and facility is wanted", k.Value)
	case (fd.Of != "") != (len(fd.Key) > 0):
		return fd, f.fault(v, "%s: of and key go together", k.Value)
	case len(fd.From) == 0 && fd.Expr == "" && (len(fd.Steps) > 0 || fd.Code != "" || fd.Take != ""):
		return fd, f.fault(v, "%s: take, steps and code go with from or expr", k.Value)
	case fd.Gives != "" && fd.Code == "":
		return fd, f.fault(v, "%s: gives goes with code", k.Value)
	case fd.Gives != "" && fd.Gives != "target" && slices.Contains([]string{"keep", "reject", "next"}, fd.Unmapped):
		return fd, f.fault(v, "%s: unmapped is a fixed value where %s is taken of the list", k.Value, fd.Gives)
	case !slices.Contains([]string{"", "target", "system", "label"}, fd.Gives):
		return fd, f.fault(v, "%s: gives is target, system or label", k.Value)
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
