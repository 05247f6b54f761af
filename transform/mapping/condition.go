package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/sihctl/sih"
)

// condition is a compiled expression over a record's columns, all of them
// text. As in SQL a NULL is not true: a record in which a column of the
// expression is NULL does not satisfy it, unless the column stands in
// isnull(…). Columns whose names are no identifiers are written col("name").
type condition struct {
	program *vm.Program
	columns []conditionColumn
}

type conditionColumn struct {
	index    int
	name     string
	nullName string // of the variable that isnull becomes
	guarded  bool   // it stands in isnull
	plain    bool   // it stands outside it
}

// compileCondition checks and compiles an expression for a table.
func compileCondition(src string, t Table) (*condition, error) {
	env := map[string]any{}
	for _, c := range t.Columns {
		env[c] = ""
		env["null "+c] = false
	}
	p := &columnPatcher{table: t, used: map[string]*conditionColumn{}}
	program, err := expr.Compile(src, expr.Env(env), expr.AsBool(), expr.Patch(p))
	if p.err != nil {
		return nil, p.err
	}
	if err != nil {
		return nil, fmt.Errorf("expression: %s", strings.SplitN(err.Error(), "\n", 2)[0])
	}
	c := &condition{program: program}
	for _, u := range p.used {
		c.columns = append(c.columns, *u)
	}
	slices.SortFunc(c.columns, func(a, b conditionColumn) int { return a.index - b.index })
	return c, nil
}

// columnPatcher replaces col("x") by the column and isnull(x) by its flag, and
// notes which columns are used.
type columnPatcher struct {
	table Table
	used  map[string]*conditionColumn
	err   error
}

func (p *columnPatcher) use(name string) *conditionColumn {
	if u, ok := p.used[name]; ok {
		return u
	}
	i := slices.Index(p.table.Columns, name)
	if i < 0 {
		if p.err == nil {
			p.err = fmt.Errorf("the table has no column %q%s", name, suggest(name, p.table.Columns))
		}
		return &conditionColumn{}
	}
	u := &conditionColumn{index: i, name: name, nullName: "null " + name}
	p.used[name] = u
	return u
}

// Visit is called for each node, children first.
func (p *columnPatcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if name, isNull := strings.CutPrefix(n.Value, "null "); isNull {
			p.use(name).guarded = true
		} else if n.Value != "col" && n.Value != "isnull" {
			p.use(n.Value).plain = true
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || len(n.Arguments) != 1 {
			return
		}
		switch arg := n.Arguments[0].(type) {
		case *ast.StringNode:
			if callee.Value == "col" {
				p.use(arg.Value).plain = true
				ast.Patch(node, &ast.IdentifierNode{Value: arg.Value})
			}
		case *ast.IdentifierNode:
			if callee.Value == "isnull" {
				u := p.use(arg.Value)
				// The visit of the argument has just marked it as plain; it
				// is, where it stands elsewhere too, which errs towards
				// excluding: write the test for NULL first.
				u.plain, u.guarded = false, true
				ast.Patch(node, &ast.IdentifierNode{Value: "null " + arg.Value})
			}
		}
	}
}

// holds tells whether the row satisfies the condition. Env is reused.
func (c *condition) holds(row []sih.Raw, env map[string]any, machine *vm.VM) (bool, error) {
	for i := range c.columns {
		u := &c.columns[i]
		f := &row[u.index]
		if f.Null && !u.guarded {
			return false, nil
		}
		if u.guarded {
			env[u.nullName] = f.Null
		}
		env[u.name] = strings.TrimRight(f.Text, " ")
	}
	out, err := machine.Run(c.program, env)
	if err != nil {
		// The library's message may quote the record.
		return false, fmt.Errorf("the expression cannot be computed for this record")
	}
	return out.(bool), nil
}
