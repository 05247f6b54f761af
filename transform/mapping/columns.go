package mapping

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// TablesOf lists the tables that files speak of, each with the columns that
// they name. It stands in for a source's catalogue where there is none. What
// the files call by a wrong name is there by that name.
func TablesOf(files []*File) map[string]Table {
	out := map[string]Table{}
	for _, f := range files {
		if f.From == "" {
			continue
		}
		own, joined := f.columns()
		add(out, f.From, own...)
		for _, j := range f.Joins {
			add(out, j.From, joined[j.Name]...)
			for _, on := range j.On {
				add(out, j.From, on.Theirs)
			}
			for _, o := range j.Order {
				add(out, j.From, o.Column)
			}
			add(out, j.From, j.By, j.Value)
			names := &named{}
			names.expression(j.Where)
			add(out, j.From, names.list...)
		}
	}
	return out
}

func add(tables map[string]Table, name string, columns ...string) {
	t := tables[name]
	t.Name = name
	for _, c := range columns {
		if c != "" && !slices.Contains(t.Columns, c) {
			t.Columns = append(t.Columns, c)
		}
	}
	tables[name] = t
}

// columns lists what the file names of its table's columns, and of its joins'.
func (f *File) columns() (own []string, joined map[string][]string) {
	n := &named{}
	n.names(f.Key...)
	n.names(f.Facility)
	n.expression(f.Where)
	for _, x := range f.Unwanted {
		n.expression(x.When)
	}
	for _, j := range f.Joins {
		for _, on := range j.On {
			n.names(on.Ours)
		}
	}
	for i := range f.Entities {
		e := &f.Entities[i]
		n.names(e.Needs...)
		n.expression(e.When)
		n.field(e.AsOf)
		for i := range e.Fields {
			n.field(&e.Fields[i])
		}
	}
	for _, c := range f.Controls {
		n.names(c.Sum, c.Date, c.Facility, c.Payer)
		n.names(c.Days...)
		n.expression(c.Where)
	}
	for name := range f.Ignored {
		n.ignored = append(n.ignored, name)
	}
	slices.Sort(n.ignored) // not in the order of a map
	joined = map[string][]string{}
	for _, name := range append(n.list, n.ignored...) {
		at := slices.IndexFunc(f.Joins, func(j Join) bool { return strings.HasPrefix(name, j.Name+".") })
		if at < 0 {
			own = append(own, name)
			continue
		}
		if j := &f.Joins[at]; len(j.Attributes) == 0 { // else the name is an attribute's
			joined[j.Name] = append(joined[j.Name], name[len(j.Name)+1:])
		}
	}
	return own, joined
}

// named gathers names of columns.
type named struct{ list, ignored []string }

func (n *named) names(list ...string) {
	for _, s := range list {
		if s != "" && !slices.Contains(n.list, s) {
			n.list = append(n.list, s)
		}
	}
}

func (n *named) field(fd *Field) {
	for ; fd != nil; fd = fd.Or {
		n.names(fd.From...)
		n.names(fd.Key...)
		n.expression(fd.When)
		n.expression(fd.Expr)
	}
}

func (n *named) expression(src string) {
	if src == "" {
		return
	}
	if tree, err := parser.Parse(src); err == nil {
		ast.Walk(&tree.Node, n)
	}
}

// Visit implements the library's visitor.
func (n *named) Visit(node *ast.Node) {
	switch x := (*node).(type) {
	case *ast.IdentifierNode:
		if x.Value != "col" && x.Value != "isnull" && x.Value != "replace" && !slices.Contains(allowed, x.Value) {
			n.names(x.Value)
		}
	case *ast.MemberNode:
		join, ok := x.Node.(*ast.IdentifierNode)
		column, is := x.Property.(*ast.StringNode)
		if ok && is {
			n.names(join.Value + "." + column.Value)
			n.list = slices.DeleteFunc(n.list, func(s string) bool { return s == join.Value })
		}
	case *ast.CallNode:
		callee, ok := x.Callee.(*ast.IdentifierNode)
		if ok && callee.Value == "col" && len(x.Arguments) == 1 {
			if s, is := x.Arguments[0].(*ast.StringNode); is {
				n.names(s.Value)
			}
		}
	}
}
